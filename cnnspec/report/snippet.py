"""Source lines with marks under them: the middle of a diagnostic in text."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from cnnspec.records import record
from cnnspec.report.escape import terminal
from cnnspec.report.width import expand, width

if TYPE_CHECKING:
    from cnnspec.report.style import Style
    from cnnspec.source import Source, Span

LINE_MAX: Final = 160
"""Columns of a source line that are shown where the terminal says nothing else."""


@record(frozen=True)
class Mark:
    """A place under which `^^^` (primary) or `---` stands, with words beside it.

    `kind` is `error` or `warning` for the primary mark, `label` for the others.
    """

    span: Span
    message: str
    kind: str = "label"

    @property
    def primary(self) -> bool:
        """Whether this is where the defect is."""
        return self.kind != "label"


@record(frozen=True)
class _Underline:
    """A mark on its line, in columns of the screen."""

    start: int
    end: int
    mark: Mark

    @property
    def drawn(self) -> str:
        return ("^" if self.mark.primary else "-") * (self.end - self.start)


def gutter_width(marks: Iterable[Mark]) -> int:
    """Columns of the largest line number, at least two."""
    return max([2, *(len(str(mark.span.line)) for mark in marks)])


def snippet(source: Source, marks: list[Mark], gutter: int, style: Style) -> Iterator[str]:
    """The marked lines of one source in order, each followed by its marks."""
    lines: dict[int, list[Mark]] = {}
    for mark in marks:
        lines.setdefault(mark.span.line, []).append(mark)
    bar = style.paint(" " * gutter + " |", "gutter")
    for number in sorted(lines):
        limit = (style.width - gutter - 4) if style.width else LINE_MAX
        text, underlines = _line(source, number, lines[number], limit)
        yield style.paint(f"{number:>{gutter}} |", "gutter") + _after(text)
        for row in _rows(underlines, style):
            yield bar + _after(row)


def _after(text: str) -> str:
    return f" {text}" if text else ""


def _line(
    source: Source, number: int, marks: list[Mark], limit: int
) -> tuple[str, list[_Underline]]:
    """One source line, clipped around its marks when it is long, and the columns of the marks."""
    cells, columns = _expanded(source, number)
    start = source.line_starts[number - 1]
    underlines = [_underline(mark, start, columns) for mark in marks]
    if columns[-1] <= limit:
        return "".join(cells).rstrip(), underlines
    primary = next((u for u in underlines if u.mark.primary), underlines[0])
    low = max(0, min(primary.start - limit // 3, columns[-1] - limit))
    first = bisect_left(columns, low)
    last = bisect_right(columns, low + limit) - 1
    head, tail = "…" if first else "", "…" if last < len(cells) else ""
    move = width(head) - columns[first]
    moved = [_moved(underline, move, limit) for underline in underlines]
    return head + "".join(cells[first:last]) + tail, moved


@lru_cache(maxsize=16)
def _expanded(source: Source, number: int) -> tuple[list[str], list[int]]:
    """A long line with many defects is laid out once."""
    return expand(source.line(number).rstrip("\n"))


def _underline(mark: Mark, start: int, columns: list[int]) -> _Underline:
    """Where a mark stands on the screen: at least one column, at most to the end of its line."""
    end = len(columns) - 1
    first = min(max(mark.span.start - start, 0), end)
    last = min(max(mark.span.end - start, first), end)
    return _Underline(columns[first], max(columns[last], columns[first] + 1), mark)


def _moved(underline: _Underline, move: int, limit: int) -> _Underline:
    """A mark on a clipped line; what is cut off is marked at the edge."""
    start = min(max(underline.start + move, 0), limit)
    end = min(max(underline.end + move, start + 1), limit + 1)
    return _Underline(start, end, underline.mark)


def _rows(underlines: list[_Underline], style: Style) -> Iterator[str]:
    """Rows of marks; what overlaps goes to a row of its own, the words of the last beside it."""
    left = sorted(underlines, key=lambda u: (u.start, not u.mark.primary))
    while left:
        row: list[_Underline] = []
        rest: list[_Underline] = []
        for underline in left:
            fits = not row or row[-1].end < underline.start
            (row if fits else rest).append(underline)
        yield from _row(row, style)
        left = rest


def _row(row: list[_Underline], style: Style) -> Iterator[str]:
    text, at = "", 0
    for underline in row:
        text += " " * (underline.start - at) + _paint(underline, underline.drawn, style)
        at = underline.end
    last = row[-1]
    if last.mark.message:
        text += " " + _paint(last, terminal(last.mark.message), style)
    yield text
    for underline in reversed(row[:-1]):
        if underline.mark.message:
            words = _paint(underline, terminal(underline.mark.message), style)
            yield " " * underline.start + words


def _paint(underline: _Underline, text: str, style: Style) -> str:
    return style.paint(text, underline.mark.kind)
