"""Items to the statements of `__init__`: attributes, `append`, lists and dicts of layers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby
from typing import Any

from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.evaluate import holds_sym
from cnnspec.backends.torch.items import (
    AssignItem,
    CallItem,
    ContainerItem,
    ForkItem,
    IfItem,
    Item,
    LayerItem,
    LoopItem,
    OutputItem,
    TapItem,
)
from cnnspec.backends.torch.model import Line, Statement, Suite
from cnnspec.backends.torch.naming import safe
from cnnspec.backends.torch.symbols import Binary, Code, Sym, Var, write

Put = Callable[[list[Item]], list[Statement]]
"""Writes a row of plain items in the way of its container."""

FRESH = {"conv", "linear", "norm"}
"""Kinds of layer whose output nothing else holds: a ReLU behind them may work in place."""


class Constructor:
    """Writes constructors; notes which helper classes the file needs."""

    def __init__(self, class_names: dict[int, str]) -> None:
        self.class_names = class_names
        self.helpers: dict[str, str] = {}
        self.opened: set[str] = set()
        """Containers that a tap looks into: a ReLU in them must not work in place."""
        self.ordered = False
        """Whether an OrderedDict was written."""

    # --- one layer ---

    def expression(self, item: Item, *, inplace: bool = False) -> str:
        """What makes the module of a plain item."""
        match item:
            case LayerItem():
                return self.layer(item, inplace)
            case CallItem():
                return self.call(item)
            case ContainerItem():
                return self.sequential(item)
        raise BackendError(f"a {type(item).__name__} is no layer", getattr(item, "span", None))

    def layer(self, item: LayerItem, inplace: bool) -> str:
        form = item.form
        if not form.module:
            raise BackendError(f"`{item.op.name}` has no module form", item.span)
        if form.helper:
            self.helpers[form.module] = form.helper
        words = [write(a) for a in form.args]
        words += [f"{k}={write(v)}" for k, v in form.keywords]
        if inplace and form.inplace:
            words.append("inplace=True")
        return f"{form.module}({', '.join(words)})"

    def call(self, item: CallItem) -> str:
        """A block's class with the arguments of the spec's call."""
        plan = item.plan
        words, named = [], False
        expected = [p.name for p in plan.params]
        args = item.args if uses_channels(plan) else item.args[1:]
        places = ["in_channels", *expected] if uses_channels(plan) else expected
        for place, (keyword, value) in zip(places, args, strict=False):
            named = named or bool(keyword) or place != (keyword or place)
            words.append(f"{keyword}={write(value)}" if named and keyword else write(value))
        return f"{self.class_names[id(plan)]}({', '.join(words)})"

    def sequential(self, item: ContainerItem) -> str:
        """`nn.Sequential(...)` of a numbered container whose layers are all plain."""
        if not item.seq or not all(is_plain(i) for i in item.items):
            raise BackendError("labelled braces inside a container", item.span, "make it a block")
        return f"nn.Sequential({', '.join(self.row(item.items, item))},)"

    def row(self, items: Sequence[Item], within: ContainerItem | None = None) -> list[str]:
        """The expressions of neighbouring layers; a ReLU works in place behind a fresh map."""
        words = []
        before: Item | None = None
        closed = within is None or within.name.fixed not in self.opened
        for item in items:
            words.append(self.expression(item, inplace=closed and is_fresh(before)))
            before = item
        return words

    # --- containers ---

    def chain(self, items: Sequence[Item], put: Put) -> list[Statement]:
        """The statements of a chain, plain layers written by `put`."""
        found: list[Statement] = []
        for plain, group in groupby(items, is_plain):
            if plain:
                found += put(list(group))
                continue
            for item in group:
                found += self.control(item, put)
        return found

    def control(self, item: Item, put: Put) -> list[Statement]:
        match item:
            case AssignItem():
                return [assignment(item)]
            case LoopItem():
                return [Suite(f"{item.head}:", self.chain(item.items, put))]
            case IfItem():
                return list(self.conditional(item, lambda i: self.chain(i, put)))
        raise BackendError(f"{type(item).__name__} in a chain", getattr(item, "span", None))

    def conditional(
        self, item: IfItem, inner: Callable[[list[Item]], list[Statement]]
    ) -> Iterator[Statement]:
        word = "if"
        for condition, items in item.arms:
            body = inner(items)
            if condition is None:
                if body:
                    yield Suite("else:", body)
            else:
                yield Suite(f"{word} {write(condition)}:", body or [Line("pass")])
                word = "elif"

    def attributes(self, items: list[Item]) -> list[Statement]:
        """`self.norm = ...`, one line a layer."""
        found: list[Statement] = []
        before: Item | None = None
        for item in items:
            found += self.attribute(item, before)
            before = item
        return found

    def attribute(self, item: Item, before: Item | None = None) -> list[Statement]:
        name = item.name  # type: ignore[union-attr]
        if isinstance(item, ContainerItem) and not (item.seq and all(map(is_plain, item.items))):
            return self.built(item)
        text = self.expression(item, inplace=is_fresh(before))
        if name.unclear:
            word = f"the number of this `{name.parts[0]}` {name.unclear} is open"
            raise BackendError(word, getattr(item, "span", None), "label it")
        if name.fixed is None:
            return [Line(f"self.add_module({name.code()}, {text})")]
        if "." in name.fixed:
            raise BackendError(f"the dotted label `{name.fixed}`", getattr(item, "span", None))
        return [Line(f"self.{name.fixed} = {text}")]

    def appended(self, items: list[Item]) -> list[Statement]:
        """`self.append(...)`."""
        return [Line(f"self.append({text})") for text in self.row(items)]

    def built(self, item: ContainerItem) -> list[Statement]:
        """A list or dict of layers, then `self.features = nn.Sequential(...)` of it."""
        fixed = item.name.fixed
        if fixed is None or "." in fixed:
            raise BackendError("a container whose name is open", item.span)
        name = safe(fixed)
        lead = list(_leading(item.items))
        rest = item.items[len(lead) :]
        if item.seq:
            found = [Line(f"{name}: list[nn.Module] = [{', '.join(self.row(lead, item))}]")]
            put = self._adding(name, item)
            made = f"nn.Sequential(*{name})"
        else:
            self.ordered = True
            pairs = zip(lead, self.row(lead, item), strict=True)
            entries = "".join(f"{_key(i)}: {text}, " for i, text in pairs).rstrip()
            found = [Line(f"{name}: dict[str, nn.Module] = {{{entries}}}")]
            put = self._setting(name, item)
            made = f"nn.Sequential(OrderedDict({name}))"
        body = self.chain(rest, put)
        return [*found, *body, Line(f"self.{fixed} = {made}")]

    def _adding(self, name: str, within: ContainerItem) -> Put:
        def put(items: list[Item]) -> list[Statement]:
            return [Line(f"{name} += [{', '.join(self.row(items, within))}]")]

        return put

    def _setting(self, name: str, within: ContainerItem) -> Put:
        def put(items: list[Item]) -> list[Statement]:
            pairs = zip(items, self.row(items, within), strict=True)
            return [Line(f"{name}[{_key(item)}] = {text}") for item, text in pairs]

        return put

    def passed(self, items: Sequence[Item]) -> list[Statement] | None:
        """`super().__init__(...)` of a numbered chain, where every child can stand in it."""
        words: list[str] = []
        before: Item | None = None
        for item in items:
            if is_plain(item):
                words.append(self.expression(item, inplace=is_fresh(before)))
            elif isinstance(item, LoopItem) and len(item.items) == 1 and is_plain(item.items[0]):
                words.append(f"*({self.expression(item.items[0])} {item.head})")
            else:
                return None
            before = item
        return [Line(f"super().__init__({', '.join(words)},)")] if words else None

    # --- a module with a forward ---

    def module(self, items: Sequence[Item], conditions: dict[int, str]) -> list[Statement]:
        """Attributes for what must be one, in order of the flow."""
        found: list[Statement] = []
        for item in items:
            match item:
                case LayerItem():
                    if needs_attribute(item):
                        found += self.attribute(item)
                case CallItem() | ContainerItem():
                    found += self.attribute(item)
                case ForkItem():
                    for arm in item.arms:
                        found += self.module(arm, conditions)
                case AssignItem():
                    found.append(assignment(item))
                case OutputItem():
                    found += self.module(item.items, conditions)
                case IfItem():
                    found += self.stored(item, conditions)
                case TapItem():
                    pass
        return found

    def stored(self, item: IfItem, conditions: dict[int, str]) -> list[Statement]:
        """Rule 4: the condition is kept; layers of one arm only are made under it."""
        if len(item.arms) != 2 or item.arms[1][0] is not None:
            arms = [*item.arms, (None, [])] if item.arms[-1][0] is not None else item.arms
            if len(arms) != 2:
                raise BackendError("more than two arms with different flow")
            item.arms = arms
        (condition, first), (_, second) = item.arms
        name = condition.name if isinstance(condition, Var) else "condition"
        conditions[id(item)] = name
        then, other = (self.module(part, conditions) for part in (first, second))
        found: list[Statement] = [Line(f"self.{name} = {write(condition)}")]
        keys = [[_text(s) for s in part] for part in (then, other)]
        for tag, a, b, c, d in SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
            if tag == "equal":
                found += then[a:b]
                continue
            if b > a:
                found.append(Suite(f"if self.{name}:", then[a:b]))
            if d > c:
                head = f"if not self.{name}:" if b == a else "else:"
                found.append(Suite(head, other[c:d]))
        return found


def assignment(item: AssignItem) -> Line:
    """`stem = 2 * growth`, `in_channels += growth`."""
    value: Code = item.value
    if isinstance(value, Binary) and value.left == Var(item.name) and value.sign in "+-*//%":
        return Line(f"{item.name} {value.sign}= {write(value.right)}")
    return Line(f"{item.name} = {write(value)}", local=item.name)


def is_plain(item: Item) -> bool:
    """One module, whatever is around it."""
    return isinstance(item, LayerItem | CallItem | ContainerItem)


def is_fresh(item: Item | None) -> bool:
    """Whether a layer's output is read by the next one alone and needed by no gradient."""
    return isinstance(item, LayerItem) and item.op.kind in FRESH and not item.form.function


def needs_attribute(item: LayerItem) -> bool:
    """Parameters, a training flag, or an open number make an op an attribute."""
    if item.head or item.op.join:
        return False
    return not item.form.function or (bool(item.form.module) and has_open_field(item))


def has_open_field(item: LayerItem) -> bool:
    """Whether an argument is open: `forward` does not see the constructor's."""
    values = (*item.form.args, *(v for _, v in item.form.keywords))
    return any(isinstance(v, Sym) or holds_sym(v) for v in values)


def uses_channels(plan: Any) -> bool:
    """Whether a class needs to know the channels that arrive."""
    return bool(getattr(plan, "uses_channels", True))


def _leading(items: Sequence[Item]) -> Iterator[Item]:
    for item in items:
        if not is_plain(item) or item.name.fixed is None:
            return
        yield item


def _key(item: Item) -> str:
    if getattr(item, "name").unclear:
        raise BackendError("the number of this layer is open", getattr(item, "span"), "label it")
    return str(item.name.code())


def _text(statement: Statement) -> str:
    return statement.text if isinstance(statement, Line) else repr(statement)
