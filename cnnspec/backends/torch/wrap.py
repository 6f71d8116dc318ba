"""Lines as `ruff format` leaves them, at 100 columns: the statements of a generated module only.

A statement that is too long is split at its last bracket pair: the content on one line of its own
if it fits there, else one element a line with a trailing comma.  A comma before the closing
bracket asks for the latter at once, and so does a list or dict that does not fit.  Arithmetic and
choices break before their loosest operators, in brackets of their own where they have none.
"""

from __future__ import annotations

import re

from cnnspec.backends.torch.brackets import (
    is_called,
    is_tuple_of_one,
    pairs,
    parts_of,
    split,
)

WIDTH = 100
_STATEMENT = re.compile(r"(?:(?:[\w.]+(?:: [\w.]+)? (?:[-+*%]|//)?= )+|return |if |elif )")
_ELEMENT = re.compile(r"""(?:\w+=|f?"[^"]*": )""")


def wrap(text: str, indent: int = 0, comment: str = "") -> list[str]:
    """Lay out one statement, `indent` columns in; a comment stays at the end of its line."""
    pad = " " * indent
    lines = _statement(text, indent)
    if not comment:
        return lines
    if len(lines) == 1 and len(lines[0]) + 2 + len(comment) + 2 <= WIDTH:
        return [f"{lines[0]}  # {comment}"]
    return [f"{pad}# {comment}", *lines]


def _statement(text: str, indent: int) -> list[str]:
    """A whole statement: arithmetic that is too long is put into brackets."""
    found = _STATEMENT.match(text)
    if found is None or _asking_pair(text) is not None or indent + len(text) <= WIDTH:
        return _layout(text, indent)
    head, value = text[: found.end()], text[found.end() :]
    close = ":" if value.endswith(":") else ""
    value = value.removesuffix(":")
    operands = parts_of(value)
    if len(operands) == 1:
        return _layout(text, indent)
    if len(operands) == 2 and (lines := _in_own_brackets(text, len(head), indent)):
        return lines
    pad = " " * indent
    return [f"{pad}{head}(", *_layout(value, indent + 4), f"{pad}){close}"]


def _in_own_brackets(text: str, head: int, indent: int) -> list[str]:
    """Two operands of which one ends or begins the value with a bracket: it opens, or both do.

    From the left each bracket opens whose content does not fit; nothing where a line stays long.
    """
    outer = [(s, e) for s, e, d in pairs(text) if d == 0 and e > s + 1 and text[s] == "("]
    last, first = outer[-1:], outer[:1]
    if not any(e == len(text) - 1 for _, e in last) and not any(
        re.fullmatch(r"[\w.]*", text[head:s]) for s, _ in first
    ):
        return []
    lines, line, at, room = [], " " * indent, 0, WIDTH
    for number, (start, end) in enumerate(outer):
        following = outer[number + 1][0] + 1 if number + 1 < len(outer) else len(text)
        line += text[at:start]
        at = end + 1
        if len(line) + following - start <= WIDTH:
            line += text[start:at]
            continue
        room = min(room, WIDTH - len(line) - 1)
        own = start - (is_called(text, start))
        opened = _opened(text[own:at], indent, "", (start - own, end - own))
        lines += [line + "(", *opened[1:-1]]
        line = " " * indent + ")"
    lines.append(line + text[at:])
    return lines if min(room, WIDTH - len(lines[-1])) >= 0 else []


def _layout(text: str, indent: int, tail: str = "") -> list[str]:
    """Lines of `text`, with `tail` (a comma) behind it."""
    pad = " " * indent
    asked = _asking_pair(text)
    if asked is None and indent + len(text) + len(tail) <= WIDTH:
        return [pad + text + tail]
    if asked is None and (operands := parts_of(text, _prefix(text))) and len(operands) > 1:
        lines = [line for part in operands for line in _layout(part, indent)]
        return [*lines[:-1], lines[-1] + tail]
    span = asked or _last_pair(text)
    return [pad + text + tail] if span is None else _opened(text, indent, tail, span)


def _opened(text: str, indent: int, tail: str, span: tuple[int, int]) -> list[str]:
    """A bracket pair with its content on lines of their own."""
    pad, (start, end) = " " * indent, span
    asks = _asking_pair(text) is not None
    head, inner, close = text[: start + 1], text[start + 1 : end], text[end:] + tail
    body = inner.rstrip().rstrip(",") if asks else inner
    elements = split(body)
    single = len(elements) == 1 and not asks
    alone = is_called(text, start) or (single and text[start] == "(")
    if not asks and alone and indent + 4 + len(body) <= WIDTH:
        return [pad + head, pad + "    " + body, pad + close]
    plain = single and (" for " in body or text[start] == "[" or not is_called(text, start))
    comma = "" if plain and (text[start] == "(" or is_called(text, start)) else ","
    lines = [pad + head]
    for element in elements:
        lines += _layout(element, indent + 4, comma)
    return [*lines, pad + close]


def _prefix(text: str) -> int:
    """How long `groups=` or `"conv0": ` is, before the value of an element."""
    found = _ELEMENT.match(text)
    return found.end() if found else 0


def _last_pair(text: str) -> tuple[int, int] | None:
    """The outermost pair that closes last: the right-hand side's own brackets."""
    outer = [(start, end) for start, end, depth in pairs(text) if depth == 0 and end > start + 1]
    return outer[-1] if outer else None


def _asking_pair(text: str) -> tuple[int, int] | None:
    """The outermost pair that must open, because one in it ends in a comma."""
    asking = [(s, e) for s, e, _ in pairs(text) if text[:e].rstrip().endswith(",")]
    asking = [(s, e) for s, e in asking if not is_tuple_of_one(text, s, e)]
    if not asking:
        return None
    first = asking[0]
    around = [(s, e) for s, e, d in pairs(text) if d == 0 and s <= first[0] and first[1] <= e]
    return around[0]
