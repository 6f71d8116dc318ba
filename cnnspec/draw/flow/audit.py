"""What is wrong with placed boxes and routed wires, from their places alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations, pairwise
from typing import NamedTuple

from cnnspec.draw.flow.quotient import Vertex
from cnnspec.draw.flow.route import Point, Way

_INSIDE, _BESIDE = 0.6, 2.0
"""How deep a wire enters a box, and how near wires run, before it is a fault."""


class Stretch(NamedTuple):
    """A straight bit of a wire, from its low to its high end."""

    left: float
    top: float
    right: float
    bottom: float
    net: int

    @property
    def level(self) -> bool:
        """Whether it runs from side to side."""
        return self.top == self.bottom


class Audit(NamedTuple):
    """How often wires enter boxes, run on one track, and where they cross; overlapping boxes."""

    through: int
    shared: int
    crossings: list[Point]
    overlaps: int
    bends: int


def stretches(ways: Iterable[Way]) -> list[Stretch]:
    """Every straight bit of every wire."""
    return [
        Stretch(min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]), way.net)
        for way in ways
        for a, b in pairwise(way.points)
    ]


def audit(vertices: Sequence[Vertex], ways: Sequence[Way]) -> Audit:
    """The faults of a figure; 0 everywhere but in crossings and bends."""
    bits = stretches(ways)
    pairs = [(a, b) for a, b in combinations(bits, 2) if a.net != b.net]
    through = sum(_enters(bit, vertex) for bit in bits for vertex in vertices)
    shared = sum(_beside(a, b) for a, b in pairs)
    crossings = [point for a, b in pairs if (point := crossing(a, b)) is not None]
    overlaps = sum(_overlap(a, b) for a, b in combinations(vertices, 2))
    return Audit(through, shared, crossings, overlaps, sum(len(w.points) - 2 for w in ways))


def crossing(a: Stretch, b: Stretch) -> Point | None:
    """Where two bits cross at a right angle."""
    if a.level == b.level:
        return None
    level, upright = (a, b) if a.level else (b, a)
    x, y = upright.left, level.top
    inside = level.left < x < level.right and upright.top < y < upright.bottom
    return (x, y) if inside else None


def _enters(bit: Stretch, vertex: Vertex) -> bool:
    return (
        bit.right > vertex.x + _INSIDE
        and bit.left < vertex.x + vertex.width - _INSIDE
        and bit.bottom > vertex.y + _INSIDE
        and bit.top < vertex.y + vertex.height - _INSIDE
    )


def _beside(a: Stretch, b: Stretch) -> bool:
    if a.level != b.level:
        return False
    if a.level:
        return abs(a.top - b.top) < _BESIDE and min(a.right, b.right) - max(a.left, b.left) > 1
    return abs(a.left - b.left) < _BESIDE and min(a.bottom, b.bottom) - max(a.top, b.top) > 1


def _overlap(a: Vertex, b: Vertex) -> bool:
    wide = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    high = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    return wide > 0.1 and high > 0.1
