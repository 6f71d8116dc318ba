"""How much of the fields lies in padding: sums over all output pixels, without visiting them.

On a step of a staircase the ends of fields are numbers in a row from one period to the next, and
such numbers have a sum by formula, also where they are cut at the edges of the input.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from math import ceil
from typing import NamedTuple

from cnnspec.analyses.axis import Span, phases
from cnnspec.analyses.stairs import Pixels, Stairs


@cache
def inside(span: Span, count: int, limit: int) -> float:
    """The part of `count` fields along an axis that lies on the pixels 0 up to `limit`."""
    span, period, starts = phases(span)
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
