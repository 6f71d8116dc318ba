"""Where bars stand: a stair down to the right, then up; sizes give heights, channels widths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import log, sqrt

from cnnspec.draw.bars.hops import Bar, Bars, Hop
from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import text_width

GAP, WIDE, WIDEST = 7.6, 13.5, 24.0
"""From bar to bar on a row: the least, what is usual, the most on a wide page."""
LABEL = 8.8
"""What the channels over a bar take above it."""
SIGN = 3.4
"""Half of the circle of a sum."""
VAULT = 7.0
"""How far a vault rises over the channels of the bars that it goes over."""
HOOK, DEEPER = 4.5, 3.6
"""How far a hook goes down under bars, and each further one below it."""
_SUM = 9.0
"""What a sum on its row adds to the gap before it."""
_COPY = 15.0
"""The least way of a copy."""
_BETWEEN = 2.5
"""From the channels over one bar to those over the next."""
_BASE, _CHANNELS = 1.6, 256
"""The width of a bar without channels, and of how many channels the widest has at the least."""
BROADS = (14.4, 10.0, 6.4)
"""What the widest bar is wider than one without channels, and where there is less room."""
_LOW, _STEEP = 10.0, 2 / 3
"""The height of the lowest bar at the least; heights go with at most this power of sizes."""
_ROWS = 15.0
"""From the bars of a row to the channels over those of the next."""


def channels(bar: Bar) -> str:
    """What stands over a bar: `64`, or `64+64`."""
    return "+".join(map(str, bar.parts)) or str(bar.shape[0])


def size(bar: Bar) -> float:
    """The mean of height and width of a map."""
    return sqrt(bar.shape[1] * bar.shape[2])


@dataclass(slots=True)
class Places:
    """Gives all bars of a figure their places.

    `broad` is the width of the widest, `tall` the height of the largest map, `names` the room that
    what stands under outputs takes.
    """

    bars: Bars
    gap: float
    broad: float
    tall: float
    names: Mapping[int, float] = field(default_factory=dict)
    last: dict[int, Bar] = field(default_factory=dict)
    """What stands last on each row so far."""

    def place(self) -> None:
        """Sizes first, then columns, then rows."""
        self._sizes()
        self._columns()
        self._rows()

    def _sizes(self) -> None:
        bars = self.bars.all
        sizes = [size(bar) for bar in bars]
        most, ratio = max(sizes), max(sizes) / min(sizes)
        power = min(_STEEP, log(self.tall / _LOW) / log(ratio)) if ratio > 1 else 1.0
        widest = max(_CHANNELS, *(bar.shape[0] for bar in bars))
        for bar, its in zip(bars, sizes, strict=True):
            bar.height = round(2 * self.tall * (its / most) ** power) / 2
            bar.widths = tuple(self._width(count, widest) for count in bar.parts or bar.shape[:1])

    def _width(self, count: int, most: int) -> float:
        return round(20 * (_BASE + self.broad * sqrt(count / most))) / 20

    def _columns(self) -> None:
        line = self.bars.line
        for at, bar in enumerate(line):
            hop = self.bars.into(bar)
            if hop is None:
                bar.x = 0.0
            elif hop.way == "along":
                bar.x = line[at - 1].right + self._step(line[at - 1], bar)
            else:
                self._rise_or_fall(hop, line[at - 2] if at > 1 else None)
            self.last[bar.row] = bar
        for head in self.bars.heads:
            for bar in head:
                before = self.last[bar.row] if bar is head[0] else head[head.index(bar) - 1]
                begin = self.bars.into(bar)
                assert begin
                before = begin.start if begin.way == "along" else before
                bar.x = before.right + self._step(before, bar)
            if head[-1].right > self.last[head[-1].row].right:
                self.last[head[-1].row] = head[-1]

    def _rise_or_fall(self, hop: Hop, before: Bar | None) -> None:
        """Stand a bar straight below or above the one before, if there is room on its row."""
        start, bar = hop.start, hop.end
        want = start.centre - enters(bar)
        last = self.last.get(bar.row)
        least = last.right + max(self._step(last, bar), _COPY) if last else want
        short = max(least - want, 0.0)
        hop.bent = short > 0 and (before is None or before.row != start.row)
        if hop.bent:
            bar.x = max(least, start.right + 5 - enters(bar))
            return
        start.x += short
        bar.x = want + short

    def _step(self, one: Bar, two: Bar) -> float:
        """From the right edge of a bar to the left one of the next on its row."""
        said = sum(text_width(channels(bar), measures.LABEL) for bar in (one, two)) / 2
        if one.names and two.names:
            said = max(said, (self.names[id(one)] + self.names[id(two)]) / 2)
        summed = _SUM if two.sum else 0.0
        return max(self.gap + summed, said + _BETWEEN - (one.width + two.width) / 2)

    def _rows(self) -> None:
        """The middles of rows from the top down; every bar stands round that of its row."""
        rows = sorted({bar.row for bar in self.bars.line})
        y = LABEL
        for row in rows:
            on = [bar for bar in self.bars.all if bar.row == row]
            vaults = any(hop.way == "vault" and hop.end.row == row for hop in self.bars.hops)
            y += VAULT if vaults else 0
            high = max(bar.height for bar in on)
            for bar in on:
                bar.y = y + (high - bar.height) / 2
            y += high + _ROWS + LABEL + self._hooks(row)

    def _hooks(self, row: int) -> float:
        depths = [hop.depth for hop in self.bars.hops if hop.way == "hook" and hop.end.row == row]
        return HOOK + DEEPER * max(depths) if depths else 0.0


def enters(bar: Bar) -> float:
    """Where a bar is entered from above or below, from its left edge: a concat in its last part.

    That is its own, or the copied one where that comes late.
    """
    return bar.width - bar.widths[-1] / 2
