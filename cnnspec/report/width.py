"""How many columns text takes on a terminal: tabs, East Asian and combining characters."""

from __future__ import annotations

from typing import Final

from cnnspec.report.escape import terminal

TAB: Final = 4
"""A tab in a source line goes to the next multiple of this."""


def width(text: str) -> int:
    """Columns of text that is already escaped."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    from unicodedata import combining, east_asian_width

    if combining(character):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def pad(text: str, columns: int, right: bool = False) -> str:
    """Fill `text` with blanks to `columns`, on the left when it is to stand at the right."""
    if text.isascii():
        return text.rjust(columns) if right else text.ljust(columns)
    blanks = " " * max(columns - width(text), 0)
    return blanks + text if right else text + blanks


def expand(line: str) -> tuple[list[str], list[int]]:
    """A source line as it is shown: a cell for each code point, and the column each begins at.

    Columns count from 0 and have one entry more than the cells: the end of the line.
    """
    if line.isascii() and line.isprintable():
        return list(line), list(range(len(line) + 1))
    cells, columns, at = [], [0], 0
    for character in line:
        cell = " " * (TAB - at % TAB) if character == "\t" else terminal(character)
        at += width(cell)
        cells.append(cell)
        columns.append(at)
    return cells, columns
