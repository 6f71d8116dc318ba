"""One net on one page: measured in columns, then drawn with gutter, key and totals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from cnnspec.draw.block.box import RowBox
from cnnspec.draw.block.boxmaker import BandBox, Measurer, strips_width
from cnnspec.draw.block.closedbox import closed_width
from cnnspec.draw.block.columns import partition
from cnnspec.draw.block.framebox import FrameBox
from cnnspec.draw.block.gutter import element_texts, gutter_width, headed_room, shape_text
from cnnspec.draw.block.heads import Heads, holders
from cnnspec.draw.block.key import footer, footer_height
from cnnspec.draw.block.look import Sheet, branched, cell_rows, make_columns, shade_levels, stages
from cnnspec.draw.block.skipbox import lane_width
from cnnspec.draw.block.strip import Track, place
from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import shorten, text_width
from cnnspec.draw.page.pen import Pen, Point
from cnnspec.draw.page.scene import Scene
from cnnspec.draw.parts.parts import Head, Plan, Shades, Split, walk

_MARGIN, _STRETCH, _MODULES, _NEAR = 2.0, 8.0, 2, 1.0
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
    """A plan measured for a page of `width` points and a number of columns.

    `headed`: the names of stages stand over their blocks, not in a gutter beside them.
    """

    def __init__(
        self, plan: Plan, width: float, columns: int, tight: bool, headed: bool = False
    ) -> None:
        self.plan, self.width, self.tight, self.headed = plan, width, tight, headed
        strips = plan.level != "layer" and len(branched(plan.parts)) > _MODULES
        space = measures.SNUG if headed else measures.ROOM
        natural = make_columns(cell_rows(plan.parts, strips), space.inset)
        lane = lane_width(plan.parts, space.inset)
        strip = strips_width(plan.parts) if strips else 0
        closed = closed_width(plan.parts)
        levels, told = plan.shades or Shades(shade_levels(plan.parts))
        staged = bool(stages(plan.parts))
        self.sheet = Sheet(natural, levels, strips, staged, lane, strip, closed, space, told)
        self.text = 0.0 if headed else gutter_width(plan)
        self.holders = holders(plan)
        self._measure(columns)
        if self.slack > 0:
            self._stretch(columns)

    def narrowed(self) -> Layout:
        """The same on a page no wider than one column of elements needs."""
        if len(self.runs) > 1 or self.width <= measures.ONE_COLUMN:
            return self
        return Layout(self.plan, self.width - max(self.slack - 8, 0), 1, self.tight)

    def _measure(self, columns: int) -> None:
        measurer = Measurer(self.sheet, self.tight, self.headed)
        self.elements = [measurer.element(part) for part in self.plan.parts]
        self.framed = any(isinstance(element, BandBox | FrameBox) for element in self.elements)
        heights = [element.height for element in self.elements]
        self.runs = partition(heights, columns, measures.SPACE)
        self.asides = [Heads(heads, measurer) for heads in self._heads()]
        self.own = False
        self.slack = self._room_left()
        if self.slack < 0:
            self.own = True
            self.slack = self._room_left()

    def _room_left(self) -> float:
        """What every column has to spare; `own`: columns are as wide as they need to be."""
        self.reaches = [self._reach(run) for run in self.runs]
        used = sum(map(self._used, range(len(self.runs))))
        apart = self.sheet.space.fold * (len(self.runs) - 1)
        return (self.width - 2 * _MARGIN - apart - used) / len(self.runs)

    def _heads(self) -> list[list[Head]]:
        """The heads that stand beside each column."""
        out: list[list[Head]] = [[] for _ in self.runs]
        for head, at in zip(self.plan.heads, self.holders, strict=True):
            out[next((i for i, run in enumerate(self.runs) if at in run), 0)].append(head)
        return out

    def _reach(self, run: range) -> tuple[float, float]:
        """Room left and right of the axis: bands beside a gutter are of one width."""
        shown = [self.elements[at] for at in run] if self.own else self.elements
        left = max(element.left for element in shown)
        if self.headed:
            parts = [self.plan.parts[at] for at in run] if self.own else self.plan.parts
            texts = zip(parts, shown, strict=True)
            left = max(left, *(headed_room(part, element) for part, element in texts))
        return left, max(element.right for element in shown)

    def _used(self, column: int) -> float:
        """The least width of a column with the heads beside it."""
        beside = measures.BAND + (9.5 if self.framed else 2) + self.asides[column].width
        return self.text + sum(self.reaches[column]) + beside

    def _stretch(self, columns: int) -> None:
        """Give the cells a little of the room that is left."""
        more = min(self.slack, _STRETCH if self.framed else 3 * _STRETCH)
        cells = replace(self.sheet.columns, main=self.sheet.columns.main + more)
        self.sheet = replace(self.sheet, columns=cells)
        self._measure(columns)

    @property
    def lone(self) -> bool:
        """Whether a column has a single row, which looks lost beside the others."""
        alone = (self.elements[run[0]] for run in self.runs if len(run) == 1)
        return len(self.runs) > 1 and any(isinstance(element, RowBox) for element in alone)

    @property
    def height(self) -> float:
        """The page's height, key and totals included, or a little more."""
        tallest = max(map(self._tall, range(len(self.runs))))
        tallest += _LEAVE if len(self.runs) > 1 else 0
        return _FIRST + tallest + footer_height(self.plan, self.sheet, self.width)

    def _height(self, run: range) -> float:
        return sum(self.elements[at].height + measures.SPACE for at in run) - measures.SPACE

    def _tall(self, column: int) -> float:
        """The height of a column with the heads beside it."""
        run = self.runs[column]
        taps = [self._height(range(run.start, at + 1)) for at in self.holders if at in run]
        return max(self._height(run), self.asides[column].reach(taps) - _FIRST + measures.ROW)

    def track(self, column: int) -> Track:
        """Where the parts of a column stand."""
        spare = min(self.slack, 40.0) if self.width > measures.ONE_COLUMN else self.slack
        wide = [self._used(index) + spare for index in range(len(self.runs))]
        pages = sum(wide) + self.sheet.space.fold * (len(self.runs) - 1)
        start = (self.width - pages) / 2 + sum(wide[:column]) + column * self.sheet.space.fold
        used = wide[column] - self.asides[column].width
        edge = start + measures.BAND + self.text
        give = spare / 2 if not self.framed else self._give(spare)
        axis = edge + give + self.reaches[column][0]
        reach = start + used - (9.5 if self.framed else 2)
        left = start + (_NEAR if self.headed else measures.BAND)
        room = self.text or axis - self.sheet.columns.left - left - 2
        return Track(start, start + used, left, room, axis, edge, reach, self.headed)

    def _give(self, spare: float) -> float:
        """How much of the spare room lies left of the cells: beside skips most of it."""
        if any(isinstance(part, Split) for part in walk(self.plan.parts)):
            return spare * 0.7
        return min(spare, (spare + measures.FRAME_RIGHT - measures.FRAME_LEFT) / 2)

    def draw(self) -> Scene:
        """Place everything; the height is what came out."""
        plan = self.plan
        scene = Scene(self.width, 0, f"{plan.name}, {plan.level} level", _describe(plan))
        pen = Pen(scene)
        pen.counts = plan.counts
        bottom = self._columns(pen)
        scene.height = footer(pen, plan, self.sheet, self.width, bottom)
        scene.shades = self.sheet.levels
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
                y += self.elements[at].height + measures.SPACE
            last = index == len(self.runs) - 1
            beside = self.asides[index].place(pen, track)
            low = max(y - measures.SPACE, beside - _LEAVE + measures.BAND) + _LEAVE
            lowest = max(lowest, beside, y - measures.SPACE if last else low)
            foot, y = foot._replace(low=low), _NEXT
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
        middle, enter = track.start - self.sheet.space.fold / 2, y - _ENTER
        way = [(foot.x, foot.low), (middle, foot.low), (middle, enter), (track.axis, enter)]
        return [foot.point, *way]

    def _image(self, pen: Pen, track: Track) -> None:
        """The input's name over the trunk, its shape in the gutter."""
        size, middle = measures.NAME, 7.0
        shape = shape_text(self.plan.shape)
        room = text_width(shape, measures.CAPTION) + 0.1
        pen.name(track.text, middle, shape, size=measures.CAPTION, width=room, muted=True)
        taken = track.text + text_width(shape, measures.CAPTION) + 4
        room = 2 * min(track.axis - taken, self.width - track.axis - 4)
        entry = self.plan.entry or self.plan.input
        name = shorten(entry, size, room, bold=True)
        at = track.axis - text_width(name, size, bold=True) / 2
        pen.name(at, middle, entry, size=size, width=room, stands=(self.plan.input,))


def _describe(plan: Plan) -> str:
    """A sentence for readers who do not see the picture."""
    said = f"{plan.name} drawn at level {plan.level}, from {plan.input} down; {plan.total}."
    names: Sequence[str] = plan.hidden[:20]
    more = " and more" if len(plan.hidden) > 20 else ""
    return said + (f" Without a box of their own: {', '.join(names)}{more}." if names else "")
