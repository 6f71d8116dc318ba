"""`cnnspec field`: the receptive field of every layer, and a picture of one layer's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnnspec.cli.faults import UsageFault
from cnnspec.cli.options import AsTable, Input, Net, Set, TableFormat

if TYPE_CHECKING:
    from cnnspec.analyses.fieldrows import FieldRow
    from cnnspec.analyses.metrics import Metrics

Layer = Annotated[
    str | None, typer.Option("--layer", metavar="PATH", help="One layer or block in words.")
]
Picture = Annotated[
    Path | None,
    typer.Option("-o", "--output", metavar="FILE", help="Draw that layer's field: svg, pdf, png."),
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite a file that is not our figure.")]


def command(
    net: Net,
    form: AsTable = TableFormat.TABLE,
    layer: Layer = None,
    path: Picture = None,
    force: Force = False,
    settings: Set = None,
    inputs: Input = None,
) -> int:
    """Show the receptive field of every layer: size, stride, offset, padding's share."""
    from cnnspec.analyses.fieldrows import field_rows
    from cnnspec.analyses.metrics import Metrics
    from cnnspec.cli.gate import admitted, verdict
    from cnnspec.cli.literal import overrides
    from cnnspec.cli.output import out, out_data, out_json, out_style, tell
    from cnnspec.elaborate.workspace import Workspace
    from cnnspec.report import field as report
    from cnnspec.report import table
    from cnnspec.report.width import paragraph

    workspace, changes = Workspace(), overrides(settings or [], inputs)
    (elaborated,) = admitted(workspace, [net], changes, measures=path is None)
    metrics = Metrics(elaborated.net)
    chosen = _chosen(metrics, layer) if layer or path else None
    if path is not None and chosen is not None:
        tell(_draw(metrics, chosen, path, force), beside=form is not TableFormat.TABLE)
    rows = field_rows(metrics) if chosen is None else [chosen]
    match form:
        case TableFormat.JSON:
            out_json(report.as_json(elaborated, rows))
        case TableFormat.TABLE if chosen is not None:
            out(report.sentence(elaborated.net.name, chosen))
        case TableFormat.TABLE:
            style = out_style()
            out(table.text(report.field_table(rows), style) + paragraph(report.NOTE, style.width))
        case _:
            out_data(table.write(report.field_table(rows), form.value))
    return verdict(workspace)


def _chosen(metrics: Metrics, layer: str | None) -> FieldRow:
    from cnnspec.analyses.fieldrows import field_row
    from cnnspec.analyses.paths import UnknownPath
    from cnnspec.diagnostics import did_you_mean

    try:
        return field_row(metrics, layer or "")
    except UnknownPath as unknown:
        near = did_you_mean(unknown.path, unknown.known)
        raise UsageFault(
            f"{metrics.net.name} has nothing at {unknown.path}{near and f': {near}'}"
        ) from None


def _draw(metrics: Metrics, row: FieldRow, path: Path, force: bool) -> str:
    from cnnspec.cli.picture import save
    from cnnspec.draw.styles.field import field_figure

    return save(path, force, lambda: field_figure(metrics, row))
