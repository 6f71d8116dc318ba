"""Further outputs: what belongs to a head goes into it, and every output gets a name of its own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cnnspec.importing.flow import consumers, remove
from cnnspec.importing.items import Again, Call, Fork, Head, Item, Leaf, Tap, begins, everything
from cnnspec.importing.trace import Scope, Step, Trace, Value
from cnnspec.syntax.words import MODULE_ATTRIBUTES, RESERVED


def absorb(trace: Trace) -> None:
    """Ops without weights behind the module of a head become its last: an enlarged map, say.

    Where one head needs it, all of its class do.
    """
    if len(trace.outputs) < 2:
        return
    tails = {name: _tail(trace, value) for name, value in trace.outputs.items()}
    wanted = {s.kind for name, (s, _) in tails.items() if s is not None and name != trace.main}
    for scope, tail in tails.values():
        if scope is not None and tail and scope.kind in wanted:
            for step in tail:
                _move(step, scope)


def _tail(trace: Trace, value: Value) -> tuple[Scope | None, list[Step]]:
    """The module that an output comes from, and the ops in the net itself that follow it."""
    readers = consumers(trace.root)
    found: list[Step] = []
    while (step := value.maker) is not None and step.scope is trace.root:
        if (
            step.stateful
            or step.shares
            or len(step.inputs) != 1
            or len(readers.get(value, [])) > (1 if found else 0)
        ):
            return None, []
        found.append(step)
        value = step.inputs[0]
    if found and len(readers[value]) > 1:
        return None, []  # what others read, or what is an output itself, ends where it ends
    scope = value.maker.scope if value.maker else None
    while scope is not None and scope.parent is not trace.root:
        scope = scope.parent
    return scope, found[::-1]


def _move(step: Step, scope: Scope) -> None:
    remove(step)
    step.path = f"{scope.path}.{len(scope.body)}" if scope.numbered else ""
    step.scope = scope
    scope.body.append(step)


@dataclass(frozen=True)
class Side:
    """What leaves the flow: the items of a head, or of what nobody reads.

    `start` is what it begins with, None for what arrives, a value for one of several inputs; `tap`
    and `end` say where it begins and what it gives, and label both for it.
    """

    items: list[Item]
    start: Step | Scope | Value | None
    tap: Callable[[], Tap]
    end: Callable[[], Tap]
    name: str
    kind: str

    def behind(self, items: Sequence[Item]) -> int | None:
        """Where the flow is at what it begins with, if that is between two of these items."""
        if self.start is None:
            return 0
        places = (place for place, item in enumerate(items, 1) if _member_of(item) is self.start)
        place = next(places, None)
        return None if place is None or self._reads(items[place:]) else place

    def begins_at(self, items: Sequence[Item]) -> bool:
        """Whether it begins where one of these items ends, or the net begins."""
        begins = self.start is None or isinstance(self.start, Value)  # an input, of several
        return begins or any(_member_of(item) is self.start for item in items)

    def _reads(self, later: Sequence[Item]) -> bool:
        """Whether it goes on from what items give that stand later."""
        given = {_member_of(item) for item in everything([*later])}
        taps = (item for item in everything(self.items) if isinstance(item, Tap))
        return any(given.intersection(around(tap.target)) for tap in taps)


def around(member: Step | Scope | None) -> Iterator[Step | Scope]:
    """What is given, and the modules that it is given in."""
    while member is not None:
        yield member
        member = member.scope if isinstance(member, Step) else member.parent


def tail(items: Sequence[Item], name: str, begun: Collection[Step | Scope | Value | None]) -> int:
    """Where the layers begin whose keys are those of the output `name` that items lead to.

    Nothing of what has `begun` elsewhere is among them.
    """
    place = len(items)
    for at in range(len(items) - 1, -1, -1):
        words = {*_words([items[at]])}
        ties = isinstance(items[at], Tap | Again) or _member_of(items[at]) in begun
        if ties or words - {name}:
            break
        place = at if words else place
    return place


def placed(
    main: list[Item],
    sides: Sequence[Side],
    end: Callable[[], Tap] | None,
    order: Mapping[str, int],
    names: Iterable[str] = (),
) -> list[Item]:
    """The items of the net with its heads: what has several keys stands in the flow, behind.

    Another head stands where the model registers it; `order` is the place of each module's first
    tensor; no output has one of the `names`.  A flow that left for a head comes back to `end`,
    what the net's own output is; without one the last statement is an output.
    """
    rows = [main, *(side.items for side in sides)]
    levels = Counter(level for row in rows for level in {*_words(row)})
    taken = {*levels, *names}
    items, behind = [*main], list[Item]()
    for side in sides:
        name = level_of(side.items) if side.items else ""
        if name is None or levels[name] > 1:  # others have keys there too
            head = Head(side.kind, free(side.name, taken), side.end(), [])
            behind += [side.tap(), *side.items, head]
        else:
            _insert(side, name or free(side.name, taken), items, order)
    if end is None:
        return _ending([*items, *behind], sides)
    ends = items[-1]
    left = behind or (isinstance(ends, Head) and ends.kind == "output")
    back = [end()] if left else []  # or the last statement would be an output, and no logits
    return [*items, *behind, *back]


def _ending(items: list[Item], sides: Sequence[Side]) -> list[Item]:
    """Items whose last is an output, and none for training alone."""
    ends = items[-1]
    if isinstance(ends, Head) and ends.kind == "output":
        return items
    outputs = [one for one in items if isinstance(one, Head) and one.kind == "output"]
    last = outputs[-1]
    items.remove(last)
    side = next(side for side in sides if side.items is last.items or not last.items)
    return [*items, Head("output", last.name, last.tap or side.tap(), last.items)]


def _words(items: list[Item]) -> Iterator[str]:
    """What the labels of items begin with."""
    for item in everything(items):
        if isinstance(item, Leaf | Call | Fork) and item.label:
            yield item.label.partition(".")[0]


def _insert(side: Side, name: str, items: list[Item], order: Mapping[str, int]) -> None:
    """Put a head where its model registers it, else behind what it begins with."""
    place = _registered(side, items, order)
    before = [item for item in items[:place] if not isinstance(item, Head)]
    here = side.behind(before) == len(before) and side.items
    items.insert(place, Head(side.kind, name, None if here else side.tap(), side.items))


def level_of(items: list[Item]) -> str | None:
    """The name that an output has by the keys of its layers.

    "" where it has no keys, None where no output can have them.
    """
    every = [*everything(items)]
    own = {_member_of(item) for item in every if not isinstance(item, Tap)}
    if any(isinstance(item, Tap) and item.target in own for item in every):
        return None  # the labels of an output are seen from outside alone
    named = [item for item in every if isinstance(item, Call) or _keeps(item)]
    labels = [item.label for item in named if isinstance(item, Call | Leaf)]
    if not labels:
        return ""
    if len(items) == 1 and not isinstance(items[0], Fork) and labels[0].isidentifier():
        return labels[0]
    levels = {label.rpartition(".")[0] for label in labels}
    level = levels.pop()
    return level if not levels and level.isidentifier() else None


def _keeps(item: Item) -> bool:
    """Whether a layer has tensors."""
    return isinstance(item, Leaf) and item.step is not None and item.step.stateful


def _registered(side: Side, items: Sequence[Item], order: Mapping[str, int]) -> int:
    """Where a head stands: behind what its model registers before it, and what it reads."""
    own = _first(side.items, order)
    place = 0
    for behind, item in enumerate(items, 1):
        first = None if own is None else _first([item], order)
        reads = side.start is not None and _member_of(item) is side.start
        with_it = isinstance(item, Head) and place == behind - 1
        if reads or (own is None and with_it) or (first is not None and own and first < own):
            place = behind
    line = place
    while own is not None and line < len(items) and not begins(items[line]):
        line += 1  # what belongs to a line stays in it
    ends = line == len(items) and side.kind == "output"  # which is no end of the flow
    return (place if ends else line) or len(items)


def _first(items: list[Item], order: Mapping[str, int]) -> int | None:
    """The place of the first tensor of items in the state_dict."""
    members = [_member_of(item) for item in everything(items)]
    paths = [one.path for one in members if one is not None and one.path]
    return min((order[path] for path in paths if path in order), default=None)


def _member_of(item: Item) -> Step | Scope | None:
    return getattr(item, "scope", None) or getattr(item, "step", None)


def free(name: str, taken: set[str]) -> str:
    """A name for an output that no layer has."""
    word = re.sub(r"\W", "_", name, flags=re.ASCII).strip("_")
    word = word if word[:1].isalpha() else f"out{word}"
    while word in taken or word in RESERVED or word in MODULE_ATTRIBUTES or word == "logits":
        word = f"{word}_out"
    taken.add(word)
    return word
