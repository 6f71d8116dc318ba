"""A place where a parse could not go on, as the rules look at it, and what a rule finds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cnnspec.source import Source, Span
from cnnspec.syntax.lalr import Repair, Stop, Token

VALUES = ("NAME", "NUMBER", "STRING", "DIMS")
"""The tokens that are a value, or begin one."""


class Finding(NamedTuple):
    """What a syntax error says, and what is to be read in place of it."""

    message: str
    span: Span
    help: tuple[str, ...] = ()
    note: str = ""
    code: str = "E0001"
    repair: Repair | None = None


class DeadEnd:
    """Token `at` of a file, which cannot stand where it does; `wanted` are those that can."""

    def __init__(self, source: Source, stop: Stop, wanted: Sequence[str]) -> None:
        self.source, self.stop, self.wanted = source, stop, wanted
        self.tokens, self.at, self.begin = stop.tokens, stop.at, stop.begin

    @property
    def token(self) -> Token:
        """The token that cannot stand here."""
        return self.tokens[self.at]

    @property
    def head(self) -> Token:
        """The first token of the statement."""
        return self.tokens[self.begin]

    @property
    def end(self) -> int:
        """The token after the statement, or after its head where a body follows."""
        return self.stop.end

    @property
    def before(self) -> Token:
        """The token before the one that cannot stand here."""
        return self.tokens[max(self.at - 1, 0)]

    @property
    def after(self) -> Token:
        """The token after the one that cannot stand here."""
        return self.tokens[min(self.at + 1, len(self.tokens) - 1)]

    def span(self, begin: int, end: int = -1) -> Span:
        """The place of the tokens from `begin` to before `end`, or of one."""
        last = self.tokens[max(begin, end - 1)]
        return Span(self.source, self.tokens[begin].start_pos, last.end_pos)

    def text(self, begin: int, end: int) -> str:
        """The text of the tokens from `begin` to before `end`, on one line."""
        return " ".join(self.span(begin, end).text.split()) if begin < end else ""

    def cannot(self) -> str:
        """The message where there is none that says more."""
        what = "the end of the line" if self.token.type == "_END" else f"`{self.token}`"
        return f"{what} cannot stand here"

    def mended(self, tokens: Iterable[Token], end: int) -> Repair | None:
        """Read these tokens for the statement's up to `end`, if they can begin a statement."""
        new = [*tokens]
        through = self.stop.end
        rest = self.tokens[end : through + 1] if end <= through else []
        if not self.stop.again or not self.stop.fits([*new, *rest]):
            return None
        return Repair(self.begin, end, new)

    def put(self, at: int, drop: int, *texts: str) -> Repair | None:
        """Read `texts` in place of `drop` tokens from `at` on, if the statement can go on so."""
        begun = self.tokens[self.begin : at]
        start = self.tokens[at].start_pos
        return self.mended([*begun, *(word(text, start) for text in texts)], at + drop)


def word(text: str, start: int) -> Token:
    """A token of a text that stands for one of the grammar's words or names."""
    kinds = {"(": "LPAR", ")": "RPAR", "{": "LBRACE", "}": "RBRACE", ",": "COMMA", ":": "COLON",
             "=": "EQUAL", "\n": "_END"}  # fmt: skip
    token = Token(kinds.get(text, "NAME"), text, start)
    token.end_pos = start
    return token
