"""The layers of a net in execution order with what each costs: the rows of a summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnspec import ir
from cnnspec.analyses.cost import WEIGHT_KINDS, layer_cost
from cnnspec.analyses.paths import UnknownPath, find, module_of, shape_of
from cnnspec.records import record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cnnspec.source import Span
    from cnnspec.values import Shape


@record(frozen=True)
class Row:
    """One layer, or one block where a summary stops at its level.

    `params` is None for an input, `macs` for what multiplies nothing; `training` marks auxiliary
    heads, `shares` is the path whose weights a layer uses once more.
    """

    path: str
    op: str
    kernel: str
    inputs: tuple[str, ...]
    input_shapes: tuple[Shape, ...]
    shape: Shape
    params: int | None
    macs: int | None
    training: bool
    shares: str
    span: Span


def rows(graph: ir.Graph) -> list[Row]:
    """Every layer of the flat graph."""
    return [_row(node, graph) for node in graph]


def _row(node: ir.Node, graph: ir.Graph) -> Row:
    cost = layer_cost(node.layer)
    counts = node.op.kind in WEIGHT_KINDS
    return Row(
        path=node.path,
        op=node.op.name,
        kernel=node.op.kernel(),
        inputs=tuple(graph.nodes[i].path for i in node.inputs),
        input_shapes=tuple(graph.nodes[i].shape for i in node.inputs),
        shape=node.shape,
        params=None if node.op.kind == "input" else 0 if node.shares else cost.params,
        macs=cost.macs if counts else None,
        training=node.training,
        shares=node.shares,
        span=node.layer.span,
    )


def collapse(net: ir.Net, layers: Iterable[Row], depth: int) -> list[Row]:
    """Rows of at most `depth` path components: deeper layers become one row of their block."""
    groups: dict[str, list[Row]] = {}
    for row in layers:
        groups.setdefault(".".join(row.path.split(".")[:depth]), []).append(row)
    return [_block(net, path, group) for path, group in groups.items()]


def _block(net: ir.Net, path: str, group: list[Row]) -> Row:
    if len(group) == 1 and group[0].path == path:
        return group[0]
    inside = {row.path for row in group}
    entering = [
        (name, shape)
        for row in group
        for name, shape in zip(row.inputs, row.input_shapes, strict=True)
        if name not in inside
    ]
    inputs = dict(entering)
    macs = [row.macs for row in group if row.macs is not None]
    return Row(
        path=path,
        op=_block_name(net, path),
        kernel="",
        inputs=tuple(inputs),
        input_shapes=tuple(inputs.values()),
        shape=_block_shape(net, path, group),
        params=sum(row.params or 0 for row in group),
        macs=sum(macs) if macs else None,
        training=group[0].training,
        shares=group[0].shares and path,
        span=group[0].span,
    )


def _block_name(net: ir.Net, path: str) -> str:
    """The declared name of a block; `seq` or `{ }` for one without."""
    try:
        items = find(net, path, {}).items
    except UnknownPath:
        return "{ }"
    module = module_of(items[0]) if len(items) == 1 else None
    if module is None:
        return "{ }"
    return module.block or ("seq" if module.seq else "{ }")


def _block_shape(net: ir.Net, path: str, group: list[Row]) -> Shape:
    try:
        items = find(net, path, {}).items
    except UnknownPath:
        return group[-1].shape
    return shape_of(items[-1]) if items else group[-1].shape
