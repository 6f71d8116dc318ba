"""Where the stacks of a net stand on a page, and what stands under them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf, sqrt

from cnnspec.draw.styles.feet import Foot, feet
from cnnspec.draw.styles.looks import Looks
from cnnspec.draw.styles.stacks import stacks
from cnnspec.draw.styles.volume import RIGHT, Volume

_EDGE, _BETWEEN = 5.0, 4.0
"""The page's margin, from label to label."""
_GAP, _BREAK, _MOST = 9.0, 14.0, 40.0
"""Between stacks at least; where the next is not made from the one before; what is added at most.
"""
_CHANNEL, _SHARE = 2.6, 0.4
"""Points for the root of a channel at most, and the part of a page that all maps take."""


@dataclass(frozen=True, slots=True)
class Page:
    """How large a figure is tried: the page's width, on how many tiers labels stand in turn, and
    how much smaller than it would like to be.
    """

    width: float
    tiers: int = 1
    shrunk: float = 1.0


@dataclass(frozen=True, slots=True)
class Stacked:
    """What is drawn, on whatever page: `feet` are the labels of each stack, from left to right."""

    found: list[Volume]
    looks: Looks
    runs: list[list[int]]
    feet: list[list[Foot]]


def stacked(found: list[Volume], labels: Mapping[str, str]) -> Stacked:
    """The volumes in stacks, with their colours and with what stands under them."""
    looks, runs = Looks(found), stacks(found)
    return Stacked(found, looks, runs, feet(found, runs, looks, labels))


class StackLayout:
    """Volumes scaled and spread over a page; `run` is the stack of a volume."""

    def __init__(self, shown: Stacked, page: Page) -> None:
        self.found, self.runs, self.page = shown.found, shown.runs, page
        self.feet = shown.feet
        self.run = {index: number for number, run in enumerate(self.runs) for index in run}
        self._scale()
        self._place()
        self.lefts = [self.found[run[0]].x for run in self.runs]

    @property
    def fits(self) -> bool:
        """Whether all labels and volumes have room on the page."""
        return self.slack >= 0

    def right(self, number: int) -> float:
        """Where a stack ends."""
        return max(self.found[index].right for index in self.runs[number])

    def _scale(self) -> None:
        """Edges in proportion to roots."""
        width = self.page.width
        high = (66.0 if width > 400 else 46.0) * self.page.shrunk
        maps = [volume for volume in self.found if volume.is_map]
        vectors = [volume.shape[0] for volume in self.found if volume.is_vector]
        largest = max((max(volume.shape[1:]) for volume in maps), default=1)
        roots = sum(sqrt(volume.shape[0]) for volume in maps)
        share = _SHARE * (1 + self.page.shrunk) / 2
        channel = min(_CHANNEL, share * width / roots) if roots else _CHANNEL
        vector = 0.75 * high / sqrt(max(vectors, default=1))
        for volume in self.found:
            volume.scale(high / sqrt(largest), channel, vector)

    def _place(self) -> None:
        """Every stack as far left as it can stand, then the slack between them."""
        ends = [0.0] * self.page.tiers
        right, tier = -_GAP, 0
        for number, (run, own) in enumerate(zip(self.runs, self.feet, strict=True)):
            offsets = self._offsets(run, own)
            left = max(right + self._gap(number), 0.0)
            for foot, offset in zip(own[:1], offsets, strict=False):
                left = max(left, ends[tier] + foot.width / 2 - offset)
            self._stand(run, left)
            for foot, offset in zip(own, offsets, strict=True):
                foot.centre, foot.tier = left + offset, tier
            if own:
                ends[tier] = own[-1].centre + own[-1].width / 2 + _BETWEEN
                tier = (tier + 1) % self.page.tiers
            right = self.right(number)
        self.slack = self.page.width - 2 * _EDGE - max(right, *(end - _BETWEEN for end in ends))
        self._spread()

    def _gap(self, number: int) -> float:
        """The least room before a stack."""
        first = self.runs[number][0]
        gap = _GAP if first - 1 in self.found[first].feeds else _BREAK
        return max(gap * self.page.shrunk, _GAP * 0.6)

    def _offsets(self, run: Sequence[int], own: Sequence[Foot]) -> list[float]:
        """From the left of a stack to the middles of its labels, which stand side by side."""
        found: list[float] = []
        for at, foot in enumerate(own):
            offset = self._offset(run, foot)
            if at:
                apart = (own[at - 1].width + foot.width) / 2 + _BETWEEN
                offset = max(offset, found[-1] + apart)
            found.append(offset)
        return found

    def _offset(self, run: Sequence[int], foot: Foot) -> float:
        """From the left of a stack to the middle of a label: that of the fronts over it."""
        x, middle = 0.0, 0.0
        for index in run:
            volume = self.found[index]
            if index == foot.volumes[0]:
                middle = x
            x += volume.width
            if index == foot.volumes[-1]:
                lean = 0.25 * RIGHT * volume.depth if volume.stop.row else 0.0
                return (middle + x) / 2 + lean
        return x

    def _stand(self, run: Sequence[int], left: float) -> None:
        for index in run:
            self.found[index].x = left
            left += self.found[index].width

    def _spread(self) -> None:
        """Share the slack among the gaps, so that the page is full."""
        share = max(self.slack, 0) / max(len(self.runs) - 1, 1)
        share = min(share, _MOST)
        begin = _EDGE + (max(self.slack, 0) - share * (len(self.runs) - 1)) / 2
        for index, volume in enumerate(self.found):
            volume.x += begin + share * self.run[index]
        for number, own in enumerate(self.feet):
            for foot in own:
                foot.centre += begin + share * number

    def between(self, left: float, right: float) -> Iterator[Volume]:
        """The volumes of the stacks that stand between two places."""
        first = max(bisect_left(self.lefts, left) - 1, 0)
        for number in range(first, bisect_right(self.lefts, right)):
            yield from (self.found[index] for index in self.runs[number])

    def top(self, left: float, right: float) -> float:
        """The highest point of all between two places, from the axis; 0 where nothing stands."""
        found = [self._crown(one, left, right) for one in self.between(left, right)]
        return min([high for high in found if high < inf], default=0.0)

    def _crown(self, volume: Volume, left: float, right: float) -> float:
        """The highest point of a volume between two places."""
        if right < volume.x or left > volume.right:
            return inf
        if volume.sign:
            half, off = volume.width / 2, 0.0
            centre = volume.x + half
            if not left <= centre <= right:
                off = min(abs(left - centre), abs(right - centre), half)
            return -sqrt(half * half - off * off)
        back = volume.x + RIGHT * volume.depth
        lean = 1 - max(back - right, 0) / (RIGHT * volume.depth or 1)
        return volume.at(lean, 0, 0)[1]
