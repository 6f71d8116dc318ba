"""How long the generated files are: the table in docs/codegen.md, and the limits."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest
import torch

from tests.backends.harness import ROOT

GENERATED = ROOT / "generated"
PAGE = ROOT / "docs" / "codegen.md"
START, END = (
    "| net | this file | its classes | torchvision's classes |\n|---|---|---|---|\n",
    "\n\n",
)

OTHER_NAMES = {
    "vgg_a": "vgg11", "vgg_b": "vgg13", "vgg_d": "vgg16", "vgg_e": "vgg19",
    "alexnet_torchvision": "alexnet", "googlenet_bn": "googlenet",
}  # fmt: skip
SAME_NAMES = ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "inception_v3")
DENSE = ("densenet121", "densenet161", "densenet169", "densenet201")
THEIRS = OTHER_NAMES | {name: name for name in (*SAME_NAMES, *DENSE)}

LIMITS = {
    "resnet34": 120, "resnet50": 125, "vgg_d": 80, "googlenet": 160, "inception_v3": 330,
    "densenet121": 130,
}  # fmt: skip


def own_classes(text: str) -> int:
    """The lines of a file's network classes; the named tuples of outputs are part of them."""
    found = [node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
    return sum((node.end_lineno or 0) - node.lineno + 1 for node in found)


def their_classes(models, name: str) -> int:
    """The lines of torchvision's classes that its net is made of; helper functions not counted."""
    words = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    with torch.device("meta"):
        net = getattr(models, name)(weights=None, **words)
    kinds = {type(module) for module in net.modules()}
    mine = [kind for kind in kinds if kind.__module__.startswith("torchvision.models.")]
    return sum(len(inspect.getsource(kind).splitlines()) for kind in mine)


def table(models) -> str:
    rows = []
    for path in sorted(GENERATED.glob("*.py"), key=natural):
        text = path.read_text(encoding="utf-8")
        name = path.stem
        theirs = their_classes(models, THEIRS[name]) if name in THEIRS else "none"
        rows.append(f"| {name} | {text.count(chr(10))} | {own_classes(text)} | {theirs} |")
    return "\n".join(rows)


def natural(path: Path) -> tuple[str, int, str]:
    """The family first, then the depth as a number."""
    digits = "".join(c if c.isdigit() else " " for c in path.stem).split()
    return path.stem.rstrip("0123456789_"), int(digits[0]) if digits else 0, path.stem


def test_the_table_is_current(torchvision_models, update_golden):
    page = PAGE.read_text(encoding="utf-8")
    before, start, rest = page.partition(START)
    assert start
    old, end, after = rest.partition(END)
    new = table(torchvision_models)
    if update_golden:
        PAGE.write_text(before + start + new + end + after, encoding="utf-8")
    assert old == new or update_golden, "run pytest with --update-golden"


@pytest.mark.parametrize(("name", "most"), LIMITS.items())
def test_files_are_short(name, most):
    assert (GENERATED / f"{name}.py").read_text(encoding="utf-8").count("\n") <= most


def test_depth_adds_no_line():
    lines = {n: (GENERATED / f"{n}.py").read_text().count("\n") for n in ("resnet20", "resnet1202")}
    assert lines["resnet1202"] <= lines["resnet20"]
