"""Locals that nothing reads are left out."""

from __future__ import annotations

import ast

from cnnspec.backends.torch.model import Line, Statement, Suite, texts

PASS = Line("pass")


def used_only(statements: list[Statement]) -> list[Statement]:
    """Leave out locals that nothing reads; a `for` needs at least one statement."""
    while True:
        code = texts(statements)
        kept = _drop(statements, code)
        if texts(kept) == code:
            return kept
        statements = kept


def _drop(statements: list[Statement], code: list[str]) -> list[Statement]:
    """From the end: an empty `if` stays where an `else` hangs on it."""
    kept: list[Statement] = []
    for statement in reversed(statements):
        if isinstance(statement, Suite):
            below = kept[-1].head if kept and isinstance(kept[-1], Suite) else ""
            empty: list[Statement] = [PASS] if below.startswith(("else:", "elif ")) else []
            body = _drop(statement.body, code) or empty
            kept += [Suite(statement.head, body)] if body else []
        elif statement != PASS and _needed(statement, code):
            kept.append(statement)
    return kept[::-1]


def _needed(line: Line, code: list[str]) -> bool:
    return not line.local or _read(line.local, line.text, code)


def _read(name: str, own: str, code: list[str]) -> bool:
    """Whether any other line reads a local."""
    return any(name in reads(text) for text in code if text != own)


def reads(text: str) -> set[str]:
    """The names that a line reads: `self.stride` and `stride=2` do not read `stride`."""
    whole = f"{text.removeprefix('el')} pass" if text.endswith(":") else text
    if text == "else:":
        return set()
    found = set()
    for node in ast.walk(ast.parse(whole)):
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return found
