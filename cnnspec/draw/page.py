"""One net on one page: the columns it is folded into, its gutter, its key and its totals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cnnspec.draw import grid
from cnnspec.draw.errors import DrawError
from cnnspec.draw.fold import partition
from cnnspec.draw.frames import FrameBox
from cnnspec.draw.gutter import element_texts, gutter_width
from cnnspec.draw.key import footer, footer_height
from cnnspec.draw.measure import BandBox, Measurer
from cnnspec.draw.metrics import MIDDLE
from cnnspec.draw.pen import Pen
from cnnspec.draw.scene import Scene, Text
from cnnspec.draw.sheet import Sheet, branched, cell_rows, make_columns, shade_levels
from cnnspec.draw.track import Track, place
from cnnspec.draw.tree import Plan
from cnnspec.values import dims

_MARGIN, _FOLD, _STRETCH, _MODULES = 2.0, 14.0, 8.0, 2
_FIRST, _NEXT, _ENTER = 19.5, 17.0, 9.0
"""Top of the first column's first element, of the others', and of the wire that enters them."""


def compose(plan: Plan, width: float | None) -> Scene:
    """The figure of a plan in the given width, or in one column of print, else in two."""
    if not plan.parts:
        raise DrawError(f"{plan.name} has nothing to draw")
    for page in [width] if width else [grid.ONE_COLUMN, grid.TWO_COLUMNS]:
        layout = _best(plan, page)
        if layout is not None:
            return layout.draw()
    raise DrawError(_too_large(plan, width))


def _too_large(plan: Plan, width: float | None) -> str:
    if plan.level == "layer":
        return f"{plan.name} has too many layers for one page; draw it at level block"
    page = f"{(width or grid.TWO_COLUMNS) / 72:.1f} in"
    return f"{plan.name} does not fit on a page {page} wide and {grid.PAGE_HEIGHT / 72:.1f} in high"


def _best(plan: Plan, width: float) -> Layout | None:
    """The fewest columns that fit the page's height; wide pages take as many as fit the width."""
    for tight in (False, True):
        found = None
        for columns in range(1, 9):
            layout = Layout(plan, width, columns, tight)
            if layout.slack < 0:
                break
            if layout.height <= grid.PAGE_HEIGHT and (found is None or layout.height < found.height):
                found = layout
        if found is not None:
            return found
    return None


class Layout:
    """A plan measured for a page of `width` points and a number of columns."""

    def __init__(self, plan: Plan, width: float, columns: int, tight: bool) -> None:
        self.plan, self.width, self.tight = plan, width, tight
        strips = len(branched(plan.parts)) > _MODULES
        natural = make_columns(cell_rows(plan.parts, strips))
        self.sheet = Sheet(natural, shade_levels(plan.parts), strips)
        self.text = gutter_width(plan)
        self.room = (width - 2 * _MARGIN - _FOLD * (columns - 1)) / columns
        self._measure()
        if self.slack > 0:
            self._stretch()
        heights = [element.height for element in self.elements]
        self.runs = partition(heights, columns, grid.SPACE)

    def _measure(self) -> None:
        measurer = Measurer(self.sheet, self.tight)
        self.elements = [measurer.element(part) for part in self.plan.parts]
        self.left = max(element.left for element in self.elements)
        self.right = max(element.right for element in self.elements)
        self.framed = any(isinstance(element, BandBox | FrameBox) for element in self.elements)
        beside = grid.BAND + (9.5 if self.framed else 2)
        self.slack = self.room - (self.text + self.left + self.right + beside)

    def _stretch(self) -> None:
        """Give the cells a little of the room that is left."""
        more = min(self.slack, _STRETCH)
        columns = replace(self.sheet.columns, main=self.sheet.columns.main + more)
        self.sheet = replace(self.sheet, columns=columns)
        self._measure()

    @property
    def height(self) -> float:
        """The page's height, key and totals included, or a little more."""
        tallest = max(map(self._height, self.runs)) + (7 if len(self.runs) > 1 else 0)
        return _FIRST + tallest + footer_height(self.plan, self.sheet, self.width)

    def _height(self, run: range) -> float:
        return sum(self.elements[at].height + grid.SPACE for at in run) - grid.SPACE

    def track(self, column: int) -> Track:
        """Where the parts of a column stand."""
        spare = min(self.slack, 40.0)
        used = self.room - self.slack + spare
        pages = used * len(self.runs) + _FOLD * (len(self.runs) - 1)
        start = (self.width - pages) / 2 + column * (used + _FOLD)
        edge = start + grid.BAND + self.text
        give = spare / 2 if not self.framed else min(spare * 0.7, spare)
        axis = edge + give + self.left
        reach = start + used - (9.5 if self.framed else 2)
        return Track(start, start + used, start + grid.BAND, self.text, axis, edge, reach)

    def draw(self) -> Scene:
        """Place everything; the height is what came out."""
        plan = self.plan
        scene = Scene(self.width, 0, f"{plan.name}, {plan.level} level", _describe(plan))
        pen = Pen(scene)
        bottom = self._columns(pen)
        scene.height = footer(pen, plan, self.sheet, self.width, bottom)
        return scene

    def _columns(self, pen: Pen) -> float:
        """Draw column by column; returns the lowest point."""
        lowest, src, start = 0.0, self.plan.input, (0.0, 0.0)
        for index, run in enumerate(self.runs):
            track = self.track(index)
            y = _NEXT if index else _FIRST
            if not index:
                self._image(pen, track)
                start = (track.axis, 11.5)
            for order, at in enumerate(run):
                element = self.elements[at]
                port = place(pen, track, element, y, src)
                ends = (("src", src), ("dst", port.first))
                way = [start, (track.axis, port.top)]
                if index and not order:
                    way = self._around(start, track, port.top, low)
                pen.wire(way, arrow=port.arrow, data=ends)
                element_texts(pen, track, self.plan.parts[at], element, y)
                start, src = (track.axis, port.bottom), port.last
                y += element.height + grid.SPACE
            low = y - grid.SPACE + 7
            lowest = max(lowest, low - 7 if index == len(self.runs) - 1 else low)
        return lowest

    def _around(
        self, start: tuple[float, float], track: Track, top: float, low: float
    ) -> list[tuple[float, float]]:
        """From the foot of a column through the gutter to the head of the next."""
        middle = track.start - _FOLD / 2
        return [
            start,
            (start[0], low),
            (middle, low),
            (middle, _ENTER),
            (track.axis, _ENTER),
            (track.axis, top),
        ]

    def _image(self, pen: Pen, track: Track) -> None:
        size, middle = grid.NAME, 7.0
        name = self.plan.input
        pen.scene.add(Text(track.axis, middle + MIDDLE * size, name, size, True, anchor="middle"))
        shape = dims(self.plan.shape).replace("x", "×")
        pen.name(track.text, middle, shape, size=grid.CAPTION, width=track.room, muted=True)


def _describe(plan: Plan) -> str:
    """A sentence for readers who do not see the picture."""
    said = f"{plan.name} drawn at level {plan.level}, from {plan.input} down; {plan.total}."
    names: Sequence[str] = plan.hidden[:20]
    more = " and more" if len(plan.hidden) > 20 else ""
    return said + (f" Without a box of their own: {', '.join(names)}{more}." if names else "")
