"""`cnnspec list`: the shipped nets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnspec.cli.faults import UsageFault
from cnnspec.cli.options import AsTable, TableFormat

if TYPE_CHECKING:
    from cnnspec.elaborate.workspace import Elaborated


def command(form: AsTable = TableFormat.TABLE) -> int:
    """List the shipped nets: input, params, MACs, layers, source."""
    from cnnspec.cli.output import out, out_data, out_json, out_style
    from cnnspec.report import listing as report
    from cnnspec.report import table

    rows = [report.row(net) for net in shipped()]
    match form:
        case TableFormat.TABLE:
            out(table.text(report.listing_table(rows), out_style()))
        case TableFormat.JSON:
            out_json(report.as_json(rows))
        case _:
            out_data(table.write(report.listing_table(rows), form.value))
    return 0


def shipped() -> list[Elaborated]:
    """Every net of the shipped specs that has all its values, in order of file."""
    from cnnspec import resources
    from cnnspec.analyses.checking import Overrides
    from cnnspec.cli.files import spec_files
    from cnnspec.cli.gate import admitted_files
    from cnnspec.elaborate.workspace import Workspace

    try:
        folder = resources.specs()
    except FileNotFoundError as missing:
        raise UsageFault(str(missing)) from None
    return admitted_files(Workspace(), spec_files(str(folder)), Overrides())
