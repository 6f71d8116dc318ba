"""Receptive field: how much of the input one output pixel sees (L27).

Along a chain `size += (F - 1) * stride` and `stride *= S` (Araujo et al. 2019, "Computing receptive
fields of convolutional neural networks").  Where arms meet the field is the hull of theirs.  A
global pool or a linear layer sees the whole map.
"""

from __future__ import annotations

from fractions import Fraction
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


class _Axis(NamedTuple):
    """The first and last input pixel that output pixel 0 sees, and the step to output pixel 1."""

    low: Pixels
    high: Pixels
    step: Pixels

    def through(self, kernel: int, stride: Pixels, padding: int) -> _Axis:
        low = self.low - padding * self.step
        high = self.high + (kernel - 1 - padding) * self.step
        return _Axis(low, high, self.step * stride)


_Axes = tuple[_Axis, _Axis] | None
"""None: the whole input."""


def fields(graph: ir.Graph) -> list[Field]:
    """The receptive field of the output of every node, in one pass."""
    seen: list[_Axes] = []
    for node in graph:
        seen.append(_node(node, [seen[i] for i in node.inputs]))
    everything = Field(_input_size(graph), (0, 0), whole=True)
    return [_field(axes) or everything for axes in seen]


def last(graph: ir.Graph, found: list[Field]) -> Field:
    """The field of the last feature map at inference that does not see the whole input."""
    for node in reversed(graph.nodes):
        if not node.training and not found[node.index].whole:
            return found[node.index]
    raise LookupError("a graph without inputs")


def _field(axes: _Axes) -> Field | None:
    if axes is None:
        return None
    rows, columns = axes
    size = ceil(rows.high - rows.low + 1), ceil(columns.high - columns.low + 1)
    return Field(size, (rows.step, columns.step))


def _input_size(graph: ir.Graph) -> Pair:
    shape = graph.nodes[0].shape
    return (int(shape[1]), int(shape[2])) if len(shape) == 3 else (1, 1)


def _node(node: ir.Node, inputs: Sequence[_Axes]) -> _Axes:
    if not inputs:
        return _Axis(0, 0, 1), _Axis(0, 0, 1)
    arriving = _hull(inputs)
    reach: Reach = node.op.reach()
    if arriving is None or reach.kernel is None:
        return None
    rows, columns = (
        axis.through(*step)
        for axis, step in zip(
            arriving, zip(reach.kernel, reach.stride, reach.padding, strict=True), strict=True
        )
    )
    return rows, columns


def _hull(arms: Sequence[_Axes]) -> _Axes:
    """Everything that any arm sees."""
    known = [axes for axes in arms if axes is not None]
    if len(known) < len(arms):
        return None
    rows, columns = (
        _Axis(
            min(axes[i].low for axes in known),
            max(axes[i].high for axes in known),
            max(axes[i].step for axes in known),
        )
        for i in (0, 1)
    )
    return rows, columns
