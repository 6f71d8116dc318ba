"""Locals that nothing reads are left out."""

from __future__ import annotations

import ast
from collections import Counter
from functools import lru_cache

from cnnspec.backends.torch.python import reading
from cnnspec.backends.torch.python.reading import expression, names_read, names_set
from cnnspec.backends.torch.write.model import Line, Statement, Suite, texts

PASS = Line("pass")

Names = frozenset[str]


def used_only(statements: list[Statement]) -> list[Statement]:
    """Leave out locals that nothing reads; a `for` needs at least one statement."""
    while True:
        code = Reads(texts(statements))
        kept = _drop(statements, code)
        if len(texts(kept)) == len(texts(statements)):
            return kept
        statements = kept


class Reads:
    """How many different lines read each name."""

    def __init__(self, code: list[str]) -> None:
        self.lines = Counter(code)
        self.names = Counter(name for text in self.lines for name in reads(text))

    def needed(self, line: Line) -> bool:
        """Whether any other line reads the local that a line sets."""
        own = line.local in reads(line.text)
        return not line.local or self.names[line.local] > own

    def leave_out(self, text: str) -> None:
        """A line that is dropped reads nothing."""
        self.lines[text] -= 1
        if not self.lines[text]:
            self.names.subtract(reads(text))


def _drop(statements: list[Statement], code: Reads) -> list[Statement]:
    """From the end: an empty `if` stays where an `else` hangs on it."""
    kept: list[Statement] = []
    for statement in reversed(statements):
        if isinstance(statement, Suite):
            below = kept[-1].head if kept and isinstance(kept[-1], Suite) else ""
            empty: list[Statement] = [PASS] if below.startswith(("else:", "elif ")) else []
            body = _drop(statement.body, code) or empty
            kept += [Suite(statement.head, body)] if body else []
        elif statement != PASS and code.needed(statement):
            kept.append(statement)
        elif statement != PASS:
            code.leave_out(statement.text)
    return kept[::-1]


@lru_cache(maxsize=20_000)
def reads(text: str) -> frozenset[str]:
    """The names that a line reads: `self.stride` and `stride=2` do not read `stride`."""
    return names_read(reading.statement(text)) if text not in ("", "else:") else frozenset()


def read_only(statements: list[Statement]) -> list[Statement]:
    """A `forward` in which no variable is set that nothing reads: `x = twin = ...` may lose `x`.

    A call whose value nothing reads keeps its one variable.
    """
    return _live(statements, frozenset())[0]


def _live(statements: list[Statement], live: Names) -> tuple[list[Statement], Names]:
    """Statements without dead variables, and what they read from above; `live` is read below."""
    kept: list[Statement] = []
    other: Names | None = None
    for statement in reversed(statements):
        if isinstance(statement, Line):
            line, live = _line(statement, live)
            kept.append(line)
        elif statement.head.startswith("for "):
            inner = live | {name for text in texts(statement.body) for name in reads(text)}
            body, above = _live(statement.body, inner)
            kept.append(Suite(statement.head, body))
            live = live | above | reads(statement.head)
        elif statement.head == "else:":
            body, other = _live(statement.body, live)
            kept.append(Suite(statement.head, body))
        else:
            body, above = _live(statement.body, live)
            kept.append(Suite(statement.head, body))
            live, other = above | (live if other is None else other) | reads(statement.head), None
    return kept[::-1], live


def _line(line: Line, live: Names) -> tuple[Line, Names]:
    """One statement with the variables that something below reads, and what is read above it."""
    node = reading.statement(line.text)
    targets = node.targets if isinstance(node, ast.Assign) else []
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    sets = names_set(node)
    wanted = [name for name in names if name in live] or names[:1]
    text = line.text
    if len(names) > 1 and wanted != names:
        value = text.split(" = ", len(names))[-1]
        text = " = ".join([*wanted, value])
    return Line(text, line.comment, line.local), (live - sets) | reads(line.text)


def is_tensor(text: str, lines: list[Statement]) -> bool:
    """Whether mypy knows that an expression behind lines is a tensor.

    Of what a module gives it knows nothing, and a variable has the type of its first value.
    """
    known = {"x": True, "F": True, "torch": True}
    for line in texts(lines):
        *targets, value = line.split(" = ") if not line.endswith(":") else [line]
        for name in targets:
            known.setdefault(name, _is_tensor(expression(value), known))
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
