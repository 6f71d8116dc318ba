"""What the output pixels of one map see along one axis: where each field begins and ends.

All arms that meet in a map have a part in it.  Those that shrink it alike have one staircase in
common; arms of different strides drift apart, and each keeps its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil, lcm
from typing import Final, NamedTuple

from cnnspec.analyses.stairs import Pick, Pixels, Stairs, fine, joint
from cnnspec.ops.reach import Taps

Edge = tuple[Stairs, ...]
"""Staircases of different slopes; the lowest (of ends, the highest) counts."""

WAYS_MAX: Final = 16
"""So many ways are followed at most for the smallest field."""

_SAME = Taps()
_LINE: Edge = (Stairs(1, 1, (0,), (0,)),)


class Span(NamedTuple):
    """Where fields begin and where they end, both ends within."""

    first: Edge
    last: Edge

    @property
    def slope(self) -> Pixels:
        """Input pixels from one output pixel's field to the next one's, on average.

        Where arms differ it is that of the arm with the largest stride.
        """
        return max(stairs.slope for stairs in self.first)

    def through(self, taps: Taps) -> Span:
        """The span behind a layer."""
        return Span(
            tuple(one.through(taps.first, min) for one in self.first),
            tuple(one.through(taps.last, max) for one in self.last),
        )

    def at(self, pixel: int) -> tuple[Pixels, Pixels]:
        """The first and last input pixel that output pixel `pixel` sees; below 0 is padding."""
        return _at(self.first, pixel, min), _at(self.last, pixel, max)

    def size(self, count: int) -> int:
        """How many input pixels the one of `count` output pixels sees that sees most; may be 0."""
        first, last = self.first[0], self.last[0]
        if len(self.first) == len(self.last) == first.period == last.period == 1:
            return max(ceil(last.heights[0] - first.heights[0] + 1), 0)
        return max(ceil(max(last - first for first, last in self._ends(count)) + 1), 0)

    def _ends(self, count: int) -> Iterator[tuple[Pixels, Pixels]]:
        """The ends at pixels among which is one that sees most.

        From one period to the next a field only grows or only shrinks, or first shrinks and then
        grows, so the first and the last pixel of each phase are enough.
        """
        span, period, starts = phases(self)
        for start in starts:
            if start < count:
                yield span.at(start)
                yield span.at(start + (count - 1 - start) // period * period)


class Axis(NamedTuple):
    """All that output pixels see along an axis, and what they see by the ways that see least.

    Which of several ways it is can depend on the layers to come: each that may be it is in `least`.
    """

    span: Span
    least: tuple[Span, ...]

    @property
    def step(self) -> Pixels:
        """Input pixels from one output pixel's field to the next one's, on average.

        Where arms differ it is that of the arm with the largest stride.
        """
        return self.span.slope

    def through(self, taps: Taps) -> Axis:
        """The axis behind a layer."""
        if taps == _SAME:
            return self
        span = self.span.through(taps)
        if self.least == (self.span,):
            return Axis(span, (span,))
        return Axis(span, tuple(one.through(taps) for one in self.least))

    def at(self, pixel: int) -> tuple[Pixels, Pixels]:
        """The first and last input pixel that output pixel `pixel` sees; below 0 is padding."""
        return self.span.at(pixel)

    def smallest(self, count: int) -> int:
        """The largest field of `count` output pixels along the way that sees least."""
        return min(one.size(count) for one in self.least)

    def largest_near(self, pixel: int, count: int) -> int:
        """The output pixel nearest to `pixel` of those that see most."""
        size = self.span.size(count)
        span, period, starts = phases(self.span)
        turns = (0, pixel // period - 1, pixel // period, pixel // period + 1)
        near = [pixel, *(start + turn * period for start in starts for turn in turns)]
        near += [start + (count - 1 - start) // period * period for start in starts]
        sees = {y: span.at(y) for y in near if 0 <= y < count}
        most = [y for y, (first, last) in sees.items() if ceil(last - first + 1) == size]
        return min(most, key=lambda y: abs(y - pixel))


INPUT = Axis(Span(_LINE, _LINE), (Span(_LINE, _LINE),))


def hull(arms: Sequence[Axis], count: int) -> Axis:
    """Everything that any arm sees, and the least that one does, at `count` output pixels."""
    first = arms[0]
    if all(arm is first or arm == first for arm in arms):
        return first
    span = Span(
        _met([arm.span.first for arm in arms], min), _met([arm.span.last for arm in arms], max)
    )
    every = dict.fromkeys(way for arm in arms for way in arm.least)
    ways = sorted(every, key=lambda way: way.size(count))
    least: list[Span] = []
    for way in ways:
        if len(least) < WAYS_MAX and not any(_below(one, way) for one in least):
            least.append(way)
    return Axis(span, tuple(least))


def _below(one: Span, other: Span) -> bool:
    """Whether one way sees at most what another sees, whatever layers come behind them."""
    if one.slope != other.slope:
        return False
    _, _, starts = phases(Span((*one.first, *other.first), (*one.last, *other.last)))
    ends = [(*one.at(y), *other.at(y)) for y in starts]
    return max(b - d for _, b, _, d in ends) <= min(a - c for a, _, c, _ in ends)


def _met(edges: Sequence[Edge], pick: Pick) -> Edge:
    by_slope: dict[Pixels, list[Stairs]] = {}
    for one in (stairs for edge in edges for stairs in edge):
        by_slope.setdefault(one.slope, []).append(one)
    return tuple(joint(stairs, pick) for stairs in by_slope.values())


def _at(edge: Edge, pixel: int, pick: Pick) -> Pixels:
    return edge[0].at(pixel) if len(edge) == 1 else pick([one.at(pixel) for one in edge])


def phases(span: Span) -> tuple[Span, int, list[int]]:
    """The period of a span, and where in it anything changes; a span too fine becomes lines."""
    first, last = span
    stairs = fine((*first, *last), (*(min for _ in first), *(max for _ in last)))
    period = lcm(*(one.period for one in stairs))
    starts = sorted({0, *(y for one in stairs for y in one.places(period))})
    return Span(tuple(stairs[: len(first)]), tuple(stairs[len(first) :])), period, starts
