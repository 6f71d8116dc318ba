"""An op or a warning that somebody adds by CONTRIBUTING alone: every command knows it."""

import importlib.util
import json
import re
import sys
from pathlib import Path

import pytest

from cnnspec.cli.app import run
from cnnspec.diagnostics import Diagnostic
from cnnspec.elaborate import lint
from cnnspec.ops import ops
from cnnspec.ops import torch as reading
from cnnspec.ops.op import REGISTRY
from tests.ops.test_plugins import CYCLIC

SPEC = """\
## A net with a new op.
net rolled(classes = 10) {
  input 3x32x32
  conv 8, 3x3 -> cyclic 2 -> relu  => 8x30x30
  add { cyclic 1 -> conv 8, 3x3, pad=same; skip }
  global_avgpool -> flatten -> linear classes
  claim count(cyclic) = 2
}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The op's file, found as those of cnnspec/ops are, and a spec with it."""
    (tmp_path / "cyclic.py").write_text(CYCLIC)
    (tmp_path / "rolled.cnn").write_text(SPEC)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(ops()._names, "cyclic", None)
    monkeypatch.setattr(reading, "_FOUND", {})  # another test brings an op for torch.roll
    monkeypatch.setattr(reading, "_INDEXED", set())
    found = importlib.util.spec_from_file_location("cnnspec.ops.cyclic", "cyclic.py")
    module = importlib.util.module_from_spec(found)
    monkeypatch.setitem(sys.modules, "cnnspec.ops.cyclic", module)
    found.loader.exec_module(module)
    yield tmp_path
    del REGISTRY["cyclic"]


def test_check_and_summary(capsys):
    assert run(["check", "rolled.cnn"]) == 0
    assert run(["summary", "rolled.cnn", "--format", "json"]) == 0
    assert "cyclic1" in capsys.readouterr().out


def test_a_wrong_argument_is_an_error_at_its_place(capsys, folder):
    (folder / "rolled.cnn").write_text(SPEC.replace("cyclic 2", 'cyclic "two"'))
    assert run(["check", "rolled.cnn"]) == 1
    assert 'cyclic "two"' in capsys.readouterr().out


def test_gen_writes_it_and_prove_reads_it(capsys, folder):
    assert run(["gen", "--target", "torch", "rolled.cnn", "-o", "out"]) == 0
    text = (folder / "out/rolled.py").read_text()
    assert "torch.roll(" in text
    assert run(["prove", "out/rolled.py", "--spec", "rolled.cnn"]) == 0
    (folder / "out/rolled.py").write_text(text.replace(", 2, 2)", ", 3, 2)"))
    capsys.readouterr()
    assert run(["prove", "out/rolled.py", "--spec", "rolled.cnn"]) == 1
    assert "cyclic" in "".join(capsys.readouterr())


def test_onnx_refuses_the_net_at_the_op(capsys):
    assert run(["gen", "--target", "onnx", "rolled.cnn", "-o", "out"]) == 1
    said = "".join(capsys.readouterr())
    assert "E0503" in said and "cyclic" in said and "--target torch" in said


@pytest.mark.parametrize("form", ["svg", "pdf", "tex", "html", "json", "dot"])
def test_draw_shows_it(folder, form):
    assert run(["draw", "rolled.cnn", "-o", f"rolled.{form}"]) == 0
    drawn = folder / f"rolled.{form}"
    assert form == "pdf" or "cyclic" in drawn.read_text()


@pytest.mark.parametrize("style", ["columns", "module", "volumes"])
def test_other_styles_draw_it(folder, style):
    assert run(["draw", "rolled.cnn", "--style", style, "-o", "rolled.svg"]) == 0


def test_a_table_has_it(folder):
    assert run(["draw", "rolled.cnn", "--style", "table", "-o", "rolled.md"]) == 0
    assert "cyclic" in (folder / "rolled.md").read_text()


def test_explain_says_what_it_is_without_an_example(capsys):
    assert run(["explain", "cyclic"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("cyclic(shift)\n") and "places down" in out and "Example" not in out


def test_explain_a_layer_diff_and_check_as_json(capsys, folder):
    (folder / "other.cnn").write_text(
        SPEC.replace("cyclic 2", "cyclic 3").replace("rolled", "other")
    )
    assert run(["diff", "rolled.cnn", "other.cnn"]) in (0, 1)
    assert "cyclic" in capsys.readouterr().out
    assert run(["check", "rolled.cnn", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["nets"]


def saturates(diagnostics, made, *rest):
    """A warning about one layer, as somebody would write it."""
    if made.op.name == "tanh":
        diagnostics.add(Diagnostic("W0203", "this tanh saturates", made.span, help=("take relu",)))


def test_a_warning_about_a_layer_is_a_function_of_lint_and_its_kind(capsys, folder, monkeypatch):
    monkeypatch.setattr(lint, "KINDS", (*lint.KINDS, "activation"))
    layer = lint.layer
    monkeypatch.setattr(lint, "layer", lambda *given: (saturates(*given), layer(*given)))
    (folder / "rolled.cnn").write_text(SPEC.replace("-> relu", "-> tanh"))
    assert run(["check", "rolled.cnn"]) == 0
    said = capsys.readouterr().out
    assert said.count("this tanh saturates") == 1 and "rolled.cnn:4:30" in said
    assert "help: take relu" in said


def test_contributing_names_files_that_there_are():
    root = Path(__file__).parents[2]
    text = (root / "CONTRIBUTING.md").read_text()
    named = re.findall(r"\b((?:cnnspec|tests|docs|specs|editors|benchmarks)/[\w/.-]*\w)", text)
    made = {"tests/ops/test_NAME.py", "tests/errors/snapshots/CODE.md"}
    gone = [name for name in named if not (root / name).exists() and name not in made]
    assert len(named) > 20 and gone == []
