"""`cnnspec claims`: every cited figure beside what is measured."""

from __future__ import annotations

from cnnspec.cli.options import AsTable, Specs, TableFormat


def command(paths: Specs = None, form: AsTable = TableFormat.TABLE) -> int:
    """Show every claim: source, printed figure, measured figure, verdict."""
    from cnnspec.cli.checking import check, targets
    from cnnspec.cli.output import out, out_json, out_style, show_diagnostics
    from cnnspec.report import claims as report
    from cnnspec.report import table

    outcome = check(targets(paths or []))
    match form:
        case TableFormat.TABLE:
            closing = report.closing_line(outcome.nets)
            body = report.as_text(outcome.nets, out_style())
            several = sum(bool(net.claims) for net in outcome.nets) > 1
            out(body + (f"\n{closing}" if several else "" if body else closing))
        case TableFormat.JSON:
            out_json(report.as_json(outcome.nets))
        case _:
            out(table.write(report.merged(outcome.nets), form.value))
    if outcome.errors:
        show_diagnostics(outcome.workspace.diagnostics.errors)
    return int(outcome.errors > 0)
