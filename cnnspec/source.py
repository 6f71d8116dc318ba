"""Source text and places in it: every diagnostic and every node of the tree points here."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import NamedTuple

from cnnspec.records import field, record


@record(frozen=True, eq=False)
class Source:
    """One `.cnn` file: the name shown to people, and its text.

    `name` is the path as the user typed it (or `<stdin>`); `path` is the resolved path that
    imports are relative to, empty for text that came from nowhere.
    """

    name: str
    text: str = field(repr=False)
    path: str = ""

    @cached_property
    def line_starts(self) -> list[int]:
        """Offsets at which lines begin, found in one pass."""
        starts = [0]
        find, at = self.text.find, 0
        while (at := find("\n", at) + 1) > 0:
            starts.append(at)
        return starts

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1, columns in code points."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of line `number` (from 1) without its line end."""
        starts = self.line_starts
        end = starts[number] - 1 if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r")


class Span(NamedTuple):
    """A half-open range of code points in one source."""

    source: Source
    start: int
    end: int

    def __repr__(self) -> str:
        return f"Span({self.source.name[-60:]}:{self.line}:{self.column})"

    @property
    def line(self) -> int:
        """The line on which the span begins, from 1."""
        return self.source.position(self.start)[0]

    @property
    def column(self) -> int:
        """The column at which the span begins, from 1."""
        return self.source.position(self.start)[1]

    @property
    def text(self) -> str:
        """The source text that the span covers."""
        return self.source.text[self.start : self.end]

    def brief(self, most: int = 40) -> str:
        """The text on one line, cut where it is long."""
        text = " ".join(self.text.split())
        return text if len(text) <= most else f"{text[: most - 3]}..."

    def to(self, other: Span) -> Span:
        """The span from the start of this one to the end of `other`."""
        return Span(self.source, self.start, other.end)
