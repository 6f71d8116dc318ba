"""What the package needs of others (ADR 8): each core dependency has work, and only where it is."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

from tests.structure.source import modules

PROJECT = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
IMPORTED_AS = {
    "scikit-learn": "sklearn", "pillow": "PIL", "resvg-py": "resvg_py", "python-pptx": "pptx",
    "fonttools": "fontTools",
}  # fmt: skip
BESIDE = {
    "lark": "compiles the grammar for `make tables`, a matter of this repository",
    "lsprotocol": "comes with pygls",
    "pygments": "asks us for the lexer, never the other way",
    "torchvision": "models to import, of who names one",
    "datasets": "a source of images, of who names one",
    "simplejpeg": "a faster decoder where it is installed",
    "turbojpeg": "the same",
}
"""What is imported though no extra has it, and why."""
WORK = {
    "jinja2": {"cnnspec.backends.torch.write.render"},
    "graphviz": {"cnnspec.draw.writers.dot"},
    "rich": {"cnnspec.cli.progress", "cnnspec.train.progress"},
}
"""Core dependency -> the modules that import it, in a function each."""


def names(requirements: list[str]) -> set[str]:
    found = {re.match(r"[\w-]+", one)[0] for one in requirements}  # type: ignore[index]
    return {IMPORTED_AS.get(name, name) for name in found}


def others() -> dict[str, set[str]]:
    """Package of others -> the modules of ours that import it outside of `if TYPE_CHECKING`."""
    known = {*sys.stdlib_module_names, "cnnspec"}
    found = defaultdict(set)
    for module, tree in modules().items():
        typed = {
            id(inner)
            for node in ast.walk(tree)
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
            for inner in ast.walk(node)
        }
        for node in (n for n in ast.walk(tree) if id(n) not in typed):
            said = (
                [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            )
            said += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for top in {name.partition(".")[0] for name in said} - known:
                found[top].add(module)
    return found


def test_v5_each_core_dependency_has_work_and_one_place_for_it():
    core = names(PROJECT["dependencies"])
    found = others()
    assert core == {*WORK, "typer"}
    assert {name: found[name] for name in WORK} == WORK
    assert {module.split(".")[1] for module in found["typer"]} == {"cli"}


def test_v5_none_is_imported_before_it_is_needed():
    for name, places in WORK.items():
        for place in places:
            lines = ast.unparse(modules()[place]).splitlines()
            assert not [line for line in lines if re.match(rf"(from|import) {name}\b", line)]


def test_v5_what_else_is_imported_belongs_to_an_extra():
    extras = names([one for group in PROJECT["optional-dependencies"].values() for one in group])
    stray = {name for name in others() if name not in extras | names(PROJECT["dependencies"])}
    assert stray == BESIDE.keys()


@pytest.mark.parametrize(
    ("line", "loaded"),
    [
        ("check specs/lenet5.cnn", set()),
        ("gen specs/lenet5.cnn -o {folder}", {"jinja2"}),
        ("draw specs/lenet5.cnn -o {folder}/lenet5.dot", {"graphviz"}),
    ],
)
def test_v5_a_command_loads_what_it_needs(line: str, loaded: set[str], tmp_path: Path):
    code = "import sys; from cnnspec.cli.app import run; run(sys.argv[1:]); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code, *line.format(folder=tmp_path).split()],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert {
        name for name in ("jinja2", "graphviz", "rich") if name in done.stdout.split()
    } == loaded
