"""The printer: every statement of generated/ and golden/ comes out of its tree as it stands."""

import ast
from pathlib import Path

import pytest

from cnnspec.backends.torch.python.layout import laid
from cnnspec.backends.torch.python.reading import mark
from cnnspec.ops.torch import forms

ROOT = Path(__file__).parents[2]
FILES = [
    *sorted((ROOT / "generated").glob("*.py")),
    *sorted(Path(__file__).parent.glob("golden/*")),
]
BROUGHT = {name for name in forms() if "." not in name}
"""Classes that an op brings as text: nothing lays them out."""


def statements(body, lines):
    """Statements, heads of compound ones among them, each with its lines and its first word."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from statements([] if node.name in BROUGHT else node.body, lines)
        elif not isinstance(node, ast.ImportFrom | ast.Import) and not is_docstring(node):
            inner = getattr(node, "body", [])
            end = inner[0].lineno - 1 if inner else node.end_lineno
            written = [line.partition("  # ")[0] for line in lines[node.lineno - 1 : end]]
            while not written[-1] or written[-1].lstrip().startswith(("#", "else:")):
                written.pop()
            yield node, written, "elif" if written[0].lstrip().startswith("elif") else ""
            yield from statements([*inner, *getattr(node, "orelse", [])], lines)


def is_docstring(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_statement_is_laid_out_as_it_stands(path):
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    mark(tree, text)
    found = 0
    for node, written, word in statements(tree.body, text.split("\n")):
        assert laid(node, node.col_offset, word) == written
        found += 1
    assert found > 10
