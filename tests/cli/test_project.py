"""`init` and `show`: what somebody begins with who has only the installed package (V5)."""

from pathlib import Path

import pytest

from cnnspec import resources
from cnnspec.cli.init import FILES


@pytest.fixture
def elsewhere(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory without anything."""
    empty = folder / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    return empty


def test_v5_a_project_begins_whole(cnnspec, elsewhere: Path):
    done = cnnspec("init", "mine")
    assert (done.status, done.err) == (0, "")
    assert all((elsewhere / "mine" / target).is_file() for target in FILES.values())
    assert cnnspec("check", "--strict", "mine/specs").status == 0
    assert cnnspec("fmt", "--check", "mine/specs").status == 0
    assert cnnspec("gen", "mine/specs/first.cnn", "-o", "out").status == 0
    assert cnnspec("draw", "mine/specs/first.cnn", "-o", "first.svg").status == 0


def test_v5_what_is_there_is_never_touched(cnnspec, elsewhere: Path):
    (elsewhere / "cnnspec.toml").write_text("# mine\n")
    done = cnnspec("init")
    assert (done.status, done.out) == (1, "")
    assert done.err == "cnnspec init: cnnspec.toml exists: nothing written\n"
    assert [file.name for file in elsewhere.rglob("*")] == ["cnnspec.toml"]


@pytest.mark.parametrize("where", ["taken", "taken/below"])
def test_v5_a_folder_that_cannot_be_is_an_error(cnnspec, elsewhere: Path, where: str):
    (elsewhere / "taken").write_text("a file")
    done = cnnspec("init", where)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("cnnspec init: cannot write taken")


@pytest.mark.parametrize(
    ("named", "file"),
    [
        ("lenet5", "lenet5.cnn"),
        ("families/resnet.cnn", "families/resnet.cnn"),
        ("std:families/resnet.cnn", "families/resnet.cnn"),
        ("wide_resnet50_2", "torchvision/wide_resnet.cnn"),
    ],
)
@pytest.mark.usefixtures("elsewhere")
def test_v5_show_prints_the_shipped_file(cnnspec, named: str, file: str):
    done = cnnspec("show", named)
    assert (done.status, done.err) == (0, "")
    assert done.out == (resources.specs() / file).read_text(encoding="utf-8")


@pytest.mark.usefixtures("elsewhere")
def test_v5_show_names_the_nearest(cnnspec):
    done = cnnspec("show", "lenet_5")
    assert (done.status, done.out) == (2, "")
    assert "did you mean `lenet5`?" in done.err
