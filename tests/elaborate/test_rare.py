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
    "let c = wrong\nadd { relu => [c, 1, 1]; skip }": "E0101",
    "a: conv 8, 99x99\nfrom a -> relu": "E0306",
    "a: conv 8, 99x99\nadd { from a -> relu; skip }": "E0306",
    "a: relu\nconv 8, 99x99\nshare a": "E0306",
    "a: relu\nconv 8, 99x99\nfrom a -> relu => 3x9x9": "E0306",
    "x: { y: { from nowhere -> relu } }": "E0118",
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
    "let n = zip([1])": "E0208",
    "let n = zip()": "E0208",
    "let n = ceil(1, 2)": "E0208",
    "let n = ceil(2.0 ^ 70)": "E0202",
    "let n = round(10, to=in.height)": "E0204",
    "let n = not 3": "E0201",
    "a${0 - 1}: relu": "E0201",
    "a: add { skip; relu }\nshare a": "E0119",
    "x: { a: relu }\nfrom relu1": "E0118",
    "add { conv 3, 3x3/2; crop 10x13 }": "E0310",
    "conv 3, 64, 3, 1, 1": "E0108",
    "conv 64, [3, 3], 2": "E0108",
    "relu 1, 2, 3, 4": "E0105",
    "conv 8, 3x3, pad='same'": "E0010",
    "conv 8, 3x3, mode='valid'": "E0010",
}
OPEN = "net it {{ input [3, H=32, W=32]\n{}\n}}\n"


@pytest.mark.parametrize("statements", ERRORS)
def test_a_seldom_mistake(statements: str):
    found = check(OPEN.format(statements)).errors
    assert found
    assert found[0].code.startswith(ERRORS[statements])
    assert 1 <= found[0].span.line <= 4


FILES = {
    "default conv -> bn\ndefault bn eps=wrong\nnet it { input 3x8x8; conv 8, 1x1 }": "E0101",
    "let a = wrong\nnet it { input 3x8x8; relu; recipe a }": "E0101",
    "recipe r { loss = true * logits }\nnet it { input 3x8x8; relu; recipe r }": "E0108",
    "block b(c) { conv c, 1x1 }\nnet it { input 3x8x8; b 4, c=5 }": "E0106",
    "recipe r { batch = 1 }\nnet it { input 3x8x8; recipe it }": "E0104",
    'recipe r = s { batch = 1 }\nsource s = paper("x")': "E0101",
    "let a = wrong\nrecipe r = a { batch = 1 }": "E0101",
    "recipe r { loss = 2 * 3 }\nnet it { input 3x8x8; relu; recipe r }": "E0108",
    "block conv() { relu }": "E0114",
    "block _forward() { relu }": "E0501",
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


def test_l3_a_power_may_be_a_real():
    (layer,) = check(body("dropout 0.25 ^ 0.5")).net.body.items
    assert layer.op.p == 0.5


def test_l16_an_output_may_have_a_head_of_its_own():
    text = body("relu\noutput side: global_avgpool -> flatten -> softmax\nconv 8, 1x1")
    (side,) = check(text).net.branches
    assert side.head is not None
    assert side.head.op.name == "softmax"


def test_l21_what_a_name_stands_for_is_said():
    nets = "recipe r { batch = 1 }\nblock b() { relu }\nnet a { input 3x8x8; relu }\n"
    for value, said in {"a": "a (a net)", "r": "r (a recipe)", "b": "a block"}.items():
        (error,) = check(f"{nets}net it {{ input 3x8x8; b; conv {value}, 1x1 }}\n").errors
        assert error.message == f"conv needs a whole number for `channels`, and {said} came"


@pytest.mark.parametrize(
    ("chain", "help", "made"),
    [
        (
            "conv 8, 3x3/4 -> conv 8, 7x7 => 8x9x9",
            "`3x3/2` at conv (floor((32 - 3 + 2*0) / 2) + 1 = 15) gives 9",
            "8x2x2",
        ),
        (
            "maxpool 2x2/2 -> maxpool 15x15/2 => 3x3x3",
            "`input 3x38x38` gives 3, and so does `pad=2` at maxpool "
            "(floor((16 - 15 + 2*2) / 2) + 1 = 3)",
            "3x1x1",
        ),
    ],
)
def test_e0301_what_would_fit_in_a_chain(chain: str, help: str, made: str):
    (error,) = check(body(chain)).errors
    assert error.help == (help, f"if the layers are right, write `=> {made}`")


def test_s5_files_may_have_a_mebibyte_together_however_they_are_imported(tmp_path: Path):
    for part in range(5):
        comment = "# " + "x" * 250_000
        (tmp_path / f"part{part}.cnn").write_text(f"let p{part} = 1\n{comment}\n", "utf-8")
    parts = "".join(f'import p{part} from "part{part}.cnn"\n' for part in range(5))
    (tmp_path / "all.cnn").write_text(f"{parts}let a = 1\n", "utf-8")
    path = tmp_path / "net.cnn"
    path.write_text(f'import a from "all.cnn"\n{body("conv a, 1x1")}', "utf-8")
    workspace = Workspace()
    workspace.read(str(path))
    assert [d.code for d in workspace.diagnostics.errors] == ["E0019"]


@pytest.mark.parametrize("folder", ["it.cnn", "nowhere", "x" * 300])
def test_s4_the_folder_of_an_import_may_be_none(tmp_path: Path, folder: str):
    text = f'import b from "{folder}/other.cnn"\n{body("b")}'
    (tmp_path / "it.cnn").write_text(text, "utf-8")
    workspace = Workspace()
    workspace.read(str(tmp_path / "it.cnn"))
    assert [d.code for d in workspace.diagnostics.errors] == ["E0122"]


def test_l11_what_does_not_hold_is_shown_with_the_values_of_its_names():
    text = (
        "block b(c, ratio, on) { require on and c % ratio == 0 and c > len([ratio]) + 1; relu }\n"
        "net it { input 3x8x8; b 10, 4, true }\n"
    )
    (error,) = check(text).errors
    assert error.notes[0] == "here on = true, c = 10, ratio = 4"


def test_e0301_what_arrives_after_an_error_is_not_said():
    wrong = check(body("a: relu\nconv 8, 99x99\nfrom a -> relu => 3x9x9")).errors
    assert [error.code for error in wrong] == ["E0306", "E0301"]
    assert "from a -> relu makes 3x32x32, and this line says 3x9x9" in wrong[1].message
