"""`cnnspec report RUN...`: one page of runs beside the papers' figures."""

from pathlib import Path

from cnnspec.train.checkpoint import replace_file
from cnnspec.train.errors import printable
from cnnspec.train.reports.arguments import Page
from cnnspec.train.reports.collect import read_result
from cnnspec.train.reports.drawing import Panel, draw_errors
from cnnspec.train.reports.page import html, markdown
from cnnspec.train.sketch import sketch


def report_command(given: Page) -> int:
    """Write the page, and with Markdown its figure beside it."""
    results = [read_result(Path(name)) for name in given.runs]
    if given.curves:
        for result in results:
            print(
                "\n".join([printable(f"{result.net} · {result.folder}"), *sketch(result.metrics)])
            )
        return 0
    if not given.output:
        print(markdown(results, given.title, None))
        return 0
    path = Path(given.output)
    figure = draw_errors([Panel(given.title, results)])
    if path.suffix == ".html":
        replace_file(path, html(results, given.title, figure).encode())
        return 0
    name = path.with_suffix(".svg").name
    if figure:
        replace_file(path.with_name(name), figure.encode())
    replace_file(path, markdown(results, given.title, name if figure else None).encode())
    return 0
