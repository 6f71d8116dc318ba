"""Items to the statements of `forward`: `x` flows, arms are `y`, a tapped value keeps a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.program.flow import Name, Words
from cnnspec.backends.torch.program.items import (
    AssignItem,
    CallItem,
    ContainerItem,
    ForkItem,
    IfItem,
    Item,
    LayerItem,
    LoopItem,
    OutputItem,
    Plain,
    SharedItem,
    TapItem,
    before_loops,
    calls,
    is_plain,
)
from cnnspec.backends.torch.python.names import safe
from cnnspec.backends.torch.python.symbols import Function
from cnnspec.backends.torch.python.writing import negated, write
from cnnspec.backends.torch.write.containers import padded
from cnnspec.backends.torch.write.model import Line, Statement, Suite
from cnnspec.backends.torch.write.nesting import AND, Nesting, padding, spoken
from cnnspec.backends.torch.write.refs import child_of
from cnnspec.backends.torch.write.stream import Stream, brief
from cnnspec.source import Span


class Forward(Nesting):
    """Writes the body of one `forward`."""

    # --- items ---

    def run(self, items: Sequence[Item], stream: Stream) -> None:
        """Write items one after another."""
        for item in items:
            self.item(item, stream)

    def item(self, item: Item, stream: Stream) -> None:
        """Write one item; what only the constructor sets is nothing in `forward`."""
        match item:
            case LayerItem():
                self.layer(item, stream)
            case CallItem() | ContainerItem():
                self.block(item, stream)
            case ForkItem():
                self.fork(item, stream)
            case TapItem():
                self.tap(item, stream)
            case SharedItem():
                self.shared(item, stream)
            case LoopItem():
                self.loop(item, stream)
            case IfItem():
                self.branches(item, stream)
            case OutputItem():
                self.output(item, stream)
            case _:
                assert isinstance(item, AssignItem)  # the constructor's

    def shared(self, item: SharedItem, stream: Stream) -> None:
        """The same attribute once more."""
        self.flush(stream)
        name = Name((".".join(item.path),))
        path = tuple((item.name.fixed or "").split("."))
        if isinstance(item.module, LayerItem) and item.module.form.own:
            self.multiplied(item.module, name, stream, item.after)
        elif item.module is None or isinstance(item.module, LayerItem):
            if isinstance(item.module, LayerItem) and padded(item.module):
                stream.text = padding(item.module.form.pad, stream.text)
            self.applied(stream, self.refs.read(name), "other", item.path[-1], item.after)
        else:
            again = replace(item.module, after=item.after)
            self.child(again, self.refs.read(name), path, stream)
        if alias := self.alias(item.name.fixed):
            self.flush(stream, alias)

    def block(self, item: CallItem | ContainerItem, stream: Stream) -> None:
        """A call of a block or container is a line of its own."""
        name = item.name.fixed or ""
        self.flush(stream)
        self.child(item, self.refs.read(item.name), tuple(name.split(".")), stream)
        alias = self.alias(item.name.fixed)
        if alias:
            self.flush(stream, alias)

    def child(self, item: Plain, function: str, path: Words, stream: Stream) -> None:
        """Call a layer, block or container; one that a tap looks into gives its values too."""
        word = spoken(item.name)
        if isinstance(item, ContainerItem) and self.opened(item, path):
            self.children(item.items, function, path, item.seq, stream)
            stream.words = word
        elif isinstance(item, CallItem):
            self.call(item, function, path, stream)
        else:
            if padded(item):
                stream.text = padding(item.form.pad, stream.text)  # type: ignore[union-attr]
            self.applied(stream, function, "block", word, item.after)
            if isinstance(item, LayerItem) and item.places:
                self.placed(path, stream)

    def call(self, item: CallItem, function: str, path: Words, stream: Stream) -> None:
        """A class's `forward`, with what else it takes and gives."""
        given = [stream.text, *(self.value(words, item.span) for words in item.imports)]
        word = spoken(item.name)
        stream.text = ", ".join(given)
        self.applied(stream, function, "block", word, item.after)
        inside = {words: (*path, *words) for words in item.plan.exports}
        wanted = {w: self.kept_in(p) for w, p in inside.items() if p in self.tapped}
        if not wanted:
            stream.text += "[0]" * bool(inside)
            return
        names = [wanted.get(words, "_") for words in inside]
        self.line(", ".join([stream.var, *names]), stream)
        stream.text, stream.last, stream.heavy = stream.var, "", False

    def opened(self, item: ContainerItem, path: Words) -> bool:
        """Whether its children are called one by one: a tap reads in it, or one gives more."""
        return self.looked_into(path) or any(call.plan.exports for call in calls([item]))

    def looked_into(self, path: Words) -> bool:
        """Whether a tap reads a value inside of a path."""
        return any(w[: len(path)] == path and len(w) > len(path) for w in self.tapped)

    def children(
        self, items: Sequence[Item], function: str, path: Words, seq: bool, stream: Stream
    ) -> None:
        """The children of a container that a tap looks into, one by one."""
        place = 0
        known = before_loops(items)
        for number, child in enumerate(known):
            label = str(number) if seq else str(child.name.fixed)
            self.flush(stream)
            at = place + bool(padded(child))
            self.child(child, child_of(function, label, str(at)), (*path, label), stream)
            place = at + 1
            if (*path, label) in self.tapped:
                self.flush(stream, self.kept_in((*path, label)))
        if len(known) < sum(not isinstance(item, AssignItem) for item in items):
            self.remaining(f"list({function})[{place}:]", stream)

    def remaining(self, function: str, stream: Stream) -> None:
        """The children from a loop or condition on: nothing in them has a number of its own."""
        self.settle(stream)
        body: list[Statement] = [Line(f"{stream.var} = layer({stream.var})")]
        self.lines.append(Suite(f"for layer in {function}:", body))
        stream.text, stream.flow, stream.words = stream.var, None, "the last layer"

    def settle(self, stream: Stream) -> None:
        """Put the value into the variable of its stream, where a loop finds it."""
        self.flush(stream)
        if stream.text != stream.var:
            self.lines.append(Line(f"{stream.var} = {stream.text}"))

    def loop(self, item: LoopItem, stream: Stream) -> None:
        """A loop over the layers that the constructor's loop has made."""
        self.settle(stream)
        outer, self.lines = self.lines, []
        own = Stream(stream.var, stream.var)
        self.run(item.items, own)
        self.flush(own)
        over = Function("range", (item.count,)) if item.over_count else item.over
        words = (item.index or "_",) if item.over_count else item.words
        head = f"for {', '.join(words)} in {write(self.refs.number(over))}:"
        self.lines = [*outer, Suite(head, self.lines)] if self.lines else outer
        stream.text, stream.last, stream.heavy = stream.var, "", False
        stream.words, stream.flow = own.words, None

    def value(self, path: Words, span: Span) -> str:
        """The variable of a tapped value."""
        if path not in self.variables:
            raise BackendError(f"no value of `{'.'.join(path)}` at this tap", span)
        return self.variables[path]

    def tap(self, item: TapItem, stream: Stream) -> None:
        """Go on from the variable that keeps a tapped value."""
        self.flush(stream)
        stream.text, stream.last, stream.flow = self.value(item.path, item.span), "", item.after

    # --- forks ---

    def fork(self, item: ForkItem, stream: Stream) -> None:
        """The arms, then what joins them; an arm of one call stands in a sum."""
        self.flush(stream)
        join, source = item.join, stream.text
        join_kind = join.op.name
        sure = len(item.arms) - item.optional
        inline = [join_kind != "concat" and self.one_call(arm) for arm in item.arms[:sure]]
        named = [bool(arm) and not one for arm, one in zip(item.arms, inline, strict=False)]
        letter = self.letter(self.depth + 1)
        texts, words, number = [], [], 0
        for arm, assigned in zip(item.arms[:sure], named, strict=True):
            number += assigned
            name = letter if sum(named) == 1 else f"{letter}{number}"
            text, word = self.arm(arm, source, name, assigned)
            texts.append(_factor(text, arm, join.form.function))
            words.append(word)
        if join.form.helper:
            self.helpers[join.form.function.partition("(")[0]] = join.form.helper
        stream.text = join.form.function.format(*texts)
        stream.last, stream.flow = join_kind, join.after
        stream.words = _joined(join_kind, words[: join.op.carries])
        if item.optional:
            self.further(item, item.arms[sure:], source, stream, letter)
        alias = self.alias(join.name.fixed)
        if alias:
            self.flush(stream, alias)

    def further(
        self, item: ForkItem, arms: list[list[Item]], source: str, stream: Stream, name: str
    ) -> None:
        """Arms that may be missing: each is joined under its condition."""
        own = Stream(stream.text, name, "join", words=stream.words, flow=stream.flow)
        if own.text != name:
            self.flush(own)
        kind = item.join.op.name
        for (condition,) in arms:
            assert isinstance(condition, IfItem)
            outer, self.lines = self.lines, []
            _, items = condition.arms[0]
            text, words = self.arm(items, source, f"{name}_", not self.one_call(items))
            text = _factor(text, items, item.more)
            self.lines.append(Line(f"{name} = {item.more.format(name, text)}"))
            asked = self.refs.conditions[id(condition)]
            self.lines = [*outer, Suite(f"if {asked}:", self.lines)]
            joined = _joined(kind, [own.words, words])
            own.words = f"{joined} where {asked.removeprefix('self.')} holds"
        stream.text, stream.last, stream.words = name, "", own.words

    def one_call(self, arm: list[Item]) -> bool:
        """An arm of one block or one layer, whose value nothing else reads."""
        if len(arm) != 1 or not is_plain(arm[0]):
            return False
        path = tuple((arm[0].name.fixed or "").split("."))
        return not any(words[: len(path)] == path for words in self.tapped)

    def arm(self, arm: list[Item], source: str, name: str, assigned: bool) -> tuple[str, str]:
        """The expression of an arm, after the lines that it needs."""
        stream = Stream(source, name)
        if not arm:
            return source, "x"
        self.depth += 1
        net, self.net = self.net, False
        self.run(arm, stream)
        if assigned:
            self.flush(stream)
        self.net = net
        self.depth -= 1
        return stream.text, stream.words

    def branches(self, item: IfItem, stream: Stream) -> None:
        """`if self.same:` around arms of different flow."""
        self.flush(stream)
        (_, first), (_, second) = item.arms
        if id(item) not in self.refs.conditions:  # both arms run the same: it decides what they are
            self.run(first, stream)
            return
        asked = self.refs.conditions[id(item)]
        outer = self.lines
        suites: list[Statement] = []
        words = []
        head = f"if {asked}:"
        for items in (first, second):
            self.lines = []
            own = Stream(stream.text, stream.var, words=stream.words)
            self.run(items, own)
            if own.bare and own.text != stream.var:
                own.last = "other"
            self.flush(own)
            if self.lines:
                suites.append(Suite(head, self.lines))
            head = "else:" if self.lines else f"if {negated(asked)}:"
            words.append(own.words.replace(AND, ", "))
        self.lines = [*outer, *suites]
        test = self.refs.said.get(id(item), asked)
        stream.words = brief(f"{words[0]} if {test} else {words[1]}")
        stream.text, stream.last, stream.heavy = stream.var, "", False

    # --- outputs ---

    def output(self, item: OutputItem, stream: Stream) -> None:
        """A further output keeps its value under its name; an auxiliary one waits for training."""
        several = len([part for part in item.items if not isinstance(part, TapItem)]) > 1
        own = Stream(stream.text, self.letter(1) if several else item.label)
        outer_net, outer_lines = self.net, self.lines
        if item.kind == "aux":
            if not isinstance(item.items[0] if item.items else None, TapItem):
                own.text = self.kept(item.label, stream)
            self.lines = []
            self.run(item.items, own)
            self.training.append((item.label, own.text, self.lines))
            self.lines = outer_lines
            return
        self.flush(stream)
        own.text = stream.text
        self.run(item.items, own)
        self.line(f"{safe(item.label)}: Tensor", own)
        self.outputs[item.label] = safe(item.label)
        self.net = outer_net

    def kept(self, label: str, stream: Stream) -> str:
        """A variable that keeps what flows here until training asks for it."""
        name = safe(label)
        if stream.bare:
            self.lines.append(Line(f"{name} = {stream.text}"))
        else:
            self.flush(stream, name)
        return name


def _factor(text: str, arm: list[Item], joined: str) -> str:
    """An arm of a product; one that is a product itself, with a parameter, stands in brackets."""
    layer = arm[0] if len(arm) == 1 else None
    layer = layer.module if isinstance(layer, SharedItem) else layer
    gain = isinstance(layer, LayerItem) and bool(layer.form.own)
    return f"({text})" if gain and " * " in joined else text


SIGNS = {"add": " + ", "mul": " * ", "sub": " - "}
"""Joins that Python has an operator for, as a docstring has it."""


def _joined(kind: str, words: list[str]) -> str:
    """`bn2 + downsample`; a concatenation, also one of concatenations, is one list."""
    if kind == "concat":
        return AND.join(words)
    words = [f"({w.replace(AND, ', ')})" if AND in w or " else " in w else w for w in words]
    if kind not in SIGNS:
        return brief(f"{kind}({', '.join(words)})")
    return brief(SIGNS[kind].join(words))
