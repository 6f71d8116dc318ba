"""A line of few layers as the papers of LeNet-5 and AlexNet have it: windows, and words for all."""

from __future__ import annotations

from itertools import pairwise
from math import sqrt

from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import MIDDLE
from cnnspec.draw.page.pen import Pen
from cnnspec.draw.page.scene import Area, Path, Scene, Segment, Text
from cnnspec.draw.parts.parts import Plan
from cnnspec.draw.styles.solidbox import closed, solid
from cnnspec.draw.styles.volume import UP, Volume

_POOL, _EDGE, _LINE = 5.0, 3.0, 8.0
"""A pool's way from its conv, the page's margin, from line to line."""
_CHANNEL, _LEAST_GAP, _SEEN = 2.6, 9.0, 4.0
"""Points for the root of a channel at most, the least gap, a window's least height."""


class VolumeRow:
    """Volumes scaled and spread over a page, each made from the one before it.

    Their labels stand on one tier or on several in turn.
    """

    def __init__(self, plan: Plan, found: list[Volume], width: float, tiers: int) -> None:
        self.plan, self.found, self.width, self.tiers = plan, found, width, tiers
        self.high = 98.0 if width > 400 else 54.0
        self._scale()
        tallest = max(volume.high + UP * volume.depth for volume in found)
        self.middle = 4 + tallest / 2
        self.foot = 4 + tallest + 2
        self.tier = max([3, *(len(volume.said) for volume in found)])
        """The lines of a tier of labels."""
        self._place()

    def _scale(self) -> None:
        maps = [volume for volume in self.found if volume.is_map]
        vectors = [volume.shape[0] for volume in self.found if volume.is_vector]
        largest = max((max(volume.shape[1:]) for volume in maps), default=1)
        most = max((volume.shape[0] for volume in maps), default=1)
        room = 0.6 * self.width / len(self.found)
        for volume in self.found:
            volume.scale(
                self.high / sqrt(largest),
                min(_CHANNEL, room / sqrt(most)),
                0.75 * self.high / sqrt(max(vectors, default=1)),
            )

    @property
    def height(self) -> float:
        """The height of the page."""
        lines = max(len(volume.said) for volume in self.found)
        return self.foot + _LINE * (lines + self.tier * (self.tiers - 1)) + 4

    @property
    def fits(self) -> bool:
        """Whether all labels and volumes have room on the page."""
        return self.slack >= 0 and self.height <= measures.PAGE_HEIGHT

    def _close(self, index: int) -> bool:
        """Whether a volume stands close to the one before: a pool of its map."""
        return index > 0 and self.found[index].kind == "pool" and self.found[index - 1].is_map

    def _gap(self, index: int) -> float:
        """From the volume before to a volume."""
        return 0.0 if not index else _POOL if self._close(index) else _LEAST_GAP

    def _place(self) -> None:
        """Every volume as far left as it can stand, then the slack between them."""
        ends = [0.0] * self.tiers
        right, free = 0.0, []
        for index, volume in enumerate(self.found):
            tier, half, middle = index % self.tiers, volume.label / 2, volume.reach / 2
            left = max(right + self._gap(index), ends[tier] + half - middle)
            free.append(bool(index) and not self._close(index))
            volume.x = left
            right = left + volume.reach
            ends[tier] = left + middle + half + 4
        used = max(right, *(end - 4 for end in ends))
        self.slack = self.width - 2 * _EDGE - used
        share, moved = max(self.slack, 0) / max(sum(free), 1), 0.0
        for volume, moves in zip(self.found, free, strict=True):
            moved += share * moves
            volume.x += _EDGE + moved

    def draw(self) -> Scene:
        """The figure."""
        plan = self.plan
        said = f"{plan.name}: edges in proportion to roots; {plan.total}."
        scene = Scene(self.width, self.height, f"{plan.name}, volumes", said)
        pen = Pen(scene)
        for index, volume in enumerate(self.found):
            if index:
                self._link(pen, index)
            with scene.group("box", volume.paths):
                solid(pen, volume, self.middle)
                self._labels(pen, index, self.foot + self.tier * _LINE * (index % self.tiers))
        for before, volume in pairwise(self.found):
            if volume.window and before.is_map:
                self._window(pen, before, volume)
        return scene

    def _link(self, pen: Pen, index: int) -> None:
        """From a volume to a vector made of it: two grey lines to all of it."""
        before, volume = self.found[index - 1], self.found[index]
        for v in (0, 1) if volume.is_vector else ():
            begin = before.at(1 if v == 0 else 0, v, self.middle)
            end = (volume.x, volume.at(0, v, self.middle)[1])
            way: tuple[Segment, ...] = (("M", begin), ("L", end))
            pen.scene.add(Path(way, stroke="frame-line", line=measures.RULE))

    def _window(self, pen: Pen, before: Volume, volume: Volume) -> None:
        """A kernel's window on the face before it, and lines to the next volume."""
        assert volume.window is not None
        rows, columns = (
            min(k / n, 1) for k, n in zip(volume.window, before.shape[1:], strict=True)
        )
        v = max(rows, min(_SEEN / before.high, 1)) / 2
        u = max(columns, min(_SEEN / before.depth, 1)) / 2
        ends = ((0.5 - u, 0.5 - v), (0.5 + u, 0.5 - v), (0.5 + u, 0.5 + v), (0.5 - u, 0.5 + v))
        corners = [before.at(*end, self.middle) for end in ends]
        target = (volume.x, volume.at(0, 0.5, self.middle)[1])
        for corner in corners:
            way: tuple[Segment, ...] = (("M", corner), ("L", target))
            pen.scene.add(Path(way, stroke="ink", line=0.4))
        pen.scene.add(Path(closed(corners), "background", "ink", 0.7))

    def _labels(self, pen: Pen, index: int, top: float) -> None:
        volume = self.found[index]
        middle = volume.x + volume.reach / 2
        half = volume.label / 2
        middle = min(max(middle, _EDGE - 2 + half), self.width - _EDGE + 2 - half)
        area = Area(middle - half - 1.5, top - 8, middle + half + 1.5, top + self.tier * _LINE)
        for line, text in enumerate(volume.said):
            bold, fill = line == 0, "ink" if line == 0 else "muted"
            baseline = top + _LINE * (line + 0.5) + MIDDLE * measures.CAPTION
            pen.scene.add(
                Text(middle, baseline, text, measures.CAPTION, bold, fill, "middle", area)
            )
