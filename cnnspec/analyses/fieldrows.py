"""What `cnnspec field` shows: the field, its stride, offset and padding of every layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnspec.analyses.field import Field, Pair, Pixels, input_size
from cnnspec.records import record

if TYPE_CHECKING:
    from cnnspec.analyses.metrics import Metrics
    from cnnspec.values import Shape


@record(frozen=True)
class FieldRow:
    """One layer; what does not apply where a field is the whole input is None.

    `field` is the largest over all branches, `smallest` that of the branch that sees least,
    `offset` where the first output's field begins, `padding` the part of the fields in padding.
    """

    path: str
    op: str
    shape: Shape
    field: Field
    smallest: Pair | None
    offset: tuple[Pixels, Pixels] | None
    padding: float | None
    training: bool


def field_rows(metrics: Metrics) -> list[FieldRow]:
    """Every layer in execution order."""
    return [_row(metrics, index, node.path) for index, node in enumerate(metrics.graph)]


def field_row(metrics: Metrics, path: str = "") -> FieldRow:
    """The layer or block at `path`, else the last map before a global layer."""
    index = metrics.node(path)
    return _row(metrics, index, path or metrics.graph.nodes[index].path)


def _row(metrics: Metrics, index: int, path: str) -> FieldRow:
    node, one = metrics.graph.nodes[index], metrics.seen[index]
    return FieldRow(
        path=path,
        op=node.op.name,
        shape=node.shape,
        field=metrics.fields[index],
        smallest=one.smallest,
        offset=one.offset,
        padding=one.padding(node.shape, input_size(metrics.graph)),
        training=node.training,
    )
