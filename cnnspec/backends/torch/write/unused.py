"""Locals that nothing reads are left out."""

from __future__ import annotations

import ast
from functools import lru_cache

from cnnspec.backends.torch.python import reading
from cnnspec.backends.torch.python.reading import expression, names_read, names_set
from cnnspec.backends.torch.write.model import Line, Statement, Suite, texts

PASS = Line("pass")

Names = frozenset[str]


@lru_cache(maxsize=20_000)
def reads(text: str) -> frozenset[str]:
    """The names that a line reads: `self.stride` and `stride=2` do not read `stride`."""
    return names_read(reading.statement(text)) if text not in ("", "else:") else frozenset()


def live(statements: list[Statement]) -> list[Statement]:
    """The statements without what nothing reads: locals, variables, and `if`s and loops of none.

    `x = twin = ...` may lose `x`; a call whose value nothing reads keeps its one variable.
    """
    return _live(statements, frozenset())[0]


def _live(statements: list[Statement], after: Names) -> tuple[list[Statement], Names]:
    """What stays of statements, and what they read from above; `after` is read below."""
    kept: list[Statement] = []
    read = after
    other: Names | None = None
    """What the other way of an `if` reads, behind its `elif` or `else`."""
    for statement in reversed(statements):
        if isinstance(statement, Line):
            if statement != PASS and (not statement.local or statement.local in read):
                line, read = _line(statement, read)
                kept.append(line)
        elif statement.head.startswith("for "):
            body, above = _turns(statement.body, read)
            if body:
                kept.append(Suite(statement.head, body))
                read = read | above | reads(statement.head)
        else:
            body, above = _live(statement.body, read)
            if not body and other is None:
                continue
            kept.append(Suite(statement.head, body or [PASS]))
            ways = above | (read if other is None else other) | reads(statement.head)
            if statement.head.startswith(("else:", "elif ")):
                other = above if statement.head == "else:" else ways
            else:
                read, other = ways, None
    return kept[::-1], read


def _turns(body: list[Statement], after: Names) -> tuple[list[Statement], Names]:
    """The same of a loop, in which the next turn reads what this one sets."""
    while True:
        read = after | {name for text in texts(body) for name in reads(text)}
        kept, above = _live(body, read)
        if len(texts(kept)) == len(texts(body)):
            return kept, above
        body = kept


def _line(line: Line, below: Names) -> tuple[Line, Names]:
    """One statement with the variables that something below reads, and what is read above it."""
    if not line.text:
        return line, below
    node = reading.statement(line.text)
    targets = node.targets if isinstance(node, ast.Assign) else []
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    sets = names_set(node)
    wanted = [name for name in names if name in below] or names[:1]
    text = line.text
    if len(names) > 1 and wanted != names:
        value = text.split(" = ", len(names))[-1]
        text = " = ".join([*wanted, value])
    return Line(text, line.comment, line.local), (below - sets) | reads(line.text)


def is_tensor(text: str, lines: list[Statement]) -> bool:
    """Whether mypy knows that an expression behind lines is a tensor.

    Of what a module gives it knows nothing, and so of a variable that has ever had it; x is a
    parameter.
    """
    known = {"x": True, "F": True, "torch": True}
    for line in texts(lines):
        *targets, value = line.split(" = ") if not line.endswith(":") else [line]
        for name in {*targets} - {"x"}:
            known[name] = known.get(name, True) and _is_tensor(expression(value), known)
    return _is_tensor(expression(text), known)


def _is_tensor(node: ast.expr, known: dict[str, bool]) -> bool:
    match node:
        case ast.BinOp(left, _, right):
            return _is_tensor(left, known) and _is_tensor(right, known)
        case ast.Subscript(value) | ast.Call(ast.Attribute(value)):
            return _is_tensor(value, known)
        case ast.Name(name):
            return known.get(name, False)
    return isinstance(node, ast.Constant)
