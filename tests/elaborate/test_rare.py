"""What is seldom written: every branch of the elaborator that no rule's own test reaches."""

import io
import sys
from pathlib import Path

import pytest

from cnnspec.elaborate.workspace import Workspace
from tests.language.harness import body, check, checked, layers

ERRORS = {
    "let x = 0 ^ -1": "E0203",
    "let x = (0 - 8) ^ 0.5": "E0202",
    "let s = true\nconv 8, 3x3/s": "E0209",
    'let s = "a"\nconv 8, 3x3/s': "E0209",
    "a: relu\nb: from a": "E0112",
    "a: relu\nb: { share a }": "E0119",
    "conv 8, 3x3, pad=1, pad=2": "E0106",
    "let n = 5[0]": "E0201",
    "let n = [1][true]": "E0201",
    "let n = [1][1]": "E0205",
    "let n = in.chanels": "E0207",
    "let n = (1)(2)": "E0208",
    "let n = min(a=1)": "E0208",
    "let n = min([])": "E0208",
    "let n = range(1.5)": "E0201",
    "let n = range()": "E0208",
    "let n = len(5)": "E0208",
    "let n = kernel(1)": "E0208",
    "for i in range(in.height) { relu }": "E0204",
    "let n = min(in.height, 3)": "E0204",
    "a${in.height}: relu": "E0204",
    "a${1.5}: relu": "E0201",
    "conv 8, 3x3, same => 8x999x999": "E0301",
    "global_avgpool => 3x9x9": "E0301",
    "conv wrong, 3x3\nconv 8, 3x3": "E0101",
    "a: conv wrong, 1x1\nfrom a -> relu\nshare a": "E0101",
    "a: { conv wrong, 1x1 }\nadd { skip; conv wrong2, 1x1 }": "E0101",
    "add { conv wrong, 1x1; conv 8, 99x99 }": "E0101",
    "add { { }; => 3x1x1 }": "E",
}
OPEN = "net it {{ input [3, H=32, W=32]\n{}\n}}\n"


@pytest.mark.parametrize("statements", ERRORS)
def test_a_seldom_mistake(statements: str):
    found = check(OPEN.format(statements)).errors
    assert found
    assert found[0].code.startswith(ERRORS[statements])
    assert 1 <= found[0].span.line <= 4


FILES = {
    "block b(c) { conv c, 1x1 }\nnet it { input 3x8x8; b 4, c=5 }": "E0106",
    "recipe r { batch = 1 }\nnet it { input 3x8x8; recipe it }": "E0104",
    'recipe r = s { batch = 1 }\nsource s = paper("x")': "E0101",
    "let a = wrong\nrecipe r = a { batch = 1 }": "E0101",
    "recipe r { loss = 2 * 3 }\nnet it { input 3x8x8; relu; recipe r }": "E0108",
    "block conv() { relu }": "E0114",
    "block forward() { relu }": "E0501",
    "block b(c, c) { relu }": "E0114",
    "net con { input 3 }": "E0502",
    "net torch { input 3 }": "E0502",
    "net train { input 3 }": "E0501",
    "net a { input 3; relu }\nnet A { input 3; relu }": "E0502",
    'source s = paper("a", "b")': "E0123",
    'source s = paper("a", yaer="b")': "E0103",
    "default conv bias=false\ndefault conv bias=true\nnet it { input 3; relu }": "E0114",
}


@pytest.mark.parametrize("text", FILES)
def test_a_seldom_declaration(text: str):
    assert check(text + "\n").errors[0].code == FILES[text]


def test_min_and_max_of_a_list():
    text = body("let a = [3, 1, 2]\nconv max(a), 1x1 -> conv min(a), 1x1 -> conv max(4, 5), 1x1")
    assert [row.split()[1] for row in layers(check(text).net)] == ["3x32x32", "1x32x32", "5x32x32"]


def test_l14_a_tap_into_a_fork_and_a_group_of_a_block():
    text = (
        "block b() { add { a: relu; { c: relu; d: seq { relu; relu } } } }\n"
        "net it { input 3x8x8; x: b; from x.c -> relu; from x.d[1] -> relu; from x.a -> relu }\n"
    )
    assert len(layers(check(text).net)) == 8


def test_one_by_one_pools_need_no_stride():
    assert check(body("global_avgpool -> maxpool 1x1")).found == []


def test_s1_a_byte_order_mark_is_no_text():
    assert check("\ufeff" + body("relu")).found == []


def test_standard_input(monkeypatch: pytest.MonkeyPatch):
    text = io.TextIOWrapper(io.BytesIO(body("relu").encode()), encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", text)
    workspace = Workspace()
    unit = workspace.read("-")
    assert unit is not None
    assert list(checked(workspace, unit).nets) == ["it"]


def test_s4_a_folder_is_no_file(tmp_path: Path):
    with pytest.raises(OSError, match="not a regular file"):
        Workspace().read(str(tmp_path))


def test_a_file_is_read_once_and_text_may_be_no_text(tmp_path: Path):
    (tmp_path / "a.cnn").write_text(body("relu"), encoding="utf-8")
    workspace = Workspace()
    unit = workspace.read(str(tmp_path / "a.cnn"))
    assert workspace.read(str(tmp_path / "a.cnn")) is unit
    assert workspace.elaborate(unit, "other") is None
    assert Workspace().read_text("net it { \u200b }") is None
    (tmp_path / "b.cnn").write_bytes(b"\xff")
    assert workspace.read(str(tmp_path / "b.cnn")) is None
    assert [d.code for d in workspace.diagnostics] == ["E0020"]


def test_l12_an_assertion_is_not_asked_of_another_input():
    workspace = Workspace()
    unit = workspace.read_text(body("conv 8, 3x3 => 8x30x30"))
    net = workspace.elaborate(unit, "it", input=(3, 16, 16))
    assert net is not None
    assert net.net.body.output == (8, 14, 14)
