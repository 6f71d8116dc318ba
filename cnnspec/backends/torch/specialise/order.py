"""Whether every variable of a constructor still holds, where it is read, the value that is meant.

Channels that a loop or an `if` changes are a running variable; a `let` of what arrived, the second
arm of a fork, or a tap may mean what it held before.  Each variable in an expression knows the
assignment that gave its value; the statements are gone through in their order here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cnnspec.backends.torch.program.items import (
    AssignItem,
    CallItem,
    ClassPlan,
    IfItem,
    Item,
    LayerItem,
    LoopItem,
    assigned,
    is_plain,
    parts,
)
from cnnspec.backends.torch.python.symbols import Code, variables, versions

if TYPE_CHECKING:
    from cnnspec.source import Span

Held = dict[str, int]
"""The assignment that each variable holds the value of; a parameter is not in it."""

EITHER = -1
"""What a variable holds that only one arm has set."""


class Stale(Exception):
    """A variable holds another value than the one that is meant."""

    def __init__(self, name: str, span: Span | None) -> None:
        super().__init__(name)
        self.name, self.span = name, span


class Order:
    """Goes through the constructor of one class."""

    def __init__(self) -> None:
        self.held: Held = {}
        self.span: Span | None = None
        self.sized: dict[int, set[str]] = {}
        """What a class reads of the shape that arrives, by the identity of its plan."""

    def run(self, items: Iterable[Item]) -> None:
        """Raise Stale at the first value that is not the one meant."""
        for item in items:
            self.item(item)

    def read(self, *values: Code) -> None:
        """Every variable in expressions holds what is meant."""
        for name, version in {pair for value in values for pair in versions(value)}:
            if self.held.get(name, 0) != version:
                raise Stale(name, self.span)

    def item(self, item: Item) -> None:
        """Note what an item reads and sets. Raises Stale for a value that was set anew since."""
        if is_plain(item):
            self.span = item.span
            self.read(*item.name.parts)
        match item:
            case LayerItem():
                self.read(*item.form.args, *(value for _, value in item.form.keywords))
            case CallItem():
                self.read(*(value for _, value in item.args), *self.arriving(item))
            case AssignItem():
                self.read(item.value)
                self.held[item.target] = item.version
            case IfItem():
                self.branches(item)
            case LoopItem():
                self.loop(item)
            case _:
                for part in parts(item):
                    self.run(part)

    def arriving(self, item: CallItem) -> list[Code]:
        """The numbers of the shape that arrives which a class takes."""
        before = item.before
        given = dict(zip(("in_height", "in_width"), before.size or (), strict=False))
        given["in_channels"] = before.channels
        return [given[name] for name in self.read_by(item.plan) & set(given)]

    def read_by(self, plan: ClassPlan) -> set[str]:
        """The names that the constructor of a class reads."""
        if id(plan) not in self.sized:
            self.sized[id(plan)] = set()  # of one that makes itself: until nothing is added
            while (read := names_in(plan.items, self)) != self.sized[id(plan)]:
                self.sized[id(plan)] = read
        return self.sized[id(plan)]

    def branches(self, item: IfItem) -> None:
        """The arms of an `if`: behind it a variable holds what either of them set."""
        before = dict(self.held)
        ends: list[Held] = []
        for condition, items in item.arms:
            self.held = dict(before)
            self.read(condition)
            self.run(items)
            ends.append(self.held)
        if item.arms[-1][0] is not None:
            ends.append(before)
        names = {name for end in ends for name in end}
        values = {name: {end.get(name, 0) for end in ends} for name in names}
        self.held = {n: min(v) if len(v) == 1 else EITHER for n, v in values.items()}
        if item.joined is not None:
            self.held[item.joined[0]] = item.joined[1]

    def loop(self, item: LoopItem) -> None:
        """A loop: what its turns set is unsure where it begins and behind it."""
        self.read(item.over, item.count)
        self.held |= dict.fromkeys(assigned(item.items), EITHER)
        self.held |= dict.fromkeys(item.words, 0)
        if item.turned is not None:
            self.held[item.turned[0]] = item.turned[1]
        self.run(item.items)
        if item.turned is not None:
            self.held[item.turned[0]] = item.turned[2]


def names_in(items: Iterable[Item], order: Order) -> set[str]:
    """The names that the statements of items read."""
    found: set[str] = set()
    for item in items:
        if is_plain(item):
            found |= {name for part in item.name.parts for name in variables(part)}
        match item:
            case LayerItem():
                values: list[Code] = [*item.form.args, *(v for _, v in item.form.keywords)]
            case CallItem():
                values = [*(value for _, value in item.args), *order.arriving(item)]
            case AssignItem():
                values = [item.value]
            case IfItem():
                values = [condition for condition, _ in item.arms]
            case LoopItem():
                values = [item.over, item.count]
            case _:
                values = []
        found |= {name for value in values for name in variables(value)}
        for part in parts(item):
            found |= names_in(part, order)
    return found


def check(items: Iterable[Item]) -> Stale | None:
    """The first variable that holds another value than the one meant."""
    try:
        Order().run(items)
    except Stale as stale:
        return stale
    return None
