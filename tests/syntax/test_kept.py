"""A text that was parsed before is not parsed again, and a changed one always is."""

from pathlib import Path

import pytest

import cnnspec
from cnnspec.elaborate.workspace import Workspace
from cnnspec.source import Source
from cnnspec.syntax import parser
from cnnspec.syntax.parser import SyntaxFaults, parse

NET = "net n {{\n  input 3x32x32\n  conv {channels}, 3x3\n}}\n"


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(parser, "_kept", {})


def params(file: Path) -> list[int]:
    return [net.params for net in cnnspec.check(file).nets]


def test_an_equal_text_of_the_same_file_gives_the_same_tree():
    text = NET.format(channels=8)
    first = parse(Source("n.cnn", text, "/n.cnn"))
    assert parse(Source("n.cnn", text, "/n.cnn")) is first
    assert parse(Source("n.cnn", text, "/other/n.cnn")) is not first
    assert parse(Source("m.cnn", text, "/n.cnn")) is not first


def test_a_file_that_changes_is_read_anew(tmp_path: Path):
    file = tmp_path / "n.cnn"
    for channels in (8, 16, 8):
        file.write_text(NET.format(channels=channels))
        assert params(file) == [28 * channels]


def test_an_imported_file_that_changes_is_read_anew(tmp_path: Path):
    file, block = tmp_path / "n.cnn", tmp_path / "b.cnn"
    file.write_text('import unit from "b.cnn"\nnet n {\n  input 3x32x32\n  unit\n}\n')
    for channels in (8, 16, 8):
        block.write_text(f"block unit() {{\n  conv {channels}, 3x3\n}}\n")
        assert params(file) == [28 * channels]


def test_places_and_claims_are_those_of_the_run(tmp_path: Path):
    file = tmp_path / "n.cnn"
    file.write_text(NET.format(channels=8).replace("}", "  claim params = 1\n}"))
    said = [str(cnnspec.check(file).diagnostics) for _ in range(3)]
    assert "E04" in said[0] and said[0] == said[1] == said[2]


def test_what_is_wrong_is_said_each_time():
    for _ in range(2):
        with pytest.raises(SyntaxFaults):
            parse(Source("n.cnn", "net n { input 3x32x32 conv }", ""))


def test_no_more_is_kept_than_is_allowed(monkeypatch: pytest.MonkeyPatch):
    text = NET.format(channels=8)
    monkeypatch.setattr(parser, "KEPT_MAX", 3 * len(text) + 1)
    for number in range(10):
        parse(Source("n.cnn", text, f"/{number}"))
    assert [path for _, path, _ in parser._kept] == ["/7", "/8", "/9"]


def test_two_runs_share_no_names(tmp_path: Path):
    file = tmp_path / "n.cnn"
    file.write_text(NET.format(channels=8))
    first, second = (Workspace().read(str(file)) for _ in range(2))
    assert first is not None and second is not None
    assert first.file is second.file and first.scope is not second.scope
