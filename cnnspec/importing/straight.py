"""The items of a call in one line: every layer in the order in which the model registers it.

Arms in arms hide where a layer stands: `add { a -> add { b; c }; d }` has its keys in the order a,
b, c, d, whatever the model's own is.  Here a join has for its arms only what stands right before
it; everything else has a label, and an arm begins with `from`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from cnnspec.importing.items import Fork, Item, Tap, everything
from cnnspec.importing.trace import Scope, Step, Value, beside
from cnnspec.ops.op import Op

Member = Step | Scope


class Makes(Protocol):
    """What knows the members of a scope, and makes items of them."""

    scope: Scope
    start: Value
    done: set[Member]
    holders: dict[Value, Member]

    def item(self, member: Member) -> Item:
        """A member as an item."""

    def tap(self, value: Value) -> Tap:
        """The flow goes on from a value."""


def in_order(items: Sequence[Item], order: Mapping[str, int]) -> bool:
    """Whether the layers of items stand in the order in which the model registers them."""
    places = [place for item in everything([*items]) if (place := _place(item, order)) is not None]
    return places == sorted(places)


def _place(item: Item, order: Mapping[str, int]) -> int | None:
    member = getattr(item, "scope", None) or getattr(item, "step", None)
    return None if member is None else order.get(member.path)


def needed(makes: Makes, value: Value) -> set[Member]:
    """The members that a value comes from, those that a layer only looks at among them."""
    found: set[Member] = set()
    waiting = [value]
    while waiting:
        member = makes.holders.get(waiting.pop())
        if member is not None and member not in found:
            found.add(member)
            waiting += member.inputs
    return found


def line(makes: Makes, end: Value, order: Mapping[str, int]) -> list[Item]:
    """The items that lead to a value."""
    return _Line(makes, end).items(_scheduled(makes, end, order))


def _scheduled(makes: Makes, end: Value, order: Mapping[str, int]) -> list[Member]:
    """The members that a value needs: those with weights as they are registered, where that goes.

    Each stands behind what it reads; one without weights right before what reads it first.
    """
    members = needed(makes, end)
    keyed = [one for one in members if one.path in order]
    ends = [*sorted(keyed, key=lambda one: order[one.path]), makes.holders[end]]
    found: dict[Member, None] = {}
    for member in ends:
        waiting = [(member, False)]
        while waiting:
            one, ready = waiting.pop()
            if ready:
                found.setdefault(one)
            elif one not in found:
                waiting.append((one, True))
                makers = (makes.holders.get(value) for value in reversed(one.inputs))
                waiting += [(maker, False) for maker in makers if maker is not None]
    return [*found]


@dataclass(frozen=True)
class _Link:
    """An item in the line, the value behind it, and the one before it."""

    item: Item
    after: Value
    before: Value


class _Line:
    def __init__(self, makes: Makes, end: Value) -> None:
        self.makes, self.end = makes, end
        self.links: list[_Link] = []
        self.readers = Counter(v for member in makes.scope.body for v in {*member.inputs})
        self.readers[end] += 1

    def items(self, members: Sequence[Member]) -> list[Item]:
        for member in members:
            self.makes.done.add(member)
            joins = isinstance(member, Step) and len(member.inputs) > 1 and not beside(member)
            if joins and isinstance(member, Step):
                self._join(member)
            else:
                self._from(member.inputs[0])
                self._add(self.makes.item(member), _gives(member))
        self._from(self.end)
        return [link.item for link in self.links]

    @property
    def at(self) -> Value:
        """Where the flow is."""
        return self.links[-1].after if self.links else self.makes.start

    def _add(self, item: Item, after: Value) -> None:
        self.links.append(_Link(item, after, self.at))

    def _from(self, value: Value) -> None:
        if value is not self.at:
            self._add(self.makes.tap(value), value)

    def _join(self, step: Step) -> None:
        """A fork with what stands right before it as its arms."""
        assert isinstance(step.op, Op)
        arms = [self._arm(value) for value in reversed(step.inputs)][::-1]
        made: list[list[Item]] = []
        for start, items in arms:
            taps = [] if start is self.at else [self.makes.tap(start)]
            made.append([*taps, *items])
        self._add(Fork(type(step.op), made, step, step.output.shape), step.output)

    def _arm(self, value: Value) -> tuple[Value, list[Item]]:
        """What leads to a value and nobody else reads, taken off the line; and its beginning."""
        found: list[Item] = []
        while self.links and self.links[-1].after is value and self.readers[value] == 1:
            link = self.links[-1]
            if isinstance(link.item, Fork | Tap):
                break
            found.append(self.links.pop().item)
            value = link.before
        if found and self.links and isinstance(self.links[-1].item, Tap):
            self.links.pop()  # the arm begins with it
        return value, found[::-1]


def _gives(member: Member) -> Value:
    return member.output
