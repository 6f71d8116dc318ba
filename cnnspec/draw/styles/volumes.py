"""Layers as the volumes that they give: boxes in oblique view, windows of kernels, skips as arcs.

Whatever changes the shape is a volume, in order of execution from left to right.  A volume is made
from the one before it, or from those whose arcs end on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise, product
from math import sqrt

from cnnspec.draw.errors import DrawError
from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import MIDDLE
from cnnspec.draw.page.pen import Pen, Point
from cnnspec.draw.page.scene import Area, Data, Path, Rect, Scene, Segment, Text
from cnnspec.draw.parts.parts import Plan
from cnnspec.draw.parts.paths import listed
from cnnspec.draw.styles.arcs import arcs, draw_arcs, height
from cnnspec.draw.styles.stacks import APART, beside, span, stacked
from cnnspec.draw.styles.stream import stream
from cnnspec.draw.styles.volume import UP, Volume, named, solids
from cnnspec.ir import Net

_POOL, _EDGE, _LINE = 5.0, 3.0, 8.0
"""A pool's way from its conv, the page's margin, from line to line."""
_CHANNEL, _LEAST_GAP, _SEEN, _BREAK = 2.6, 9.0, 4.0, 16.0
"""Points for the root of a channel at most, the least gap, a window's least height, and the gap
between volumes of which one is not made from the other."""


_NARROWEST, _THINNEST = 7.0, 2.0
"""No volume takes less of a page with the gap before it, and none less of it in a stack."""
_SHRUNK = (0.75, 0.55, 0.4)
"""How much smaller volumes are drawn than they would like to be, where they are many."""


def volumes(plan: Plan, net: Net, width: float | None, labels: Mapping[str, str]) -> Scene:
    """The figure, in one column of print if that is enough, else in two; in stacks where many."""
    stops = stream(plan, net)
    if not stops:
        raise DrawError(f"{plan.name} has nothing to draw")
    pages = [width] if width else [measures.ONE_COLUMN, measures.TWO_COLUMNS]
    smaller = [(pages[-1], shrunk) for shrunk in _SHRUNK]
    sizes = [*((page, 1.0) for page in pages), *smaller]
    lines = ((False, 1), (True, 1), (True, 2), (True, 3))
    if len(solids(plan, stops, counted=True)) * _NARROWEST <= pages[-1]:
        for (page, shrunk), (counted, tiers) in product(sizes, lines):
            found = named(solids(plan, stops, counted), labels)
            figure = _Figure(plan, found, page, tiers, shrunk)
            if figure.fits:
                return figure.draw()
    stops = beside(stops)
    if len(stops) * _THINNEST <= pages[-1]:
        for (page, shrunk), tiers in product(sizes[len(pages) - 1 :], (1, 2, 3)):
            found = solids(plan, stops, counted=False)
            runs = stacked(found)
            figure = _Figure(plan, named(found, labels, runs), page, tiers, shrunk, runs)
            if figure.fits:
                return figure.draw()
    raise DrawError(_too_many(plan, pages[-1]))


def _too_many(plan: Plan, width: float) -> str:
    return f"{plan.name} has too many volumes for a page {width / 72:.1f} in wide"


class _Figure:
    """Volumes scaled and spread over a page; labels stand on one tier or on two in turn."""

    def __init__(
        self,
        plan: Plan,
        found: list[Volume],
        width: float,
        tiers: int,
        shrunk: float,
        runs: Sequence[list[int]] = (),
    ) -> None:
        self.plan, self.found, self.width, self.tiers = plan, found, width, tiers
        self.inner = {index for run in runs for index in run[1:]}
        """The volumes that stand in a stack behind its first."""
        self.high = (98.0 if width > 400 else 54.0) * shrunk
        maps = [volume for volume in found if volume.is_map]
        vectors = [volume.shape[0] for volume in found if volume.is_vector]
        largest = max((max(volume.shape[1:]) for volume in maps), default=1)
        size = self.high / sqrt(largest)
        vector = 0.75 * self.high / sqrt(max(vectors, default=1))
        most = max((volume.shape[0] for volume in maps), default=1)
        room = 0.6 * width / len(found)
        channel = min(_CHANNEL, room / sqrt(most))
        for volume in found:
            volume.scale(size, channel, vector)
        self.spans = {run[0]: span(found, run) for run in runs}
        self.arcs = arcs(found)
        self.top = 4 + height(self.arcs)
        tallest = max(volume.high + UP * volume.depth for volume in found)
        self.middle = self.top + tallest / 2
        self.foot = self.top + tallest + 2
        self.tier = max([3, *(len(volume.said) for volume in found)])
        """The lines of a tier of labels."""
        self._place()

    @property
    def height(self) -> float:
        """The height of the page."""
        lines = max(len(volume.said) for volume in self.found)
        return self.foot + _LINE * (lines + self.tier * (self.tiers - 1)) + 4

    @property
    def fits(self) -> bool:
        """Whether all labels and volumes have room on the page."""
        return self.slack >= 0 and self.height <= measures.PAGE_HEIGHT

    def _follows(self, index: int) -> bool:
        """Whether a volume is made from the one right before it."""
        return index - 1 in self.found[index].feeds

    def _close(self, index: int) -> bool:
        """Whether a volume stands close to the one before: a pool of its map."""
        after_map = index > 0 and self.found[index - 1].is_map
        return self.found[index].kind == "pool" and after_map and self._follows(index)

    def _gap(self, index: int) -> float:
        """From the volume before, or in a stack from its front, to a volume."""
        if not index:
            return 0.0
        if index in self.inner:
            before = self.found[index - 1]
            apart = 0.0 if self._follows(index) else APART
            return before.width - before.reach + apart
        if self._close(index):
            return _POOL
        return _LEAST_GAP if self._follows(index) else _BREAK

    def _place(self) -> None:
        """Every volume as far left as it can stand, then the slack between them."""
        ends = [0.0] * self.tiers
        right, free, tier = 0.0, [], 0
        for index, volume in enumerate(self.found):
            half, middle = volume.label / 2, self._span(index) / 2
            left = max(right + self._gap(index), ends[tier] + half - middle if volume.said else 0)
            free.append(bool(index) and index not in self.inner and not self._close(index))
            volume.x = left
            right = left + volume.reach
            if volume.said:
                ends[tier] = left + middle + half + 4
                tier = (tier + 1) % self.tiers
        used = max(right, *(end - 4 for end in ends))
        self.slack = self.width - 2 * _EDGE - used
        share, moved = max(self.slack, 0) / max(sum(free), 1), 0.0
        for volume, moves in zip(self.found, free, strict=True):
            moved += share * moves
            volume.x += _EDGE + moved

    def _span(self, index: int) -> float:
        """The width that a label stands under."""
        return self.spans.get(index, self.found[index].reach)

    def draw(self) -> Scene:
        plan = self.plan
        said = f"{plan.name}: edges in proportion to roots; {plan.total}."
        scene = Scene(self.width, self.height, f"{plan.name}, volumes", said)
        pen = Pen(scene)
        labelled = [index for index, volume in enumerate(self.found) if volume.said]
        tier = {index: turn % self.tiers for turn, index in enumerate(labelled)}
        for index, volume in enumerate(self.found):
            if index:
                self._link(pen, index)
            with scene.group("box", volume.paths):
                if volume.sign:
                    self._sign(pen, volume)
                else:
                    self._solid(pen, volume)
                if volume.said:
                    self._labels(pen, index, self.foot + self.tier * _LINE * tier[index])
        for index, (before, volume) in enumerate(pairwise(self.found), 1):
            if not self.spans and volume.window and before.is_map and self._follows(index):
                self._window(pen, before, volume)
        draw_arcs(pen, self.found, self.arcs, self.top, self.middle)
        return scene

    def _sign(self, pen: Pen, volume: Volume) -> None:
        """A sum or another join with a sign: a circle on the axis."""
        data: Data = (("op", listed(volume.paths)),)
        size, (x, y) = volume.width, (volume.x, self.middle - volume.high / 2)
        paint = (size / 2, "background", "wire")
        circle = Rect(x, y, size, size, *paint, measures.BOX_LINE, data=data, stands=volume.paths)
        pen.scene.add(circle)
        pen.sign((x + size / 2, self.middle), volume.sign)

    def _solid(self, pen: Pen, volume: Volume) -> None:
        """Three faces in three tones."""
        kind = volume.kind if volume.kind in ("conv", "pool", "linear") else "image"
        line = f"{'cell' if kind == 'image' else kind}-line"
        right = [volume.at(u, v, self.middle) for u, v in ((0, 0), (1, 0), (1, 1), (0, 1))]
        back = right[1][0] - volume.width
        front = [(volume.x, right[0][1]), right[0], right[3], (volume.x, right[3][1])]
        top = [front[0], right[0], right[1], (back, right[1][1])]
        data: Data = (("op", listed(volume.paths)),)
        faces = ((front, "front", data), (top, "top", ()), (right, "side", ()))
        for corners, face, marks in faces:
            outline, stands = _closed(corners), volume.paths if marks else ()
            paint = (f"{kind}-{face}", line, measures.BOX_LINE)
            pen.scene.add(Path(outline, *paint, data=marks, stands=stands))

    def _link(self, pen: Pen, index: int) -> None:
        """From a volume to the next: two grey lines to all of a vector, an arrow at a circle."""
        before, volume = self.found[index - 1], self.found[index]
        if not self._follows(index) or index in self.inner:
            return
        plain = self.arcs and not (self._close(index) or volume.window)
        if before.sign or volume.sign or plain or self.spans:
            start = before.at(0.5, 0, self.middle)[0]
            data = (("src", before.paths[-1]), ("dst", volume.paths[0]))
            ends = [(start, self.middle), (volume.x, self.middle)]
            pen.wire(ends, head=0.8, colour="muted", data=data)
        elif volume.is_vector:
            for v in (0, 1):
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
        pen.scene.add(Path(_closed(corners), "background", "ink", 0.7))

    def _labels(self, pen: Pen, index: int, top: float) -> None:
        volume = self.found[index]
        middle = volume.x + self._span(index) / 2
        half = volume.label / 2
        middle = min(max(middle, _EDGE - 2 + half), self.width - _EDGE + 2 - half)
        area = Area(middle - half - 1.5, top - 8, middle + half + 1.5, top + self.tier * _LINE)
        for index, text in enumerate(volume.said):
            bold, fill = index == 0, "ink" if index == 0 else "muted"
            baseline = top + _LINE * (index + 0.5) + MIDDLE * measures.CAPTION
            pen.scene.add(
                Text(middle, baseline, text, measures.CAPTION, bold, fill, "middle", area)
            )


def _closed(corners: Sequence[Point]) -> tuple[Segment, ...]:
    return (("M", corners[0]), *(("L", corner) for corner in corners[1:]), ("Z", ()))
