"""A chain of layers as the volumes that they give: boxes in oblique view, windows of kernels."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import sqrt

from cnnspec.draw import grid
from cnnspec.draw.errors import DrawError
from cnnspec.draw.metrics import MIDDLE
from cnnspec.draw.pen import Pen, Point
from cnnspec.draw.scene import Area, Data, Path, Scene, Segment, Text
from cnnspec.draw.solids import UP, Volume, solids
from cnnspec.draw.steps import Line
from cnnspec.draw.tree import Plan

_POOL, _EDGE, _LINE = 5.0, 3.0, 8.0
"""A pool's way from its conv, the page's margin, from line to line."""
_CHANNEL, _LEAST_GAP, _SEEN = 2.6, 9.0, 4.0
"""Points for the root of a channel at most, the least gap, a window's least height."""


def volumes(plan: Plan, width: float | None) -> Scene:
    """The figure, in one column of print if that is enough, else in two."""
    line = Line(plan, "volumes")
    if line.spans:
        raise DrawError(f"{plan.name} has skips: style volumes has no place for them")
    for page in [width] if width else [grid.ONE_COLUMN, grid.TWO_COLUMNS]:
        for counted, tiers in ((False, 1), (True, 1), (True, 2)):
            figure = _Figure(plan, list(solids(plan, line, counted)), page, tiers)
            if figure.slack >= 0:
                return figure.draw()
    raise DrawError(f"{plan.name} has too many volumes for a page {page / 72:.1f} in wide")


class _Figure:
    """Volumes scaled and spread over a page; labels stand on one tier or on two in turn."""

    def __init__(self, plan: Plan, found: list[Volume], width: float, tiers: int) -> None:
        self.plan, self.found, self.width, self.tiers = plan, found, width, tiers
        self.high = 98.0 if width > 400 else 54.0
        maps = [volume for volume in found if volume.is_map]
        vectors = [volume.shape[0] for volume in found if not volume.is_map]
        size = self.high / sqrt(max(max(volume.shape[1:]) for volume in maps))
        vector = 0.75 * self.high / sqrt(max(vectors, default=1))
        most = max(volume.shape[0] for volume in maps)
        room = 0.6 * width / len(found)
        channel = min(_CHANNEL, room / sqrt(most))
        for volume in found:
            volume.scale(size, channel, vector)
        self.middle = 4 + max(volume.high + UP * volume.depth for volume in found) / 2
        self._place()

    def _place(self) -> None:
        """Every volume as far left as it can stand, then the slack between them."""
        ends = [0.0] * self.tiers
        right, free = 0.0, []
        for index, volume in enumerate(self.found):
            tier = index % self.tiers
            half = volume.label / 2
            close = volume.kind == "pool" and index > 0 and self.found[index - 1].is_map
            gap = 0.0 if not index else _POOL if close else _LEAST_GAP
            left = max(right + gap, ends[tier] + half - volume.reach / 2)
            free.append(bool(index) and not close)
            volume.x = left
            right = left + volume.reach
            ends[tier] = left + volume.reach / 2 + half + 4
        used = max(right, *(end - 4 for end in ends))
        self.slack = self.width - 2 * _EDGE - used
        share, moved = max(self.slack, 0) / max(sum(free), 1), 0.0
        for volume, moves in zip(self.found, free, strict=True):
            moved += share * moves
            volume.x += _EDGE + moved

    def draw(self) -> Scene:
        plan = self.plan
        said = f"{plan.name}: edges in proportion to roots; {plan.total}."
        scene = Scene(self.width, 0, f"{plan.name}, volumes", said)
        pen = Pen(scene)
        for before, volume in zip([None, *self.found[:-1]], self.found, strict=True):
            if before is not None:
                self._link(pen, before, volume)
            self._solid(pen, volume)
        for before, volume in pairwise(self.found):
            if volume.window and before.is_map:
                self._window(pen, before, volume)
        top = self.middle * 2 + 2
        for index, volume in enumerate(self.found):
            self._labels(pen, volume, top + 3 * _LINE * (index % self.tiers))
        lines = max(len(volume.said) for volume in self.found)
        scene.height = top + _LINE * (lines + 3 * (self.tiers - 1)) + 4
        return scene

    def _solid(self, pen: Pen, volume: Volume) -> None:
        """Three faces in three tones."""
        kind, line = volume.kind, f"{'cell' if volume.kind == 'image' else volume.kind}-line"
        right = [volume.at(u, v, self.middle) for u, v in ((0, 0), (1, 0), (1, 1), (0, 1))]
        back = right[1][0] - volume.width
        front = [(volume.x, right[0][1]), right[0], right[3], (volume.x, right[3][1])]
        top = [front[0], right[0], right[1], (back, right[1][1])]
        data: Data = (("op", volume.paths),)
        faces = ((front, "front", data), (top, "top", ()), (right, "side", ()))
        for corners, face, marks in faces:
            outline, stands = _closed(corners), tuple(volume.paths.split()) if marks else ()
            paint = (f"{kind}-{face}", line, grid.BOX_LINE)
            pen.scene.add(Path(outline, *paint, data=marks, stands=stands))

    def _link(self, pen: Pen, before: Volume, volume: Volume) -> None:
        """Two grey lines from all of a volume to all of a vector."""
        if volume.is_map:
            return
        for v in (0, 1):
            start = before.at(1 if v == 0 else 0, v, self.middle)
            end = (volume.x, volume.at(0, v, self.middle)[1])
            way: tuple[Segment, ...] = (("M", start), ("L", end))
            pen.scene.add(Path(way, stroke="frame-line", line=grid.RULE))

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
        pen.scene.add(Path(_closed(corners), "background", "ink", 0.7))

    def _labels(self, pen: Pen, volume: Volume, top: float) -> None:
        middle = volume.x + volume.reach / 2
        half = volume.label / 2
        middle = min(max(middle, _EDGE - 2 + half), self.width - _EDGE + 2 - half)
        area = Area(middle - half - 1.5, top - 8, middle + half + 1.5, top + 3 * _LINE)
        for index, text in enumerate(volume.said):
            bold, fill = index == 0, "ink" if index == 0 else "muted"
            baseline = top + _LINE * (index + 0.5) + MIDDLE * grid.CAPTION
            pen.scene.add(Text(middle, baseline, text, grid.CAPTION, bold, fill, "middle", area))


def _closed(corners: Sequence[Point]) -> tuple[Segment, ...]:
    return (("M", corners[0]), *(("L", corner) for corner in corners[1:]), ("Z", ()))
