"""A table, and how each format writes it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Final

from cnnspec.records import field, record
from cnnspec.report import escape
from cnnspec.report.columns import Column, fitted
from cnnspec.report.style import PLAIN, Style


@record(frozen=True)
class Figure:
    """What people read with a unit, in groups or as a word; programs get the bare value.

    A value that is text holds sizes such as `7x-3`, never text of a spec.
    """

    value: int | float | str | None
    text: str


def percent(share: float) -> Figure:
    """A share of 1 as people read it; programs get the share."""
    return Figure(round(share, 6), f"{100 * share:.1f} %")


__all__ = ["Cell", "Column", "Figure", "Table", "percent", "text", "write"]

Cell = str | int | float | Figure | None
"""Numbers stay numbers until a format writes them; None is "does not apply"."""


@record
class Table:
    """Rows under headings; `totals` are set off at the end."""

    columns: tuple[Column, ...]
    rows: list[tuple[Cell, ...]] = field(default_factory=list)
    totals: list[tuple[Cell, ...]] = field(default_factory=list)


def shown(cell: Cell) -> str:
    """A cell for people: digits grouped, a dash for what does not apply."""
    if cell is None:
        return "–"
    if isinstance(cell, Figure):
        return cell.text
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def one_line(cell: Cell) -> str:
    """A cell for the formats whose rows are single lines."""
    return shown(cell).replace("\n", " ")


def text(table: Table, style: Style = PLAIN, rules: bool = True) -> str:
    """Aligned columns with thin rules; a cell may hold several lines.

    On a narrow terminal texts are folded or clipped, and spare columns left out; numbers never.
    """
    rows = [[escape_lines(shown(cell)) for cell in row] for row in table.rows]
    totals = [[escape_lines(shown(cell)) for cell in row] for row in table.totals]
    heads = [[escape.terminal(column.title)] for column in table.columns]
    layout = fitted(table.columns, [heads, *rows, *totals], style.width)
    rule = " " + "─" * (layout.total - 1)
    lines = [style.paint(line, "bold") for line in layout.lines(heads)]
    if rules:
        lines.append(style.paint(rule, "dim"))
    for row in rows:
        lines.extend(layout.lines(row))
    if rules and totals:
        lines.append(style.paint(rule, "dim"))
    for row in totals:
        lines.extend(layout.lines(row))
    return "\n".join(lines) + "\n"


def escape_lines(cell: str) -> list[str]:
    """The lines of a cell, each safe for a terminal."""
    if "\n" not in cell:
        return [escape.terminal(cell)]
    return [escape.terminal(line) for line in cell.split("\n")]


def as_csv(table: Table) -> str:
    """Comma-separated values with a heading; numbers bare, nothing for what is none."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(escape.csv(column.title) for column in table.columns)
    for row in [*table.rows, *table.totals]:
        writer.writerow(map(_csv, row))
    return out.getvalue()


def _csv(cell: Cell) -> str | int | float | None:
    if isinstance(cell, Figure):
        return cell.value
    return escape.csv(one_line(cell)) if isinstance(cell, str) else cell


def as_markdown(table: Table) -> str:
    """A GitHub table; totals in bold."""

    def line(cells: Iterable[str]) -> str:
        return "| " + " | ".join(cells) + " |\n"

    rows = [line(escape.markdown(column.title) for column in table.columns)]
    rows.append(line("---:" if column.right else "---" for column in table.columns))
    rows.extend(line(escape.markdown(one_line(cell)) for cell in row) for row in table.rows)
    for row in table.totals:
        cells = (escape.markdown(one_line(cell)) for cell in row)
        rows.append(line(f"**{cell}**" if cell else "" for cell in cells))
    return "".join(rows)


def as_latex(table: Table) -> str:
    """A `tabular` with booktabs rules."""

    def line(cells: Iterable[str]) -> str:
        return "  " + " & ".join(cells) + r" \\" + "\n"

    head = line(escape.latex(column.title) for column in table.columns)
    body = "".join(line(escape.latex(one_line(cell)) for cell in row) for row in table.rows)
    totals = "".join(line(escape.latex(one_line(cell)) for cell in row) for row in table.totals)
    alignment = "".join("r" if column.right else "l" for column in table.columns)
    middle = f"  \\midrule\n{totals}" if totals else ""
    return (
        f"\\begin{{tabular}}{{{alignment}}}\n  \\toprule\n{head}  \\midrule\n"
        f"{body}{middle}  \\bottomrule\n\\end{{tabular}}\n"
    )


_WRITERS: Final = {"csv": as_csv, "markdown": as_markdown, "latex": as_latex}


def write(table: Table, form: str) -> str:
    """The table as `csv`, `markdown` or `latex`."""
    return _WRITERS[form](table)
