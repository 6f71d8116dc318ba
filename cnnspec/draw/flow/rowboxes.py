"""What stands in a card as one row: words, or blocks by the name of their inset."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf

from cnnspec.draw.block.box import Box, Port
from cnnspec.draw.block.boxmaker import Measurer
from cnnspec.draw.block.look import Sheet
from cnnspec.draw.flow.bodies import LINE
from cnnspec.draw.flow.quotient import Vertex
from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import shorten, text_width
from cnnspec.draw.page.labels import in_two, label_width, words
from cnnspec.draw.page.pen import Pen
from cnnspec.draw.page.scene import Area, Data, Rect
from cnnspec.draw.parts.parts import Frame, Part


class NotesBox:
    """What a closed block holds in words, under the join that opens its box.

    `ends` are the layer at which it is drawn elsewhere, or nothing, and its last one.
    """

    forks = False

    def __init__(
        self, vertex: Vertex, notes: Sequence[str], ends: tuple[str, str], most: float
    ) -> None:
        self.notes, self.last = list(notes), ends[1]
        self.first = ends[0] or (vertex.members[0] if vertex.members else ends[1])
        self.said = [shorten(note, measures.CAPTION, most) for note in notes]
        widest = max([text_width(said, measures.CAPTION) for said in self.said], default=20)
        self.left = self.right = widest / 2 + 1
        self.height = LINE * max(len(self.said), 1)

    def place(self, pen: Pen, x: float, y: float, src: str) -> Port:
        """Draw the lines with the corner at `x`, `y`; where the flow goes on."""
        for line, (said, full) in enumerate(zip(self.said, self.notes, strict=True)):
            wide = text_width(said, measures.CAPTION)
            middle = y + LINE * (line + 0.5)
            pen.caption(x - wide / 2, middle, full, width=wide + 0.1)
        return Port(y, y + self.height, self.first, self.last)


class RunBox:
    """A block of a stage, or several equal ones, by the name of the inset that shows it.

    It is no narrower than the `least`; a label that is wider than its `room` takes two lines.
    """

    forks = False

    def __init__(
        self,
        paths: Sequence[str],
        label: str,
        entry: Callable[[], str],
        last: str,
        least: float = 0,
        room: float = inf,
    ) -> None:
        self.paths, self.entry, self.last = tuple(paths), entry, last
        whole = words(label)
        fits = label_width(whole, measures.LABEL) <= room
        self.lines = [whole] if fits else in_two(whole, measures.LABEL)
        wide = max(label_width(line, measures.LABEL) for line in self.lines)
        inset = measures.ROOM.inset if room == inf else measures.SNUG.inset
        self.left = self.right = max(wide + 2 * inset, least) / 2
        self.height = measures.ROW + measures.LINE * (len(self.lines) - 1)

    def place(self, pen: Pen, x: float, y: float, src: str) -> Port:
        """Draw it with its axis at `x`; see `Box.place`."""
        area = Area(x - self.left, y, x + self.right, y + self.height)
        ends = (("group", self.paths[0]), ("last", self.paths[-1]))
        data: Data = (*ends, ("count", str(len(self.paths))))
        size = (self.left + self.right, self.height, measures.FRAME_RADIUS)
        with pen.scene.group("frame", self.paths):
            pen.scene.add(
                Rect(x - self.left, y, *size, "background", "frame-line", measures.BOX_LINE,
                     data=data, stands=self.paths)
            )  # fmt: skip
            pen.lines((x, y + self.height / 2), self.lines, measures.LABEL, area)
        return Port(y, y + self.height, self.entry(), self.last)


class NamedMeasurer(Measurer):
    """Makes boxes of today's engine, and for blocks that stand as their names what `name` makes."""

    def __init__(self, sheet: Sheet, name: Callable[[Frame, float], Box]) -> None:
        super().__init__(sheet, tight=True)
        self.name = name

    def box(self, part: Part, stage: int, count: int, width: float = 0) -> Box:
        if isinstance(part, Frame) and not part.parts:
            return self.name(part, width)
        return super().box(part, stage, count, width)
