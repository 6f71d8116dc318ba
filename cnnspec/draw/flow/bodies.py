"""What a vertex looks like: its size, the lines on which wires meet it, and how it is drawn."""

from __future__ import annotations

from cnnspec.draw.block.box import RowBox
from cnnspec.draw.block.gutter import shape_text
from cnnspec.draw.flow.body import Body
from cnnspec.draw.flow.quotient import Vertex
from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import shorten, text_width
from cnnspec.draw.page.labels import label_width, words
from cnnspec.draw.page.pen import Pen
from cnnspec.draw.page.scene import Area, Paths
from cnnspec.draw.parts.parts import Row
from cnnspec.draw.parts.paths import listed

GLYPH = 11.0
"""The side of a join that is a sign."""
EDGE, HEAD = 4.0, 9.5
"""From a card's border to what it holds; the line with its name."""
NAME_MOST = 96.0
"""No name is set wider than this."""
LINE = 8.4
"""From caption to caption."""
_LISTED = 40
BEHIND = 2 * measures.CARD
"""How far the cards behind a counted one look out."""


class TextBody(Body):
    """The name of an input or output and its shape."""

    def __init__(self, vertex: Vertex, *, stacked: bool = False) -> None:
        named = vertex.kind == "input" and vertex.port < 0
        self.stands: Paths = (vertex.name,) if named else ()
        self.full = vertex.label or vertex.name
        self.name = shorten(self.full, measures.NAME, NAME_MOST, bold=True)
        self.shape = shape_text(vertex.shape)
        if vertex.training:
            self.shape += ", training only"
        self.wide = text_width(self.name, measures.NAME, bold=True) if self.name else 0
        apart = 4 if self.name else 0
        said = text_width(self.shape, measures.CAPTION)
        self.stacked = stacked and bool(self.name)
        self.width = 4 + (max(self.wide, said) if self.stacked else self.wide + apart + said)
        self.height = GLYPH + (LINE if self.stacked else 0) if self.name or self.shape else 0.0
        self.enters = self.leaves = self.height / 2

    def paint(self, pen: Pen, x: float, y: float, src: str) -> None:
        middle = y + GLYPH / 2
        if self.name:
            room, full = self.wide + 0.1, self.full
            at = x + (self.width - self.wide) / 2 if self.stacked else x + 2
            pen.name(at, middle, self.name, size=measures.NAME, width=room, full=full,
                     stands=self.stands)  # fmt: skip
            below = (self.width - 4 - text_width(self.shape, measures.CAPTION)) / 2
            x += below if self.stacked else self.wide + 4
            middle += LINE if self.stacked else 0
        if not self.shape:
            return
        room = text_width(self.shape, measures.CAPTION) + 0.1
        pen.name(
            x + 2, middle, self.shape, size=measures.CAPTION, width=room, muted=bool(self.name)
        )


class ListBody(Body):
    """Several outputs, or inputs, under each other: too many for places of their own."""

    def __init__(self, vertex: Vertex) -> None:
        self.said = list(vertex.gathered[:_LISTED])
        if more := len(vertex.gathered) - _LISTED:
            self.said += [f"and {more} more {vertex.kind}s"] if more > 0 else []
        self.shown = [shorten(said, measures.CAPTION, NAME_MOST) for said in self.said]
        self.width = max(text_width(said, measures.CAPTION) for said in self.shown) + 4
        self.height = LINE * len(self.said) + 2
        self.enters = self.leaves = self.height / 2

    def paint(self, pen: Pen, x: float, y: float, src: str) -> None:
        for line, (said, full) in enumerate(zip(self.shown, self.said, strict=True)):
            middle = y + LINE * line + 5.2
            pen.caption(x + 2, middle, full, width=text_width(said, measures.CAPTION) + 0.1)


class JoinBody(Body):
    """A sum or what else has a sign as that in a circle, a concat as a pill with its label.

    A circle has four places for wires: a `crowded` sum is as wide as its wires need.
    """

    def __init__(self, row: Row, wires: int = 1, *, crowded: bool = False) -> None:
        self.row = row
        name = row.layer.op.name
        self.sign = row.layer.op.sign
        self.label = words("" if self.sign else f"{name}, {row.layer.shape[0]}")
        wide = label_width(self.label, measures.LABEL) + 2 * measures.INSET + 3
        pill = max(round(wide + 0.5), 6.0 * wires + 4)
        self.width = (6.0 * wires if crowded else GLYPH) if self.sign else pill
        self.height = GLYPH
        self.enters = self.leaves = GLYPH / 2

    def paint(self, pen: Pen, x: float, y: float, src: str) -> None:
        data, stands = (("op", listed(self.row.paths)),), self.row.paths
        area = Area(x, y, x + self.width, y + self.height)
        middle = (x + self.width / 2, y + self.height / 2)
        with pen.row(self.row):
            ring = bool(self.sign and self.row.tail)
            pen.circle(area, ring=ring, data=data, stands=stands)
            if self.sign:
                pen.sign(middle, self.sign)
            else:
                pen.label(middle, self.label, measures.LABEL, area)


class BoxBody(Body):
    """A single row of today's engine."""

    def __init__(self, box: RowBox) -> None:
        self.box = box
        self.width, self.height = box.left + box.right, box.height
        self.enters = self.leaves = box.height / 2

    def paint(self, pen: Pen, x: float, y: float, src: str) -> None:
        self.box.place(pen, x + self.box.left, y, src)
