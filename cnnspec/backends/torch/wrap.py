"""Lines as `ruff format` leaves them, at 100 columns: the statements of a generated module only.

A statement that is too long is split at its last bracket pair: the content on one line of its own
if it fits there, else one element a line with a trailing comma.  A comma before the closing
bracket asks for the latter at once, and so does a list or dict that does not fit.
"""

from __future__ import annotations

WIDTH = 100
_PAIRS = {"(": ")", "[": "]", "{": "}"}


def wrap(text: str, indent: int = 0, comment: str = "") -> list[str]:
    """Lay out one statement, `indent` columns in; a comment stays at the end of its line."""
    pad = " " * indent
    lines = _layout(text, indent)
    if not comment:
        return lines
    if len(lines) == 1 and len(lines[0]) + 2 + len(comment) + 2 <= WIDTH:
        return [f"{lines[0]}  # {comment}"]
    return [f"{pad}# {comment}", *lines]


def _layout(text: str, indent: int, tail: str = "") -> list[str]:
    """Lines of `text`, with `tail` (a comma) behind it."""
    pad = " " * indent
    asks = _asks_to_explode(text)
    if not asks and indent + len(text) + len(tail) <= WIDTH:
        return [pad + text + tail]
    span = _asking_pair(text) if asks else _last_pair(text)
    if span is None:
        return [pad + text + tail]
    start, end = span
    head, inner, close = text[: start + 1], text[start + 1 : end], text[end:] + tail
    body = inner.rstrip().rstrip(",") if asks else inner
    if not asks and _is_called(text, start) and indent + 4 + len(body) <= WIDTH:
        return [pad + head, pad + "    " + body, pad + close]
    elements = split(body)
    comma = "" if len(elements) == 1 and " for " in body and not asks else ","
    lines = [pad + head]
    for element in elements:
        lines += _layout(element, indent + 4, comma)
    return [*lines, pad + close]


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
        elif char == ",":
            found.append((at, char, depth))
    return found


def pairs(text: str) -> list[tuple[int, int, int]]:
    """(start, end, depth) of every bracket pair."""
    open_at: list[tuple[int, int]] = []
    found = []
    for at, char, depth in _scan(text):
        if char in _PAIRS:
            open_at.append((at, depth))
        elif char != ",":
            start, level = open_at.pop()
            found.append((start, at, level))
    return found


def split(text: str) -> list[str]:
    """The elements between the commas of the outermost level."""
    cuts = [at for at, char, depth in _scan(text) if char == "," and depth == 0]
    ends = [*cuts, len(text)]
    starts = [0, *(at + 1 for at in cuts)]
    return [part for a, b in zip(starts, ends, strict=True) if (part := text[a:b].strip())]


def _last_pair(text: str) -> tuple[int, int] | None:
    """The outermost pair that closes last: the right-hand side's own brackets."""
    outer = [(start, end) for start, end, depth in pairs(text) if depth == 0 and end > start + 1]
    return outer[-1] if outer else None


def _asks_to_explode(text: str) -> bool:
    return _asking_pair(text) is not None


def _asking_pair(text: str) -> tuple[int, int] | None:
    """The outermost pair that must open, because one in it ends in a comma."""
    asking = [(s, e) for s, e, _ in pairs(text) if text[:e].rstrip().endswith(",")]
    asking = [(s, e) for s, e in asking if not _is_tuple_of_one(text, s, e)]
    if not asking:
        return None
    first = asking[0]
    around = [(s, e) for s, e, d in pairs(text) if d == 0 and s <= first[0] and first[1] <= e]
    return around[0]


def _is_called(text: str, start: int) -> bool:
    """Whether a bracket belongs to a call, `def` or subscript, not to a tuple, list or dict."""
    before = text[start - 1] if start else " "
    return before.isalnum() or before in "_])"


def _is_tuple_of_one(text: str, start: int, end: int) -> bool:
    alone = len(split(text[start + 1 : end])) == 1
    return text[start] == "(" and not _is_called(text, start) and alone
