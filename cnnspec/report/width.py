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


def clip(text: str, columns: int) -> str:
    """The end of a text that is wider than `columns`: of a path, it is what tells most."""
    if width(text) <= columns:
        return text
    kept = text
    while kept and width(kept) > columns - 1:
        kept = kept[1:]
    return "…" + kept


def fold(text: str, columns: int) -> list[str]:
    """Text in lines of at most `columns`, between words; a word that is wider is clipped."""
    if width(text) <= columns:
        return [text]
    lines: list[str] = []
    for word in (clip(word, columns) for word in text.split()):
        if lines and width(lines[-1]) + 1 + width(word) <= columns:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def paragraph(text: str, columns: int | None, indent: str = "") -> str:
    """Lines that are not of a table, folded where the terminal is narrower.

    A line goes on as far in as it began, and by `indent` more.
    """
    if columns is None:
        return text
    return "".join(
        f"{part}\n" for line in text.splitlines() for part in _part(line, columns, indent)
    )


def _part(line: str, columns: int, indent: str) -> list[str]:
    if width(line) <= columns:
        return [line]
    lead = line[: len(line) - len(line.lstrip())] + indent
    first, *rest = fold(line, columns - len(lead))
    return [lead.removesuffix(indent) + first, *(lead + more for more in rest)]


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
