"""Receptive field: how much of the input one output pixel sees (L27).

Along a chain `size += (F - 1) * stride` and `stride *= S` (Araujo et al. 2019, "Computing receptive
fields of convolutional neural networks").  Where arms meet the largest field is the hull of theirs
and the smallest is that of the arm that sees least.  A global pool or a linear layer sees the whole
map.  Behind an upsampling output pixels see unequal parts, by their phase (`stairs.py`): the size
is that of the one that sees most, and equals the support of its gradient.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnnspec import ir
from cnnspec.analyses.axis import INPUT, Axis, hull
from cnnspec.analyses.padding import inside
from cnnspec.analyses.stairs import Pixels
from cnnspec.records import record

if TYPE_CHECKING:
    from collections.abc import Sequence

Pair = tuple[int, int]

__all__ = ["Axis", "Field", "Pair", "Pixels", "Seen", "fields", "input_size", "last_index", "seen"]


class Field(NamedTuple):
    """Size and stride in input pixels, rows before columns; `whole` when it covers every pixel."""

    size: Pair
    stride: tuple[Pixels, Pixels]
    whole: bool = False


@record(frozen=True)
class Seen:
    """What the output pixels of one node see.

    `axes` are rows and columns of the branches that see a part of the input, None where every
    branch sees all of it; `whole` says that some branch sees all of it. `counts` are the rows and
    columns of output pixels, in a vector those of the last map before it.
    """

    axes: tuple[Axis, Axis] | None
    whole: bool
    counts: Pair = (1, 1)

    @property
    def size(self) -> Pair | None:
        """The largest field of any output pixel, rows and columns; None for the whole input."""
        if self.axes is None or self.whole:
            return None
        rows, columns = self.axes
        return rows.span.size(self.counts[0]), columns.span.size(self.counts[1])

    @property
    def smallest(self) -> Pair | None:
        """Rows and columns along the branch that sees least; None for the whole input."""
        if self.axes is None:
            return None
        rows, columns = self.axes
        return rows.smallest(self.counts[0]), columns.smallest(self.counts[1])

    @property
    def offset(self) -> tuple[Pixels, Pixels] | None:
        """Where the field of the first output pixel begins; below 0 it begins in the padding."""
        if self.axes is None or self.whole:
            return None
        return self.axes[0].at(0)[0], self.axes[1].at(0)[0]

    def padding(self, shape: Sequence[int], size: Pair) -> float | None:
        """The part of the fields' area that lies in padding, the mean over all output pixels.

        `shape` is that of the node's output, `size` the rows and columns of the input.
        """
        if self.axes is None or self.whole or len(shape) != 3:
            return None
        parts = [
            inside(axis.span, int(n), limit)
            for axis, n, limit in zip(self.axes, shape[1:], size, strict=True)
        ]
        return 1 - parts[0] * parts[1]


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


def last_index(graph: ir.Graph, found: Sequence[Seen]) -> int:
    """The last node at inference that is not behind a global layer alone; an input is not."""
    return next(n.index for n in reversed(graph.nodes) if not n.training and found[n.index].axes)


def input_size(graph: ir.Graph) -> Pair:
    """Rows and columns of the first input; 1 and 1 for a vector."""
    return _counts(graph.nodes[0]) or (1, 1)


def _field(one: Seen) -> Field | None:
    size = one.size
    if size is None or one.axes is None:
        return None
    rows, columns = one.axes
    return Field(size, (rows.step, columns.step))


def _counts(node: ir.Node) -> Pair | None:
    """Rows and columns of a node's output; None for a vector."""
    return (int(node.shape[1]), int(node.shape[2])) if len(node.shape) == 3 else None


def _node(node: ir.Node, inputs: Sequence[Seen]) -> Seen:
    if not inputs:
        return Seen((INPUT, INPUT), whole=False, counts=_counts(node) or (1, 1))
    inputs = inputs[: node.op.carries]
    taps = node.op.seen(*node.layer.inputs).axes
    axes = [one.axes for one in inputs if one.axes is not None]
    if taps is None or not axes:
        return Seen(None, whole=True)
    counts = _counts(node) or inputs[0].counts
    rows = hull([pair[0] for pair in axes], counts[0]).through(taps[0])
    columns = rows
    if taps[0] != taps[1] or counts[0] != counts[1] or any(a is not b for a, b in axes):
        columns = hull([pair[1] for pair in axes], counts[1]).through(taps[1])
    return Seen((rows, columns), any(one.whole for one in inputs), counts)
