"""The layer table of `cnnspec summary` in every format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnnspec.report import table
from cnnspec.report.escape import terminal
from cnnspec.report.numbers import short
from cnnspec.report.style import PLAIN, Style
from cnnspec.report.table import Column, Table
from cnnspec.report.width import paragraph, width
from cnnspec.values import dims

if TYPE_CHECKING:
    from cnnspec.analyses.field import Field, Pixels
    from cnnspec.analyses.layers import Row
    from cnnspec.analyses.summary import Summary

_COLUMNS = (
    Column("layer"), Column("op", spare=True), Column("kernel", spare=True, kept=True),
    Column("output", kept=True),
    Column("params", right=True), Column("MACs", right=True),
)  # fmt: skip


def summary_table(summary: Summary) -> Table:
    """Layers in execution order with a line of totals (two where auxiliary heads exist)."""
    cost = summary.metrics.cost
    result = Table(_COLUMNS, [_cells(row) for row in summary.rows])
    result.totals.append(("total", "", "", "", cost.params, cost.macs))
    if cost.aux:
        result.totals.append(("with aux heads", "", "", "", cost.params_all, ""))
    return result


def _cells(row: Row) -> tuple[table.Cell, ...]:
    op = f"{row.op} (shares {row.shares})" if row.shares else row.op
    return row.path, op, row.kernel, dims(row.shape), row.params, row.macs


def as_text(summary: Summary, style: Style = PLAIN) -> str:
    """The page a person reads: title, table, conventions, sizes."""
    title = [summary.name, *([summary.title] if summary.title else []), summary.file]
    named = paragraph(" · ".join(map(terminal, title)) + "\n", style.width, "  ")
    first = terminal(title[0])
    head = style.paint(first, "bold") + named.removeprefix(first)
    flops = f"{2 * summary.metrics.cost.macs:,}"
    sizes = summary.metrics.sizes
    once = ", shared weights once" if any(row.shares for row in summary.rows) else ""
    below = (
        f"  MACs: multiply-adds of conv and linear, one image. FLOPs = 2 MACs = {flops}.\n"
        f"  input {sizes.input_mb:.2f} MB · forward/backward {sizes.forward_backward_mb:.2f} MB · "
        f"params {sizes.params_mb:.2f} MB · total {sizes.total_mb:.2f} MB"
        f"   (as torchsummary counts{once})\n"
    )
    body = _body(summary_table(summary), style)
    return f"{head}\n{body}{paragraph(below, style.width)}"


def _body(whole: Table, style: Style) -> str:
    """The table; its numbers to four digits where the terminal is too narrow for all of them."""
    body = table.text(whole, style)
    if style.width is None or max(map(width, body.splitlines())) <= style.width:
        return body
    brief = Table(whole.columns, list(map(_brief, whole.rows)), list(map(_brief, whole.totals)))
    return table.text(brief, style)


def _brief(row: tuple[table.Cell, ...]) -> tuple[table.Cell, ...]:
    return tuple(table.Figure(c, short(c)) if isinstance(c, int) else c for c in row)


def as_json(summary: Summary) -> dict[str, Any]:
    """The shape `cnnspec.summary/1`."""
    net = summary.metrics.net
    return {
        "schema": "cnnspec.summary/1",
        "net": summary.name,
        "file": summary.file,
        "inputs": {entry.name: _shape(entry.shape) for entry in net.inputs},
        "outputs": {name: _shape(shape) for name, shape in net.outputs.items()},
        "totals": _totals(summary),
        "layers": [_layer(row) for row in summary.rows],
    }


def _totals(summary: Summary) -> dict[str, Any]:
    metrics = summary.metrics
    names = ("params", "params_all", "trainable", "weights", "macs", "flops", "layers")
    return {
        **{name: metrics.value(name) for name in names},
        **metrics.sizes._asdict(),
        "peak_inference_bytes": metrics.value("peak_inference_bytes"),
        "receptive_field": _field(metrics.field()),
    }


def _field(field: Field) -> dict[str, Any] | str:
    """Size and stride as one number each, or [rows, columns] where they differ; else `all`."""
    if field.whole:
        return "all"
    rows, columns = field.size
    strides = [_pixels(stride) for stride in field.stride]
    return {
        "size": rows if rows == columns else [rows, columns],
        "stride": strides[0] if strides[0] == strides[1] else strides,
    }


def _pixels(pixels: Pixels) -> int | float:
    return int(pixels) if pixels == int(pixels) else float(pixels)


def _layer(row: Row) -> dict[str, Any]:
    """One layer; `input_shape` is that of the first input, a join has more in `input_shapes`."""
    shapes = [_shape(shape) for shape in row.input_shapes]
    return {
        "path": row.path,
        "op": row.op,
        "inputs": list(row.inputs),
        "input_shape": shapes[0] if shapes else None,
        "input_shapes": shapes,
        "output_shape": _shape(row.shape),
        "params": row.params or 0,
        "macs": row.macs or 0,
        "training": row.training,
        "shares": row.shares or None,
        "file": row.span.source.name,
        "line": row.span.line,
    }


def _shape(shape: tuple[int, ...]) -> list[int]:
    return [int(n) for n in shape]
