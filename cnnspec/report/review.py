"""docs/claims.md: every number of the reviewed documents, then every claim of the specs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from cnnspec.analyses.review import VERDICTS, Judged
from cnnspec.report import table
from cnnspec.report.claims import closing_line, merged
from cnnspec.report.escape import markdown
from cnnspec.report.table import Column, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cnnspec.analyses.checking import NetResult
    from cnnspec.analyses.review import Document

_HEAD = """# What the sources print, and what is measured

<!-- Written by `cnnspec claims --format markdown > docs/claims.md`; tests compare. -->

Four documents about convolutional networks, slides and notes in Korean, are where this project
began. Every number in them that is written in digits has a row below, in their order: what it is,
the verdict, and why; a few statements without digits, marked –, stand among them. Then follow all
claims of the specs, those of the papers included.

"""

_COLUMNS = (
    Column("line", right=True), Column("printed", right=True), Column("what"), Column("verdict"),
    Column("measured", right=True), Column("by"), Column("why"),
)  # fmt: skip


def page(reviews: Sequence[tuple[Document, Sequence[Judged]]], nets: Sequence[NetResult]) -> str:
    """The whole page as Markdown."""
    parts = [_HEAD, _overview(reviews), _found(reviews)]
    for document, judged in reviews:
        parts.append(f"\n## {markdown(document.title)}\n\n`{document.name}`\n\n")
        parts.append(table.as_markdown(Table(_COLUMNS, [_cells(row) for row in judged])))
    parts.append(f"\n## All claims of the specs\n\n{closing_line(nets)}\n")
    parts.append(table.as_markdown(merged(nets)))
    return "".join(parts)


def _overview(reviews: Iterable[tuple[Document, Sequence[Judged]]]) -> str:
    """How many numbers of each document got which verdict."""
    columns = [Column("document"), *(Column(v, right=True) for v in VERDICTS), Column("all", True)]
    total: Counter[str] = Counter()
    rows: list[tuple[table.Cell, ...]] = []
    for document, judged in reviews:
        counts = Counter(row.verdict for row in judged)
        total += counts
        rows.append((document.title, *(counts[v] for v in VERDICTS), len(judged)))
    totals: table.Cell = "all"
    last = [(totals, *(total[v] for v in VERDICTS), sum(total.values()))]
    legend = "".join(f"- **{verdict}**: {meaning}\n" for verdict, meaning in VERDICTS.items())
    return table.as_markdown(Table(tuple(columns), rows, last)) + "\n" + legend


def _found(reviews: Iterable[tuple[Document, Sequence[Judged]]]) -> str:
    """What is not as printed, once each: the part that is worth reading first."""
    columns = (Column("document"), Column("line", right=True), Column("printed", right=True),
               Column("what"), Column("measured", right=True), Column("why"))  # fmt: skip
    rows: dict[tuple[str, int, str], tuple[table.Cell, ...]] = {}
    for document, judged in reviews:
        for row in judged:
            if row.verdict in ("differs", "wrong"):
                number = row.number
                key = (document.name, number.line, row.reason)
                seen = rows.get(key)
                printed = f"{seen[2]} {number.text}" if seen else number.text
                rows[key] = (document.title, str(number.line), printed, number.about,
                             row.measured or None, row.reason)  # fmt: skip
    found = table.as_markdown(Table(columns, list(rows.values())))
    return f"\n## What is not as printed\n\n{found}"


def _cells(row: Judged) -> tuple[table.Cell, ...]:
    number = row.number
    return (str(number.line), number.text, number.about, row.verdict,
            row.measured or None, row.by or None, row.reason or None)  # fmt: skip
