"""Brackets of a half-typed text, mended so that the rest of it can be read (`parser.recover`).

A character that hides, a closer of nothing, and a `(`, `[` or `"` without its partner become
blanks of the same length, so that offsets stay true and only their own statement is lost.  An
unclosed `{` is closed where the next line stands as far left as the one that opened it, else before
the next declaration, else at the end.
"""

from __future__ import annotations

from collections.abc import Iterable

from cnnspec.source import Source
from cnnspec.syntax.finding import word
from cnnspec.syntax.lalr import END, Token
from cnnspec.syntax.lines import DECLARATION, Lines, read_lines

ROUNDS_MAX = 16
"""How many brackets are mended; a text with more of them is no text that is being typed."""

Mended = tuple[str, tuple[int, ...]]
"""The text as the grammar reads it, and where a `}` is to be read that is not there."""


def mend(text: str, lines: Lines) -> Mended | None:
    """The text with its brackets mended; None when it is nested too deep or mended too often."""
    for _ in range(ROUNDS_MAX):
        if any(fault.code == "E0013" for fault in lines.faults):
            return None
        missing = [f.span for f in lines.faults if f.code == "E0012"]
        blank = [f.span for f in lines.faults if f.code in ("E0014", "E0021")]
        blank += [span for span in missing if span.text != "{"]
        if not blank:
            places = (place_of_closer(span.source, span.start) for span in missing)
            return lines.text, tuple(places)
        for span in blank:
            text = f"{text[: span.start]} {text[span.end :]}"
        lines = read_lines(Source("", text))
    return None


def place_of_closer(source: Source, at: int) -> int:
    """The offset at which the `}` of the `{` at an offset probably belongs: a line's beginning.

    That is the first line that stands as far left as the one of the `{`, or the next declaration.
    """
    following = DECLARATION.search(source.text, at)
    declared = following.start() if following else len(source.text)
    first = source.position(at)[0]
    margin = _margin(source.line(first))
    for number in range(first + 1, len(source.line_starts) + 1):
        line = source.line(number)
        if line.strip() and _margin(line) <= margin:
            return min(source.line_starts[number - 1], declared)
    return declared


def _margin(line: str) -> int:
    return len(line) - len(line.lstrip())


def closed(text: str, tokens: Iterable[Token], places: tuple[int, ...]) -> list[Token]:
    """The tokens with a `}` at each of the places, and what is open closed before declarations."""
    starts = {match.start() for match in DECLARATION.finditer(text)}
    waiting, out, depth = [*places], [], 0
    for token in tokens:
        owed = 0
        while waiting and (token.start_pos >= waiting[0] or token.type == END):
            waiting.pop(0)
            owed += 1
        if token.start_pos in starts or token.type == END:
            owed = max(depth, 0)
        for _ in range(owed):
            out += [word("}", token.start_pos), word("\n", token.start_pos)]
        depth += (token == "{") - (token == "}") - owed
        out.append(token)
    return out
