"""What the output pixels of one map see along one axis: where each field begins and ends.

All arms that meet in a map have a part in it.  Those that shrink it alike have one staircase in
common; arms of different strides drift apart, and each keeps its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from math import ceil, lcm
from typing import NamedTuple

from cnnspec.analyses.stairs import Pick, Pixels, Stairs, fine, joint
from cnnspec.ops.reach import Taps

Edge = tuple[Stairs, ...]
"""Staircases of different slopes; the lowest (of ends, the highest) counts."""

_LINE: Edge = (Stairs(1, 1, (0,), (0,)),)


class Span(NamedTuple):
    """Where fields begin and where they end, both ends within."""

    first: Edge
    last: Edge

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
        """How many input pixels that of `count` output pixels sees that sees most."""
        first, last = self.first[0], self.last[0]
        if len(self.first) == len(self.last) == first.period == last.period == 1:
            return ceil(last.heights[0] - first.heights[0] + 1)
        return ceil(max(last - first for first, last in self._ends(count)) + 1)

    def _ends(self, count: int) -> Iterator[tuple[Pixels, Pixels]]:
        """The ends at pixels among which is one that sees most.

        From one period to the next a field only grows or only shrinks, or first shrinks and then
        grows, so the first and the last pixel of each phase are enough.
        """
        span, period, starts = _phases(self)
        for start in starts:
            if start < count:
                yield span.at(start)
                yield span.at(start + (count - 1 - start) // period * period)


class Axis(NamedTuple):
    """All that output pixels see along an axis, and what they see through the arms that see least.

    Where arms meet, that one is followed whose largest field is the smallest.
    """

    span: Span
    least: Span

    @property
    def step(self) -> Pixels:
        """From one output pixel's field to the next one's, in the mean; of the arm of most."""
        return max(one.slope for one in self.span.first)

    def through(self, taps: Taps) -> Axis:
        """The axis behind a layer."""
        span = self.span.through(taps)
        return Axis(span, span if self.least == self.span else self.least.through(taps))

    def at(self, pixel: int) -> tuple[Pixels, Pixels]:
        """The first and last input pixel that output pixel `pixel` sees; below 0 is padding."""
        return self.span.at(pixel)


INPUT = Axis(Span(_LINE, _LINE), Span(_LINE, _LINE))


def hull(arms: Sequence[Axis], count: int) -> Axis:
    """Everything that any arm sees, and the least that one does, at `count` output pixels."""
    if all(arm == arms[0] for arm in arms):
        return arms[0]
    span = Span(
        _met([arm.span.first for arm in arms], min), _met([arm.span.last for arm in arms], max)
    )
    return Axis(span, min((arm.least for arm in arms), key=lambda least: least.size(count)))


def _met(edges: Sequence[Edge], pick: Pick) -> Edge:
    by_slope: dict[Pixels, list[Stairs]] = {}
    for one in (stairs for edge in edges for stairs in edge):
        by_slope.setdefault(one.slope, []).append(one)
    return tuple(joint(stairs, pick) for stairs in by_slope.values())


def _at(edge: Edge, pixel: int, pick: Pick) -> Pixels:
    return edge[0].at(pixel) if len(edge) == 1 else pick([one.at(pixel) for one in edge])


def _phases(span: Span) -> tuple[Span, int, list[int]]:
    """The period of a span, and where in it anything changes; a span too fine becomes lines."""
    first, last = span
    stairs = fine((*first, *last), (*(min for _ in first), *(max for _ in last)))
    period = lcm(*(one.period for one in stairs))
    starts = sorted({0, *(y for one in stairs for y in one.places(period))})
    return Span(tuple(stairs[: len(first)]), tuple(stairs[len(first) :])), period, starts


@cache
def inside(span: Span, count: int, limit: int) -> float:
    """The part of `count` fields along an axis that lies on the pixels 0 up to `limit`."""
    span, period, starts = _phases(span)
    kept = whole = Fraction(0)
    for start, stop in zip(starts, (*starts[1:], period), strict=True):
        for turn, turns, width in _turns(start, stop, period, count):
            at = start + turn * period
            first = [(one.at(at), _rise(one, period)) for one in span.first]
            beyond = [(one.at(at) + 1, _rise(one, period)) for one in span.last]
            for piece in _pieces(beyond, turns, upper=True):
                whole += width * _sum(piece)
                kept += width * _on(piece, limit)
            for piece in _pieces(first, turns, upper=False):
                whole -= width * _sum(piece)
                kept -= width * _on(piece, limit)
    return float(kept / whole)


def _turns(start: int, stop: int, period: int, count: int) -> Iterator[tuple[int, int, int]]:
    """Which turns of a step lie below `count`: (first turn, turns, pixels of each)."""
    full = max((count - stop) // period + 1, 0)
    if full:
        yield 0, full, stop - start
    rest = min(stop, count - full * period) - start
    if rest > 0:
        yield full, 1, rest


class _Piece(NamedTuple):
    """Numbers in a row: value, value + rise, value + 2 rise, ..."""

    value: Pixels
    rise: Pixels
    terms: int


def _rise(stairs: Stairs, period: int) -> Pixels:
    return stairs.advance * (period // stairs.period)


def _pieces(lines: Sequence[tuple[Pixels, Pixels]], count: int, *, upper: bool) -> Iterator[_Piece]:
    """The lowest (or highest) of lines `value + rise * t`, for t from 0 up to `count`."""
    sign = -1 if upper else 1
    turn = 0
    while turn < count:
        value, rise = min(
            ((v + r * turn, r) for v, r in lines), key=lambda line: (sign * line[0], sign * line[1])
        )
        stop = count
        for other, steeper in ((v + r * turn, r) for v, r in lines):
            if sign * (rise - steeper) > 0:
                stop = min(stop, turn + (other - value) // (rise - steeper) + 1)
        yield _Piece(value, rise, stop - turn)
        turn = stop


def _sum(piece: _Piece) -> Pixels:
    value, rise, terms = piece
    return value * terms + rise * (terms * (terms - 1) // 2)


def _on(piece: _Piece, limit: int) -> Pixels:
    """The sum of a piece's numbers, each made 0 at least and `limit` at most."""
    return _positive(piece) - _positive(piece._replace(value=piece.value - limit))


def _positive(piece: _Piece) -> Pixels:
    """The sum of those above 0."""
    value, rise, terms = piece
    skipped = max(min(ceil(Fraction(-value) / Fraction(rise)), terms), 0)
    return _sum(_Piece(value + skipped * rise, rise, terms - skipped))
