"""The place of a diagnostic as its fixes look at it: the words around it, and their statement."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import cached_property

from cnnspec.diagnostics import Diagnostic, Edit
from cnnspec.source import Source, Span
from cnnspec.syntax.lalr import END, Token
from cnnspec.syntax.parser import recover

WORDS_MAX = 40
"""Words of a statement among whose stretches the one is looked for that a message writes anew."""
_WORD = re.compile(r"[A-Za-z_]\w*|[\d.]\w*|\S")


class Site:
    """A diagnostic in its text."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic
        self.source: Source = diagnostic.span.source
        self.text = self.source.text
        self.start, self.end = diagnostic.span.start, diagnostic.span.end

    @property
    def said(self) -> list[str]:
        """The sentences that say what to write: the note beside the carets, and the help."""
        return [s for s in (self.diagnostic.note, *self.diagnostic.help) if s]

    @cached_property
    def tokens(self) -> list[Token]:
        """The words of the file, without those that the recovery put in."""
        tokens = recover(self.source).tokens
        return [t for t in tokens if t.end_pos > t.start_pos or t.type == END]

    def index(self, offset: int) -> int:
        """The token at or right after an offset."""
        found = (i for i, token in enumerate(self.tokens) if token.end_pos > offset)
        return next(found, len(self.tokens) - 1)

    def statement(self, offset: int) -> tuple[int, int]:
        """The tokens of the statement at an offset, its bodies with it: from, to before."""
        begin = end = self.index(offset)
        depth = 0
        while begin > 0:
            token = self.tokens[begin - 1]
            depth += (token == "}") - (token == "{")
            if depth < 0 or (depth == 0 and token.type in ("_END", "DOC")):
                break
            begin -= 1
        depth = 0
        while end < len(self.tokens):
            token = self.tokens[end]
            if depth == 0 and (token.type in ("_END", END) or token == "}"):
                break
            depth += (token == "{") - (token == "}")
            end += 1
        return begin, end

    def head(self, begin: int, end: int) -> int:
        """Where the head of a statement ends: before the `{` of its body."""
        return next((i for i in range(begin, end) if self.tokens[i] == "{"), end)

    def layer(self, offset: int) -> tuple[int, int]:
        """The tokens of the layer at an offset: between the arrows of its chain, after a label."""
        begin, end = self.statement(offset)
        at = min(self.index(offset), max(end - 1, begin))
        stops = ("->", "=>", ":", "{", "}")
        first = max((i + 1 for i in range(begin, at) if self._stop(i, begin, stops)), default=begin)
        later = (i for i in range(max(at, first), end) if self.tokens[i] in ("->", "=>", "{", "}"))
        return first, next(later, end)

    def _stop(self, at: int, begin: int, stops: tuple[str, ...]) -> bool:
        return self.tokens[at] in stops and self._depth(begin, at) == 0

    def _depth(self, begin: int, at: int) -> int:
        words = self.tokens[begin:at]
        return sum((w in ("(", "[")) - (w in (")", "]")) for w in words)

    def span(self, begin: int, end: int) -> Span:
        """The place of the tokens from `begin` to before `end`."""
        last = self.tokens[max(begin, end - 1)]
        return Span(self.source, self.tokens[begin].start_pos, last.end_pos)

    def edit(self, begin: int, end: int, text: str) -> Edit:
        """Put a text in place of some tokens."""
        return Edit(self.span(begin, end), text)

    def put(self, start: int, end: int, text: str) -> Edit:
        """Put a text in place of that between two offsets."""
        return Edit(Span(self.source, start, end), text)

    def lines(self, start: int, end: int) -> tuple[int, int]:
        """The whole lines of a stretch, from the first column to after the last line end."""
        begin = self.text.rfind("\n", 0, start) + 1
        after = self.text.find("\n", max(end - 1, start))
        return begin, len(self.text) if after < 0 else after + 1

    def indent(self, offset: int) -> str:
        """The blanks before the first word of the line at an offset."""
        begin = self.text.rfind("\n", 0, offset) + 1
        return self.text[begin : len(self.text) - len(self.text[begin:].lstrip(" \t"))]

    def likest(self, wanted: str) -> Iterator[tuple[int, int]]:
        """Stretches of the statement that hold the place, those most like a text first."""
        begin, end = self.statement(self.start)
        first, last = self.index(self.start), self.index(max(self.end - 1, self.start))
        begin, end = max(begin, first - WORDS_MAX), min(end, last + WORDS_MAX)
        words = _WORD.findall(wanted.lower())
        found = [
            (self._ratio(i, j, words), i - j, i, j)
            for i in range(begin, first + 1)
            for j in range(last + 1, end + 1)
        ]
        found = [each for each in sorted(found, reverse=True) if each[0] > 0]
        order = [(i, j) for _, _, i, j in found]
        whole = self.statement(self.start)
        order[1:1] = [(first, last + 1)]
        order[4:4] = [self.layer(self.start), (whole[0], self.head(*whole)), whole]
        yield from dict.fromkeys(order)

    def _ratio(self, begin: int, end: int, words: list[str]) -> float:
        have = _WORD.findall(" ".join(self.tokens[begin:end]).lower())
        return SequenceMatcher(None, have, words, autojunk=False).ratio()

    def arguments(self, begin: int, end: int) -> list[tuple[int, int]]:
        """The arguments of the call whose tokens these are, its name first left out."""
        out: list[tuple[int, int]] = []
        at = begin + 1
        for i in range(begin + 1, end + 1):
            if i == end or (self.tokens[i] == "," and self._depth(begin, i) == 0):
                if at < i:
                    out.append((at, i))
                at = i + 1
        return out

    def without(self, argument: tuple[int, int]) -> Edit:
        """Leave an argument out, with its comma."""
        begin, end = argument
        if self.tokens[begin - 1] == ",":
            return self.put(self.tokens[begin - 2].end_pos, self.tokens[end - 1].end_pos, "")
        start = self.tokens[begin].start_pos
        if self.tokens[end] == ",":
            return self.put(start, self.tokens[end + 1].start_pos, "")
        return self.put(self.tokens[begin - 1].end_pos, self.tokens[end - 1].end_pos, "")

    def keyword(self, offset: int, written: str) -> Edit:
        """Write `pad=1` into the call at an offset, in place of what it says of that keyword."""
        begin, end = self.layer(offset)
        name = written.partition("=")[0].strip()
        for first, last in self.arguments(begin, end):
            if self.tokens[first] == name and self.tokens[first + 1] == "=":
                return self.edit(first, last, written)
        after = self.tokens[end - 1].end_pos
        return self.put(after, after, f"{', ' if end > begin + 1 else ' '}{written}")
