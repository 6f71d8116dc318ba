"""Text that a writer or an op gives, as the tree that everything behind it asks.

Trees are kept by their text: whoever gets one changes nothing in it.
"""

from __future__ import annotations

import ast
from functools import lru_cache

BRACKETS = (ast.Call, ast.Tuple, ast.List, ast.Dict)


@lru_cache(maxsize=20_000)
def statement(text: str) -> ast.stmt:
    """One simple statement, or the head of a compound one with `pass` in it (`elif` is an `if`)."""
    whole = f"{text.removeprefix('el')} pass" if text.endswith(":") else text
    (node,) = ast.parse(whole).body
    if any(end in text for end in (",)", ",]", ",}")):
        mark(node, whole)
    return node


@lru_cache(maxsize=20_000)
def expression(text: str) -> ast.expr:
    """One expression."""
    return ast.parse(text, mode="eval").body


def mark(node: ast.AST, text: str) -> None:
    """Note which brackets end in a comma: each of their elements gets a line (`is_open`)."""
    lines = text.encode().split(b"\n")
    for inner in ast.walk(node):
        if not isinstance(inner, BRACKETS) or _is_single(inner):
            continue
        assert isinstance(inner, ast.expr) and inner.end_lineno and inner.end_col_offset
        if _before(lines, inner.end_lineno - 1, inner.end_col_offset - 1) == b",":
            inner.__dict__["open"] = True


def _before(lines: list[bytes], line: int, column: int) -> bytes:
    """The last character before a place that is no blank."""
    while not (before := lines[line][:column].rstrip()):
        line, column = line - 1, len(lines[line - 1])
    return before[-1:]


def _is_single(node: ast.AST) -> bool:
    return isinstance(node, ast.Tuple) and len(node.elts) == 1
