"""How much of the fields lies in padding: sums over all output pixels, without visiting them.

On a step of a staircase the ends of fields are numbers in a row from one period to the next, and
such numbers have a sum by formula, also where they are cut at the edges of the input.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from math import ceil, floor
from typing import NamedTuple

from cnnspec.analyses.axis import Span, phases
from cnnspec.analyses.stairs import Pixels, Stairs


@cache
def inside(span: Span, count: int, limit: int) -> float:
    """The part of `count` fields along an axis that lies on the pixels 0 up to `limit`.

    It is 1 where no pixel sees anything: behind a transposed convolution whose stride is larger
    than its kernel, some pixels see none, and what is behind it may use only those.
    """
    span, period, starts = phases(span)
    kept = whole = Fraction(0)
    for start, stop in zip(starts, (*starts[1:], period), strict=True):
        for turn, turns, width in _turns(start, stop, period, count):
            at = start + turn * period
            first = [Line(one.at(at), _rise(one, period)) for one in span.first]
            beyond = [Line(one.at(at) + 1, _rise(one, period)) for one in span.last]
            for piece, sign in _ends(first, beyond, turns):
                whole += sign * width * _sum(piece)
                kept += sign * width * _on(piece, limit)
    return float(kept / whole) if whole else 1.0


class Line(NamedTuple):
    """Numbers that grow alike from turn to turn: value + rise * turn."""

    value: Pixels
    rise: Pixels

    def after(self, turn: int) -> Line:
        """The line that begins so many turns later."""
        return Line(self.value + self.rise * turn, self.rise)


def _ends(
    first: Sequence[Line], beyond: Sequence[Line], turns: int
) -> Iterator[tuple[_Piece, int]]:
    """Where fields end, with 1, and where they begin, with -1, in the turns that see anything."""
    begin, end = _blind(first, beyond, turns)
    for turn, count in ((0, begin), (end, turns - end)):
        for piece in _pieces([line.after(turn) for line in beyond], count, upper=True):
            yield piece, 1
        for piece in _pieces([line.after(turn) for line in first], count, upper=False):
            yield piece, -1


def _blind(first: Sequence[Line], beyond: Sequence[Line], turns: int) -> tuple[int, int]:
    """The turns whose field ends before it begins: from the one up to the other, in a row.

    For each pair of an end and a beginning these are all turns before one, or all behind one.
    """
    begin, end = 0, turns
    for line in first:
        for other in beyond:
            size, rise = other.value - line.value, other.rise - line.rise
            if rise > 0:
                end = min(end, ceil(Fraction(-size) / Fraction(rise)))
            elif rise < 0:
                begin = max(begin, floor(Fraction(-size) / Fraction(rise)) + 1)
            elif size >= 0:
                return turns, turns
    return (begin, end) if begin < end else (turns, turns)


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


def _pieces(lines: Sequence[Line], count: int, *, upper: bool) -> Iterator[_Piece]:
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
