"""A chain of layers as the volumes that they give: boxes in oblique view, windows of kernels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import sqrt

from cnnspec.draw import grid
from cnnspec.draw.errors import DrawError
from cnnspec.draw.metrics import MIDDLE, text_width
from cnnspec.draw.pen import Pen, Point
from cnnspec.draw.scene import Area, Data, Path, Scene, Segment, Text
from cnnspec.draw.steps import Line, Step
from cnnspec.draw.tree import Plan
from cnnspec.values import Shape

_RIGHT, _UP, _POOL, _EDGE, _LINE = 0.36, 0.22, 5.0, 3.0, 8.0
"""How far the depth goes to the right and up; a pool's way from its conv; from line to line."""
_CHANNEL, _VECTOR, _THICK, _LEAST_GAP, _SEEN = 2.6, 7.0, 2.0, 9.0, 4.0
"""Points for the root of a channel at most; a vector's width and depth; a window's least height."""


class Volume:
    """What one layer gives, or several equal ones in a row."""

    def __init__(self, shape: Shape, kind: str, paths: str, said: Sequence[str]) -> None:
        self.shape, self.kind, self.paths, self.said = shape, kind, paths, list(said)
        self.x = self.width = self.high = self.depth = 0.0
        self.window: tuple[int, int] | None = None

    @property
    def is_map(self) -> bool:
        """Whether it has height and width."""
        return len(self.shape) == 3

    def scale(self, size: float, channel: float, vector: float) -> None:
        """Edges in proportion to the roots of the shape."""
        if self.is_map:
            channels, rows, columns = self.shape
            self.width = max(channel * sqrt(channels), 1.6)
            self.high, self.depth = size * sqrt(rows), size * sqrt(columns)
        else:
            self.width, self.high, self.depth = _VECTOR, vector * sqrt(self.shape[0]), _THICK / _UP
            self.depth = _THICK / _RIGHT

    @property
    def reach(self) -> float:
        """Its whole width, the depth included."""
        return self.width + _RIGHT * self.depth

    def at(self, u: float, v: float, middle: float) -> Point:
        """The point of the right face, `u` into the depth and `v` down."""
        rise = _UP * self.depth
        top = middle - (self.high - rise) / 2
        return self.x + self.width + u * _RIGHT * self.depth, top - u * rise + v * self.high

    @property
    def label(self) -> float:
        """The width of the widest line under it."""
        return max(text_width(text, grid.CAPTION, at == 0) for at, text in enumerate(self.said))


def volumes(plan: Plan, width: float | None) -> Scene:
    """The figure, in one column of print if that is enough, else in two."""
    line = Line(plan, "volumes")
    if line.spans:
        raise DrawError(f"{plan.name} has skips: style volumes has no place for them")
    for page in [width] if width else [grid.ONE_COLUMN, grid.TWO_COLUMNS]:
        for counted, tiers in ((False, 1), (True, 1), (True, 2)):
            figure = _Figure(plan, list(_volumes(plan, line, counted)), page, tiers)
            if figure.slack >= 0:
                return figure.draw()
    raise DrawError(f"{plan.name} has too many volumes for a page {page / 72:.1f} in wide")


def _volumes(plan: Plan, line: Line, counted: bool) -> Iterator[Volume]:
    """The input, then every layer; when `counted` equal neighbours are one with their count."""
    yield Volume(plan.shape, "image", plan.input, (_dims(plan.shape), plan.input[:20]))
    run: list[Step] = []
    for step in line.steps:
        if step.row.kind == "cell" or step.row.kind == "join":
            continue
        if counted and run and _key(step) == _key(run[0]):
            run.append(step)
            continue
        if run:
            yield _volume(run)
        run = [step]
    if run:
        yield _volume(run)


def _key(step: Step) -> object:
    return step.row.layer.op, step.row.shape


def _volume(run: Sequence[Step]) -> Volume:
    step, op = run[0], run[0].row.layer.op
    head, _, rest = op.label().partition(", ")
    more = [word for word in rest.split(", ")[1:] if word]
    stride = op.stride_label().removeprefix("/")
    words = [f"stride {stride}"] * bool(stride) + more + [f"{len(run)} times"] * (len(run) > 1)
    said = [_dims(step.row.shape), head.replace("max ", "").replace("avg ", ""), " ".join(words)]
    paths = " ".join(path for one in run for path in one.paths)
    volume = Volume(step.row.shape, step.row.kind, paths, [text for text in said if text])
    window = getattr(op, "window", None)
    volume.window = window.kernel if window and step.row.kind == "conv" else None
    return volume


def _dims(shape: Shape) -> str:
    return "×".join(str(int(size)) for size in shape)


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
        self.middle = 4 + max(volume.high + _UP * volume.depth for volume in found) / 2
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
            outline = _closed(corners)
            pen.scene.add(Path(outline, f"{kind}-{face}", line, grid.BOX_LINE, data=marks))

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
