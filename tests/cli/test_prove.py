"""`cnnspec prove`: whether a module still is its spec."""

import json
from pathlib import Path

import pytest


@pytest.fixture
def module(cnnspec, folder) -> Path:
    assert cnnspec("gen", "specs/lenet5.cnn").status == 0
    return folder / "generated" / "lenet5.py"


def edit(module: Path, old: str, new: str) -> None:
    text = module.read_text(encoding="utf-8")
    assert old in text
    module.write_text(text.replace(old, new), encoding="utf-8")


def test_what_gen_wrote_is_proved(cnnspec, module):
    done = cnnspec("prove", "generated/lenet5.py")
    assert (done.status, done.out) == (0, "generated/lenet5.py is lenet5 of specs/lenet5.cnn\n")


def test_the_first_difference_is_shown_with_both_places(cnnspec, module):
    edit(module, "nn.Conv2d(6, 16, 5)", "nn.Conv2d(6, 16, 5, padding=1)")
    done = cnnspec("prove", "generated/lenet5.py")
    line = module.read_text(encoding="utf-8").split("self.conv2 =")[0].count("\n") + 1
    assert done.status == 1
    assert done.out.startswith(f"generated/lenet5.py:{line}: ")
    assert "conv2: the spec has `conv 16, 5x5`, the module `conv 16, 5x5, pad=1`" in done.out
    assert done.out.endswith("specs/lenet5.cnn:11)\n")


def test_json(cnnspec, module):
    edit(module, "nn.Linear(120, 84)", "nn.Linear(120, 84, bias=False)")
    data = json.loads(cnnspec("prove", "generated/lenet5.py", "--format", "json").out)
    assert (data["schema"], data["net"], data["proved"]) == ("cnnspec.prove/1", "lenet5", False)
    found = data["difference"]
    assert (found["path"], found["spec"], found["module"]) == (
        "linear2", "`linear 84`", "`linear 84, bias=false`",
    )  # fmt: skip
    assert found["spec_file"].endswith("specs/lenet5.cnn") and found["spec_line"] == 13
    module.write_text("", encoding="utf-8")
    given = ("prove", "generated/lenet5.py", "--spec", "lenet5", "--format", "json")
    assert json.loads(cnnspec(*given).out)["difference"]["message"] == (
        "there is no function lenet5"
    )


def test_the_spec_is_found_from_elsewhere_and_may_be_given(cnnspec, module, folder, monkeypatch):
    (folder / "other").mkdir()
    monkeypatch.chdir(folder / "other")
    assert cnnspec("prove", "../generated/lenet5.py").status == 0
    assert cnnspec("prove", "../generated/lenet5.py", "--spec", "../specs/lenet5.cnn").status == 0
    edit(module, "classes: int = 2", "classes: int = 10")
    given = ("prove", "../generated/lenet5.py", "--spec", "../specs/lenet5.cnn")
    assert cnnspec(*given).status == 1
    assert cnnspec(*given, "--set", "classes=10").status == 0


def test_what_cannot_be_read_or_found_is_a_usage_fault(cnnspec, module, folder):
    assert "cannot read" in (done := cnnspec("prove", "nothing.py")).err and done.status == 2
    (folder / "plain.py").write_text("x = 1\n", encoding="utf-8")
    assert "give it with --spec" in (done := cnnspec("prove", "plain.py")).err
    assert done.status == 2
    (folder / "bytes.py").write_bytes(b"\xff\xfe")
    assert cnnspec("prove", "bytes.py").status == 2
    (folder / "specs" / "lenet5.cnn").unlink()
    assert "which is not there" in (done := cnnspec("prove", "generated/lenet5.py")).err
    assert done.status == 2


def test_a_spec_with_errors_is_shown_as_check_does(cnnspec, module, folder):
    (folder / "specs" / "lenet5.cnn").write_text("net lenet5() { oops 3 }", encoding="utf-8")
    done = cnnspec("prove", "generated/lenet5.py")
    assert done.status == 1 and "E0" in done.err
