"""Receptive field: how much of the input one output pixel sees (L27).

Along a chain `size += (F - 1) * stride` and `stride *= S` (Araujo et al. 2019, "Computing receptive
fields of convolutional neural networks").  Where arms meet the largest field is the hull of theirs
and the smallest is that of the arm that sees least.  A global pool or a linear layer sees the whole
map.  Where a map grows (`upsample`) the step is a fraction and the size is that of the output pixel
that sees most; a pool behind it may see a pixel less.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

from cnnspec import ir

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnspec.ops.op import Reach

Pair = tuple[int, int]
Pixels = int | Fraction
"""Distances in input pixels; an upsampling op makes the step a fraction."""


class Field(NamedTuple):
    """Size and stride in input pixels, rows before columns; `whole` when it covers every pixel."""

    size: Pair
    stride: tuple[Pixels, Pixels]
    whole: bool = False


class Axis(NamedTuple):
    """The first and last input pixel that output pixel 0 sees, and the step to output pixel 1.

    `least` is the distance from the first to the last pixel along the branch that sees least.
    """

    low: Pixels
    high: Pixels
    step: Pixels
    least: Pixels

    def through(self, kernel: int, stride: Pixels, padding: int) -> Axis:
        """The axis behind a window of this kernel, stride and padding at the start."""
        low = self.low - padding * self.step
        high = self.high + (kernel - 1 - padding) * self.step
        return Axis(low, high, self.step * stride, self.least + (kernel - 1) * self.step)

    def at(self, pixel: int) -> tuple[Pixels, Pixels]:
        """The first and last input pixel that output pixel `pixel` sees; below 0 is padding."""
        return self.low + pixel * self.step, self.high + pixel * self.step


@dataclass(frozen=True, slots=True)
class Seen:
    """What the output pixels of one node see.

    `axes` are rows and columns of the branches that see a part of the input, None where every
    branch sees all of it; `whole` says that some branch sees all of it.
    """

    axes: tuple[Axis, Axis] | None
    whole: bool

    @property
    def smallest(self) -> Pair | None:
        """Rows and columns along the branch that sees least; None for the whole input."""
        if self.axes is None:
            return None
        rows, columns = self.axes
        return ceil(rows.least + 1), ceil(columns.least + 1)

    @property
    def offset(self) -> tuple[Pixels, Pixels] | None:
        """Where the field of the first output pixel begins; below 0 it begins in the padding."""
        if self.axes is None or self.whole:
            return None
        return self.axes[0].low, self.axes[1].low

    def padding(self, shape: Sequence[int], size: Pair) -> float | None:
        """The part of the fields' area that lies in padding, the mean over all output pixels.

        `shape` is that of the node's output, `size` the rows and columns of the input.
        """
        if self.axes is None or self.whole or len(shape) != 3:
            return None
        inside = [
            _inside(axis, int(n), limit)
            for axis, n, limit in zip(self.axes, shape[1:], size, strict=True)
        ]
        return 1 - inside[0] * inside[1]


def seen(graph: ir.Graph) -> list[Seen]:
    """What every node sees, in one pass."""
    found: list[Seen] = []
    for node in graph:
        found.append(_node(node, [found[i] for i in node.inputs]))
    return found


def fields(graph: ir.Graph, found: Sequence[Seen]) -> list[Field]:
    """The receptive field of the output of every node: the largest over its branches."""
    everything = Field(input_size(graph), (0, 0), whole=True)
    return [_field(one) or everything for one in found]


def last_index(graph: ir.Graph, found: Sequence[Field]) -> int:
    """The last node at inference that does not see the whole input, which the input does not."""
    seeing = (n.index for n in reversed(graph.nodes) if not n.training)
    return next(index for index in seeing if not found[index].whole)


def input_size(graph: ir.Graph) -> Pair:
    """Rows and columns of the first input; 1 and 1 for a vector."""
    shape = graph.nodes[0].shape
    return (int(shape[1]), int(shape[2])) if len(shape) == 3 else (1, 1)


def _field(one: Seen) -> Field | None:
    if one.axes is None or one.whole:
        return None
    rows, columns = one.axes
    size = ceil(rows.high - rows.low + 1), ceil(columns.high - columns.low + 1)
    return Field(size, (rows.step, columns.step))


def _node(node: ir.Node, inputs: Sequence[Seen]) -> Seen:
    if not inputs:
        return Seen((Axis(0, 0, 1, 0), Axis(0, 0, 1, 0)), whole=False)
    reach: Reach = node.op.reach()
    axes = [one.axes for one in inputs if one.axes is not None]
    if reach.kernel is None or not axes:
        return Seen(None, whole=True)
    steps = zip(reach.kernel, reach.stride, reach.padding, strict=True)
    rows, columns = (
        _hull([pair[i] for pair in axes]).through(*step) for i, step in enumerate(steps)
    )
    return Seen((rows, columns), whole=any(one.whole for one in inputs))


def _hull(arms: Sequence[Axis]) -> Axis:
    """Everything that any arm sees, and the least that one does."""
    if len(arms) == 1:
        return arms[0]
    lows, highs, steps, leasts = zip(*arms, strict=True)
    return Axis(min(lows), max(highs), max(steps), min(leasts))


@cache
def _inside(axis: Axis, count: int, limit: int) -> float:
    """The part of `count` fields along an axis that lies on the pixels 0 up to `limit`.

    Beyond an end lies what the far edge of a field is out by, less what its near edge is.
    """
    width = axis.high - axis.low + 1
    end = axis.low + (count - 1) * axis.step - limit
    before = _positive(-axis.low, axis.step, count) - _positive(-axis.low - width, axis.step, count)
    behind = _positive(end + width, axis.step, count) - _positive(end, axis.step, count)
    return float(1 - (before + behind) / Fraction(count * width))


def _positive(start: Pixels, step: Pixels, count: int) -> Pixels:
    """The sum of those above 0 of `count` numbers: start, start - step, start - 2 step, ..."""
    terms = max(min(ceil(Fraction(start, step)), count), 0)
    return terms * start - step * (terms * (terms - 1) // 2)
