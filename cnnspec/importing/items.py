"""What a spec consists of, before it is written: layers, forks, calls, and what repeats them.

The same classes serve for one call of a module, where arguments are values, and for the block that
all calls of a class share, where they are `Hole`s: numbers that differ from call to call.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cnnspec.importing.trace import Scope, Step
from cnnspec.ops.op import Op
from cnnspec.values import Shape

Key = tuple[str, ...]
"""Which block a call is of: the class, or for an nn.Sequential its place in the one around it."""


@dataclass(unsafe_hash=True)
class Unit:
    """A block as a value of an argument; `word` is its name in the file."""

    key: Key
    word: str = field(default="", compare=False)


@dataclass(eq=False)
class Leaf:
    """An op.  `label` is its name in the module, "" where it has none."""

    op: type[Op]
    args: dict[str, Any]
    label: str = ""
    step: Step | None = None
    shape: Shape | None = None
    read: bool = False
    """Whether something goes on from it, or shares it, so that its label must be written."""


@dataclass(eq=False)
class Fork:
    """A join of arms; an arm without items is the identity."""

    op: type[Op]
    arms: list[list[Item]]
    step: Step | None = None
    shape: Shape | None = None
    label: str = ""


@dataclass(eq=False)
class Call:
    """A call of a block."""

    key: Key
    args: dict[str, Any]
    label: str = ""
    scope: Scope | None = None
    shape: Shape | None = None


@dataclass(eq=False)
class Again:
    """The layers at `path`, as its block sees them, with the same weights once more."""

    path: str
    shape: Shape | None = None
    step: Step | None = None
    label: str = ""


@dataclass(eq=False)
class Tap:
    """The flow goes on from what `target` gave; `path` is where its block sees it.

    Without a target that is the input of the net.
    """

    target: Step | Scope | None
    path: str


@dataclass(frozen=True)
class At:
    """A second value as an argument: the path of what gives it, as its block sees it."""

    path: str


@dataclass(eq=False)
class Head:
    """A further output, in training only where `kind` is "aux".

    Without a `tap` it begins where the flow is.
    """

    kind: str
    name: str
    tap: Tap | None
    items: list[Item]


@dataclass(eq=False)
class Run:
    """Equal items in turn; `start` is the first of the numbers in their labels, if there are."""

    turns: list[list[Item]]
    start: int | None = None


@dataclass(eq=False)
class Loop:
    """A run in a block: `count` turns of one body, whose holes may hold a value for each turn."""

    count: Any
    body: list[Item]
    start: int | None = None


@dataclass(eq=False)
class Case:
    """What some calls of a block have, and what the others have in its place."""

    condition: Any
    then: list[Item]
    other: list[Item] = field(default_factory=list)


Item = Leaf | Fork | Call | Again | Tap | Head | Run | Loop | Case


def bodies(item: Item) -> list[list[Item]]:
    """The rows of items inside an item."""
    match item:
        case Fork():
            return item.arms
        case Head():
            return [item.items]
        case Run():
            return item.turns
        case Loop():
            return [item.body]
        case Case():
            return [item.then, item.other]
    return []


def everything(items: list[Item]) -> Iterator[Item]:
    """Every item, those inside others too, each before what it holds."""
    for item in items:
        yield item
        for body in bodies(item):
            yield from everything(body)


def begins(item: Item) -> bool:
    """Whether a statement begins with an item: what has weights or changes the size."""
    op = _op(item)
    return op is None or (op.kind in ("conv", "linear", "pool", "shape") and not op.flattens)


def _op(item: Item) -> type[Op] | Op | None:
    """The op of a layer, or of one that is there once more; None for a module with several."""
    if isinstance(item, Again):
        return item.step.op if item.step and isinstance(item.step.op, Op) else None
    return item.op if isinstance(item, Leaf) else None
