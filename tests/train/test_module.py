"""module.md, M1 to M4 and M7: what a module must offer, and what is said where it does not."""

import sys
from pathlib import Path

import pytest
from torch import nn

from cnnspec.train.errors import UsageError
from cnnspec.train.module import build, load


def test_m1_m2_m3_module_is_read(write) -> None:
    net = load(write("tiny", {"batch": 7}))
    assert (net.name, net.input_size, net.recipe) == ("tiny", (1, 12, 12), {"batch": 7})
    assert net.parameters == {"classes": 10, "width": 4}
    assert net.spec_sha256 == "0123456789ab"
    assert len(net.sha256) == 64


def test_m1_settings_reach_the_keyword_parameters(write) -> None:
    model = build(load(write()), ["classes=3", "width=8"])
    assert isinstance(model.fc, nn.Linear)
    assert model.fc.weight.shape == (3, 288)


def test_loading_leaves_no_bytecode_beside_the_module(write, folder: Path) -> None:
    before = sys.dont_write_bytecode
    load(write())
    assert not (folder / "__pycache__").exists()
    assert sys.dont_write_bytecode is before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("INPUT_SIZE = (1, 2, 3)\nRECIPE = {}\n", "defines no function `net`"),
        ("INPUT_SIZE = (1, 2, 3)\ndef net(): ...\n", "has no RECIPE"),
        ("RECIPE = {}\ndef net(): ...\n", "has no INPUT_SIZE"),
        ("INPUT_SIZE = (1, 2)\nRECIPE = {}\ndef net(): ...\n", "should be (channels, height"),
        ("INPUT_SIZE = (1, 0, 3)\nRECIPE = {}\ndef net(): ...\n", "three positive integers"),
        ("def net(:\n", "cannot be imported: SyntaxError"),
        ("import no_such_module\n", "No module named 'no_such_module'"),
        ("raise SystemError('line one\\nline two')\n", "SystemError: line one"),
    ],
)
def test_m1_m2_m3_what_lacks_is_named_in_one_line(write, text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        load(write("net", text=text))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("absent.py", "cannot read absent.py: No such file"),
        ("lenet5.cnn", "is a spec: train what is generated from it, generated/lenet5.py"),
        (".", "is a directory"),
        ("weights.pt", "is no generated module"),
    ],
)
def test_wrong_paths(folder: Path, name: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        load(Path(name))


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("clases=3", "did you mean `classes`?); known: classes, width"),
        ("classes", "write --set name=value"),
        ("classes=ten", "'ten' is no number"),
        ("classes=-1", "fails"),
    ],
)
def test_m1_wrong_settings(write, setting: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        build(load(write()), [setting])
    assert said in str(caught.value)


def test_m4_a_net_that_returns_no_logits_is_refused(write, train) -> None:
    text = (
        "from torch import nn\nINPUT_SIZE = (1, 8, 8)\nRECIPE = {}\n"
        "def net() -> nn.Module:\n    return nn.Conv2d(1, 3, 1)\n"
    )
    ended = train(write("net", text=text), "--data", "synthetic")
    assert ended.status == 2
    assert "net returns 3x8x8 for an image, and logits [classes] are wanted" in ended.err


def test_m4_auxiliary_outputs_are_weighed(write, train) -> None:
    recipe = {"loss": {"logits": 1.0, "aux1": 0.3}, "epochs": 1}
    assert train(write("aux", recipe), "--data", "digits").status == 0


def test_m7_a_weight_for_no_output_is_refused_before_the_run(write, train, folder: Path) -> None:
    ended = train(write("aux", {"loss": {"logits": 1.0, "aux2": 0.3}}), "--data", "digits")
    assert ended.status == 2
    assert "has no output `aux2`; it has logits, aux1" in ended.err
    assert not (folder / "runs").exists()
