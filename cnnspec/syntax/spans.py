"""Where what the parser reduces stands in its source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from cnnspec.source import Source, Span
from cnnspec.syntax.lalr import Token
from cnnspec.syntax.words import check_name


class Spans:
    """The file that is being read, and the spans of tokens, nodes and lists of them."""

    origin: Source
    shift: int = 0
    """Where the text that is parsed begins in the source: not 0 inside `${...}`."""

    def begin(self, source: Source, shift: int = 0) -> None:
        """Begin a text of a source, `shift` characters into it."""
        self.origin, self.shift = source, shift
        self.wide: dict[int, Span] = {}

    def at(self, token: Token) -> Span:
        """Where a token stands."""
        start, end = token.start_pos, token.end_pos
        return Span(self.origin, start + self.shift, end + self.shift)

    def span(self, c: Sequence[Any]) -> Span:
        """From the first to the last child that is there."""
        there = [x for x in c if x is not None and x != ()]
        first, last = there[0], there[-1]
        first = first[0] if isinstance(first, tuple) else first
        last = last[-1] if isinstance(last, tuple) else last
        return Span(self.origin, self.place(first).start, self.place(last).end)

    def place(self, child: Any) -> Span:
        """Where a child stands, with the parentheses around it."""
        if isinstance(child, Token):
            return self.at(child)
        return self.wide.get(id(child)) or cast(Span, child.span)

    def named(self, token: Token) -> tuple[str, Span]:
        """The name that a token declares, and its place; refuses a reserved word (E0110)."""
        span = self.at(token)
        check_name(str(token), span)
        return str(token), span
