"""Free places beside wires for what stands on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from math import inf

from cnnspec.draw.flow.audit import Stretch
from cnnspec.draw.flow.quotient import Vertex, Wire
from cnnspec.draw.flow.route import Point, Way
from cnnspec.draw.flow.steps import Flow
from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import text_width
from cnnspec.draw.page.scene import Area

_AWAY = 1.8
"""From a wire to the label beside it."""
_NEARER = 1.0
"""By how much a label is nearer to its own wire than to others."""
_UNDER, _OVER = 0.38 * measures.CAPTION, 0.58 * measures.CAPTION
"""From the middle of a label to its top, and to its foot with what hangs below the line."""
_BACK, _ASIDE = (4.0, 5.5, 7.5), 3.8
"""From an arrow's tip back, and beside its wire, to a small sign."""
_PARTS = (0.5, *(0.5 + side * at / 40 for at in range(1, 19) for side in (-1, 1)))
"""Where on a stretch labels stand, its middle first."""


class Places:
    """Remembers what is taken of a page `width` wide."""

    def __init__(self, vertices: Sequence[Vertex], bits: Sequence[Stretch], width: float) -> None:
        self.width = width
        self.taken = [Area(v.x, v.y, v.x + v.width, v.y + v.height) for v in vertices]
        self.wires = [
            Area(bit.left - 0.6, bit.top - 0.6, bit.right + 0.6, bit.bottom + 0.6) for bit in bits
        ]

    def find(self, points: Sequence[Point], text: str, clear: float = 0) -> Area:
        """A place beside the longest stretch of a wire that nothing else takes.

        If it can be, `clear` of other wires, where a reader could take it for theirs, else at least
        nearer to its own than to another one.
        """
        every = list(_spots(points, text_width(text, measures.CAPTION, bold=True)))
        spots = [s for s in every if s.top > 0 and s.left > 0 and s.right < self.width] or every
        free = [s for s in spots if not any(s.meets(area) for area in self.taken + self.wires)]
        own = [Area(min(a[0], b[0]) - 1, min(a[1], b[1]) - 1, max(a[0], b[0]) + 1,
                    max(a[1], b[1]) + 1) for a, b in pairwise(points)]  # fmt: skip
        others = [w for w in self.wires if clear and not any(_within(w, area) for area in own)]
        near = [s for s in free if _away(s, own) + _NEARER < _away(s, others)]
        alone = (s for s in near if not any(_round(s, clear).meets(area) for area in others))
        spot = next(alone, None) or next(iter(near or free), None)
        if spot is None:
            known = [*self.taken, *self.wires]
            spot = min(spots, key=lambda s: sum(s.meets(area) for area in known))
        self.taken.append(spot)
        return spot

    def before(self, end: Point, start: Point) -> Point:
        """The middle of a place for a small sign beside the arrowhead of a wire, on one side."""
        length = _length(start, end) or 1
        dx, dy = (end[0] - start[0]) / length, (end[1] - start[1]) / length
        spots = [
            (end[0] - back * dx - side * dy, end[1] - back * dy - side * dx)
            for back in _BACK
            for side in (_ASIDE, -_ASIDE)
        ]
        free = (s for s in spots if not any(_sign(s).meets(area) for area in self.taken))
        free = (s for s in free if not any(_sign(s).meets(area) for area in self.wires))
        found = next(free, spots[0])
        self.taken.append(_sign(found))
        return found


def taken_away(
    flow: Flow, wires: Iterable[Wire], ways: Mapping[int, Way]
) -> Iterator[tuple[Point, Point]]:
    """The ends of the wires that differences take away, and the corners before them."""
    for wire in wires:
        ends = [link for link in wire.links if link.target >= 0]
        joins = [link for link in ends if flow.steps[link.target].row.layer.op.ordered]
        if joins and len(joins) == len(ends) and all(link.slot for link in joins):
            *_, before, end = ways[id(wire)].points
            yield end, before


def _sign(middle: Point) -> Area:
    x, y = middle
    return Area(x - 2, y - 1, x + 2, y + 1)


def _spots(points: Sequence[Point], wide: float) -> Iterator[Area]:
    """Places on both sides of every stretch, the longest first, its middle first."""
    for a, b in sorted(pairwise(points), key=lambda bit: -_length(*bit)):
        for part in _PARTS:
            x, y = a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part
            for side in (-1, 1, -3, 3):
                if abs(a[1] - b[1]) > abs(a[0] - b[0]):
                    at = (x + side * (_AWAY + wide / 2), y)
                else:
                    at = (x, y + side * _AWAY + (_UNDER if side > 0 else -_OVER))
                yield Area(at[0] - wide / 2, at[1] - _UNDER, at[0] + wide / 2, at[1] + _OVER)


def _within(a: Area, b: Area) -> bool:
    across = b.left <= a.left and a.right <= b.right
    return across and b.top <= a.top and a.bottom <= b.bottom


def _round(area: Area, by: float) -> Area:
    return Area(area.left - by, area.top - by, area.right + by, area.bottom + by)


def _away(spot: Area, areas: Iterable[Area]) -> float:
    """How far the nearest of the areas is."""
    return min((_distance(spot, area) for area in areas), default=inf)


def _distance(a: Area, b: Area) -> float:
    across = max(a.left - b.right, b.left - a.right, 0)
    return max(across, max(a.top - b.bottom, b.top - a.bottom, 0))


def _length(a: Point, b: Point) -> float:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])
