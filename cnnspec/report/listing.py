"""The table of `cnnspec list`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnnspec.records import record
from cnnspec.report.numbers import shapes, short
from cnnspec.report.table import Column, Figure, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnspec.elaborate.workspace import Elaborated
    from cnnspec.values import Shape

_COLUMNS = (
    Column("net", kept=True), Column("input", spare=True, kept=True), Column("params", right=True),
    Column("MACs", right=True), Column("layers", right=True, spare=True),
    Column("source", spare=True),
)  # fmt: skip


@record(frozen=True)
class Listed:
    """One net of the list."""

    name: str
    file: str
    inputs: tuple[Shape, ...]
    params: int
    macs: int
    layers: int
    source: str
    folder: str = ""
    """The folder of specs/ where the file lies; empty for specs/ itself."""


def row(elaborated: Elaborated, folder: str = "") -> Listed:
    """Measure one net for the list."""
    from cnnspec.analyses.metrics import Metrics
    from cnnspec.analyses.summary import title

    metrics = Metrics(elaborated.net)
    return Listed(
        name=elaborated.net.name,
        file=elaborated.unit.source.name,
        inputs=tuple(entry.shape for entry in elaborated.net.inputs),
        params=metrics.cost.params,
        macs=metrics.cost.macs,
        layers=metrics.layers,
        source=title(elaborated),
        folder=folder,
    )


def grouped(rows: Sequence[Listed]) -> dict[str, list[Listed]]:
    """Rows by folder, the folders in the order in which they come."""
    groups: dict[str, list[Listed]] = {}
    for net in rows:
        groups.setdefault(net.folder, []).append(net)
    return groups


def heading(folder: str) -> str:
    """What stands above the nets of a folder; for specs/ itself nothing."""
    return f"specs/{folder}" if folder else ""


def with_folders(rows: Sequence[Listed]) -> Table:
    """One row a net, its folder last: for a spreadsheet."""
    plain = listing_table(rows)
    cells = [(*row, net.folder) for row, net in zip(plain.rows, rows, strict=True)]
    return Table((*_COLUMNS, Column("folder")), cells)


def listing_table(rows: Sequence[Listed]) -> Table:
    """One row a net."""
    cells = [
        (net.name, shapes(net.inputs), net.params, _short(net.macs), net.layers, net.source)
        for net in rows
    ]
    return Table(_COLUMNS, [*cells])


def _short(number: int) -> Figure:
    return Figure(number, short(number))


def as_json(rows: Sequence[Listed]) -> dict[str, Any]:
    """The shape `cnnspec.list/1`."""
    nets = [
        {
            "name": net.name,
            "file": net.file,
            "folder": net.folder,
            "inputs": [[int(n) for n in shape] for shape in net.inputs],
            "params": net.params,
            "macs": net.macs,
            "layers": net.layers,
            "source": net.source,
        }
        for net in rows
    ]
    return {"schema": "cnnspec.list/1", "nets": nets}
