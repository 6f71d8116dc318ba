"""Mutation testing: `python -m tests.fuzz.ast_mutants ops` breaks the code and runs its tests.

One change at a time, in a process of its own: a comparison turned around, an operator exchanged, a
constant off by one, a condition negated, a value replaced by None. A mutant lives when every test
of its file passes. Every file has the tests that speak of it, and a mutant is killed by the first
that fails.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib.abc
import importlib.util
import json
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT = 120
"""Seconds that the tests of one mutant may take: an endless loop is killed too."""

COMPARE = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
ARITHMETIC = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult, ast.Mod: ast.FloorDiv, ast.Pow: ast.Mult,
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One way to break a file: its number among all of them, its place, and what it does."""

    file: str
    number: int
    line: int
    what: str


class Breaker(ast.NodeTransformer):
    """Finds every change, and makes the one of a number."""

    def __init__(self, chosen: int = -1) -> None:
        self.chosen, self.found = chosen, []
        self.found: list[tuple[int, str]]

    def offer(self, node: ast.AST, what: str) -> bool:
        """Note a change; true for the one that is to be made."""
        self.found.append((getattr(node, "lineno", 0), what))
        return len(self.found) - 1 == self.chosen

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        for at, operator in enumerate(node.ops):
            other = COMPARE[type(operator)]
            if self.offer(node, f"{type(operator).__name__} -> {other.__name__}"):
                node.ops[at] = other()
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        other = ARITHMETIC.get(type(node.op))
        if other and self.offer(node, f"{type(node.op).__name__} -> {other.__name__}"):
            node.op = other()
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        other = ast.Or if isinstance(node.op, ast.And) else ast.And
        if self.offer(node, f"{type(node.op).__name__} -> {other.__name__}"):
            node.op = other()
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        known = isinstance(node.op, ast.Not | ast.USub)
        if known and self.offer(node, f"{type(node.op).__name__} dropped"):
            return node.operand
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        value = node.value
        if isinstance(value, bool):
            if self.offer(node, f"{value} -> {not value}"):
                return ast.copy_location(ast.Constant(not value), node)
        elif isinstance(value, int | float):
            if self.offer(node, f"{value} -> {value + 1}"):
                return ast.copy_location(ast.Constant(value + 1), node)
        elif isinstance(value, str) and value and self.offer(node, f"{value[:30]!r} -> 'XX'"):
            return ast.copy_location(ast.Constant(value + "XX"), node)
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                part.value = self.visit(part.value)
        if self.offer(node, "an f-string emptied"):
            return ast.copy_location(ast.Constant(""), node)
        return node

    def visit_If(self, node: ast.If) -> ast.AST:
        self.generic_visit(node)
        if self.offer(node.test, "if negated"):
            node.test = ast.copy_location(ast.UnaryOp(ast.Not(), node.test), node.test)
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        self.generic_visit(node)
        if self.offer(node.test, "choice negated"):
            node.test = ast.copy_location(ast.UnaryOp(ast.Not(), node.test), node.test)
        return node

    def visit_Return(self, node: ast.Return) -> ast.AST:
        self.generic_visit(node)
        nothing = node.value is None or (
            isinstance(node.value, ast.Constant) and node.value.value is None
        )
        if not nothing and self.offer(node, "None returned"):
            node.value = ast.copy_location(ast.Constant(None), node)
        return node

    def visit_Continue(self, node: ast.Continue) -> ast.AST:
        if self.offer(node, "continue -> break"):
            return ast.copy_location(ast.Break(), node)
        return node

    # what is no code: documentation, types, and imports for types

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        return node if isinstance(node.value, ast.Constant) else self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def visit_arguments(self, node: ast.arguments) -> ast.AST:
        node.defaults = [self.visit(d) for d in node.defaults]
        node.kw_defaults = [d and self.visit(d) for d in node.kw_defaults]
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.args = self.visit(node.args)
        node.body = [self.visit(statement) for statement in node.body]
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.body = [self.visit(statement) for statement in node.body]
        return node

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        return node  # says what is always true


def broken(path: Path, number: int) -> ast.Module:
    """The file with one change."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    Breaker(number).visit(tree)
    return ast.fix_missing_locations(tree)


def changes(path: Path) -> Iterator[Change]:
    """Every change of a file."""
    breaker = Breaker()
    breaker.visit(copy.deepcopy(ast.parse(path.read_text(encoding="utf-8"))))
    name = str(path.relative_to(ROOT))
    for number, (line, what) in enumerate(breaker.found):
        yield Change(name, number, line, what)


FOCUSED = {
    "ops": ["tests/ops"],
    "analyses": ["tests/analyses", "tests/claims", "tests/language/test_docs.py"],
}
"""The tests of a folder; those named as the file come first."""


def tests_of(path: Path) -> tuple[list[str], list[str]]:
    """The tests named as a file, which kill most mutants, and all that may kill one."""
    folder = path.parent.name
    own = sorted((ROOT / "tests").rglob(f"test_{path.stem}*.py"))
    return list(map(str, own)), [str(ROOT / t) for t in FOCUSED[folder]]


def loaded(path: Path) -> str:
    """The name of a file's module."""
    words = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(words[:-1] if words[-1] == "__init__" else words)


def survives(change: Change) -> bool:
    """Whether all tests pass with the change, in this process."""
    import pytest

    path = ROOT / change.file
    name = loaded(path)
    code = compile(broken(path, change.number), str(path), "exec")

    class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
        def find_spec(self, fullname, paths, target=None):  # type: ignore[no-untyped-def]
            if fullname != name:
                return None
            package = path.name == "__init__.py"
            return importlib.util.spec_from_file_location(
                fullname, path, loader=self,
                submodule_search_locations=[str(path.parent)] if package else None,
            )  # fmt: skip

        def exec_module(self, module):  # type: ignore[no-untyped-def]
            exec(code, module.__dict__)

    for kept in [m for m in sys.modules if m == "cnnspec" or m.startswith(("cnnspec.", "tests."))]:
        del sys.modules[kept]
    sys.meta_path.insert(0, Finder())
    options = ["-x", "-q", "-p", "no:cacheprovider", "--no-header", "--tb=no", "-W", "ignore"]
    own, all_of_them = tests_of(path)
    if own and pytest.main([*options, *own]) != 0:
        return False
    return pytest.main([*options, *all_of_them]) == 0


def attempt(change: Change) -> tuple[Change, bool]:
    """Run a change in a fork of this process, which has PyTorch and pytest imported."""
    child = os.fork()
    if child == 0:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        signal.alarm(TIMEOUT)
        try:
            alive = survives(change)
        except BaseException:
            alive = False
        os._exit(int(alive))
    return change, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1


def warm() -> None:
    """Import once what every mutant's tests need."""
    import hypothesis  # noqa: F401
    import onnxruntime  # noqa: F401
    import pytest  # noqa: F401
    import torch
    import torch.utils.flop_counter

    torch.set_num_threads(1)
    sys.path.insert(0, str(ROOT))


def main() -> int:
    """List the mutants that live."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("where", nargs="+", help="`ops`, `analyses`, or files")
    options.add_argument("--every", type=int, default=1, help="a sample: one mutant in so many")
    options.add_argument("--jobs", type=int, default=2)
    wanted = options.parse_args()
    files: list[Path] = []
    for word in wanted.where:
        folder = ROOT / "cnnspec" / word
        files += sorted(folder.glob("*.py")) if folder.is_dir() else [Path(word).resolve()]
    work = [c for file in files for c in changes(file)][:: wanted.every]
    counts: dict[str, list[int]] = {}
    with multiprocessing.get_context("fork").Pool(wanted.jobs, warm) as pool:
        for done, (change, alive) in enumerate(pool.imap_unordered(attempt, work), 1):
            row = counts.setdefault(change.file, [0, 0])
            row[0] += 1
            row[1] += alive
            if alive:
                print(f"{change.file}:{change.line} #{change.number} {change.what}", flush=True)
            if done % 100 == 0:
                print(f"{done}/{len(work)}", file=sys.stderr, flush=True)
    total, alive = (sum(row[i] for row in counts.values()) for i in (0, 1))
    killed = 1 - alive / max(total, 1)
    print(json.dumps({"mutants": total, "alive": alive, "killed": round(killed, 4)}))
    return int(killed < 0.95)


if __name__ == "__main__":
    sys.exit(main())
