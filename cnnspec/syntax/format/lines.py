"""Which words and comments stand on one line, and how deep the line is indented.

The author's line ends stay, but for two: a body that takes several lines begins after its `{` and
ends before its `}`, and at most one empty line stands between two others.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnnspec.records import field, record
from cnnspec.syntax.lalr import END, Token

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

STEP = 2
"""Blanks for each level, and for a line that goes on with a statement."""

CLOSERS = {")": "(", "]": "[", "}": "{"}
_PIECE = re.compile(r"#[^\n]*|\n")


@record(eq=False)
class Line:
    """The words of a line and the comment behind them.

    `body` is the innermost `{` that it stands in, `declaration` the outermost; `begins` says
    whether a statement begins with it.
    """

    tokens: list[Token] = field(default_factory=list)
    comment: str = ""
    empty_before: bool = False
    indent: int = 0
    begins: bool = False
    body: Token | None = None
    declaration: Token | None = None


def lines_of(text: str, tokens: Sequence[Token]) -> list[Line]:
    """The lines of a text as they will be written; `tokens` ends with END."""
    lines = [part for line in _broken(list(_written(text, tokens))) for part in line]
    _indent(lines, _beginnings(tokens))
    for before, line in zip([None, *lines], lines, strict=False):
        opens = before is None or before.tokens[-1:] == ["{"]
        if opens or line.tokens[:1] == ["}"]:
            line.empty_before = False
    return lines


def _written(text: str, tokens: Iterable[Token]) -> Iterator[Line]:
    """The lines as the author ended them."""
    line, at = Line(), 0
    for token in tokens:
        pieces = [match.group() for match in _PIECE.finditer(text, at, token.start_pos)]
        if token.type == END or (token.type == "_END" and token == "\n"):
            pieces.append("\n")
        for piece in pieces:
            if piece != "\n":
                line.comment = piece.rstrip()
            elif line.tokens or line.comment:
                yield line
                line = Line()
            else:
                line.empty_before = True
        if token.type != END and token != "\n":
            line.tokens.append(token)
        at = token.end_pos


def _broken(lines: list[Line]) -> Iterator[list[Line]]:
    """Each line broken after `{` and before `}` of a body of several lines."""
    opened: list[tuple[Token, int]] = []
    ends: set[int] = set()
    begins: set[int] = set()
    for number, line in enumerate(lines):
        for token in line.tokens:
            if token == "{":
                opened.append((token, number))
            elif token == "}":
                opener, began = opened.pop()
                if began != number:
                    ends.add(id(opener))
                    begins.add(id(token))
    for line in lines:
        yield _parts(line, begins, ends)


def _parts(line: Line, begins: set[int], ends: set[int]) -> list[Line]:
    """`begins`, `ends`: ids of the words that must begin or end a line."""
    parts: list[list[Token]] = [[]]
    for token in line.tokens:
        if parts[-1] and (id(token) in begins or id(parts[-1][-1]) in ends):
            parts.append([])
        parts[-1].append(token)
    lines = [Line(_without_semicolon(words)) for words in parts]
    lines[0].empty_before, lines[-1].comment = line.empty_before, line.comment
    return lines


def _without_semicolon(words: list[Token]) -> list[Token]:
    """A `;` before the end of a line, or before a `}`, separates nothing."""
    pairs = zip(words, [*words[1:], "}"], strict=False)
    return [word for word, following in pairs if word != ";" or following != "}"]


def _beginnings(tokens: Sequence[Token]) -> set[int]:
    """Ids of the words that begin a statement, or an `else`."""
    pairs = zip([None, *tokens], tokens, strict=False)
    return {
        id(token)
        for before, token in pairs
        if before is None or before.type in ("_END", "LBRACE") or token.type == "ELSE"
    }


_HEADS = {"IF", "ELSE", "FOR", "REPEAT", "BLOCK", "NET", "RECIPE"}
"""What begins a statement that ends in a body: that stands one step inside the statement."""


def _indent(lines: list[Line], beginnings: set[int]) -> None:
    opened: list[tuple[Token, int]] = []
    heads: dict[int, int] = {}
    for line in lines:
        first = line.tokens[0] if line.tokens else None
        if opened:
            line.indent = opened[-1][1] + (0 if first in CLOSERS else STEP)
        line.begins = id(first) in beginnings
        inside = bool(opened) and opened[-1][0] != "{"
        if first and first not in CLOSERS and not line.begins and not inside:
            line.indent += STEP
        braces = [token for token, _ in opened if token == "{"]
        if braces:
            line.declaration, line.body = braces[0], braces[-1]
        _brackets(line, beginnings, opened, heads)


def _brackets(
    line: Line, beginnings: set[int], opened: list[tuple[Token, int]], heads: dict[int, int]
) -> None:
    """Enter and leave the brackets of a line, each with the indent that it closes at.

    A bracket closes at the indent of its line, but the body of a statement that begins on an
    earlier line at that statement's: `heads` has it by the number of brackets around.
    """
    for token in line.tokens:
        if id(token) in beginnings:
            heads.pop(len(opened), None)
            if token.type in _HEADS:
                heads[len(opened)] = line.indent
        if token in CLOSERS:
            opened.pop()
        elif token in CLOSERS.values():
            head = heads.get(len(opened)) if token == "{" else None
            opened.append((token, line.indent if head is None else head))
