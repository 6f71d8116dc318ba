"""One net on one page: measured in columns, then drawn with gutter, key and totals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from cnnspec.draw import grid
from cnnspec.draw.closed import closed_width
from cnnspec.draw.fold import partition
from cnnspec.draw.frames import FrameBox
from cnnspec.draw.gutter import element_texts, gutter_width, shape_text
from cnnspec.draw.heads import Heads
from cnnspec.draw.key import footer, footer_height
from cnnspec.draw.measure import BandBox, Measurer, strips_width
from cnnspec.draw.metrics import shorten, text_width
from cnnspec.draw.pen import Pen, Point
from cnnspec.draw.scene import Scene
from cnnspec.draw.sheet import Sheet, branched, cell_rows, make_columns, shade_levels
from cnnspec.draw.skips import lane_width
from cnnspec.draw.track import Track, place
from cnnspec.draw.tree import Plan, Split, walk

_MARGIN, _FOLD, _STRETCH, _MODULES = 2.0, 14.0, 8.0, 2
_FIRST, _NEXT = 19.5, 17.0
"""Top of the first column's first element, and of the others'."""
_LEAVE, _ENTER = 7.0, 8.0
"""How far below a column and above the next one the wire between them runs."""


class Foot(NamedTuple):
    """Where the trunk has come to: a point, the path of the layer there, the column's end."""

    x: float
    y: float
    path: str
    low: float = 0

    @property
    def point(self) -> Point:
        """Where the next wire begins."""
        return self.x, self.y


class Layout:
    """A plan measured for a page of `width` points and a number of columns."""

    def __init__(self, plan: Plan, width: float, columns: int, tight: bool) -> None:
        self.plan, self.width, self.tight = plan, width, tight
        strips = len(branched(plan.parts)) > _MODULES
        natural = make_columns(cell_rows(plan.parts, strips))
        lane = lane_width(plan.parts)
        strip = strips_width(plan.parts) if strips else 0
        closed = closed_width(plan.parts)
        self.sheet = Sheet(natural, shade_levels(plan.parts), strips, lane, strip, closed)
        self.text = gutter_width(plan)
        self.room = (width - 2 * _MARGIN - _FOLD * (columns - 1)) / columns
        self._measure()
        if self.slack > 0:
            self._stretch()
        heights = [element.height for element in self.elements]
        self.runs = partition(heights, columns, grid.SPACE)

    def narrowed(self) -> Layout:
        """The same on a page no wider than one column of elements needs."""
        if len(self.runs) > 1 or self.width <= grid.ONE_COLUMN:
            return self
        return Layout(self.plan, self.width - max(self.slack - 8, 0), 1, self.tight)

    def _measure(self) -> None:
        measurer = Measurer(self.sheet, self.tight)
        self.elements = [measurer.element(part) for part in self.plan.parts]
        self.left = max(element.left for element in self.elements)
        self.right = max(element.right for element in self.elements)
        self.framed = any(isinstance(element, BandBox | FrameBox) for element in self.elements)
        self.aside = Heads(self.plan.heads, measurer)
        beside = grid.BAND + (9.5 if self.framed else 2) + self.aside.width
        self.slack = self.room - (self.text + self.left + self.right + beside)

    def _stretch(self) -> None:
        """Give the cells a little of the room that is left."""
        more = min(self.slack, _STRETCH if self.framed else 3 * _STRETCH)
        columns = replace(self.sheet.columns, main=self.sheet.columns.main + more)
        self.sheet = replace(self.sheet, columns=columns)
        self._measure()

    @property
    def height(self) -> float:
        """The page's height, key and totals included, or a little more."""
        tallest = max(map(self._height, self.runs)) + (_LEAVE if len(self.runs) > 1 else 0)
        return _FIRST + tallest + footer_height(self.plan, self.sheet, self.width)

    def _height(self, run: range) -> float:
        return sum(self.elements[at].height + grid.SPACE for at in run) - grid.SPACE

    def track(self, column: int) -> Track:
        """Where the parts of a column stand."""
        spare = min(self.slack, 40.0) if self.width > grid.ONE_COLUMN else self.slack
        used = self.room - self.slack + spare - self.aside.width
        pages = used * len(self.runs) + _FOLD * (len(self.runs) - 1) + self.aside.width
        start = (self.width - pages) / 2 + column * (used + _FOLD)
        edge = start + grid.BAND + self.text
        give = spare / 2 if not self.framed else self._give(spare)
        axis = edge + give + self.left
        reach = start + used - (9.5 if self.framed else 2)
        return Track(start, start + used, start + grid.BAND, self.text, axis, edge, reach)

    def _give(self, spare: float) -> float:
        """How much of the spare room lies left of the cells: beside skips most of it."""
        if any(isinstance(part, Split) for part in walk(self.plan.parts)):
            return spare * 0.7
        return min(spare, (spare + grid.FRAME_RIGHT - grid.FRAME_LEFT) / 2)

    def draw(self) -> Scene:
        """Place everything; the height is what came out."""
        plan = self.plan
        scene = Scene(self.width, 0, f"{plan.name}, {plan.level} level", _describe(plan))
        pen = Pen(scene)
        pen.counts = plan.counts
        bottom = self._columns(pen)
        if self.aside.boxes:
            bottom = max(bottom, self.aside.place(pen, self.track(0)))
        scene.height = footer(pen, plan, self.sheet, self.width, bottom)
        return scene

    def _columns(self, pen: Pen) -> float:
        """Draw column by column; returns the lowest point."""
        first = self.track(0)
        self._image(pen, first)
        foot = Foot(first.axis, 11.5, self.plan.input)
        pen.taps.update(dict.fromkeys(("", self.plan.input), (first.axis, 14.2)))
        y, lowest = _FIRST, 0.0
        for index, run in enumerate(self.runs):
            track = self.track(index)
            for at in run:
                start = self._around(foot, track, y) if index and at == run[0] else [foot.point]
                foot = self._element(pen, track, at, y, start, foot.path)
                y += self.elements[at].height + grid.SPACE
            last = index == len(self.runs) - 1
            lowest = max(lowest, y - grid.SPACE + (0 if last else _LEAVE))
            foot, y = foot._replace(low=y - grid.SPACE + _LEAVE), _NEXT
        return lowest

    def _element(
        self, pen: Pen, track: Track, at: int, y: float, start: list[Point], src: str
    ) -> Foot:
        """Draw an element at `y`, the wire into it from `start`, and what the gutter says."""
        element = self.elements[at]
        port = place(pen, track, element, y, src)
        ends = (("src", src), ("dst", port.first))
        pen.wire([*start, (track.axis, port.top)], arrow=port.arrow, data=ends)
        element_texts(pen, track, self.plan.parts[at], element, y)
        return Foot(track.axis, port.bottom, port.last)

    def _around(self, foot: Foot, track: Track, y: float) -> list[Point]:
        """From the foot of a column through the gutter to above the next."""
        middle, enter = track.start - _FOLD / 2, y - _ENTER
        way = [(foot.x, foot.low), (middle, foot.low), (middle, enter), (track.axis, enter)]
        return [foot.point, *way]

    def _image(self, pen: Pen, track: Track) -> None:
        """The input's name over the trunk, its shape in the gutter."""
        size, middle = grid.NAME, 7.0
        shape = shape_text(self.plan.shape)
        pen.name(track.text, middle, shape, size=grid.CAPTION, width=track.room, muted=True)
        taken = track.text + text_width(shape, grid.CAPTION) + 4
        room = 2 * min(track.axis - taken, self.width - track.axis - 4)
        name = shorten(self.plan.input, size, room, bold=True)
        at = track.axis - text_width(name, size, bold=True) / 2
        pen.name(at, middle, self.plan.input, size=size, width=room)


def _describe(plan: Plan) -> str:
    """A sentence for readers who do not see the picture."""
    said = f"{plan.name} drawn at level {plan.level}, from {plan.input} down; {plan.total}."
    names: Sequence[str] = plan.hidden[:20]
    more = " and more" if len(plan.hidden) > 20 else ""
    return said + (f" Without a box of their own: {', '.join(names)}{more}." if names else "")
