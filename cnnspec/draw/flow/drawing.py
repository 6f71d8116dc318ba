"""What the fitter hands to the painter: boxes in their places, wires, and what it took."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from cnnspec.draw.flow.audit import stretches
from cnnspec.draw.flow.cards import CardBody, ClosedBody
from cnnspec.draw.flow.explain import frames
from cnnspec.draw.flow.held import Held
from cnnspec.draw.flow.insetpage import ABOVE, Insets
from cnnspec.draw.flow.ports import Mode
from cnnspec.draw.flow.quotient import Quotient, Vertex
from cnnspec.draw.flow.route import Way
from cnnspec.draw.flow.rowboxes import NotesBox
from cnnspec.draw.flow.rung import Rung
from cnnspec.draw.flow.sketch import ink
from cnnspec.draw.flow.steps import Flow
from cnnspec.draw.page.scene import Area
from cnnspec.draw.parts.parts import Level, Part

_TAGS = 18.0
"""Room for the names of lanes that go down, above them."""
_FEW = 3
"""What words say of so many steps is all of them."""


class Page(NamedTuple):
    """Room for boxes and wires, in points; `tags` is what the names of lanes take of the width."""

    width: float
    height: float
    tags: float

    def wide(self, mode: Mode) -> float:
        """The width that is left for boxes and wires."""
        return max(self.width - (self.tags if mode == "lanes" else 0), 1.0)


@dataclass(slots=True, eq=False)
class Drawing:
    """A figure placed and routed: its boxes, wires and ways, and what it took."""

    flow: Flow
    graph: Quotient
    ways: dict[int, Way]
    mode: Mode
    rung: Rung
    parts: list[Part]
    insets: Insets
    middles: dict[int, float] = field(default_factory=dict)
    held: list[Held] = field(default_factory=list)
    """What its stacks hold, each laid out like a figure."""
    fits: bool = True
    level: Level = "block"
    asked: tuple[float, float] | None = None
    """Its size at the level asked for, in points; None where that has too many boxes."""
    upright: tuple[float, float] | None = None
    """Its size with lanes that go down, where that was asked for and does not fit."""

    @property
    def explained(self) -> bool:
        """Whether every card says what it holds: in an inset, in blocks that have one, itself."""
        return not self.unexplained

    @property
    def said(self) -> bool:
        """The same of a figure that has insets where its cards do not show what they hold."""
        shown = self.rung.look.detail == "open" or self.insets.names or self.insets.runs
        return bool(shown) and self.explained

    @property
    def unexplained(self) -> list[Vertex]:
        """The cards that say in words what they hold, and those of which an inset is missing."""
        called, runs = self.insets.called, self.insets.runs
        lost = (at for at, found in runs.items()
                if any(one.spans and one.spans[0].path not in called for one in found))  # fmt: skip
        known = {*self.insets.names, *runs} - {*lost}
        graphs = (self.graph, *(one.graph for one in self.held))
        cards = [v for graph in graphs for v in graph.vertices if v.kind == "card"]
        words = [
            v
            for v in cards
            if not (v.index in known or v.shares or (v.index not in runs and _told(v)))
        ]
        shown = self.insets.shown
        return words + [
            inset.body.vertex
            for inset in shown
            if any(one.path not in self.insets.called for one in frames(inset.parts))
        ]

    def size(self, page: Page) -> tuple[float, float]:
        """How much room boxes, wires and insets take."""
        left, top, right, bottom = ink(self.graph, self.ways)
        figure = (right - left, bottom - top + (_TAGS if self.mode == "upright" else 0))
        if self.held:
            self.insets.packed = True
            beside = page.tags if self.mode == "lanes" else 0
            wide, high = self.arrange((figure[0] + beside, figure[1]), page.width, self.ways)
            return wide - beside, high
        size = self.arrange(figure, page.wide(self.mode), self.ways)
        if size[1] > page.height and not self.insets.packed:
            self._pack(figure, page)
            size = self.arrange(figure, page.wide(self.mode), self.ways)
        return size

    def _pack(self, figure: tuple[float, float], page: Page) -> None:
        """Let insets stand wherever there is room, if they then end on the page."""
        packed = replace(self.insets, packed=True, room=page.height)
        room = page.wide(self.mode) * page.height - figure[0] * figure[1]
        boxes = [inset.body.width * inset.body.height for inset in packed.shown]
        if figure[1] > page.height or sum(boxes) > room:
            return
        if packed.arrange(figure, page.wide(self.mode))[1] <= page.height:
            self.insets.packed, self.insets.room = True, page.height

    def arrange(
        self, figure: tuple[float, float], page: float, ways: Mapping[int, Way]
    ) -> tuple[float, float]:
        """Put the insets beside or under a figure of that size, or into a corner that is bare."""
        shown = self.insets.shown
        if not (self.rung.carry and shown):
            return self.insets.arrange(figure, page)
        wide = max(inset.body.width for inset in shown)
        high = sum(inset.body.height + ABOVE for inset in shown) - ABOVE
        _, top, right, _ = ink(self.graph, ways)
        corner = Area(right - wide - ABOVE, top, right, top + high + ABOVE)
        boxes = (Area(v.x, v.y, v.x + v.width, v.y + v.height) for v in self.graph.boxes)
        lines = (Area(*bit[:4]) for bit in stretches(ways.values()))
        if any(area.meets(corner) for area in (*boxes, *lines)):
            return self.insets.arrange(figure, page)
        y = 0.0
        for inset in shown:
            inset.x, inset.y = figure[0] - inset.body.width, y
            y += inset.body.height + ABOVE
        return figure

    def alone(self, page: Page) -> float:
        """How much larger than the page boxes and wires are without insets."""
        left, top, right, bottom = ink(self.graph, self.ways)
        return max((right - left) / page.wide(self.mode), (bottom - top) / page.height)

    def over(self, page: Page) -> float:
        """How much larger than the page it is."""
        wide, high = self.size(page)
        return max(wide / page.wide(self.mode), high / page.height)


def _told(card: Vertex) -> bool:
    """Whether a card shows what it holds, or holds so little that words say it."""
    match card.body:
        case ClosedBody():
            return len(card.steps) <= _FEW * card.count
        case CardBody(boxes=boxes):
            return not any(isinstance(box, NotesBox) for box in boxes)
    return True
