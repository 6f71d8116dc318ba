"""Items to the statements of `forward`: `x` flows, arms are `y`, a tapped value keeps a name."""

from __future__ import annotations

from collections.abc import Sequence

from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.items import (
    AssignItem,
    CallItem,
    ContainerItem,
    ForkItem,
    IfItem,
    Item,
    LayerItem,
    OutputItem,
    SharedItem,
    TapItem,
)
from cnnspec.backends.torch.model import Statement, Suite
from cnnspec.backends.torch.naming import safe
from cnnspec.backends.torch.nesting import Nesting
from cnnspec.backends.torch.stream import Stream

LETTERS = "xyzw"
"""What flows is `x`; in a fork `x` stays its input and the arms are `y`, in theirs `z`."""


class Forward(Nesting):
    """Writes the body of one `forward`."""

    # --- items ---

    def run(self, items: Sequence[Item], stream: Stream) -> None:
        """Write items one after another."""
        for item in items:
            self.item(item, stream)

    def item(self, item: Item, stream: Stream) -> None:
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
                self.flush(stream)
                self.applied(
                    stream, f"self.{'.'.join(item.path)}", "other", item.path[-1], item.after
                )
                self.flush(stream, self.alias(item.name.fixed))
            case IfItem():
                self.branches(item, stream)
            case OutputItem():
                self.output(item, stream)
            case AssignItem():
                pass
            case _:
                raise BackendError(f"a {type(item).__name__} in a forward")

    def block(self, item: CallItem | ContainerItem, stream: Stream) -> None:
        """A call of a block or container is a line of its own."""
        name = item.name.fixed
        if name is None:
            raise BackendError("a block whose name is open", item.span, "put it into a `seq`")
        self.flush(stream)
        children = {path[1:] for path in self.tapped if path[0] == name and len(path) > 1}
        if isinstance(item, ContainerItem) and children:
            self.opened(item, name, stream, children)
            return
        self.applied(stream, f"self.{name}", "block", name, item.after)
        alias = self.alias(name)
        if alias:
            self.flush(stream, alias)

    def opened(
        self, item: ContainerItem, name: str, stream: Stream, children: set[tuple[str, ...]]
    ) -> None:
        """A container that a tap looks into: its children one by one."""
        for place, child in enumerate(item.items):
            if not isinstance(child, LayerItem | CallItem | ContainerItem):
                raise BackendError(f"a tap into `{name}`, which has a loop", item.span)
            label = str(place) if item.seq else str(child.name.fixed)
            function = f"self.{name}[{place}]" if item.seq else f"self.{name}.{label}"
            self.flush(stream)
            self.applied(stream, function, "block", name, child.after)
            if (label,) in children:
                variable = safe(f"{name}_{label}")
                self.variables[(name, label)] = variable
                self.flush(stream, variable)
        alias = self.alias(name)
        if alias:
            self.flush(stream, alias)

    def tap(self, item: TapItem, stream: Stream) -> None:
        self.flush(stream)
        variable = self.variables.get(item.path)
        if variable is None:
            raise BackendError(f"no value of `{'.'.join(item.path)}` at this tap", item.span)
        stream.text, stream.last, stream.flow = variable, "", item.after

    # --- forks ---

    def fork(self, item: ForkItem, stream: Stream) -> None:
        """The arms, then what joins them; an arm of one call stands in a sum."""
        self.flush(stream)
        join, source = item.join, stream.text
        join_kind = join.op.name
        inline = [join_kind != "concat" and _is_one_call(arm) for arm in item.arms]
        named = [bool(arm) and not one for arm, one in zip(item.arms, inline, strict=True)]
        letter = LETTERS[self.depth + 1] if self.depth + 1 < len(LETTERS) else f"v{self.depth}"
        texts, words, number = [], [], 0
        for arm, assigned in zip(item.arms, named, strict=True):
            number += assigned
            variable = letter if sum(named) == 1 else f"{letter}{number}"
            text, word = self.arm(arm, source, variable, assigned)
            texts.append(text)
            words.append(word)
        stream.text = join.form.function.format(*texts)
        stream.last, stream.flow = join_kind, join.after
        stream.words, stream.attribute = _joined(join_kind, words), ""
        alias = self.alias(join.name.fixed)
        if alias:
            self.flush(stream, alias)

    def arm(self, arm: list[Item], source: str, variable: str, assigned: bool) -> tuple[str, str]:
        """The expression of an arm, after the lines that it needs."""
        stream = Stream(source, variable)
        if not arm:
            return source, "x"
        self.depth += 1
        net, self.net = self.net, False
        self.run(arm, stream)
        if assigned:
            self.flush(stream)
        self.net = net
        self.depth -= 1
        return stream.text, stream.attribute or stream.words

    def branches(self, item: IfItem, stream: Stream) -> None:
        """`if self.same:` around arms of different flow."""
        self.flush(stream)
        (_, first), (_, second) = item.arms
        name = self.conditions[id(item)]
        outer = self.lines
        suites: list[Statement] = []
        words = []
        for head, items in ((f"if self.{name}:", first), ("else:", second)):
            self.lines = []
            own = Stream(stream.text, stream.var, words=stream.words)
            self.run(items, own)
            if own.bare and own.text != stream.var:
                own.last = "other"
            self.flush(own)
            if self.lines:
                suites.append(Suite(head, self.lines))
            words.append(own.words.replace(AND, ", "))
        self.lines = [*outer, *suites]
        stream.words = f"{words[0]} if self.{name}, else {words[1]}"
        stream.text, stream.last, stream.heavy = stream.var, "", False

    # --- outputs ---

    def output(self, item: OutputItem, stream: Stream) -> None:
        """A further output keeps its value under its name; an auxiliary one waits for training."""
        own = Stream(stream.text, item.label)
        outer_net, outer_lines = self.net, self.lines
        if item.kind == "aux":
            self.lines = []
            self.run(item.items, own)
            if self.lines:
                raise BackendError("an auxiliary head is one block here", item.span, "make it one")
            self.training.append((item.label, own.text))
            self.lines = outer_lines
            return
        self.flush(stream)
        own.text = stream.text
        self.run(item.items, own)
        self.line(f"{safe(item.label)}: Tensor", own)
        self.outputs[item.label] = safe(item.label)
        self.net = outer_net


def _is_one_call(arm: list[Item]) -> bool:
    """An arm of one block or one layer."""
    return len(arm) == 1 and isinstance(arm[0], LayerItem | CallItem | ContainerItem)


AND = "\1"
"""Parts the names of concatenated arms until the docstring is written."""


def _joined(kind: str, words: list[str]) -> str:
    """`bn2 + downsample`; a concatenation, also one of concatenations, is one list."""
    if kind == "concat":
        return AND.join(words)
    sign = " + " if kind == "add" else " * "
    return sign.join(f"({w.replace(AND, ', ')})" if AND in w else w for w in words)
