"""A placed and routed figure as a scene: its boxes and wires, insets, and the key."""

from __future__ import annotations

from cnnspec.draw.block.key import footer, key_width
from cnnspec.draw.block.look import Sheet
from cnnspec.draw.flow.cards import Framed
from cnnspec.draw.flow.drawing import Drawing
from cnnspec.draw.flow.held import HeldBody
from cnnspec.draw.flow.key import Riding, entries
from cnnspec.draw.flow.quotient import Vertex
from cnnspec.draw.flow.sketch import Sketch
from cnnspec.draw.page.pen import Pen
from cnnspec.draw.page.scene import Scene
from cnnspec.draw.parts.parts import Plan, convs

MARGIN = 5.0


class Painter:
    """Paints one drawing; coordinates are moved so that all ink lies on the page."""

    def __init__(self, plan: Plan, drawing: Drawing, sheet: Sheet, room: float) -> None:
        self.room = room
        self.plan, self.drawing, self.sheet = plan, drawing, sheet
        flow = self.flow = drawing.flow
        said = f"{plan.name} drawn at level {plan.level}; {plan.total}."
        self.scene = Scene(0, 0, f"{plan.name}, {plan.level} level", said)
        self.pen = Pen(self.scene)
        self.insets = drawing.insets.shown
        graphs = [drawing.graph, *(held.graph for held in drawing.held)]
        wires = [wire for graph in graphs for wire in graph.wires]
        self.riding = Riding(flow, wires)
        self.sketch = Sketch(
            flow, drawing.graph, drawing.ways, drawing.middles, self.riding, self._entry,
            upright=drawing.mode == "upright",
        )  # fmt: skip
        self.sketch.stand(MARGIN, MARGIN)
        for inset in self.insets:
            if isinstance(inset.body, HeldBody):
                inset.body.riding, inset.body.begins = self.riding, self._entry

    def paint(self, least: float) -> Scene:
        """The figure on a page at least `least` points wide."""
        right, low = (far + MARGIN for far in self._reach())
        strip, parts = self.drawing.rung.look.strip, self.drawing.parts
        shown = self.drawing.graph.vertices
        leads = min(("stride" if v.changes else "skip" for v in shown if v.leads), default="")
        noted = self.drawing.insets.noted_rows()
        said = list(entries(self.riding, parts, self.sheet, strip, leads, noted, right))
        width = max(right, least, key_width([self.plan.total, *(text for text, _ in said)]))
        self._centre((width - right) / 2)
        self.drawing.ways = self.sketch.ways
        self.sketch.width = width
        self.sketch.paint(self.pen)
        first = len(self.scene.shapes)
        for inset in self.insets:
            inset.body.paint(self.pen, inset.x, inset.y, inset.source)
        self.scene.aside = (first, len(self.scene.shapes))
        self.sketch.paint_tags(self.pen)
        self.scene.width = width
        self.scene.height = footer(self.pen, self.plan, self.sheet, width, low, entries=said)
        self.scene.unseen = self.flow.unseen
        self.scene.shades = self.sheet.levels if any(True for _ in convs(tuple(parts))) else ()
        return self.scene

    def _reach(self) -> tuple[float, float]:
        """How far the ink reaches to the right and down; insets are put beside or under it."""
        _, _, right, low = self.sketch.ink()
        room = self.room - 2 * MARGIN
        figure = (right - MARGIN, low - MARGIN)
        wide, deep = self.drawing.arrange(figure, room, self.sketch.ways)
        for inset in self.insets:
            inset.x, inset.y = inset.x + MARGIN, inset.y + MARGIN
        return MARGIN + wide, MARGIN + deep

    def _centre(self, right: float) -> None:
        """Put what is narrower than the page in its middle."""
        if right > 0:
            self.sketch.left += right
            for inset in self.insets:
                inset.x += right
            self.sketch.move(right, 0)

    def _entry(self, card: Vertex) -> str:
        """The layer at which the drawing of a card begins, in its frame or in its inset."""
        drawn = (inset.body for inset in self.insets if inset.body.vertex.steps == card.steps)
        body = next(drawn, card.body)
        return body.entry() if isinstance(body, Framed) else ""
