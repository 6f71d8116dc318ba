"""Arcs over volumes in a row: what feeds a volume that does not stand right behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from cnnspec.draw.page.pen import Pen
from cnnspec.draw.styles.volume import Volume

APART = 5.0
"""From one arc's level to the next."""
_CLEAR = 6.0
"""From the highest volume to the lowest level."""


@dataclass(slots=True)
class Arc:
    """All ways from one volume over others, on one level."""

    source: int
    targets: list[int] = field(default_factory=list)
    level: int = 0


def arcs(volumes: Sequence[Volume]) -> list[Arc]:
    """An arc for every volume that feeds others than the next; short ones lie lower."""
    found: dict[int, Arc] = {}
    for index, volume in enumerate(volumes):
        for feed in volume.feeds:
            if feed != index - 1:
                found.setdefault(feed, Arc(feed)).targets.append(index)
    placed: list[Arc] = []
    for arc in sorted(found.values(), key=lambda arc: (arc.targets[-1] - arc.source, arc.source)):
        taken = {other.level for other in placed if _meet(arc, other)}
        arc.level = next(level for level in range(len(found)) if level not in taken)
        placed.append(arc)
    return placed


def _meet(a: Arc, b: Arc) -> bool:
    return a.source <= b.targets[-1] and b.source <= a.targets[-1]


def height(found: Sequence[Arc]) -> float:
    """The room that the arcs take above the volumes."""
    return _CLEAR + APART * max(arc.level for arc in found) + 3 if found else 0.0


def draw_arcs(
    pen: Pen, volumes: Sequence[Volume], found: Sequence[Arc], top: float, middle: float
) -> None:
    """Draw them up from a volume, along their level, and down; `top` is that of all volumes."""
    entering: dict[int, list[int]] = {}
    for arc in found:
        for target in arc.targets:
            entering.setdefault(target, []).append(arc.source)
    for arc in found:
        level = top - _CLEAR - APART * arc.level
        start = volumes[arc.source].crown(0.3, middle)
        for target in arc.targets:
            sources = sorted(entering[target], reverse=True)
            part = 0.55 + 0.4 * (sources.index(arc.source) + 1) / (len(sources) + 1)
            end = volumes[target].crown(part, middle)
            ends = (volumes[arc.source].paths[-1], volumes[target].paths[0])
            data = (("src", ends[0]), ("dst", ends[1]), ("skip", "arc"))
            way = [start, (start[0], level), (end[0], level), end]
            pen.wire(way, head=0.8, colour="muted", data=data)
