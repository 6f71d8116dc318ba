"""Models of several inputs: each is exact, and a shape that lacks is said by its name."""

import re

import pytest
from torch import nn

import cnnspec
from cnnspec.api import emit
from cnnspec.cli.app import run
from cnnspec.importing.errors import Refused
from cnnspec.importing.importer import prepare
from cnnspec.importing.naming import snake
from cnnspec.importing.prove import Unequal, elaborate, keys, prove
from cnnspec.importing.torch.capture import capture
from cnnspec.importing.torch.source import import_module
from cnnspec.importing.torch.verify import verify
from tests.importing import several
from tests.importing.drawn import WIDTH, Drawn


def read(kind: type[nn.Module]):
    return import_module(kind(), several.MODELS[kind], snake(kind.__name__))


@pytest.mark.parametrize("kind", several.MODELS, ids=lambda kind: kind.__name__)
def test_it_is_read_exactly(kind):
    found = read(kind)
    assert found.difference == 0 and not found.flat, found.tried


@pytest.mark.parametrize("kind", [several.Siamese, several.Change, several.Triplet])
def test_towers_with_one_set_of_weights_share_them(kind):
    text = read(kind).text
    assert "share " in text
    assert f"claim params = {sum(p.numel() for p in kind().parameters()):_}" in text


def test_short_arms_stand_in_the_join():
    text = read(several.TwoStream).text
    assert "concat { from rgb -> spatial: stream; from flow -> temporal: stream }" in text


def swapped(text: str, a: str, b: str) -> str:
    return re.sub(rf"from ({a}|{b})\b", lambda m: f"from {b if m[1] == a else a}", text)


@pytest.mark.parametrize("kind", [several.Siamese, several.Change, several.Names, several.Early])
def test_inputs_in_the_place_of_one_another_are_seen_in_the_text(kind):
    name = snake(kind.__name__)
    trace = capture(kind(), several.MODELS[kind], name)
    prepare(trace)
    text = read(kind).text
    prove(trace, elaborate(text, name))
    wrong = swapped(text, *(value.name for value in trace.inputs))
    assert wrong != text
    with pytest.raises(Unequal):
        prove(trace, elaborate(wrong, name))


@pytest.mark.parametrize("kind", [several.Change, several.Names, several.Early, several.Once])
def test_inputs_in_the_place_of_one_another_are_seen_in_the_outputs(kind):
    name = snake(kind.__name__)
    trace = capture(kind(), several.MODELS[kind], name)
    prepare(trace)
    code = emit(elaborate(read(kind).text, name))
    assert verify(kind(), code, trace, keys(trace)) == 0
    a, b = (value.name for value in trace.inputs)
    wrong = code.replace(f"{a}: Tensor, {b}: Tensor", f"{b}: Tensor, {a}: Tensor")
    assert wrong != code
    with pytest.raises(Unequal):
        verify(kind(), wrong, trace, keys(trace))


@pytest.mark.parametrize("inputs", [1, 2, 3])
def test_random_models_are_read_exactly(inputs):
    """Of 330 drawn so (seeds 0 to 329, one to three inputs in turn) all were exact."""
    for seed in range(8):
        found = import_module(Drawn(seed, inputs), [(WIDTH, 8, 8)] * inputs, "drawn")
        assert found.difference == 0, seed


class Twice(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, a, b, scale=1.0):
        return self.conv(a) + self.conv(b)


class Alone(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, x):
        return self.conv(x)


SHAPE = (3, 8, 8)


@pytest.mark.parametrize(
    ("kind", "given", "said"),
    [
        (Twice, SHAPE, r"forward\(a, b, scale=1.0\), and b has no shape"),
        (Twice, {"b": SHAPE}, r"forward\(a, b, scale=1.0\), and a has no shape"),
        (Twice, {"c": SHAPE}, r"forward\(a, b, scale=1.0\) has no argument c"),
        (Twice, [SHAPE] * 4, r"forward\(a, b, scale=1.0\), and 4 shapes are given"),
        (several.Guided, [SHAPE] * 3, r"forward\(\*, image, mask\), and 3 shapes are given"),
        (Alone, [SHAPE, SHAPE], r"forward\(x\) takes one input, and fails with a list of 2"),
    ],
)
def test_a_shape_too_few_or_too_many_is_said_with_the_arguments_of_forward(kind, given, said):
    with pytest.raises(Refused, match=said):
        cnnspec.import_(kind(), given, "net_a")


def test_what_lacks_is_said_as_it_is_written():
    with pytest.raises(Refused) as refused:
        cnnspec.import_(Twice(), (3, 8, 8))
    (line,) = refused.value.lines()
    assert "--input a=3x8x8 --input b=3x8x8" in line
    assert 'input={"a": (3, 8, 8), "b": (3, 8, 8)}' in line


def test_the_api_takes_shapes_in_turn_or_by_name():
    texts = {
        cnnspec.import_(Twice(), given, "net_a").text
        for given in ([SHAPE, SHAPE], {"b": SHAPE, "a": SHAPE}, (("", SHAPE), ("b", SHAPE)))
    }
    assert len(texts) == 1


MODEL = """
import torch
from torch import nn


class Two(nn.Module):
    def __init__(self, width=4):
        super().__init__()
        self.conv, self.gate = nn.Conv2d(3, width, 3, padding=1), nn.Conv2d(1, width, 1)

    def forward(self, image, mask):
        return self.conv(image) * torch.sigmoid(self.gate(mask))
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "model.py").write_text(MODEL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CNNSPEC_CACHE", str(tmp_path / "cache"))
    return tmp_path


TWO = ["--input", "3x16x16", "--input", "mask=1x16x16"]


def test_every_command_takes_the_inputs_of_a_model(folder, capsys):
    assert run(["import", "model.py:Two", *TWO, "-o", "two.cnn"]) == 0
    assert run(["check", "two.cnn"]) == 0
    written = (["draw", "-o", "two.svg"], ["gen", "-o", "."])
    for words in (["check"], ["summary"], ["show"], ["sizes"], ["field"], *written):
        assert run([words[0], "model.py:Two", *words[1:], *TWO]) == 0, words
    assert run(["diff", "model.py:Two", "two.cnn", *TWO]) == 0
    assert run(["diff", "model.py:Two", "model.py:Two(width=8)", *TWO]) == 1
    assert len([*(folder / "cache").rglob("*.cnn")]) == 2
    capsys.readouterr()
    assert run(["summary", "model.py:Two"]) == 1
    assert "--input image=3x224x224 --input mask=3x224x224" in capsys.readouterr().err


def test_the_inputs_of_a_spec_have_other_sizes_by_their_names(folder, capsys):
    assert run(["import", "model.py:Two", *TWO, "-o", "two.cnn"]) == 0
    capsys.readouterr()
    other = ["--input", "image=3x20x20", "--input", "mask=1x20x20"]
    assert run(["summary", "two.cnn", *other]) == 0
    assert "20x20" in capsys.readouterr().out.replace(" ", "")
    assert run(["summary", "two.cnn", *other, "--input", "more=1x2x2"]) == 1
    assert "no input is left for it" in capsys.readouterr().err
    assert run(["summary", "two.cnn", "--input", "a b=1x2x2"]) == 2
