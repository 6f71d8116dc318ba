"""What a vertex looks like: its size, the lines on which wires meet it, and how it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from math import ceil, inf

from cnnspec.draw.block.box import Box, Port, RowBox, link
from cnnspec.draw.block.gutter import shape_text
from cnnspec.draw.block.repeatbadge import badge, badge_width
from cnnspec.draw.flow.body import Body
from cnnspec.draw.flow.quotient import Vertex
from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import shorten, text_width
from cnnspec.draw.page.labels import in_two, label_width, words
from cnnspec.draw.page.pen import Pen
from cnnspec.draw.page.scene import Area, Data, Paths, Rect, Scene
from cnnspec.draw.parts.parts import Row
from cnnspec.draw.parts.paths import listed

GLYPH = 11.0
"""The side of a join that is a sign."""
EDGE, HEAD = 4.0, 9.5
"""From a card's border to what it holds; the line with its name."""
NAME_MOST = 96.0
"""No name is set wider than this."""
_BRIEF = 12.0
"""The height of a card that has a name alone."""
LINE, _ROWS = 8.4, 5.0
"""From caption to caption, and between rows with no fork among them."""
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
        self.height = GLYPH + (LINE if self.stacked else 0)
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


class Framed(Body):
    """A frame with a name, cards behind it where it is counted, and captions."""

    vertex: Vertex
    title: str
    full: str
    badge: float
    front: float
    low: float

    def entry(self) -> str:
        """The layer that a wire into the frame ends at; nothing where its inside is not drawn."""
        return ""

    def group(self, pen: Pen) -> AbstractContextManager[None]:
        """What is drawn inside belongs to the frame."""
        return pen.scene.group("frame", (*self.vertex.members, *self.vertex.holds))

    def outline(
        self, pen: Pen, x: float, y: float, said: Sequence[str], full: Sequence[str]
    ) -> None:
        """Draw all but what it holds; `said` are the captions, `full` their whole texts."""
        area = Area(x, y, x + self.front, y + self.low)
        frame(pen, self.vertex, area)
        title(pen, area, self.title, self.full, self.badge)
        if self.badge:
            wide = max(1.0, (self.badge - 3) / 2 - 8)  # a wide one is moved off the frame's edge
            right = area.right - self.badge / 2 - 5 + wide
            badge(pen, self.vertex.count, right, y + HEAD / 2 + 1.5)
        lines(pen, x, y, said, full)


class CardBody(Framed):
    """A frame with a name and boxes of today's engine under each other, or from the bottom up."""

    def __init__(
        self, vertex: Vertex, boxes: Sequence[Box], title: str, costs: Sequence[str] = ()
    ) -> None:
        self.vertex, self.boxes, self.costs = vertex, list(boxes), list(costs)
        self.title, self.full = shorten(title, measures.NAME, NAME_MOST, bold=True), title
        self.rows = all(isinstance(box, RowBox | NotesBox | RunBox) for box in boxes)
        self.up = vertex.up and self.rows
        self.gap = _ROWS if self.rows else measures.GAP
        self.left = max(box.left for box in boxes)
        inner = self.left + max(box.right for box in boxes)
        self.badge = badge_width(vertex.count) + 3 if vertex.count > 1 else 0
        name = text_width(self.title, measures.NAME, bold=True) + 1 if title else 0
        self.behind = BEHIND if vertex.count > 1 else 0
        said = max([text_width(cost, measures.CAPTION) for cost in costs], default=0) + 1
        self.front = ceil(max(inner, name + self.badge, said) + 2 * EDGE)
        self.head = (HEAD if title or self.badge else 0) + LINE * len(costs)
        inside = sum(box.height for box in boxes) + self.gap * (len(boxes) - 1)
        self.low = ceil(self.head + inside + 2 * EDGE - (2 if self.head else 0))
        self.width, self.height = self.front + self.behind, self.low + self.behind
        self.enters, self.leaves = self._lines()

    def _lines(self) -> tuple[float, float]:
        """Where wires from the side enter and leave: at the first row and at the last one.

        A frame is rounded up at its foot: a lone row has one line, that of its middle.
        """
        if not self.rows:
            return self.low / 2, self.low / 2
        first = self.top + self.boxes[-1 if self.up else 0].height / 2
        last = self.low - EDGE - self.boxes[0 if self.up else -1].height / 2
        if len(self.boxes) == 1:
            return (last, last) if self.up else (first, first)
        return (last, first) if self.up else (first, last)

    def entry(self) -> str:
        """The layer that a wire into the frame ends at; further ways from it are drawn inside."""
        return self.boxes[0].place(Pen(Scene(0, 0, "", "")), 0, 0, "").first

    @property
    def top(self) -> float:
        """From the frame to the first box."""
        return self.head + EDGE - (2 if self.head else 0)

    def paint(self, pen: Pen, x: float, y: float, src: str) -> None:
        axis = x + self.front / 2 + (self.left - max(b.right for b in self.boxes)) / 2
        with self.group(pen):
            self.outline(pen, x, y, self.costs, self.costs)
            if self.up:
                self._upwards(pen, axis, y, src)
            else:
                self._downwards(pen, axis, y, src)

    def _downwards(self, pen: Pen, axis: float, y: float, src: str) -> None:
        at, before = y + self.top, None
        for box in self.boxes:
            port = box.place(pen, axis, at, src)
            if before is not None:
                link(pen, axis, before.bottom, port, src)
            elif port.top > at + 0.1:
                pen.wire([(axis, at), (axis, port.top)], arrow=port.arrow)
            at, before, src = at + box.height + self.gap, port, port.last

    def _upwards(self, pen: Pen, axis: float, y: float, src: str) -> None:
        at, before = y + self.low - EDGE, 0.0
        for box in self.boxes:
            port = box.place(pen, axis, at - box.height, src)
            if before:
                data = (("src", src), ("dst", port.first))
                pen.wire([(axis, before), (axis, port.bottom)], data=data)
            at, before, src = at - box.height - self.gap, port.top, port.last


class ClosedBody(Framed):
    """A frame with a name and what it holds in words; `brief`: with its name alone."""

    def __init__(
        self, vertex: Vertex, name: str, notes: Sequence[str], most: float, *, brief: bool = False
    ) -> None:
        self.vertex, self.notes = vertex, list(notes)
        self.title, self.full = shorten(name, measures.NAME, NAME_MOST, bold=True), name
        self.badge = badge_width(vertex.count) + 3 if vertex.count > 1 else 0
        self.behind = BEHIND if vertex.count > 1 else 0
        self.said = [shorten(note, measures.CAPTION, most) for note in notes]
        wide = max([text_width(said, measures.CAPTION) for said in self.said], default=0)
        named = text_width(self.title, measures.NAME, bold=True) + 1 + self.badge
        wide += self.badge if self.said else 0  # the badge reaches down into the first of them
        self.front = ceil(max(wide + 1, named, 24) + 2 * EDGE)
        self.low = _BRIEF if brief else ceil(HEAD + LINE * len(self.said) + EDGE)
        self.width, self.height = self.front + self.behind, self.low + self.behind
        self.enters = self.leaves = self.low / 2

    def paint(self, pen: Pen, x: float, y: float, src: str) -> None:
        with self.group(pen):
            self.outline(pen, x, y, self.said, self.notes)


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

    A label that is wider than its `room` takes two lines.
    """

    forks = False

    def __init__(
        self, paths: Sequence[str], label: str, ends: tuple[str, str], room: float
    ) -> None:
        self.paths, (self.first, self.last) = tuple(paths), ends
        whole = words(label)
        fits = label_width(whole, measures.LABEL) <= room
        self.lines = [whole] if fits else in_two(whole, measures.LABEL)
        wide = max(label_width(line, measures.LABEL) for line in self.lines)
        inset = measures.ROOM.inset if room == inf else measures.SNUG.inset
        self.left = self.right = wide / 2 + inset
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
        return Port(y, y + self.height, self.first, self.last)


def lines(pen: Pen, x: float, y: float, said: Sequence[str], full: Sequence[str]) -> None:
    """Captions under the name of a card whose corner is at `x`, `y`."""
    for line, (text, whole) in enumerate(zip(said, full, strict=True)):
        middle = y + HEAD + LINE * line + LINE / 2
        pen.caption(x + EDGE, middle, whole, width=text_width(text, measures.CAPTION) + 0.1)


def frame(pen: Pen, vertex: Vertex, front: Area) -> None:
    """The frame of a card, before two more where it stands for several."""
    for away in (2, 1, 0) if vertex.count > 1 else (0,):
        shift = away * measures.CARD
        size = (front.right - front.left, front.bottom - front.top, measures.FRAME_RADIUS)
        data: Data = ()
        if not away and vertex.members:
            counted = ("count", str(vertex.count))
            data = (("group", vertex.members[0]), ("last", vertex.members[-1]), counted)
        elif not away and vertex.stack and not vertex.brief:
            data = (("stack", vertex.holds[0]), ("count", str(vertex.count)))
        stands = () if away else (*vertex.members, *vertex.holds)
        pen.scene.add(
            Rect(front.left + shift, front.top + shift, *size, "background" if away else "band",
                 "frame-line", measures.BOX_LINE, vertex.training, data, stands)
        )  # fmt: skip


def title(pen: Pen, area: Area, name: str, full: str, beside: float) -> None:
    """The name of a card in its first line."""
    if name:
        room = area.right - area.left - EDGE - 2 - beside
        pen.name(area.left + EDGE, area.top + HEAD / 2 + 1, name, size=measures.NAME, width=room,
                 full=full)  # fmt: skip
