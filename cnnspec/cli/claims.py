"""`cnnspec claims`: every cited figure beside what is measured."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cnnspec.cli.faults import UsageFault
from cnnspec.cli.options import AsTable, Specs, TableFormat

if TYPE_CHECKING:
    from cnnspec.analyses.review import Bench, Document, Judged
    from cnnspec.cli.checking import Outcome


def command(paths: Specs = None, form: AsTable = TableFormat.TABLE) -> int:
    """Show every claim: source, printed figure, measured figure, verdict."""
    from cnnspec.cli.checking import check, targets
    from cnnspec.cli.output import out, out_data, out_json, out_style, show_diagnostics
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
        case TableFormat.MARKDOWN if reviews := _reviews(paths or ["specs"]):
            out_data(_page(reviews, outcome))
        case _:
            out_data(table.write(report.merged(outcome.nets), form.value))
    if outcome.errors:
        show_diagnostics(outcome.workspace.diagnostics.errors)
    return int(outcome.errors > 0)


def _reviews(paths: list[str]) -> list[Path]:
    """The reviews of source documents that lie in the folders among the arguments."""
    return [file for path in paths for file in sorted(Path(path).glob("*.review"))]


def _page(reviews: list[Path], outcome: Outcome) -> str:
    """The page with every number of the reviewed documents. Raises UsageFault."""
    from cnnspec.analyses.review import ReviewError, judge, parse
    from cnnspec.report.review import page

    bench = _bench(outcome)
    judged: list[tuple[Document, list[Judged]]] = []
    for file in reviews:
        try:
            reviewed = parse(file.read_text(encoding="utf-8"))
            judged += [(d, list(judge(reviewed, d, bench))) for d in reviewed.documents]
        except (ReviewError, UnicodeDecodeError) as error:
            raise UsageFault(f"{file}: {error}") from None
    return page(judged, outcome.nets)


def _bench(outcome: Outcome) -> Bench:
    """What a review asks of the nets that were checked."""
    from cnnspec.analyses.figures import metrics_of
    from cnnspec.analyses.review import Bench
    from cnnspec.elaborate.workspace import Elaborated

    # The first of a name is that of specs/NAME.cnn, which a bare name means.
    workspace, results = outcome.workspace, {net.name: net for net in reversed(outcome.nets)}

    def net(name: str) -> Elaborated:
        unit = workspace.read(results[name].file)
        found = workspace.elaborate(unit, name) if unit else None
        if found is None:
            raise LookupError(f"{name} has errors")
        return found

    return Bench(
        net=net,
        metrics=lambda name: metrics_of(workspace, net(name)),
        claims=lambda name: results[name].claims,
    )
