"""Text that a writer or an op gives, as the tree that everything behind it asks.

Trees are kept by their text: whoever gets one changes nothing in it.
"""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import Any

BRACKETS = (ast.Call, ast.Tuple, ast.List, ast.Dict)


@lru_cache(maxsize=20_000)
def statement(text: str) -> ast.stmt:
    """One simple statement, or the head of a compound one with `pass` in it (`elif` is an `if`)."""
    whole = f"{text.removeprefix('el')} pass" if text.endswith(":") else text
    (node,) = ast.parse(whole).body
    if any(end in text for end in (",)", ",]", ",}")):
        mark(node, whole)
    return node


def names_read(node: ast.AST) -> frozenset[str]:
    """The names that a statement or expression reads; `x += 1` reads `x`."""
    found = set()
    for inner in nodes(node):
        if isinstance(inner, ast.AugAssign) and isinstance(inner.target, ast.Name):
            found.add(inner.target.id)
        elif isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Store):
            found.add(inner.id)
    return frozenset(found)


def names_set(node: ast.AST) -> set[str]:
    """The variables that a statement sets."""
    found = (n for n in nodes(node) if isinstance(n, ast.Name))
    return {name.id for name in found if isinstance(name.ctx, ast.Store)}


_LEAVES = (ast.Name, ast.Constant, ast.Pass)
_FLAT = {"ctx", "op", "ops", "id", "attr", "arg", "name", "type_comment", "kind", "level"}
"""Fields that hold signs, words and marks, where `ast.walk` looks too."""
_WORDS = {type(None), str, bytes, bool, int, float, complex, type(...)}
"""Types of what stands in the other fields and is no node."""
_FIELDS: dict[type[ast.AST], tuple[str, ...]] = dict.fromkeys(_LEAVES, ())


def nodes(root: ast.AST) -> list[ast.AST]:
    """Every node of a tree as `ast.walk` finds them, without operators and contexts."""
    found = [root]
    for node in found:
        kind = type(node)
        if (fields := _FIELDS.get(kind)) is None:
            fields = _FIELDS[kind] = tuple(name for name in kind._fields if name not in _FLAT)
        for name in fields:
            value: Any = getattr(node, name, None)
            if value.__class__ is list:
                found += [part for part in value if part.__class__ not in _WORDS]
            elif value.__class__ not in _WORDS:
                found.append(value)
    return found


@lru_cache(maxsize=20_000)
def expression(text: str) -> ast.expr:
    """One expression."""
    return ast.parse(text, mode="eval").body


def mark(node: ast.AST, text: str) -> None:
    """Note which brackets of a text end in a comma (`open`): each of their elements gets a line.

    What holds such a bracket is marked too (`asks`).
    """
    _mark(node, text.encode().split(b"\n"))


def _mark(node: ast.AST, lines: list[bytes]) -> bool:
    asked = any([_mark(inner, lines) for inner in ast.iter_child_nodes(node)])
    if isinstance(node, BRACKETS) and not _is_single(node):
        assert isinstance(node, ast.expr) and node.end_lineno and node.end_col_offset
        if _before(lines, node.end_lineno - 1, node.end_col_offset - 1) == b",":
            node.__dict__["open"] = asked = True
    if asked:
        node.__dict__["asks"] = True
    return asked


def _before(lines: list[bytes], line: int, column: int) -> bytes:
    """The last character before a place that is no blank."""
    while not (before := lines[line][:column].rstrip()):
        line, column = line - 1, len(lines[line - 1])
    return before[-1:]


def _is_single(node: ast.AST) -> bool:
    return isinstance(node, ast.Tuple) and len(node.elts) == 1
