"""What stands in a block where its calls differ: values for each call, and how they are said."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cnnspec.importing.items import Call, Case, Fork, Head, Item, Leaf, Loop
from cnnspec.importing.trace import Number, Trace
from cnnspec.values import Window

Caller = Any
"""Which call of a block a value is of: a number, or inside loops (call, turn)."""


class Anything:
    """The value of a call that never uses it: equal to whatever is convenient."""

    def __repr__(self) -> str:
        return "*"


ANY = Anything()


# --- expressions of a block's parameters ------------------------------------------------------


@dataclass(frozen=True)
class Fixed:
    """A value that all calls agree on."""

    value: Any


@dataclass(eq=False)
class Param:
    """A parameter of a block, with its value at each call."""

    values: dict[Caller, Any]
    kind: str
    holes: list[Hole]
    hint: str
    name: str = ""
    default: Any = ANY
    common: Any = ANY
    """What most calls have, and what stands in for those that never use it."""
    free: set[Caller] = field(default_factory=set)
    """The calls that never use it."""
    expression: Expression | None = None
    """What its value is, where that makes it no parameter after all."""

    @property
    def least(self) -> Any:
        """Its smallest value."""
        return min(v for v in self.values.values() if v is not ANY)


@dataclass(frozen=True)
class Incoming:
    """`in.channels`."""


@dataclass(frozen=True)
class Product:
    """`left * right`."""

    left: Expression
    right: Expression


@dataclass(frozen=True)
class Quotient:
    """`left // right`."""

    left: Expression
    right: Expression


@dataclass(frozen=True)
class Comparison:
    """`left == right` or `left != right`."""

    left: Expression
    sign: str
    right: Expression


@dataclass(frozen=True)
class Combined:
    """`left and right`, `left or right`."""

    word: str
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Negated:
    """`not of`."""

    of: Expression


Expression = Fixed | Param | Incoming | Product | Quotient | Comparison | Combined | Negated


# --- slots ------------------------------------------------------------------------------------


@dataclass(eq=False)
class Hole:
    """A value for each call; holes of one `kind` may be one parameter, named by `hint`."""

    values: dict[Caller, Any]
    kind: str
    hint: str
    label: str = ""
    expression: Expression | None = None

    @property
    def known(self) -> dict[Caller, Any]:
        """The values of the calls that use it."""
        return {caller: value for caller, value in self.values.items() if value is not ANY}


@dataclass(eq=False)
class Listed(Hole):
    """In a loop: a tuple for each call, one value for each turn."""


@dataclass(eq=False)
class First:
    """In a loop: one value in the first turn, another in the rest."""

    head: Hole
    tail: Hole


@dataclass(eq=False)
class Steady:
    """In a loop: `base + step * i`."""

    base: Hole
    step: Any


@dataclass(eq=False)
class Strided:
    """A window: its kernel, or the one number of a square one that differs, and its stride."""

    kernel: tuple[int, int] | Slot
    stride: Slot


Slot = Hole | First | Steady | Strided


def is_slot(value: Any) -> bool:
    """Whether an argument is left open."""
    return isinstance(value, Hole | First | Steady | Strided)


def over(items: list[Item], change: Callable[[Any], Any]) -> None:
    """Replace every slot in items, windows' strides too, by `change(slot)`."""

    def changed(value: Any) -> Any:
        if isinstance(value, Strided):
            kernel = change(value.kernel) if is_slot(value.kernel) else value.kernel
            return Strided(kernel, change(value.stride))
        return change(value) if is_slot(value) else value

    for item in items:
        match item:
            case Leaf() | Call():
                item.args = {name: changed(value) for name, value in item.args.items()}
            case Fork():
                for arm in item.arms:
                    over(arm, change)
            case Loop():
                item.count = changed(item.count)
                over(item.body, change)
            case Case():
                item.condition = changed(item.condition)
                over(item.then, change)
                over(item.other, change)
            case Head():
                over(item.items, change)


def slots(items: list[Item]) -> list[Any]:
    """Every slot in items in order, a window's stride in its place."""
    found: list[Any] = []

    def keep(slot: Any) -> Any:
        found.append(slot)
        return slot

    over(items, keep)
    return found


def holes(items: list[Item]) -> Iterator[Hole]:
    """Every hole in items, those of loops taken apart."""
    for slot in slots(items):
        yield from parts(slot)


def parts(slot: Any) -> Iterator[Hole]:
    """The holes that a slot consists of."""
    match slot:
        case First():
            yield slot.head
            yield slot.tail
        case Steady():
            yield slot.base
        case Strided():
            yield from parts(slot.kernel)
            yield from parts(slot.stride)
        case Hole():
            yield slot


NUMBER = "nth"
"""The kind of a hole for numbers of rates, and what a parameter for them is called."""
RISING = (NUMBER, "real")
"""Kinds that rise from turn to turn, whatever the turns that do not use them have."""
CHANNELS = {"channels", "features", "groups", "start", "stop"}
"""Arguments that count channels."""


def kind_of(name: str, value: Any) -> str:
    """What an argument counts: holes of one kind with equal values are one parameter."""
    if isinstance(value, bool):
        return "bool"
    if name in CHANNELS:
        return "channels"
    if isinstance(value, Window):
        return "window"
    if isinstance(value, Number):
        return NUMBER
    if isinstance(value, float):
        return "real"
    return name if isinstance(value, int) else "other"


@dataclass(eq=False)
class Template:
    """A block: what all calls of a class have in common, and the parameters they differ by."""

    key: tuple[str, ...]
    name: str
    numbered: bool
    items: list[Item]
    params: list[Param] = field(default_factory=list)
    calls: int = 1
    """How many calls one model has of it, at most."""
    doc: str = ""
    nets: tuple[Trace, ...] = ()
    """The models that it is the net of; none where it is a block."""
    choice: Param | None = None
    """The parameter that says which block is meant, where this only stands for several."""


def plain(values: Mapping[Caller, Any]) -> list[Any]:
    """The values that are used, in order."""
    return [value for value in values.values() if value is not ANY]
