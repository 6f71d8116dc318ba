"""`cnnspec list`: the shipped nets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnspec.cli.faults import Findings, UsageFault
from cnnspec.cli.options import AsTable, TableFormat

if TYPE_CHECKING:
    from cnnspec.elaborate.workspace import Elaborated


def command(form: AsTable = TableFormat.TABLE) -> int:
    """List the shipped nets: input, params, MACs, layers, source."""
    from cnnspec.cli.output import out, out_json, out_style
    from cnnspec.report import listing as report
    from cnnspec.report import table

    rows = [report.row(net) for net in shipped()]
    match form:
        case TableFormat.TABLE:
            out(table.text(report.listing_table(rows), out_style()))
        case TableFormat.JSON:
            out_json(report.as_json(rows))
        case _:
            out(table.write(report.listing_table(rows), form.value))
    return 0


def shipped() -> list[Elaborated]:
    """Every net of the shipped specs that has all its values, in order of file."""
    from cnnspec import resources
    from cnnspec.cli.files import spec_files
    from cnnspec.cli.reference import nets_of
    from cnnspec.elaborate.workspace import Workspace

    try:
        folder = resources.specs()
    except FileNotFoundError as missing:
        raise UsageFault(str(missing)) from None
    workspace = Workspace()
    nets = [net for path in spec_files(str(folder)) for net in nets_of(workspace, path)]
    if workspace.diagnostics.errors:
        raise Findings(workspace)
    return nets
