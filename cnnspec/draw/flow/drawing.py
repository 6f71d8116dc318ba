"""What the fitter hands to the painter: boxes in their places, wires, and what it took."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from cnnspec.draw.flow.insets import Insets
from cnnspec.draw.flow.ports import Mode
from cnnspec.draw.flow.quotient import Quotient
from cnnspec.draw.flow.route import Way
from cnnspec.draw.flow.rung import Rung
from cnnspec.draw.parts.parts import Level, Part

_FEW = 3
"""What words say of so many steps is all of them."""


class Page(NamedTuple):
    """Room for boxes and wires, in points; `tags` is what the names of lanes take of the width."""

    width: float
    height: float
    tags: float

    def wide(self, mode: Mode) -> float:
        """The width that is left for boxes and wires."""
        return self.width - (self.tags if mode == "lanes" else 0)


@dataclass(slots=True, eq=False)
class Drawing:
    """A figure placed and routed: its boxes, wires and ways, and what it took."""

    graph: Quotient
    ways: dict[int, Way]
    mode: Mode
    rung: Rung
    parts: list[Part]
    insets: Insets
    middles: dict[int, float] = field(default_factory=dict)
    fits: bool = True
    level: Level = "block"
    asked: tuple[float, float] | None = None
    """Its size at the level asked for, in points; None where that has too many boxes."""

    @property
    def explained(self) -> bool:
        """Whether every card says what it holds: in an inset, in blocks that have one, in words."""
        known = {*self.insets.names, *self.insets.runs}
        cards = [vertex for vertex in self.graph.vertices if vertex.kind == "card"]
        few = (v.index in known or len(v.steps) <= _FEW * v.count for v in cards)
        return bool(known) and all(few)

    def size(self, page: Page) -> tuple[float, float]:
        """How much room boxes, wires and insets take."""
        points = [point for way in self.ways.values() for point in way.points]
        boxes = self.graph.vertices
        xs = [x for x, _ in points] + [x for box in boxes for x in (box.x, box.x + box.width)]
        ys = [y for _, y in points] + [y for box in boxes for y in (box.y, box.y + box.height)]
        figure = (max(xs) - min(xs), max(ys) - min(ys))
        return self.insets.arrange(figure, page.wide(self.mode))

    def over(self, page: Page) -> float:
        """How much larger than the page it is."""
        wide, high = self.size(page)
        return max(wide / page.wide(self.mode), high / page.height)
