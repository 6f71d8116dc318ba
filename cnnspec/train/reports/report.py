"""`cnnspec report RUN...`: one page of runs beside the papers' figures."""

import argparse
from pathlib import Path

from cnnspec.train.arguments import Parser
from cnnspec.train.checkpoint import replace_file
from cnnspec.train.errors import UsageError
from cnnspec.train.reports.collect import read_result
from cnnspec.train.reports.drawing import Panel, draw_errors
from cnnspec.train.reports.page import html, markdown


def parse(argv: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(prog="cnnspec report", description="Runs beside the papers' figures.")
    parser.add_argument("runs", nargs="+", metavar="RUN", help="folders: runs/NET/NAME")
    parser.add_argument("-o", "--output", metavar="FILE", help=".md or .html (default: print)")
    parser.add_argument("--title", default="Runs beside the papers' figures")
    given = parser.parse_args(argv)
    if given.output and Path(given.output).suffix not in (".md", ".html"):
        raise UsageError(f"-o {given.output}: a report is .md or .html")
    return given


def main(argv: list[str]) -> int:
    """Write the page, and with Markdown its figure beside it."""
    given = parse(argv)
    results = [read_result(Path(name)) for name in given.runs]
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
