"""The volumes that a chain of layers gives: shapes, scaled edges, what stands under them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import sqrt

from cnnspec.draw import grid
from cnnspec.draw.labels import op_words
from cnnspec.draw.metrics import text_width
from cnnspec.draw.pen import Point
from cnnspec.draw.steps import Line, Step
from cnnspec.draw.tree import Plan
from cnnspec.values import Shape

RIGHT, UP = 0.36, 0.22
"""How far the depth goes to the right and up."""
_VECTOR, _THICK = 7.0, 2.0
"""A vector's width and how far its depth goes to the right."""


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
            self.width, self.high, self.depth = _VECTOR, vector * sqrt(self.shape[0]), _THICK / UP
            self.depth = _THICK / RIGHT

    @property
    def reach(self) -> float:
        """Its whole width, the depth included."""
        return self.width + RIGHT * self.depth

    def at(self, u: float, v: float, middle: float) -> Point:
        """The point of the right face, `u` into the depth and `v` down."""
        rise = UP * self.depth
        top = middle - (self.high - rise) / 2
        return self.x + self.width + u * RIGHT * self.depth, top - u * rise + v * self.high

    @property
    def label(self) -> float:
        """The width of the widest line under it."""
        return max(text_width(text, grid.CAPTION, at == 0) for at, text in enumerate(self.said))


def solids(plan: Plan, line: Line, counted: bool) -> Iterator[Volume]:
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
    head, *rest = op_words(run[0].row.layer)
    more = rest[1:]
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
