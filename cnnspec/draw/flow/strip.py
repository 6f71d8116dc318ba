"""A block in a strip: its rows in a frame on the line of the flow, its skip as an arch over it."""

from __future__ import annotations

from math import ceil

from cnnspec.draw.block.box import Box, link
from cnnspec.draw.block.gutter import shape_text
from cnnspec.draw.block.repeatbadge import badge
from cnnspec.draw.flow.bodies import BEHIND, NAME_MOST
from cnnspec.draw.flow.cards import Framed, frame
from cnnspec.draw.flow.quotient import Vertex
from cnnspec.draw.flow.strands import Strand
from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import shorten, text_width
from cnnspec.draw.page.pen import Pen
from cnnspec.draw.page.scene import Area, Data
from cnnspec.draw.parts.paths import listed

BETWEEN, SNUG = 8.5, 8.0
"""From box to box of a strip, and of one that else were wider than its page."""
_EDGE, _FOOT = 3.0, 7.0
"""From the frame to its rows, and under them where a badge stands."""
_JOIN, _BEHIND = 9.0, 1.5
"""The circle of the sum, and the least wire before it."""
_NAMED, _ARCH = 9.0, 6.0
"""The line of the name, and the room for the arch of a skip."""
_BEFORE = 5.2
"""How far before the frame a skip leaves the wire."""
_HANGS = 6.0
"""How far a badge hangs out of its frame."""


class StripBody(Framed):
    """A block, or the stage of `count` blocks that it begins, and the sum behind it."""

    def __init__(self, vertex: Vertex, boxes: list[Box], strand: Strand, stride: str) -> None:
        self.vertex, self.boxes, self.strand = vertex, boxes, strand
        self.full = f"{vertex.label or vertex.name} {stride}".rstrip()
        self.title = shorten(self.full, measures.NAME, NAME_MOST, bold=True)
        self.shape = shape_text(vertex.shape)
        self.named = text_width(self.title, measures.NAME, bold=True)
        self.said = text_width(self.shape, measures.CAPTION)
        inner = max(box.left + box.right for box in boxes)
        self.front = ceil(max(inner + 2 * _EDGE, self.named + 1, self.said + 1))
        counted = vertex.count > 1
        rows = sum(box.height for box in boxes) + measures.GAP * (len(boxes) - 1)
        self.low = ceil(rows + 2 * _EDGE + (_FOOT if counted else 1) + 1)
        out = BEHIND if counted else 0
        self.out = out + _BEHIND + _JOIN if strand.join else out
        self.around = ceil(max(_NAMED + _ARCH, measures.CAPTION + 3 + (_HANGS if counted else 2)))
        self.width, self.height = self.front + ceil(self.out), self.low + 2 * self.around
        self.enters = self.leaves = self.height / 2

    def entry(self) -> str:
        """The layer that a wire into the frame ends at; the skip is drawn here."""
        return self.strand.rows[0].paths[0]

    def paint(self, pen: Pen, x: float, y: float, src: str) -> None:
        area = Area(x, y + self.around, x + self.front, y + self.around + self.low)
        with self.group(pen):
            frame(pen, self.vertex, area)
            self._names(pen, area)
            last = self._rows(pen, area)
            if self.vertex.count > 1:
                badge(pen, self.vertex.count, area.right - 4, area.bottom)
        if self.strand.join is not None:
            self._sum(pen, area, last)
            self._skip(pen, area, src)

    def _names(self, pen: Pen, area: Area) -> None:
        """The name over the arch, and what leaves the block under the frame."""
        middle = (area.left + area.right) / 2
        top = area.top - _ARCH - _NAMED / 2
        pen.name(middle - self.named / 2, top, self.title, size=measures.NAME,
                 width=self.named + 0.1, full=self.full)  # fmt: skip
        low = area.top + self.low + self.around - measures.CAPTION / 2 - 1
        pen.name(middle - self.said / 2, low, self.shape, size=measures.CAPTION,
                 width=self.said + 0.1, muted=True)  # fmt: skip

    def _rows(self, pen: Pen, area: Area) -> str:
        """The rows under each other; the path of the layer that gives their value."""
        axis, at = (area.left + area.right) / 2, area.top + _EDGE + 1
        src, bottom = "", 0.0
        for box in self.boxes:
            middle = axis + (box.left - box.right) / 2
            port = box.place(pen, middle, at, src)
            if src:
                link(pen, axis, bottom, port, src)
            src, bottom = port.last, port.bottom
            at += box.height + measures.GAP
        return src

    def _sum(self, pen: Pen, area: Area, last: str) -> None:
        join = self.strand.join
        assert join is not None
        middle = (area.top + area.bottom) / 2
        left = area.left + self.width - _JOIN
        data = (("src", last), ("dst", join.paths[0]))
        begin = area.right + (BEHIND if self.vertex.count > 1 else 0)
        pen.wire([(begin, middle), (left, middle)], arrow=False, data=data)
        with pen.row(join):
            circle = Area(left, middle - _JOIN / 2, left + _JOIN, middle + _JOIN / 2)
            drawn = (("op", listed(join.paths)),)
            pen.circle(circle, ring=bool(join.tail), data=drawn, stands=join.paths)
            pen.sign((left + _JOIN / 2, middle), join.layer.op.sign)

    def _skip(self, pen: Pen, area: Area, src: str) -> None:
        """From the wire before the frame, over it, into the sum."""
        join, rows = self.strand.join, self.strand.skip
        assert join is not None
        middle, end = (area.top + area.bottom) / 2, area.left + self.width - _JOIN / 2
        top, begin = area.top - _ARCH + 1, area.left - _BEFORE
        data: Data = (("src", src), ("dst", join.paths[0]), ("skip", self.strand.kind))
        data += (("count", str(self.vertex.count)),)
        if rows:
            data += (("via", listed(path for row in rows for path in row.paths)),)
        changed = self.strand.kind != "identity"
        pen.wire(
            [(begin, middle), (begin, top), (end, top), (end, middle - _JOIN / 2)],
            line=measures.SKIP, colour="changed" if changed else "wire", dash=changed, data=data,
            stands=tuple(path for row in rows for path in row.paths),
        )  # fmt: skip
        pen.dot((begin, middle))
