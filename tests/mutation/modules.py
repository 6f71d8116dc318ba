"""Texts of modules, changed at one place each: what the proof notices and what PyTorch does.

`python -m tests.mutation.modules [MUTANTS] [SEED]` writes aimed nets, changes a number, a keyword,
an argument's place, an operator, a name, an attribute, a comparison or a statement, and asks the
proof.  Where it proves the changed text, PyTorch is asked: `harmless` or `missed`.
"""

from __future__ import annotations

import ast
import json
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress

from cnnspec.backends.torch import emit
from cnnspec.elaborate.workspace import Elaborated
from tests.fuzz import aimed
from tests.fuzz.nets import Invalid, elaborate
from tests.mutation.emitter import verdict

EACH = 4
"""Mutants of one module."""
SIGNS = {"+": "-", "-": "+", "*": "//", "//": "*", "%": "*"}
TURNED = {"==": "!=", "!=": "==", "<": ">=", ">": "<=", ">=": "<", "<=": ">"}
Edit = tuple[int, int, str]
"""From, to, and what stands there then."""


class Sites:
    """Every place of a module where something can be changed, by the kind of change."""

    def __init__(self, text: str) -> None:
        self.text, self.tree = text, ast.parse(text)
        self.starts = [0]
        for line in text.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def span(self, node: ast.expr | ast.stmt | ast.keyword) -> tuple[int, int]:
        """Where a node stands in the text, which is ASCII."""
        assert node.end_lineno is not None and node.end_col_offset is not None
        first = self.starts[node.lineno - 1] + node.col_offset
        return first, self.starts[node.end_lineno - 1] + node.end_col_offset

    def source(self, node: ast.expr | ast.stmt | ast.keyword) -> str:
        first, last = self.span(node)
        return self.text[first:last]

    def functions(self) -> Iterator[ast.FunctionDef]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef):
                yield node

    def edits(self, rng: random.Random) -> dict[str, list[Edit]]:
        """The changes that can be made, by kind."""
        found: dict[str, list[Edit]] = {}
        for function in self.functions():
            names = sorted({n.id for n in ast.walk(function) if isinstance(n, ast.Name)})
            fields = sorted({n.attr for n in ast.walk(function) if isinstance(n, ast.Attribute)})
            for node in ast.walk(function):
                for kind, edit in self.at(node, names, fields, rng):
                    found.setdefault(kind, []).append(edit)
        return found

    def at(
        self, node: ast.AST, names: list[str], fields: list[str], rng: random.Random
    ) -> Iterator[tuple[str, Edit]]:
        """The changes at one node."""
        match node:
            case ast.Constant(int() as value) if type(value) is int:
                yield "number", (*self.span(node), str(value + rng.choice((1, -1, 2))))
            case ast.Constant(bool() as value):
                yield "number", (*self.span(node), str(not value))
            case ast.Constant(float() as value):
                yield "number", (*self.span(node), str(value * 2))
            case ast.Call(_, args, keywords):
                for word in keywords:
                    first, last = self.span(word)
                    comma = self.text[:first].rstrip().endswith(",")
                    first = self.text[:first].rstrip().rfind(",") if comma else first
                    yield "keyword", (first, last, "")
                if len(args) > 1 and not any(isinstance(a, ast.Starred) for a in args):
                    (first, _), (_, last) = self.span(args[0]), self.span(args[1])
                    swapped = f"{self.source(args[1])}, {self.source(args[0])}"
                    yield "arguments", (first, last, swapped)
            case ast.BinOp(left, _, right):
                yield from self.between(left, right, SIGNS, "operator")
            case ast.Compare(left, _, [right]):
                yield from self.between(left, right, TURNED, "comparison")
            case ast.Name(name):
                yield (
                    "name",
                    (*self.span(node), rng.choice([n for n in names if n != name] or names)),
                )
            case ast.Attribute(of, name):
                first, last = self.span(of)[1] + 1, self.span(node)[1]
                yield (
                    "attribute",
                    (first, last, rng.choice([f for f in fields if f != name] or fields)),
                )
            case ast.Assign() | ast.Expr(ast.Call()) | ast.AugAssign():
                yield "statement", (*self.span(node), "pass")

    def between(
        self, left: ast.expr, right: ast.expr, signs: dict[str, str], kind: str
    ) -> Iterator[tuple[str, Edit]]:
        """The sign between two operands."""
        first, last = self.span(left)[1], self.span(right)[0]
        sign = self.text[first:last].strip(" ()\n")
        if sign in signs:
            yield kind, (first, last, self.text[first:last].replace(sign, signs[sign]))


def mutant(text: str, rng: random.Random) -> tuple[str, str]:
    """The kind of a change, and the text with it."""
    edits = Sites(text).edits(rng)
    kind = rng.choice(sorted(edits))
    first, last, other = rng.choice(edits[kind])
    return kind, text[:first] + other + text[last:]


def nets(seed: int) -> Iterator[tuple[Elaborated, str]]:
    """Aimed nets without an error, each with its module, for ever."""
    while True:
        with suppress(Invalid):
            net = elaborate(aimed.spec(seed))
            yield net, emit(net)
        seed += 1


def run(count: int, seed: int, told: Callable[[str], object] = print) -> Counter[str]:
    """Judge so many mutants; the missed ones are told with their change."""
    found: Counter[str] = Counter()
    rng = random.Random(seed)
    for net, text in nets(seed * 1_000_000):
        for _ in range(EACH):
            if found.total() == count:
                return found
            kind, changed = mutant(text, rng)
            if changed == text:
                continue
            end = verdict(net, changed)
            found[end] += 1
            if end == "missed":
                lines = zip(text.splitlines(), changed.splitlines(), strict=False)
                told(f"missed, a {kind}: {next(pair for pair in lines if pair[0] != pair[1])}")
    raise AssertionError("there are nets without end")


def main() -> int:
    """Print the figures as one JSON line; 1 when the proof missed a mutant."""
    count, seed = (
        (*map(int, sys.argv[1:]), 2000, 1)[:2] if len(sys.argv) < 3 else map(int, sys.argv[1:])
    )
    found = run(count, seed)
    print(json.dumps(dict(found)))
    return int(found["missed"] > 0)


if __name__ == "__main__":
    sys.exit(main())
