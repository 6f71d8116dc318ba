"""Brackets, commas and operators of one line of code, outside its strings."""

from __future__ import annotations

_PAIRS = {"(": ")", "[": "]", "{": "}"}
_OPERATORS = (
    (" for ",), (" if ", " else "), (" or ",), (" and ",),
    (" == ", " != ", " < ", " <= ", " > ", " >= "),
    (" + ", " - "), (" * ", " / ", " // ", " % "), (" ** ",),
)  # fmt: skip
"""From the loosest to the tightest; a line breaks before them."""


def _scan(text: str) -> list[tuple[int, str, int]]:
    """(offset, character, depth before it) of brackets and commas outside strings."""
    found, depth, quote, skip = [], 0, "", False
    for at, char in enumerate(text):
        if skip:
            skip = False
        elif quote:
            skip = char == "\\"
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char in _PAIRS:
            found.append((at, char, depth))
            depth += 1
        elif char in _PAIRS.values():
            depth -= 1
            found.append((at, char, depth))
        elif char == "," or (char == " " and depth == 0):
            found.append((at, char, depth))
    return found


def pairs(text: str) -> list[tuple[int, int, int]]:
    """(start, end, depth) of every bracket pair."""
    open_at: list[tuple[int, int]] = []
    found = []
    for at, char, depth in _scan(text):
        if char in _PAIRS:
            open_at.append((at, depth))
        elif char not in ", ":
            start, level = open_at.pop()
            found.append((start, at, level))
    return found


def split(text: str) -> list[str]:
    """The elements between the commas of the outermost level."""
    cuts = [at for at, char, depth in _scan(text) if char == "," and depth == 0]
    ends = [*cuts, len(text)]
    starts = [0, *(at + 1 for at in cuts)]
    return [part for a, b in zip(starts, ends, strict=True) if (part := text[a:b].strip())]


def parts_of(text: str, start: int = 0) -> list[str]:
    """The operands of the loosest operators, each behind its operator; `start` skips a prefix."""
    blanks = [at for at, char, depth in _scan(text) if char == " " and not depth and at >= start]
    for signs in _OPERATORS:
        cuts = [at for at in blanks if text.startswith(signs, at)]
        if cuts:
            ends = [*(at for at in cuts), len(text)]
            starts = [0, *(at + 1 for at in cuts)]
            return [text[a:b] for a, b in zip(starts, ends, strict=True)]
    return [text]


def is_called(text: str, start: int) -> bool:
    """Whether a bracket belongs to a call, `def` or subscript, not to a tuple, list or dict."""
    before = text[start - 1] if start else " "
    return before.isalnum() or before in "_])"


def is_tuple_of_one(text: str, start: int, end: int) -> bool:
    """Whether a bracket pair is `(a,)`."""
    alone = len(split(text[start + 1 : end])) == 1
    return text[start] == "(" and not is_called(text, start) and alone
