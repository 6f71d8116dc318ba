"""What a hostile spec gets: its strings stay data, and the emitted code is looked through (S3)."""

import ast
from pathlib import Path

import pytest

from cnnspec.backends.torch.check import UnexpectedCode, check
from cnnspec.backends.torch.python.names import BUILTINS, IMPORTED
from cnnspec.elaborate.workspace import Workspace
from tests.backends.harness import elaborate, load, text_of


def test_documentation_cannot_end_a_docstring():
    text = text_of(
        '## """ + __import__("os").abort() + """\n'
        "net tested(classes = 3) {\n  input 3x8x8\n  inner\n  flatten -> linear classes\n}\n"
        '## ends in a quote " and a backslash \\\n'
        'block inner() { conv 4, 3x3; add { skip; skip } }\n## x"\nblock unused() { relu }\n'
    )
    module = load(text)
    assert '__import__("os")' in module.__doc__
    assert module.Inner.__doc__.rstrip(".").endswith("\\")


def test_a_source_is_data():
    title = "x' {{ 7 * 7 }} ''' {% raise %} \\"
    text = text_of(
        f'source s = paper("{title}", arxiv="1234.5678")\n'
        "net tested(classes = 3) { input 3x8x8; conv 4, 3x3; flatten; linear classes\n"
        "  claim layers = 2 from s }\n"
    )
    assert title in load(text).__doc__


def test_a_file_name_is_data(tmp_path):
    path = tmp_path / "a'''\"\"\"{{x}}.cnn"
    path.write_text("net tested(n = 3) { input 3x8x8; conv n, 3x3 }")
    assert "{{x}}" in load(text_of(path)).__doc__


@pytest.mark.parametrize("word", ["none", "a\\", "it's", "\\', (", "{0}"])
def test_strings_of_a_recipe_are_literals(word):
    elaborated = elaborate(
        "net tested(n = 3) { input 3x8x8; conv n, 3x3; recipe r }\n"
        f'recipe r {{ data = synthetic(color="{word}", resize=[8, 8]) }}'
    )
    assert elaborated.recipe == load(text_of_elaborated(elaborated)).RECIPE


def text_of_elaborated(elaborated):
    from cnnspec.backends.torch import emit

    return emit(elaborated)


@pytest.mark.parametrize(
    "code",
    [
        "eval('1')",
        "exec('x = 1')",
        "__import__('os')",
        "import os",
        "from os import path",
        "from torch import hub",
        "open('x')",
        "(lambda: 1)()",
        "print(1)",
        "x = [f(1) for f in y]",
        "global x",
        "def f():\n    yield 1\n    breakpoint()",
        "try:\n    pass\nfinally:\n    pass",
        "torch.hub.load('a', 'b')",
        "torch.load('x')",
        "x.__class__.__subclasses__()",
        "def f(x):\n    return x + width",
    ],
)
def test_code_that_the_compiler_never_writes_is_refused(code):
    with pytest.raises(UnexpectedCode):
        check(code)


@pytest.mark.parametrize("text", ["net {} {{ input 3x8x8; relu }}", "net {} = other()"])
@pytest.mark.parametrize("name", sorted({*IMPORTED, *BUILTINS}))
def test_a_net_cannot_take_a_name_that_the_file_uses(name, text):
    workspace = Workspace()
    workspace.read_text(f"net other {{ input 3x8x8; relu }}\n{text.format(name)}")
    (found,) = workspace.diagnostics
    assert found.code in ("E0110", "E0502")


def test_the_package_has_no_eval_or_exec():
    folder = Path(__file__).parents[2] / "cnnspec" / "backends"
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in {"eval", "exec", "compile", "__import__", "open"}, path
