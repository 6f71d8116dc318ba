"""The columns of a table on a terminal: how wide each is, and what is left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from cnnspec.records import record
from cnnspec.report.width import fold, pad, width

GAP: Final = "  "
_COMFORT: Final = 14
"""Columns that a text keeps before a spare column goes."""
_LEAST: Final = 7
"""Columns that a text keeps in any case."""

Lines = list[str]
"""The lines of one cell."""


@record(frozen=True)
class Column:
    """A heading; numbers stand at the right.

    Where room is short a `spare` column goes, the last one first, and what has to be whole to be
    true is `kept` as wide as it is, as numbers are.
    """

    title: str
    right: bool = False
    spare: bool = False
    kept: bool = False


@record(frozen=True)
class Layout:
    """Which columns are shown (their numbers), and how wide."""

    columns: Sequence[Column]
    shown: tuple[int, ...]
    widths: tuple[int, ...]

    @property
    def total(self) -> int:
        """The width of a line with the gap before it."""
        return sum(self.widths) + len(GAP) * len(self.widths) + 1

    def lines(self, row: Sequence[Lines]) -> Iterator[str]:
        """A row; its cells folded to the width of their columns."""
        cells = [
            [part for line in row[i] for part in fold(line, columns)]
            for i, columns in zip(self.shown, self.widths, strict=True)
        ]
        right = [self.columns[i].right for i in self.shown]
        for number in range(max(map(len, cells))):
            here = [lines[number] if number < len(lines) else "" for lines in cells]
            padded = map(pad, here, self.widths, right)
            yield (GAP + GAP.join(padded)).rstrip()


def fitted(columns: Sequence[Column], rows: Sequence[Sequence[Lines]], limit: int | None) -> Layout:
    """Columns as wide as their cells, or narrowed to a terminal of `limit` columns."""
    lines = ({line for row in rows for line in row[i]} for i in range(len(columns)))
    full = [max(map(width, different)) for different in lines]
    spare = [i for i, column in enumerate(columns) if column.spare]
    left_out = [set(spare[len(spare) - n :]) for n in range(len(spare) + 1)]
    for least, without in [*((_COMFORT, some) for some in left_out), (_LEAST, left_out[-1])]:
        shown = tuple(i for i in range(len(columns)) if i not in without)
        layout = Layout(columns, shown, _narrowed(columns, full, shown, limit, least))
        if limit is None or layout.total <= limit:
            break
    return layout


def _narrowed(
    columns: Sequence[Column],
    full: list[int],
    shown: tuple[int, ...],
    limit: int | None,
    least: int,
) -> tuple[int, ...]:
    """The widest texts give way first, to `least` columns at most."""
    widths = {i: full[i] for i in shown}
    texts = [i for i in shown if not (columns[i].right or columns[i].kept)]
    over = 0 if limit is None else sum(widths.values()) + len(GAP) * len(shown) + 1 - limit
    while over > 0 and texts:
        widest = max(texts, key=lambda i: widths[i])
        if widths[widest] <= least:
            break
        widths[widest] -= 1
        over -= 1
    return tuple(widths.values())
