"""A page of runs beside the papers' figures: a table and curves, as Markdown or HTML."""

from collections.abc import Sequence
from html import escape

from cnnspec.train.errors import printable
from cnnspec.train.progress import clock
from cnnspec.train.reports.collect import Result

HEAD = ("net", "data", "seed", "steps", "error here, %", "printed, %", "difference", "source",
        "device", "time", "run")  # fmt: skip
STYLE = (
    "body{font:15px/1.5 sans-serif;max-width:75em;margin:2em auto;padding:0 1em}"
    "table{border-collapse:collapse}td,th{padding:.3em .7em;border-bottom:1px solid #ccc;"
    "text-align:left;vertical-align:top}td:nth-child(-n+7){white-space:nowrap}"
    "td:nth-child(n+3):nth-child(-n+7),th:nth-child(n+3):nth-child(-n+7){text-align:right}"
    "img,svg{max-width:100%}"
)
NOTE = (
    "Errors are in percent after the last step; none is picked by its test error. A printed figure "
    "stands beside a run only where that was on the paper's data."
)


def rows(results: Sequence[Result]) -> list[tuple[str, ...]]:
    """Return a row of text for each run."""
    return [_row(result) for result in results]


def _row(result: Result) -> tuple[str, ...]:
    top1, top5, printed = result.error(), result.error("top5_error"), result.printed
    here, difference = "unfinished", "–"
    if top1 is not None:
        here = f"{top1:.2f}" if top5 is None else f"{top1:.2f} / {top5:.2f}"
        difference = f"{top1 - printed.top1:+.2f}" if printed else "–"
    seconds = result.result.get("seconds")
    return (
        result.net,
        result.data,
        str(result.seed),
        f"{result.steps:,}",
        here,
        printed.shown() if printed else "–",
        difference,
        f"{printed.source}; {printed.protocol}" if printed else "–",
        result.device,
        clock(float(seconds)) if isinstance(seconds, int | float) else "–",
        str(result.folder),
    )


def paper_table(results: Sequence[Result]) -> list[str]:
    """Return lines of Markdown: a table such as He et al. 2015's table 6, with a column more."""
    lines = ["| net | # layers | # params | error here (%) | error printed (%) |",
             "|---|---:|---:|---:|---:|"]  # fmt: skip
    for result in results:
        layers = "".join(char for char in result.net if char.isdigit())
        params = f"{result.parameters / 1e6:.2f}M" if result.parameters else "–"
        error, printed = result.error(), result.printed
        cells = (result.label, layers, params, "–" if error is None else f"{error:.2f}",
                 printed.shown() if printed else f"not on {result.data}")  # fmt: skip
        lines.append(f"| {' | '.join(_md(cell) for cell in cells)} |")
    return lines


def markdown(results: Sequence[Result], title: str, figure: str | None) -> str:
    """Return the page as Markdown."""
    lines = [f"# {_md(title)}", "", f"| {' | '.join(HEAD)} |", f"|{'---|' * len(HEAD)}"]
    lines += [f"| {' | '.join(_md(cell) for cell in row)} |" for row in rows(results)]
    lines += ["", NOTE, ""]
    if figure:
        lines += [f"![errors over the steps]({figure})", ""]
    return "\n".join(lines)


def _md(text: str) -> str:
    """Escape what Markdown would read."""
    return "".join(f"\\{char}" if char in "\\`*_{}[]<>#|" else char for char in printable(text))


def html(results: Sequence[Result], title: str, figure: str | None) -> str:
    """Return the page as HTML, with the figure in it."""
    head = "".join(f"<th>{escape(name)}</th>" for name in HEAD)
    body = "\n".join(
        "<tr>" + "".join(f"<td>{escape(printable(cell))}</td>" for cell in row) + "</tr>"
        for row in rows(results)
    )
    shown = figure[figure.index("<svg") :] if figure else ""
    return (
        f'<!doctype html>\n<meta charset="utf-8"><title>{escape(printable(title))}</title>'
        f"<style>{STYLE}</style>\n<h1>{escape(printable(title))}</h1>\n"
        f"<table><tr>{head}</tr>\n{body}</table>\n<p>{escape(NOTE)}</p>\n{shown}\n"
    )
