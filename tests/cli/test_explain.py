"""`cnnspec explain`: a page for every code, op and metric."""

import pytest

from cnnspec.analyses.catalogue import METRICS
from cnnspec.codes import pages
from cnnspec.elaborate.sheet import COLOURS, KEYS
from cnnspec.ops import examples, ops
from cnnspec.ops.arguments import signature_text
from cnnspec.report.figuremanual import LINES
from cnnspec.report.opmanual import tried


@pytest.mark.parametrize("code", pages())
def test_a_code(cnnspec, code):
    done = cnnspec("explain", code.lower())
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(f"{code}: {pages()[code].title}\n")
    parts = ("\nExample", "\nWhat it says:\n", "\nInstead:\n", f"[{code}]: ")
    assert all(part in done.out for part in parts)


@pytest.mark.parametrize("name", ops())
def test_an_op(cnnspec, name):
    done = cnnspec("explain", name)
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(f"{signature_text(ops()[name])}\n\n")
    assert examples()[name]["example"] in done.out
    assert f"{name} makes " in done.out or name == "skip"


@pytest.mark.parametrize("name", ops())
def test_the_example_of_an_op_works_and_the_mistake_is_one(name):
    entry = examples()[name]
    net, found = tried(entry["input"], entry["example"])
    assert net is not None
    assert found == []
    _, found = tried(entry["input"], entry["mistake"])
    assert len(found) == 1


def test_every_op_has_an_example_and_nothing_else():
    assert list(examples()) == list(ops())


@pytest.mark.parametrize("name", METRICS)
def test_a_metric(cnnspec, name):
    assert cnnspec("explain", name).out == f"{name}: {METRICS[name]}\n"


def test_figures_of_an_op(cnnspec):
    text = cnnspec("explain", "conv").out
    assert "conv makes 64x112x112 of 3x224x224, 9,472 parameters, 118,013,952 multiply-adds" in text
    assert "in PyTorch: nn.Conv2d(3, 64, 7, stride=2, padding=3)" in text


def test_without_a_subject_all_are_listed(cnnspec):
    lines = cnnspec("explain").out.splitlines()
    assert f"E0301  {pages()['E0301'].title}" in lines
    assert signature_text(ops()["conv"]) in lines
    assert f"macs: {METRICS['macs']}" in lines


def test_an_unknown_subject(cnnspec):
    done = cnnspec("explain", "E9999x")
    assert done.status == 2
    assert done.err.startswith("cnnspec explain: there is no code, op or metric E9999x: ")


def test_f3_a_figure(cnnspec):
    done = cnnspec("explain", "figure")
    assert (done.status, done.err) == (0, "")
    assert f"colours: {', '.join(COLOURS)}\n" in done.out
    assert all(f"    {line}" in done.out for line, _ in LINES.values())
    assert all(len(line) <= 90 for line in done.out.splitlines())


def test_f3_its_lines_are_those_of_the_language(tmp_path):
    from cnnspec.elaborate.workspace import Workspace

    assert LINES.keys() == set(KEYS)
    net = "net n() {\n  input left: 3x8x8\n  input right: 3x8x8\n" + "".join(
        f"  layer{at}: seq {{ conv 3, 1x1 }}\n" for at in (1, 2, 3)
    )
    for line, _ in LINES.values():
        workspace = Workspace()
        unit = workspace.read_text(f"{net}}}\nfigure f of n {{ {line} }}\n", "net.cnn")
        assert unit is not None, line
        workspace.elaborate(unit, "n")
        assert [d for d in workspace.diagnostics if d.code.startswith("E")] == [], line
