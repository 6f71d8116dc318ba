"""Finds stacks in the order of execution, which no call need hold.

A stretch comes again right behind itself where steps are equal to those a fixed way before them and
read what lies as far before.  Of all the places where such a run can be cut in pieces those count
that cut no call in two, then those through which the fewest values pass.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from cnnspec.draw.flow.calls import Likeness, Span, stretches
from cnnspec.draw.flow.stacks import Port, Stack
from cnnspec.draw.flow.steps import Flow

_LONG = 2500
"""Longer flows are not searched."""
_NEXT, _TRIES = 4, 12
"""How many later equal steps give a length to try, and how many begins of one are tried."""
_LEAST = 4
"""Fewer steps are no stretch worth a name."""
VALUES = 2
"""So many values pass from one to the next at least."""


def stacks_of(
    flow: Flow, likeness: Likeness, spans: Iterable[Span], least: int = VALUES
) -> list[Stack]:
    """The stacks of a flow in order, of those that overlap the one with the most steps.

    `least` values pass from one to the next.
    """
    if len(flow.steps) > _LONG:
        return []
    finder = _Finder(flow, likeness, [(span.first, span.last) for span in spans], least)
    found = list(finder.found())
    out: list[Stack] = []
    for stack in sorted(found, key=lambda one: (-one.steps, one.size)):
        twice = any(stack.size % one.size == 0 and one.size < stack.size and _meet(one, stack)
                    for one in found)  # fmt: skip
        if not twice and not any(_meet(stack, other) for other in out):
            out.append(stack)
    return sorted(out, key=lambda stack: stack.first)


def _meet(one: Stack, other: Stack) -> bool:
    return one.first <= other.last and other.first <= one.last


def in_order(flow: Flow) -> Flow:
    """The same flow, in the order of execution in which each of a stack is one stretch.

    HRNet's first module with a further branch is written round the convolution that begins it.
    """
    for _ in range(len(flow.steps)):
        moved = _moved(flow)
        if moved is None:
            return flow
        flow = moved
    return flow


def _moved(flow: Flow) -> Flow | None:
    """The flow with the steps of one more of a stack together; None where there is none."""
    spans = [Span(path, *ends) for path, ends in stretches(flow).items()]
    for stack in stacks_of(flow, Likeness(flow), spans):
        if stack.earlier:
            one = stack.earlier[0]
            between = [at for at in range(min(one), stack.first) if at not in set(one)]
            return _permuted(flow, [*range(min(one)), *between, *one], stack.first)
    return None


def _read(flow: Flow, places: dict[int, int], source: int) -> int:
    """What another one of a stack reads where its first one reads a step outside."""
    for at, place in places.items():
        feeds = zip(flow.steps[at].feeds, flow.steps[place].feeds, strict=True)
        for feed, other in feeds:
            if feed == source:
                return other
    raise AssertionError("a port that nothing reads")


def _permuted(flow: Flow, begin: Sequence[int], rest: int) -> Flow:
    """The steps of a flow in another order, up to the step `rest`."""
    order = [*begin, *range(rest, len(flow.steps))]
    place = {at: number for number, at in enumerate(order)}
    steps = [
        replace(flow.steps[at], feeds=tuple(place[feed] for feed in flow.steps[at].feeds))
        for at in order
    ]
    outputs = {name: place[at] for name, at in flow.outputs.items()}
    return replace(flow, steps=steps, outputs=outputs).link()


def _before(
    flow: Flow, likeness: Likeness, stack: Stack, earlier: Sequence[list[int]]
) -> list[int] | None:
    """The steps, somewhere before a stack, that are one more of it; None where there are none."""
    if any(port.passes is not None for port in stack.ports):
        return None
    behind = earlier[-1] if earlier else list(stack.member(0))
    inside = stack.member(0)
    places = {at: behind[offset] for offset, at in enumerate(inside)}
    match: dict[int, int] = {}
    entered = {port.enters: port.enters for port in stack.ports if port.leaves is None}
    waiting = [
        (port.leaves, _read(flow, places, port.enters))
        for port in stack.ports
        if port.leaves is not None and port.enters is not None
    ]
    while waiting:
        offset, at = waiting.pop()
        if match.setdefault(offset, at) != at:
            return None
        one, other = flow.steps[stack.first + offset], flow.steps[at]
        if not likeness.same(stack.first + offset, at) or len(one.feeds) != len(other.feeds):
            return None
        for feed, source in zip(one.feeds, other.feeds, strict=True):
            if feed in inside and match.get(feed - stack.first) != source:
                waiting.append((feed - stack.first, source))
            elif feed not in inside and entered.setdefault(feed, source) != source:
                return None
    steps = [match[offset] for offset in sorted(match)]
    if len(match) != stack.size or len(set(steps)) != stack.size:
        return None
    around = {*steps, *behind}
    ends = set(flow.outputs.values())
    apart = any(at in ends or not around.issuperset(flow.steps[at].readers) for at in steps)
    return None if apart else steps


@dataclass(slots=True)
class _Finder:
    """Looks for stretches that come again right behind themselves."""

    flow: Flow
    likeness: Likeness
    calls: list[tuple[int, int]]
    least: int
    within: list[int] = field(init=False)
    """How many calls begin before each step and end behind it."""

    def __post_init__(self) -> None:
        self.within = crossing(len(self.flow.steps), self.calls)

    def found(self) -> Iterator[Stack]:
        """All stacks, those that overlap too."""
        for size in self._sizes():
            for begin, end in self._alike(size):
                stack = self._in(begin, end, size)
                if stack is not None:
                    yield stack

    def _sizes(self) -> list[int]:
        """From one join to the next ones that are equal to it."""
        last: dict[int, list[int]] = defaultdict(list)
        sizes: Counter[int] = Counter()
        for at, step in enumerate(self.flow.steps):
            if len(step.feeds) > 1:
                before = last[self.likeness.number(at)]
                sizes.update(at - other for other in before[-_NEXT:])
                before.append(at)
        return sorted(size for size in sizes if size >= _LEAST)

    def _alike(self, size: int) -> Iterator[tuple[int, int]]:
        """Where steps are equal to those `size` before them, for as long as a stretch."""
        begin, count = 0, len(self.flow.steps)
        for at in range(size, count + 1):
            if at < count and self.likeness.same(at, at - size):
                begin = begin or at
                continue
            if begin and at - begin >= size:
                yield begin - size, at
            begin = 0

    def _in(self, begin: int, end: int, size: int) -> Stack | None:
        """The stack between two steps that cuts the fewest calls, then values, then edges.

        Of several the one with the most steps, and then the least deep one: lanes that stand beside
        each other are less deep than half of them behind the others.
        """
        starts = range(begin, min(begin + size, end - size + 1))
        read = {at: self._read(at + size, min(at + 2 * size, end)) for at in starts}
        whole = [len(set(read[at])) for at in starts if at + 2 * size <= end]
        if min(whole, default=self.least) < self.least:
            return None
        cuts = sorted(
            (self.within[at + size], len(set(read[at])), len(read[at]), at) for at in starts
        )
        best: list[tuple[int, int, int, Stack]] = []
        like: tuple[int, ...] = ()
        for *cut, start in cuts[:_TRIES]:
            if best and tuple(cut) != like:
                break
            stack = self._longest(start, size, end)
            if stack is not None:
                like = tuple(cut)
                best.append((-stack.steps, self._deep(start, size), start, stack))
        return min(best, key=lambda one: one[:3])[3] if best else None

    def _longest(self, start: int, size: int, end: int) -> Stack | None:
        counts = range((end - start) // size, 0, -1)
        found = (self._stack(start, size, count, end) for count in counts)
        return next((stack for stack in found if stack is not None), None)

    def _read(self, begin: int, end: int) -> list[int]:
        """What steps read of those before them, as often as they do."""
        feeds = (feed for at in range(begin, end) for feed in self.flow.steps[at].feeds)
        return [feed for feed in feeds if feed < begin]

    def _deep(self, begin: int, size: int) -> int:
        """The most steps of a stretch behind each other."""
        deep: dict[int, int] = {}
        for at in range(begin, begin + size):
            feeds = self.flow.steps[at].feeds
            deep[at] = 1 + max((deep.get(feed, 0) for feed in feeds), default=0)
        return max(deep.values())

    def _stack(self, start: int, size: int, count: int, end: int) -> Stack | None:
        """Stretches with those of their kind before them; None where they are no stack."""
        members = [range(start + k * size, start + (k + 1) * size) for k in range(count)]
        if len({self.likeness.of(member[0], member[-1]) for member in members}) > 1:
            return None
        ports = self._ports(members, members[1:] or self._begun(members[0], end))
        if ports is None:
            return None
        stack = Stack(start, size, count, ports)
        if not self._kept(stack) or self._halves(stack):
            return None
        earlier: list[list[int]] = []
        while (one := _before(self.flow, self.likeness, stack, earlier)) is not None:
            earlier.append(one)
        stack = replace(stack, earlier=tuple(earlier))
        return stack if count + len(earlier) > 1 else None

    def _halves(self, stack: Stack) -> bool:
        """Whether a call begins or ends inside one of them, but for those around all."""
        around = sum(a <= stack.first and stack.last <= b for a, b in self.calls)
        begins = (stack.member(number)[0] for number in range(stack.count))
        return any(self.within[at] > around for at in (*begins, stack.last + 1))

    def _begun(self, member: range, end: int) -> list[range]:
        """What begins like one more of a stretch, as far as it goes on so."""
        begun = range(member[-1] + 1, min(end, member[-1] + 1 + len(member)))
        size = len(begun)
        same = size and self.likeness.of(member[0], member[size - 1]) == self.likeness.of(
            begun[0], begun[-1]
        )
        return [begun] if same and len(self._entries(begun)) == len(self._entries(member)) else []

    def _ports(self, members: Sequence[range], behind: Sequence[range]) -> tuple[Port, ...] | None:
        """The ports of equal stretches; None where they do not read each other at them."""
        entries = self._entries(members[0])
        later = [self._entries(member) for member in behind]
        ports: list[Port] = []
        for at, source in enumerate(entries):
            pairs = zip(members, [entries, *later], later, strict=False)
            kinds = {self._kind(own[at], source, member, before) for member, before, own in pairs}
            if len(kinds) != 1 or None in kinds:
                return None
            (port,) = kinds
            assert port is not None
            ports.append(port)
        between = {port.leaves for port in ports if port.leaves is not None}
        twice = len(between) < sum(port.leaves is not None for port in ports)
        if sum(p.leaves != p.passes for p in ports) < self.least or not between or twice:
            return None
        leaving = [at - members[-1][0] for at in members[-1] if self._leaves(at, members[-1][-1])]
        return (*ports, *(Port(None, offset) for offset in leaving if offset not in between))

    def _kind(self, read: int, source: int, member: range, before: Sequence[int]) -> Port | None:
        """Where what the next one reads comes from, if it is one of the ways of a port."""
        if read in member:
            return Port(source, read - member[0])
        if read == source:
            return Port(source, None)
        return Port(source, None, before.index(read)) if read in before else None

    def _entries(self, member: range) -> list[int]:
        """What flows into a stretch, in the order in which it is read."""
        return list(dict.fromkeys(self._read(member[0], member[-1] + 1)))

    def _kept(self, stack: Stack) -> bool:
        """Whether each gives its values to the next one alone, or hands them on by a port."""
        ends = set(self.flow.outputs.values())
        ports = stack.ports
        passed = {ports[port.passes].leaves for port in ports if port.passes is not None}
        for number in range(stack.count - 1):
            member = stack.member(number)
            for offset, at in enumerate(member):
                after = number + 1 + (offset in passed)
                last = stack.member(after)[-1] if after < stack.count else len(self.flow.steps)
                if any(reader > last for reader in self.flow.steps[at].readers):
                    return False
                if at in ends and after < stack.count:
                    return False
        return True

    def _leaves(self, at: int, last: int) -> bool:
        """Whether something behind a stretch reads a step, or it is an output."""
        readers = self.flow.steps[at].readers
        return at in self.flow.outputs.values() or any(reader > last for reader in readers)


def crossing(count: int, spans: Iterable[tuple[int, int]]) -> list[int]:
    """How many of the spans, ends within, are cut in two before each of so many steps."""
    change = [0] * (count + 1)
    for first, last in spans:
        change[first + 1] += 1
        change[last + 1] -= 1
    out, so_far = [], 0
    for more in change:
        so_far += more
        out.append(so_far)
    return out
