"""What a net's layers give, as volumes in a row: shapes, scaled edges, what stands under them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt

from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import text_width
from cnnspec.draw.page.labels import op_words
from cnnspec.draw.page.pen import Point
from cnnspec.draw.page.signs import MEANS
from cnnspec.draw.parts.parts import Plan
from cnnspec.draw.styles.stream import Stop, readers
from cnnspec.values import Shape

RIGHT, UP = 0.36, 0.22
"""How far the depth goes to the right and up."""
_VECTOR, _THICK = 7.0, 2.0
"""A vector's width and how far its depth goes to the right."""
_SIGN = 8.0
"""The width of the circle of a join that has a sign."""


class Volume:
    """What one layer gives, or several equal ones in a row; `sign` is the circle of a join.

    `feeds` are the indices of the volumes that it is made from.
    """

    def __init__(
        self, shape: Shape, kind: str, paths: tuple[str, ...], said: Sequence[str], sign: str = ""
    ) -> None:
        self.shape, self.kind, self.paths = shape, kind, paths
        self.said, self.sign = list(said), sign
        self.feeds: tuple[int, ...] = ()
        self.x = self.width = self.high = self.depth = 0.0
        self.window: tuple[int, int] | None = None

    @property
    def is_map(self) -> bool:
        """Whether it is a box with height and width."""
        return len(self.shape) == 3 and not self.sign

    @property
    def is_vector(self) -> bool:
        """Whether it is a bar."""
        return len(self.shape) == 1 and not self.sign

    def scale(self, size: float, channel: float, vector: float) -> None:
        """Edges in proportion to the roots of the shape."""
        if self.sign:
            self.width = self.high = _SIGN
        elif self.is_map:
            channels, rows, columns = self.shape
            self.width = max(channel * sqrt(channels), 1.6)
            self.high, self.depth = size * sqrt(rows), size * sqrt(columns)
        else:
            self.width, self.high = _VECTOR, vector * sqrt(self.shape[0])
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

    def crown(self, part: float, middle: float) -> Point:
        """A point of the upper face, `part` of the way along it: where arcs leave and enter."""
        x, y = self.at(0.5, 0, middle)
        return x - self.width * (1 - part), y

    @property
    def label(self) -> float:
        """The width of the widest line under it."""
        widths = (text_width(text, measures.CAPTION, at == 0) for at, text in enumerate(self.said))
        return max(widths, default=0)


def solids(plan: Plan, stops: Sequence[Stop], counted: bool) -> list[Volume]:
    """A volume for every stop; when `counted`, equal neighbours in a line are one."""
    reads = readers(stops)
    runs: list[list[int]] = []
    for index in range(len(stops)):
        before = runs[-1][-1] if runs else -1
        line = stops[index].feeds == (before,) and reads.get(before) == [index]
        if counted and line and _key(stops[index]) == _key(stops[before]):
            runs[-1].append(index)
        else:
            runs.append([index])
    place = {index: number for number, run in enumerate(runs) for index in run}
    out = []
    for run in runs:
        volume = _volume(plan, [stops[index] for index in run])
        volume.feeds = tuple(place[feed] for feed in stops[run[0]].feeds)
        out.append(volume)
    return out


def named(
    found: list[Volume], labels: Mapping[str, str], runs: Sequence[Sequence[int]] = ()
) -> list[Volume]:
    """Say an author's labels under the volumes, or stacks, in which their parts begin.

    An input's stands for its name; any other goes before the op.
    """
    for path, text in labels.items():
        for run in runs or [[index] for index in range(len(found))]:
            paths = [one for index in run for one in found[index].paths]
            if any(one == path or one.startswith(f"{path}.") for one in paths):
                first = found[run[0]]
                first.said[1 : 1 + (first.kind == "image")] = [text]
                break
    return found


def _key(stop: Stop) -> object:
    """What makes neighbours equal; an output that leaves between them keeps them apart."""
    return (stop.row.layer.op, stop.shape, stop.row.shares, stop.leaves) if stop.row else stop.paths


def _volume(plan: Plan, run: Sequence[Stop]) -> Volume:
    stop, paths = run[0], tuple(path for one in run for path in one.paths)
    if stop.row is None:
        name = stop.paths[0] if "." not in stop.paths[0] else plan.input
        return Volume(stop.shape, "image", paths, (_dims(stop.shape), name[:20]))
    layer, kind = stop.row.layer, stop.row.kind
    if layer.op.sign:
        sign = layer.op.sign
        word = [layer.op.name] * (sign in MEANS and sign != "−")
        said = [*word, *run[-1].leaves]
        return Volume(stop.shape, kind, paths, said, sign)
    head, *rest = op_words(layer)
    stride = layer.op.stride_label().removeprefix("/")
    words = [f"stride {stride}"] * bool(stride) + rest[1:] + [run[-1].head] * bool(run[-1].head)
    words += ["shared"] * bool(stop.row.shares) + [f"{len(run)} times"] * (len(run) > 1)
    said = [_dims(stop.shape), head.replace("max ", "").replace("avg ", ""), ", ".join(words)]
    said += run[-1].leaves
    volume = Volume(stop.shape, kind, paths, [text for text in said if text])
    window = getattr(layer.op, "window", None)
    volume.window = window.kernel if window and kind == "conv" else None
    return volume


def _dims(shape: Shape) -> str:
    return "×".join(str(int(size)) for size in shape)
