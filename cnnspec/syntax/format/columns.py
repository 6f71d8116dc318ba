"""What stands below one another: shapes after `=>`, settings, claims, rows of numbers, comments."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from cnnspec.syntax.format.lines import Line
    from cnnspec.syntax.lalr import Token

SPREAD = 16
"""A cell wider than the narrowest by more stands for itself."""
SHAPE_GAP = 3
"""Blanks between the longest flow and its `=>`."""
FLOW_MAX = 72
"""A longer flow does not push the shapes of its body to the right."""


def align(lines: Sequence[Line], gaps: Mapping[int, str]) -> list[str]:
    """The text of each line, empty ones included."""
    rows = [_Row(line, gaps) for line in lines]
    for body in _grouped(rows, lambda line: line.body):
        _numbers(row for row in body if row.is_numbers())
        _column([row for row in body if row.is_setting()], lambda row: row.find("EQUAL"), spread=99)
    for run in _runs(rows, lambda row: row.starts_with("SOURCE")):
        _column(run, lambda row: row.find("EQUAL"))
    for run in _runs(rows, lambda row: row.starts_with("CLAIM")):
        _column(run, _relation)
        _column(run, lambda row: row.find("FROM"))
    for whole in _grouped(rows, lambda line: line.declaration):
        _shapes([row for row in whole if 0 < row.width_to_shape() <= FLOW_MAX])
    for run in _runs(rows, lambda row: bool(row.line.tokens and row.line.comment)):
        _comments(run)
    return [text for row in rows for text in row.text()]


class _Row:
    """A line as words and the blanks before each, which aligning widens."""

    def __init__(self, line: Line, gaps: Mapping[int, str]) -> None:
        self.line = line
        self.words = [token.rstrip() for token in line.tokens]
        self.gaps = [gaps[id(token)] for token in line.tokens]
        self.types = [token.type for token in line.tokens]
        if self.gaps:
            self.gaps[0] = " " * line.indent
        self.behind = "  " if line.tokens else " " * line.indent

    def text(self) -> Iterator[str]:
        if self.line.empty_before:
            yield ""
        comment = self.behind + self.line.comment if self.line.comment else ""
        yield self.text_before(len(self.words)) + comment

    def text_before(self, end: int) -> str:
        """The text before word `end`."""
        pairs = zip(self.gaps[:end], self.words[:end], strict=True)
        return "".join(gap + word for gap, word in pairs)

    def starts_with(self, kind: str) -> bool:
        return self.types[:1] == [kind]

    def find(self, kind: str) -> int | None:
        """The place of the first word of a kind outside brackets."""
        depth = 0
        for place, word in enumerate(self.words):
            depth += (word in "([{") - (word in ")]}")
            if depth <= 0 and self.types[place] == kind:
                return place
        return None

    def shape(self) -> int | None:
        return self.find("SHAPED")

    def width_to_shape(self) -> int:
        place = self.shape()
        return 0 if place is None else len(self.text_before(place))

    def is_setting(self) -> bool:
        return self.line.begins and self.types[:2] == ["NAME", "EQUAL"]

    def is_numbers(self) -> bool:
        """`label: name 64, 128, 32`, as a row of a paper's table."""
        return self.numbers_end() >= 6

    def numbers_end(self) -> int:
        """The place after the numbers of a labelled call; 0 when it is none."""
        if self.types[:3] != ["NAME", "COLON", "NAME"]:
            return 0
        end = 3
        while self.types[end : end + 1] == ["NUMBER"]:
            if self.types[end + 1 : end + 2] != ["COMMA"]:
                return end + 1
            end += 2
        return 0


def _runs(rows: Sequence[_Row], wanted: Callable[[_Row], bool]) -> Iterator[list[_Row]]:
    """Neighbours without an empty line between them, of one depth, that are all wanted."""
    number = 0
    keys = []
    for row in rows:
        number += row.line.empty_before
        keys.append((number, row.line.indent, wanted(row)))
    for key, group in groupby(zip(keys, rows, strict=True), key=lambda pair: pair[0]):
        if key[-1]:
            yield [row for _, row in group]


def _grouped(rows: Iterable[_Row], brace: Callable[[Line], Token | None]) -> Iterable[list[_Row]]:
    """The rows that stand in one `{`, whatever stands between them."""
    found: dict[int, list[_Row]] = {}
    for row in rows:
        token = brace(row.line)
        found.setdefault(-1 if token is None else token.start_pos, []).append(row)
    return found.values()


def _column(
    rows: Iterable[_Row], place: Callable[[_Row], int | None], spread: int = SPREAD, gap: int = 1
) -> None:
    """Widen the blanks before one word of each row, so that these words begin in one column."""
    found = [(row, at, len(row.text_before(at))) for row in rows if (at := place(row)) is not None]
    least = min((width for *_, width in found), default=0)
    near = [one for one in found if one[-1] <= least + spread]
    most = max((width for *_, width in near), default=0)
    for row, at, width in near:
        row.gaps[at] = " " * (most - width + gap)


def _shapes(rows: list[_Row]) -> None:
    """`=>` in one column, set off as that of a paper's table is."""
    _column(rows, _Row.shape, spread=FLOW_MAX, gap=SHAPE_GAP if len(rows) > 1 else 1)


def _relation(row: _Row) -> int | None:
    places = [row.find(kind) for kind in ("EQUAL", "TILDE", "CMP")]
    return min((place for place in places if place is not None), default=None)


def _numbers(rows: Iterable[_Row]) -> None:
    """Right-align the numbers in rows that call one op with equally many of them."""
    alike: dict[tuple[str, int], list[_Row]] = {}
    for row in rows:
        alike.setdefault((row.words[2], row.numbers_end()), []).append(row)
    for (_, end), group in alike.items():
        _column(group, lambda row: 2)
        for place in range(3, end, 2):
            width = max(len(row.words[place]) for row in group)
            for row in group:
                row.gaps[place] = " " * (1 + width - len(row.words[place]))


def _comments(run: list[_Row]) -> None:
    width = max(len(row.text_before(len(row.words))) for row in run)
    for row in run:
        row.behind = " " * (width - len(row.text_before(len(row.words))) + 2)
