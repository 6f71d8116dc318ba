"""`cnnspec import`, and models where other commands take nets."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnnspec.cli.app import run
from cnnspec.importing import cache

MODEL = '''
"""Models of a user."""

import torch
from torch import nn


class Block(nn.Module):
    """Two convolutions and a shortcut."""

    def __init__(self, a, b):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(a, b, 3, padding=1, bias=False), nn.BatchNorm2d(b)
        self.conv2, self.bn2 = nn.Conv2d(b, b, 3, padding=1, bias=False), nn.BatchNorm2d(b)
        self.down = nn.Conv2d(a, b, 1, bias=False) if a != b else nn.Identity()

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        return torch.relu(self.bn2(self.conv2(y)) + self.down(x))


class Net(nn.Module):
    """A small net."""

    def __init__(self, width=8, depth=2):
        super().__init__()
        self.body = nn.Sequential(Block(3, width), *(Block(width, width) for _ in range(depth)))
        self.fc = nn.Linear(width, 10)

    def forward(self, x):
        return self.fc(self.body(x).mean((2, 3)))


class Bad(Net):
    def forward(self, x):
        return super().forward(x * 2 + 1)


def tiny():
    return Net(4, 1)
'''


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "model.py").write_text(MODEL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CNNSPEC_CACHE", str(tmp_path / "cache"))
    return tmp_path


def test_i1_a_class_with_arguments_is_written_and_checks(folder, capsys):
    assert run(["import", "model.py:Net(depth=3)", "-o", "net.cnn", "--input", "3x32x32"]) == 0
    said = capsys.readouterr()
    assert "outputs are the model's to the bit" in said.out
    text = (folder / "net.cnn").read_text()
    assert "block block_block(" in text and "## A small net." in text
    assert run(["check", "net.cnn"]) == 0
    assert run(["fmt", "--check", "net.cnn"]) == 0


def test_i1_to_the_terminal_with_a_name(capsys):
    assert run(["import", "model.py:tiny", "--name", "small", "--no-verify"]) == 0
    assert "net small(classes = 10) {" in capsys.readouterr().out


def test_i5_a_refusal_says_each_cause_and_writes_nothing(folder, capsys):
    assert run(["import", "model.py:Bad", "-o", "net.cnn"]) == 1
    said = capsys.readouterr().err
    assert "add with the constant 1" in said and "model.py:36" in said
    assert not (folder / "net.cnn").exists()


def test_two_sources_are_a_family_in_one_file(folder, capsys):
    pair = ["model.py:Net(depth=2)", "model.py:Net(depth=3)"]
    assert run(["import", *pair, "--name", "small", "-o", "net.cnn", "--input", "3x32x32"]) == 0
    assert "outputs are the model's to the bit" in capsys.readouterr().out
    text = (folder / "net.cnn").read_text()
    assert "net small(depth, classes = 10) {" in text and "net net_2 = small(4) {" in text
    assert run(["check", "net.cnn"]) == 0
    assert run(["fmt", "--check", "net.cnn"]) == 0


def test_of_a_family_nothing_is_written_where_one_is_refused(folder, capsys):
    assert run(["import", "model.py:Net", "model.py:Bad", "-o", "net.cnn"]) == 1
    assert "add with the constant 1" in capsys.readouterr().err
    assert not (folder / "net.cnn").exists()


def test_i2_where_the_proof_fails_nothing_is_written(folder, capsys, monkeypatch):
    """The generated module is a wrong one: all texts are tried, and the last failure is said."""
    from cnnspec.backends import torch as backend

    emit = backend.emit
    monkeypatch.setattr(backend, "emit", lambda net: emit(net).replace("F.relu(", "F.silu(", 1))
    assert run(["import", "model.py:Net", "-o", "net.cnn", "--input", "3x32x32"]) == 1
    said = capsys.readouterr()
    assert "error: no text says this model: " in said.err and "differs by" in said.err
    assert "model.py:Net cannot be imported for this cause" in said.err
    assert said.out == "" and not (folder / "net.cnn").exists()
    monkeypatch.undo()
    monkeypatch.chdir(folder)
    assert run(["import", "model.py:Net", "-o", "net.cnn", "--input", "3x32x32"]) == 0


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("model.py:Nothing", "model.py has no Nothing"),
        ("other.py:Net", "there is no file other.py"),
        ("model.py:Net(depth=x)", "arguments are Python literals"),
        ("model.py:Net(nothing=1)", "fails: TypeError"),
        ("torchvision:resnet51", "torchvision has no model resnet51"),
        ("timm:nothing", "timm"),
        ("resnet34", "names no model"),
        ("nothing.package:Net", "cannot import nothing.package"),
    ],
)
def test_wrong_usage_is_one_line(source, said, capsys, torchvision_models):
    assert run(["import", source]) == 2
    message = capsys.readouterr().err
    assert said in message and message.count("\n") == 1


def test_every_command_takes_a_source(capsys):
    assert run(["summary", "model.py:Net"]) == 0
    assert "body.0.conv1" in capsys.readouterr().out
    assert run(["diff", "model.py:Net(depth=1)", "model.py:Net(depth=2)"]) == 1
    assert "body.2" in capsys.readouterr().out
    assert run(["draw", "model.py:tiny", "-o", "tiny.svg"]) == 0


def test_a_second_command_reads_the_kept_text(monkeypatch, capsys):
    assert run(["summary", "model.py:Net"]) == 0
    first = capsys.readouterr().out
    monkeypatch.setattr("cnnspec.importing.reading.read_sources", lambda *a: pytest.fail("read"))
    assert run(["summary", "model.py:Net"]) == 0
    assert capsys.readouterr().out == first


def test_a_changed_file_is_read_again(folder):
    assert run(["summary", "model.py:Net"]) == 0
    (found,) = (folder / "cache").rglob("*.cnn")
    assert cache.kept(found)
    (folder / "model.py").write_text(MODEL.replace("width=8", "width=16"))
    assert not cache.kept(found)


def test_a_spoilt_cache_is_no_cache(folder):
    assert run(["summary", "model.py:Net"]) == 0
    (found,) = (folder / "cache").rglob("*.json")
    found.write_text("{")
    assert not cache.kept(found.with_suffix(".cnn"))


def test_the_api_takes_an_instance():
    import torch

    import cnnspec

    found = cnnspec.import_(torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3)), (3, 8, 8), "one")
    assert found.difference == 0 and "conv 4, 3x3" in found.text
    assert "0: conv 4, 3x3" in found.text and not found.notes
