"""Bars, arrows and what stands beside them as shapes; the key is in foot.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from cnnspec.draw.bars.hops import Bar, Bars, Hop
from cnnspec.draw.bars.places import LABEL, SIGN, channels
from cnnspec.draw.bars.routes import route, sign_of
from cnnspec.draw.bars.words import Look, Words
from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import MIDDLE, text_width
from cnnspec.draw.page.pen import Pen, Point
from cnnspec.draw.page.scene import Area, Data, Path, Rect, Text
from cnnspec.draw.parts.paths import listed

_ALONG, _STEEP, _ACROSS = 0.9, 1.2, 1.6
"""The widths of arrows on a row, between rows, and of copies across."""
_OVER = 2.6
"""From a bar to the channels over it."""
_ROUND = 0.8
_LOW = 17.0
"""Between bars that are lower a number has no place under the channels."""


class Painter:
    """Puts the bars and arrows of a figure into a scene."""

    def __init__(self, bars: Bars, words: Words, pen: Pen) -> None:
        self.bars, self.words, self.pen, self.scene = bars, words, pen, pen.scene

    def paint(self) -> None:
        """Arrows first, then bars with their channels."""
        for hop in self.bars.hops:
            self._hop(hop)
        for fall, rise, pool, at in self.bars.places:
            self._taken(fall, rise, pool, at)
        for bar in self.bars.all:
            self._bar(bar)

    def _paths(self, steps: Iterable[int]) -> tuple[str, ...]:
        return tuple(path for at in steps for path in self.bars.flow.steps[at].row.paths)

    def _ends(self, source: int, ops: Sequence[int], target: int) -> tuple[Data, tuple[str, ...]]:
        """What an arrow says of the net: the layers at its ends and those on it."""
        steps, riding = self.bars.flow.steps, self._paths(ops)
        data: Data = (("src", steps[source].row.paths[-1]), ("dst", steps[target].row.paths[0]))
        return data + ((("via", listed(riding)),) if riding else ()), riding

    def _hop(self, hop: Hop) -> None:
        data, riding = self._ends(hop.start.steps[-1], hop.ops, hop.end.steps[0])
        kind = self.words.of(hop)
        points, (colour, style) = route(hop), kind.look
        head, dash = 1.25 if style == "thick" else 1.0, style == "dash"
        self.pen.wire(
            points, head=head, line=line_of(kind.look), colour=colour, dash=dash, data=data,
            stands=riding,
        )  # fmt: skip
        if number := self.words.numbers.get(kind, ""):
            self._number(points, number, colour, under=_is_low(hop, points, number))

    def _number(self, points: Sequence[Point], number: str, colour: str, *, under: bool) -> None:
        """Over the longest level stretch of an arrow, or beside its longest upright one.

        Before one that goes up: sizes stand behind it; `under` one between low bars.
        """
        (x0, y0), (x1, y1) = max(pairwise(points), key=_long)
        size = measures.CAPTION
        x, y = (x0 + x1) / 2, (y0 + y1) / 2
        if y0 == y1:
            y += _OVER + 0.73 * size - 0.4 if under else -2.2
            place = Text(x, y, number, size, True, colour, "middle")
        else:
            place = Text(x + 2.2, y + MIDDLE * size, number, size, True, colour)
            if y1 < y0:
                place = replace(place, x=x - 2.2, anchor="end")
        self.scene.add(place)

    def _taken(self, fall: Hop, rise: Hop, pool: int, at: int) -> None:
        """The places of maxima: from the arrow of a pool to that of who takes them."""
        data, _ = self._ends(pool, (), at)
        down, up = route(fall), route(rise)
        y = (max(down[0][1], up[-1][1]) + min(down[-1][1], rise.start.y - LABEL)) / 2
        points = [(down[-1][0] + 1, y), (up[-1][0] - 1, y)]
        self.pen.wire(points, line=_ALONG, colour="level", dash=True, data=data)

    def _bar(self, bar: Bar) -> None:
        steps = [self.bars.flow.steps[at] for at in bar.steps]
        paths = self._paths(bar.steps)
        data: Data = (("op", listed(paths)),)
        data += tuple(("output", name) for name in bar.names[:1])
        with self.scene.group("box", paths, steps[0].row.layer.span.line):
            self._box(bar, data, paths)
            self.scene.add(
                Text(bar.centre, bar.y - _OVER, channels(bar), measures.LABEL, anchor="middle")
            )
            if bar.sum:
                self._sum(bar)

    def _box(self, bar: Bar, data: Data, paths: tuple[str, ...]) -> None:
        """The bar itself, and dashed beside it what is copied to it."""
        fill, stroke = self._paint(bar)
        x, copied = bar.x, -1
        if bar.parts:
            copied = 1 if bar.late else 0
        for at, wide in enumerate(bar.widths):
            dash = at == copied
            place = (x, bar.y, wide, bar.height, _ROUND, "background" if dash else fill, stroke)
            own = () if dash else data
            self.scene.add(Rect(*place, measures.BOX_LINE, dash=dash, data=own, stands=paths))
            x += wide

    def _paint(self, bar: Bar) -> tuple[str, str]:
        """The roles of a bar's ground and of its outline."""
        if bar.names:
            return "linear", "linear-line"
        step = self.bars.flow.steps[bar.steps[0]]
        return ("cell", "cell-line") if step.kind == "input" else ("conv1", "conv-line")

    def _sum(self, bar: Bar) -> None:
        into = self.bars.into(bar)
        x, y = sign_of(bar, on_row=into is not None and into.way == "along")
        self.pen.circle(Area(x - SIGN, y - SIGN, x + SIGN, y + SIGN))
        self.pen.sign((x, y), bar.sum)
        if x + SIGN < bar.x:
            way = (("M", (x + SIGN, y)), ("L", (bar.x, y)))
            self.scene.add(Path(way, stroke="wire", line=measures.WIRE))


def _is_low(hop: Hop, points: Sequence[Point], number: str) -> bool:
    """Whether a number over an arrow on a row would stand on the channels over its bars."""
    if hop.way != "along" or hop.start.height >= _LOW:
        return False
    half = text_width(number, measures.CAPTION, bold=True) / 2 + 0.3
    middle = (points[0][0] + points[-1][0]) / 2
    one, two = (text_width(channels(bar), measures.LABEL) / 2 for bar in (hop.start, hop.end))
    return middle - half < hop.start.centre + one or hop.end.centre - two < middle + half


def line_of(look: Look) -> float:
    """The width of an arrow's line."""
    if look.style == "thick":
        return _ACROSS
    return _STEEP if look.colour in ("fall", "rise") else _ALONG


def _long(bit: tuple[Point, Point]) -> float:
    (x0, y0), (x1, y1) = bit
    return abs(x0 - x1) + abs(y0 - y1)
