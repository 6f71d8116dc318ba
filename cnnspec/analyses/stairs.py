"""Where the field of output pixel y begins, or ends, as a function of y: a staircase that repeats.

Behind windows it is a line, `stride * y + start`.  Where a map grows, several output pixels stand
on one pixel, and which of them is asked for (its phase) decides what a window behind them sees.  So
the function is f(y + period) = f(y) + advance, known from the jumps of one period: its cost depends
on the layers and not on the sizes of maps.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import gcd, lcm
from typing import Final, NamedTuple

from cnnspec.ops.reach import Pixel

Pixels = int | Fraction
"""Distances in input pixels; a map that grew has a fraction of one for its step."""
Pick = Callable[[Sequence[Pixels]], Pixels]
"""`min` for where fields begin, `max` for where they end."""

JUMPS_MAX: Final = 4096
"""A staircase of more jumps (arms that shrink and grow by many primes) becomes a line beyond it:
such a field is at least as large as the true one."""

_SAME = Pixel()


class Stairs(NamedTuple):
    """f(y) is the last of `heights` whose place in `starts` is not behind y, within one period.

    `starts` ascend from 0 to below `period`; before the first of them the last one of the period
    before holds.
    """

    period: int
    advance: Pixels
    starts: tuple[int, ...]
    heights: tuple[Pixels, ...]

    @property
    def slope(self) -> Pixels:
        """Input pixels for one output pixel, in the mean."""
        return self.advance if self.period == 1 else _whole(Fraction(self.advance) / self.period)

    def at(self, y: int) -> Pixels:
        """f(y)."""
        turns, rest = divmod(y, self.period)
        index = bisect_right(self.starts, rest) - 1
        return self.heights[index] + self.advance * (turns if index >= 0 else turns - 1)

    def through(self, pixel: Pixel, pick: Pick) -> Stairs:
        """f(floor((factor * y + shift) / divisor)): one layer more behind f."""
        factor, shift, divisor = pixel
        if pixel == _SAME:
            return self
        if self.period == 1 and divisor == 1:
            height = self.heights[0] + self.advance * shift
            return Stairs(1, self.advance * factor, (0,), (height,))
        period = divisor * self.period // gcd(factor, divisor * self.period)
        turns = factor * period // (divisor * self.period)
        if self.period > 1 and min(len(self.starts) * turns, period) > JUMPS_MAX:
            return self.line(pick).through(pixel, pick)
        if period <= len(self.starts) * turns:
            heights = [self.at((factor * y + shift) // divisor) for y in range(period)]
            return _stairs(period, self.advance * turns, range(period), heights)
        return self._moved(pixel, period, turns)

    def _moved(self, pixel: Pixel, period: int, turns: int) -> Stairs:
        """The jumps within `turns` periods, moved to the output pixels that they fall on."""
        advance = self.advance * turns
        found: dict[int, Pixels] = {}
        for turn in range(turns):
            for start, height in zip(self.starts, self.heights, strict=True):
                place = pixel.divisor * (start + turn * self.period) - pixel.shift
                ahead, y = divmod(-(-place // pixel.factor), period)
                height += turn * self.advance - ahead * advance
                found[y] = max(found.get(y, height), height)
        starts = sorted(found)
        return _stairs(period, advance, starts, [found[y] for y in starts])

    def line(self, pick: Pick) -> Stairs:
        """The line that no step is beyond, below for `min` and above for `max`."""
        slope = Fraction(self.advance) / self.period
        places = self.starts
        if pick is min:
            places = tuple(start - 1 for start in (*self.starts[1:], self.starts[0] + self.period))
        ends = [h - slope * y for h, y in zip(self.heights, places, strict=True)]
        return Stairs(1, slope, (0,), (pick(ends),))

    def places(self, period: int) -> list[int]:
        """The jumps within so many pixels, a multiple of its own period."""
        return [s + turn for turn in range(0, period, self.period) for s in self.starts]


def joint(stairs: Sequence[Stairs], pick: Pick) -> Stairs:
    """The lowest (or highest) of staircases of one slope."""
    first = stairs[0]
    if all(one == first for one in stairs):
        return first
    stairs = fine(stairs, [pick] * len(stairs))
    period = lcm(*(one.period for one in stairs))
    starts = sorted({y for one in stairs for y in one.places(period)})
    heights = [pick([one.at(y) for one in stairs]) for y in starts]
    return _stairs(period, stairs[0].advance * (period // stairs[0].period), starts, heights)


def fine(stairs: Sequence[Stairs], picks: Sequence[Pick]) -> list[Stairs]:
    """The staircases themselves, or their lines where together they have too many jumps."""
    period = lcm(*(one.period for one in stairs))
    if sum(len(one.starts) * (period // one.period) for one in stairs) <= JUMPS_MAX:
        return list(stairs)
    return [one.line(pick) for one, pick in zip(stairs, picks, strict=True)]


def _stairs(
    period: int, advance: Pixels, starts: Sequence[int], heights: Sequence[Pixels]
) -> Stairs:
    """A staircase without the places where nothing changes."""
    before = [heights[-1] - advance, *heights]
    jumps = [i for i, height in enumerate(heights) if height != before[i]]
    return Stairs(
        period, advance, tuple(starts[i] for i in jumps), tuple(heights[i] for i in jumps)
    )


def _whole(pixels: Fraction) -> Pixels:
    return int(pixels) if pixels.denominator == 1 else pixels
