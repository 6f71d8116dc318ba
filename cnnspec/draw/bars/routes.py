"""The corners of arrows, by how they run."""

from __future__ import annotations

from cnnspec.draw.bars.hops import Bar, Hop
from cnnspec.draw.bars.places import DEEPER, HOOK, LABEL, SIGN, VAULT, enters
from cnnspec.draw.page.pen import Point

OFF, _ACROSS = 1.5, 2.5
"""From a bar to the end of an arrow, and of a copy."""
_OUT, _FOOT = 3.2, 3.0
"""How far a hook runs from a bar before it turns, and from the foot of the bar."""
_BEFORE = 5.6
"""From a sum on its row to the middle of its sign."""


def sign_of(bar: Bar, *, on_row: bool) -> Point:
    """The middle of the circle of a sum: before its bar, or on the edge where a copy arrives."""
    return bar.x - (_BEFORE if on_row else 0.0), bar.middle


def route(hop: Hop) -> list[Point]:
    """The corners of an arrow from its begin to its tip."""
    start, end = hop.start, hop.end
    match hop.way:
        case "along":
            return [(start.right + OFF, start.middle), (_tip(end, OFF), start.middle)]
        case "across":
            edge = end.x - (SIGN if end.sum else 0.0) - _ACROSS
            return [(start.right + _ACROSS, start.middle), (edge, start.middle)]
        case "vault":
            return _vault(hop)
        case "hook":
            return _hook(hop)
        case "over":
            x, y = sign_of(end, on_row=True)
            return [(start.right + OFF, _low(start)), (x, _low(start)), (x, y - SIGN - 0.6)]
    return _steep(hop)


def _steep(hop: Hop) -> list[Point]:
    """Down from under a bar to the channels over the next one, or up from those to under it."""
    start, end = hop.start, hop.end
    x = end.x + enters(end)
    tip = end.y - LABEL - 0.6 if hop.way == "fall" else end.bottom + OFF
    if hop.bent:
        return [(start.right + OFF, start.middle), (x, start.middle), (x, tip)]
    begin = start.bottom + OFF if hop.way == "fall" else start.y - LABEL - 0.6
    return [(x, begin), (x, tip)]


def _vault(hop: Hop) -> list[Point]:
    """To the first bar of a row and over it, then down to a sum's sign or a concat's last part."""
    start, end, first = hop.start, hop.end, hop.first
    assert first is not None
    top = min(first.y, end.y) - LABEL - VAULT
    x, tip = end.x + enters(end), end.y - LABEL - 0.6
    if end.sum:
        x, tip = sign_of(end, on_row=True)
        tip -= SIGN + 0.6
    up = first.x - _BEFORE
    return [
        (start.right + _ACROSS, start.middle),
        (up, start.middle),
        (up, top),
        (x, top),
        (x, tip),
    ]


def _hook(hop: Hop) -> list[Point]:
    """Under the bars between to the sign of a sum, or to the bar of a further output."""
    start, end = hop.start, hop.end
    y = max(start.bottom, end.bottom) + HOOK + DEEPER * hop.depth
    out = [(start.right + OFF, _low(start)), (start.right + _OUT, _low(start))]
    out.append((start.right + _OUT, y))
    if end.sum:
        x, middle = sign_of(end, on_row=True)
        return [*out, (x, y), (x, middle + SIGN + 0.6)]
    return [*out, (end.centre, y), (end.centre, end.bottom + OFF)]


def _low(bar: Bar) -> float:
    """Where a hook leaves a bar, under the arrow that goes on from its middle."""
    return max(bar.bottom - _FOOT, bar.middle + 3.2)


def _tip(bar: Bar, off: float) -> float:
    """Where an arrow on a row ends before a bar, or before the sign of its sum."""
    return bar.x - (_BEFORE + SIGN + 0.6 if bar.sum else off)
