"""Arcs over volumes in a row: what feeds a volume that does not stand right behind it.

They are tied to the edges of volumes that are highest, so none passes over a face.  Several that
end on one volume share a level, the last way down and the head; so do several from one volume.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from cnnspec.draw.page.pen import Pen
from cnnspec.draw.page.scene import Rect
from cnnspec.draw.parts.paths import listed
from cnnspec.draw.styles.volume import Volume

_APART, _CLEAR = 5.0, 6.0
"""From one level to the next, from what is highest below to a level."""
_LEAVE, _ENTER, _TIE, _NEXT = 0.7, 0.25, 2.5, 3.0
"""Where on an edge arcs leave and enter, how far from the sides of a circle they do, and how far
apart two end there.
"""
_MARK = (7.0, 5.0)
"""The size of the mark of a crop."""


@dataclass(slots=True)
class Arc:
    """Ways that share a level: all from one volume, or all to one."""

    ends: list[tuple[int, int]] = field(default_factory=list)
    left: float = 0.0
    right: float = 0.0
    level: float = 0.0


class Arcs:
    """All arcs of a figure, with the axis of the volumes at height 0."""

    def __init__(self, found: Sequence[Volume], ceiling: Callable[[float, float], float]) -> None:
        self.found, self.ceiling = found, ceiling
        self.arcs = _gathered(found)
        for arc in self.arcs:
            xs = [x for source, target in arc.ends for x in (self.start(source), self.end(target))]
            arc.left, arc.right = min(xs), max(xs)
        placed: list[Arc] = []
        for arc in sorted(self.arcs, key=lambda arc: (arc.right - arc.left, arc.left)):
            self._raise(arc, placed)
            insort(placed, arc, key=lambda other: -other.level)

    def _raise(self, arc: Arc, placed: Sequence[Arc]) -> None:
        """Give an arc the lowest level that is free over all that it passes.

        `placed` are the arcs that have a level, from the lowest.
        """
        arc.level = self.ceiling(arc.left - 1, arc.right + 1) - _CLEAR
        for other in placed:
            meet = arc.left < other.right + 2 and other.left < arc.right + 2
            if meet and abs(arc.level - other.level) < _APART:
                arc.level = other.level - _APART

    @property
    def top(self) -> float:
        """The highest level; 0 without arcs."""
        return min((arc.level for arc in self.arcs), default=0.0)

    def start(self, source: int) -> float:
        """Where the arcs of a volume leave it."""
        volume = self.found[source]
        if volume.sign:
            return volume.x + volume.width - _TIE
        return volume.crown(_LEAVE, 0)[0]

    def end(self, target: int) -> float:
        """Where those to a volume enter: a concat is where the volume begins."""
        volume = self.found[target]
        if volume.sign:
            return volume.x + _TIE
        return volume.crown(0 if volume.joint else _ENTER, 0)[0]

    def draw(self, pen: Pen, middle: float) -> None:
        """Draw them up from a volume, along their level, and down."""
        for arc in self.arcs:
            heads = set[float]()
            for source, target in arc.ends:
                self._way(pen, arc, source, target, middle, heads)

    def _way(
        self, pen: Pen, arc: Arc, source: int, target: int, middle: float, heads: set[float]
    ) -> None:
        before, volume = self.found[source], self.found[target]
        x, end, level = self.start(source), self.end(target), arc.level + middle
        end += self._aside(source, target)
        via = volume.via.get(source, ())
        way = [(x, self._top(x, middle)), (x, level), (end, level), (end, self._top(end, middle))]
        data = [("src", before.paths[-1]), ("dst", volume.paths[0]), ("skip", "arc")]
        data += [("via", listed(via))] if via else []
        pen.wire(way, head=0.8, colour="muted", data=tuple(data), arrow=end not in heads)
        heads.add(end)
        if via:
            mark(pen, end - 9, level, via)
        if takes(volume, source):
            pen.less((end + 3.5, way[-1][1] - 3.5))

    def _aside(self, source: int, target: int) -> float:
        """How far from the others' an arc to a difference ends: its arms are no equals."""
        volume = self.found[target]
        if volume.sign != "−":
            return 0.0
        arcs = [feed for feed in volume.feeds if feed != target - 1]
        return _NEXT * arcs.index(source)

    def _top(self, x: float, middle: float) -> float:
        """The height at which an upright line meets what stands below it."""
        return self.ceiling(x, x) + middle


def tied(found: Sequence[Volume]) -> set[int]:
    """The volumes that an arc leaves."""
    return {feed for at, volume in enumerate(found) for feed in volume.feeds if feed != at - 1}


def takes(volume: Volume, source: int) -> bool:
    """Whether a volume is a difference from which what stands at `source` is taken away."""
    return volume.sign == "−" and source in volume.feeds[1:]


def mark(pen: Pen, x: float, y: float, via: tuple[str, ...] = ()) -> None:
    """What says that a crop rides on an arc: a small dashed square, its middle on the line."""
    wide, high = _MARK
    data = (("via", listed(via)),) if via else ()
    shape = (x - wide / 2, y - high / 2, wide, high, 0)
    paint = ("background", "muted", 0.7)
    with pen.scene.group("box", via):
        pen.scene.add(Rect(*shape, *paint, dash=True, data=data, stands=via))


def _gathered(found: Sequence[Volume]) -> list[Arc]:
    """The arcs of all volumes; those to one volume together, else those from one."""
    to: dict[int, list[int]] = {}
    for index, volume in enumerate(found):
        sources = [feed for feed in volume.feeds if feed != index - 1]
        if sources:
            to[index] = sources
    out: list[Arc] = []
    alone: dict[int, Arc] = {}
    for target, sources in to.items():
        if len(sources) > 1 and found[target].sign != "−":
            out.append(Arc([(source, target) for source in sources]))
            continue
        for source in sources:
            if source not in alone:
                alone[source] = Arc()
                out.append(alone[source])
            alone[source].ends.append((source, target))
    return out
