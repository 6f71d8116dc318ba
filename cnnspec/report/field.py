"""The table of `cnnspec field` in every format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnnspec.report.escape import terminal
from cnnspec.report.table import Cell, Column, Figure, Table, percent
from cnnspec.values import dims

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnspec.analyses.field import Pixels
    from cnnspec.analyses.fieldrows import FieldRow
    from cnnspec.elaborate.workspace import Elaborated

_COLUMNS = (
    Column("layer"), Column("op", spare=True), Column("output", kept=True),
    Column("field", right=True), Column("smallest", right=True, spare=True),
    Column("stride", right=True), Column("offset", right=True),
    Column("padding", right=True, spare=True),
)  # fmt: skip

NOTE = (
    "  field: input pixels that one output pixel sees, over all branches; smallest: along the\n"
    "  branch that sees least; offset: where the first output's field begins; padding: the part\n"
    "  of the fields that lies in padding.\n"
)


def field_table(rows: Sequence[FieldRow]) -> Table:
    """One row a layer; `all` stands for the whole input."""
    return Table(_COLUMNS, [_cells(row) for row in rows])


def _cells(row: FieldRow) -> tuple[Cell, ...]:
    whole = row.field.whole
    return (
        row.path,
        row.op,
        dims(row.shape),
        Figure(None, "all") if whole else _pixels(row.field.size),
        Figure(None, "all") if row.smallest is None else _pixels(row.smallest),
        None if whole else _pixels(row.field.stride),
        None if row.offset is None else _pixels(row.offset),
        None if row.padding is None else percent(row.padding),
    )


def _pixels(pair: tuple[Pixels, Pixels]) -> Cell:
    """One number where rows and columns agree, else both as text."""
    rows, columns = _pair(pair)
    return Figure(rows if rows == columns else pixels(pair), pixels(pair))


def pixels(pair: tuple[Pixels, Pixels]) -> str:
    """Rows and columns as one number where they agree: `7`, `1x7`, `-3`."""
    rows, columns = (f"{float(n):g}" for n in pair)
    return rows if rows == columns else f"{rows}x{columns}"


def sentence(net: str, row: FieldRow) -> str:
    """One layer in words."""
    name = terminal(row.path)
    if row.field.whole:
        return f"{net}: every output of {name} can see the whole input.\n"
    assert row.offset is not None and row.padding is not None and row.smallest is not None
    smallest = (
        f", {pixels(row.smallest)} along its smallest branch"
        if row.smallest != row.field.size
        else ""
    )
    return (
        f"{net}: one output pixel of {name} sees {pixels(row.field.size)} pixels of the input"
        f"{smallest}; stride {pixels(row.field.stride)}, offset {pixels(row.offset)}; "
        f"{100 * row.padding:.1f} % of the fields is padding.\n"
    )


def as_json(elaborated: Elaborated, rows: Sequence[FieldRow]) -> dict[str, Any]:
    """The shape `cnnspec.field/1`; pairs are [rows, columns], null where it does not apply."""
    return {
        "schema": "cnnspec.field/1",
        "net": elaborated.net.name,
        "file": elaborated.unit.source.name,
        "inputs": {e.name: [int(n) for n in e.shape] for e in elaborated.net.inputs},
        "layers": [_layer(row) for row in rows],
    }


def _layer(row: FieldRow) -> dict[str, Any]:
    return {
        "path": row.path,
        "op": row.op,
        "output_shape": [int(n) for n in row.shape],
        "whole": row.field.whole,
        "size": None if row.field.whole else _pair(row.field.size),
        "smallest": None if row.smallest is None else _pair(row.smallest),
        "stride": None if row.field.whole else _pair(row.field.stride),
        "offset": None if row.offset is None else _pair(row.offset),
        "padding": None if row.padding is None else round(row.padding, 6),
        "training": row.training,
    }


def _pair(pair: tuple[Pixels, Pixels]) -> list[int | float]:
    return [int(n) if n == int(n) else float(n) for n in pair]
