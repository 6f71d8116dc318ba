"""The items of a call in one line: every layer in the order in which the model registers it.

Arms in arms hide where a layer stands: `add { a -> add { b; c }; d }` has its keys in the order a,
b, c, d, whatever the model's own is.  Here a join has for its arms only what stands right before
it; everything else has a label, and an arm begins with `from`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from cnnspec.importing.heads import around, free, level_of
from cnnspec.importing.items import Again, Fork, Head, Item, Tap, everything
from cnnspec.importing.trace import Scope, Step, Value, beside, relative
from cnnspec.ops.op import Op
from cnnspec.statedict import in_order as as_registered

Member = Step | Scope


class Makes(Protocol):
    """What knows the members of a scope, and makes items of them."""

    scope: Scope
    start: Value
    inputs: Sequence[Value]
    done: set[Member]
    holders: dict[Value, Member]

    def item(self, member: Member) -> Item:
        """A member as an item."""

    def tap(self, value: Value) -> Tap:
        """The flow goes on from a value."""


class _Row(NamedTuple):
    """A layer or module with tensors: its path, and its place in the model."""

    path: str
    place: int
    key: str | None = None


def in_order(items: Sequence[Item], order: Mapping[str, int]) -> bool:
    """Whether the layers of items come in the order in which the model registers them."""
    found = [row.place for row in as_registered(_rows(items, order))]
    return found == sorted(found)


def places(items: Sequence[Item], order: Mapping[str, int]) -> list[int]:
    """Where the layers of items stand in the model."""
    return [row.place for row in _rows(items, order)]


def _rows(items: Sequence[Item], order: Mapping[str, int]) -> list[_Row]:
    rows: list[_Row] = []
    for item in everything([*items]):
        member = getattr(item, "scope", None) or getattr(item, "step", None)
        if member is not None and member.path in order:
            rows.append(_Row(member.path, order[member.path]))
    return rows


def reads_ahead(items: Sequence[Item]) -> bool:
    """Whether something goes on from a layer, or runs it again, that stands further on."""
    given: set[Member] = set()
    paths: set[str] = set()
    for item in everything([*items]):
        tap = item.tap if isinstance(item, Head) else item
        if isinstance(tap, Tap) and tap.target and given.isdisjoint(around(tap.target)):
            return True
        if isinstance(item, Again) and item.step and not _runs(item.step.shares, paths):
            return True
        member = getattr(item, "scope", None) or getattr(item, "step", None)
        if member is not None:
            given.add(member)
            paths.add(member.path)
    return False


def _runs(path: str, paths: set[str]) -> bool:
    """Whether a module is among these paths, or in one of them, or some are in it."""
    inside = path
    while inside:
        if inside in paths:
            return True
        inside = inside.rpartition(".")[0]
    return any(one.startswith(f"{path}.") for one in paths)


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


Output = tuple[str, str, Value]
"""A further output: its name, whether it is an "output" or "aux", and its value."""


def line(
    makes: Makes, end: Value | None, order: Mapping[str, int], outputs: Sequence[Output] = ()
) -> list[Item]:
    """The items of a whole scope, which leads to `end`; without one the last is an output."""
    return _Line(makes, end, outputs).items(_scheduled(makes, order))


def _scheduled(makes: Makes, order: Mapping[str, int]) -> list[Member]:
    """The members of a scope: those with weights as they are registered, as far as that goes.

    Each stands behind what it reads; one without weights right before what reads it first.
    """
    members = makes.scope.body
    keyed = [one for one in members if one.path in order]
    found: dict[Member, None] = {}
    for member in [*sorted(keyed, key=lambda one: order[one.path]), *members]:
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
    def __init__(self, makes: Makes, end: Value | None, outputs: Sequence[Output]) -> None:
        self.makes, self.end = makes, end
        self.links: list[_Link] = []
        self.outputs: dict[Value, list[Output]] = {}
        for output in outputs:
            self.outputs.setdefault(output[2], []).append(output)
        body = makes.scope.body
        self.readers = Counter(value for member in body for value in member.inputs)
        self.readers.update([*filter(None, [end]), *(value for _, _, value in outputs)])
        labelled = (one for one in body if isinstance(one, Scope) or one.stateful)
        paths = (relative(one.path, makes.scope.path) for one in labelled)
        self.levels = Counter(path.partition(".")[0] for path in paths)
        self.names = {*self.levels, *(value.name for value in makes.inputs)}

    def items(self, members: Sequence[Member]) -> list[Item]:
        for start in dict.fromkeys((self.makes.start, *self.makes.inputs)):
            self._heads(start)
        for member in members:
            self.makes.done.add(member)
            joins = isinstance(member, Step) and len(member.inputs) > 1 and not beside(member)
            if joins and isinstance(member, Step):
                self._join(member)
            else:
                self._from(member.inputs[0])
                self._add(self.makes.item(member), member.output)
            for value in member.outputs if isinstance(member, Scope) else [member.output]:
                self._heads(value)
        if self.end is None:
            self._end_in_output()
        else:
            self._from(self.end)
            if self.links and _is_output(self.links[-1].item):  # or there were no logits
                self._add(self.makes.tap(self.end), self.end)
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

    # --- joins ---

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
        found = self._own(value)
        self._take(len(found))
        return (found[0].before if found else value), [link.item for link in found]

    def _own(self, value: Value) -> list[_Link]:
        """The last links, as far as they lead to a value and to nothing else."""
        found: list[_Link] = []
        for link in reversed(self.links):
            other = link.after is not value or self.readers[value] > 1
            if other or isinstance(link.item, Fork | Tap | Head):
                break
            found.append(link)
            value = link.before
        return found[::-1]

    def _take(self, count: int) -> None:
        """Take links off the line, and a `from` that they begin with."""
        if count:
            del self.links[-count:]
            if self.links and isinstance(self.links[-1].item, Tap):
                self.links.pop()

    # --- outputs ---

    def _heads(self, value: Value) -> None:
        for name, kind, _ in self.outputs.get(value, ()):
            self._head(name, kind, value)

    def _head(self, name: str, kind: str, value: Value) -> None:
        """An output with the layers that lead to it alone and are called as it is."""
        found = self._own(value)
        level = level_of([link.item for link in found])
        while found and (level is None or (level and _keyed(found) < self.levels[level])):
            found = found[1:]
            level = level_of([link.item for link in found])
        self._take(len(found))
        start = found[0].before if found else value
        tap = None if found and start is self.at else self.makes.tap(start)
        items = [link.item for link in found]
        self._add(Head(kind, level or free(name, self.names), tap, items), self.at)

    def _end_in_output(self) -> None:
        """Bring an output behind everything else, so that nothing is what is called logits."""
        places = [at for at, link in enumerate(self.links) if _is_output(link.item)]
        link = self.links.pop(places[-1])
        assert isinstance(link.item, Head)
        tap = link.item.tap
        if places[-1] < len(self.links):
            tap = tap or self.makes.tap(link.before)
        self._add(Head(link.item.kind, link.item.name, tap, link.item.items), self.at)


def _keyed(links: Sequence[_Link]) -> int:
    """How many layers of these have a name."""
    return sum(bool(getattr(link.item, "label", "")) for link in links)


def _is_output(item: Item) -> bool:
    return isinstance(item, Head) and item.kind == "output"
