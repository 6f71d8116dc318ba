"""`cnnspec summary`: the layer table of a net."""

from __future__ import annotations

from typing import Annotated

import typer

from cnnspec.cli.options import AsTable, Input, Net, Set, TableFormat

Depth = Annotated[
    int | None,
    typer.Option("--depth", min=1, metavar="N", help="Show blocks from this level on as one row."),
]


def command(
    net: Net,
    form: AsTable = TableFormat.TABLE,
    depth: Depth = None,
    settings: Set = None,
    input_size: Input = None,
) -> int:
    """Show every layer of a net: path, op, output shape, params, MACs; and the totals."""
    from cnnspec.analyses.summary import summarise
    from cnnspec.cli.literal import overrides
    from cnnspec.cli.output import out, out_json, out_style
    from cnnspec.cli.reference import elaborate
    from cnnspec.elaborate.workspace import Workspace
    from cnnspec.report import summary as report
    from cnnspec.report import table

    elaborated = elaborate(Workspace(), net, overrides(settings or [], input_size))
    summary = summarise(elaborated, depth)
    match form:
        case TableFormat.TABLE:
            out(report.as_text(summary, out_style()))
        case TableFormat.JSON:
            out_json(report.as_json(summary))
        case _:
            out(table.write(report.summary_table(summary), form.value))
    return 0
