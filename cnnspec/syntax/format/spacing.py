"""The blanks between two words of a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnspec.syntax.lalr import Token

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NONE_BEFORE = {"COMMA", "COLON", "RPAR", "RSQB", "DOT", "CIRCUMFLEX", "$END"}
_NONE_AFTER = {"LPAR", "LSQB", "DOT", "CIRCUMFLEX", "MINUS"}
_LAYER_FOLLOWS = {"_END", "LBRACE", "ARROW", "COLON", "BARE", "DEFAULT"}
_WIDE = {"ADD", "CMP", "AND", "OR", "NOT", "IF", "MUL"}
"""What makes a value too long to stand close to its `=`."""
_VALUE_ENDS = {"COMMA", "_END", "ARROW", "SHAPED"}
_DEFINES = {"LET", "NET", "SOURCE", "RECIPE", "CLAIM"}
_OPENERS, _CLOSERS = ("(", "[", "{"), (")", "]", "}")


def blanks(tokens: Sequence[Token]) -> dict[int, str]:
    """By the id of each token: the blanks between it and the one before it on its line."""
    return _Spacing(tokens).run()


class _Spacing:
    """One walk over the words, knowing the statement and the brackets that each stands in."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.opened: list[bool] = []
        """For each open bracket: does an `=` in it define something?"""
        self.signs: list[str] = []
        """The open brackets themselves."""
        self.defines = False
        """The same for the statement outside brackets."""
        self.figure = False

    def run(self) -> dict[int, str]:
        found = {}
        for at, token in enumerate(self.tokens):
            if at == 0 or self.tokens[at - 1].type in ("_END", "LBRACE"):
                self.begin(at)
            found[id(token)] = self.before(at) if at else ""
            self.bracket(at)
        return found

    def begin(self, at: int) -> None:
        setting = at + 1 < len(self.tokens) and self.tokens[at + 1].type == "EQUAL"
        kind = self.tokens[at].type
        self.figure = kind == "FIGURE" or (self.figure and bool(self.opened))
        self.defines = kind in _DEFINES or setting or self.figure

    def bracket(self, at: int) -> None:
        """Enter or leave a bracket; parameters are defined, arguments are given."""
        token = self.tokens[at]
        if token in _OPENERS:
            declared = at > 1 and self.tokens[at - 2].type in ("BLOCK", "NET")
            self.opened.append(self.defines)
            self.signs.append(token)
            self.defines = token == "(" and declared
        elif token in _CLOSERS:
            self.defines = self.opened.pop()
            self.signs.pop()

    def before(self, at: int) -> str:
        last, token = self.tokens[at - 1], self.tokens[at]
        if token.type in _NONE_BEFORE or last.type in _NONE_AFTER or token == ";":
            return ""
        if last.type == "COLON" and self.signs[-1:] == ["["]:  # of a slice, not of a label
            return ""
        if token.type == "RBRACE":
            return "" if last.type == "LBRACE" else " "
        if self.figure and last.type == "NUMBER" and token.type == "NAME":
            return ""  # `6.9in`
        if token.type in ("LPAR", "LSQB") and self.follows_value(at - 1):
            return ""
        for place in (at, at - 1):
            if self.tokens[place].type == "EQUAL":
                return " " if self.wide_equal(place) else ""
            if self.tokens[place].type == "MUL":
                return "" if self.close(place) else " "
        return " "

    def follows_value(self, at: int) -> bool:
        """Whether a bracket after this word applies or indexes it, not begins an argument."""
        kind = self.tokens[at].type
        if kind != "NAME":
            return kind in ("RPAR", "RSQB", "TEMPLATE")
        return at > 0 and self.tokens[at - 1].type not in _LAYER_FOLLOWS

    def close(self, at: int) -> bool:
        """`4*channels`, `3x3/2`: a product that its author wrote without blanks."""
        last, token, following = self.tokens[at - 1 : at + 2]
        return last.end_pos == token.start_pos and token.end_pos == following.start_pos

    def wide_equal(self, at: int) -> bool:
        """`pad=1` stays close; `channels = 64 * 2^i` and what is defined does not."""
        if self.defines:
            return True
        return any(
            self.tokens[place].type in _WIDE
            and not (self.tokens[place].type == "MUL" and self.close(place))
            for place in self.value(at + 1)
        )

    def value(self, at: int) -> Iterator[int]:
        """The places of the words of a value outside its brackets."""
        depth = 0
        while at < len(self.tokens) and (depth > 0 or self.tokens[at].type not in _VALUE_ENDS):
            depth += (self.tokens[at] in _OPENERS) - (self.tokens[at] in _CLOSERS)
            if depth < 0:
                return
            if depth == 0:
                yield at
            at += 1
