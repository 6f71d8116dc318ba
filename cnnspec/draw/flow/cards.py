"""The card of a closed call: a frame with a name, and what it holds or words for that."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from math import ceil

from cnnspec.draw.block.box import Box, RowBox, link
from cnnspec.draw.block.repeatbadge import badge, badge_width
from cnnspec.draw.flow.bodies import BEHIND, EDGE, HEAD, LINE, NAME_MOST
from cnnspec.draw.flow.body import Body
from cnnspec.draw.flow.quotient import Vertex
from cnnspec.draw.flow.rowboxes import NotesBox, RunBox
from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import shorten, text_width
from cnnspec.draw.page.pen import Pen
from cnnspec.draw.page.scene import Area, Data, Rect, Scene

_ROWS = 5.0
"""Between rows with no fork among them."""
_BRIEF = 12.0
"""The height of a card that has a name alone."""


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
