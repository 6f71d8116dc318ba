"""What is said to seldom mistakes: the branches of help that no rule's own test reaches."""

from pathlib import Path

import pytest

from cnnspec import resources
from cnnspec.diagnostics import Diagnostic
from cnnspec.source import Source
from cnnspec.syntax import parser
from cnnspec.syntax.format import formatted
from tests.language.harness import check

NETS = {
    # a default's own op has no call to be written anew, and its stride is not asked for
    "default conv -> maxpool 2x2\nadd { conv 3, 1x1; bare maxpool 2x2/2; maxpool 2x2/2 }": "E0310",
    # a window that a default gives is not written either
    "default conv window=3x3\nadd { conv 3; maxpool 2x2/3; maxpool 2x2/3 }": "E0310",
    "add { let n = 1; if n == 2 { skip } else { conv 3, 3x3 }; relu }": "E0310",
    "add { { let s = 2; conv 6, 3x3/s, pad=1 }; skip }": "E0310",
    "add { for s in [2] { conv 6, 3x3/s, pad=1 }; skip }": "E0310",
}
HELP = {
    "add { crop 7x7; maxpool 2x2/2; maxpool 2x2/2 }":
        "the others are 4x4: what stands on the 3x7x7 arm must make that too",
    "e: { flatten; linear 5; relu }\nlinear 192\nshare e":
        "what `e` does to 192 begins after `flatten`: put that before the label, "
        "`flatten -> e: ...`",
    "conv 4, 1x1 => [3 + 1, 9, 8]": "=> [3 + 1, 8, 8]",
    "let x = 3\nadd 3, x": "`add { conv 64, 3x3, pad=1; from x }`",
    "repeat 3 => 3x8x8": "a `repeat` is written `repeat 3 {",
    "conv 8, 3x3, activation='relu'": "an activation follows: `-> relu`",
    "conv 8, 3x3, padding='same'": "write `pad=same`",
    "conv 64, 3, 3x3": "write `conv 3, 3x3`",
    "conv 3x3, [1, 2]": "such as `conv 64, 7x7/2, pad=3`",
    "unpool 3.5": "a path as after `from`: `unpool stem`",
}  # fmt: skip


def first(statements: str) -> Diagnostic:
    found = check(f"net it {{\ninput 3x8x8\n{statements}\n}}\n").errors
    assert found
    return found[0]


@pytest.mark.parametrize("statements", NETS)
def test_a_seldom_mistake_is_told(statements: str):
    assert first(statements).code == NETS[statements]


@pytest.mark.parametrize("statements", HELP)
def test_a_seldom_mistake_is_helped(statements: str):
    assert HELP[statements] in " ".join(first(statements).help)


TEXTS = {
    "net it { input 1x3x8x8 }": "write `3x8x8`: the batch is never written",
    "net it { input 2x3x8x8 }": "3-D maps are outside the language",
    "block u() { relu }\nblock enc() { u }\nnet it { input 3x8x8; enc; share relu1 }":
        "there is no layer `relu1` before this one",
    "net it { input 3,224,224 }": "write `input 3x224x224`",
    "net b(x) { input 3x8x8; conv x, 1x1 }\nnet a = b 3": "write `net a = b(3)`",
    "block t c, s { conv c, 3x3/s }": "write `block t(c, s) {`",
    "block t: conv 3, 1x1": "cannot stand here",
    "block enc() { relu }\nnet it { input 3x8x8; enc; share relu1 }":
        "there is no layer `relu1` before this one",
    "block x(c, s) { conv c, 3x3/s }\nnet it { input 3x8x8; default x 3; x 3, 1 }":
        "write `c=3` in each call of `x`",
    "block x(c, s) { conv c, 3x3/s }\nnet it { input 3x8x8; default x c=3, s=1; x }":
        "leave this line out, and write `block x(c = 3, s = 1)` on line 1",
    "block x(c, s) { conv c, 3x3/s }\nnet it { input 3x8x8; default x; x 3, 1 }":
        "a parameter can have a default of its own, where `x` is declared",
    "net it {\ninput 3x8x8\nconv(8, {relu})\n}": "write `conv 8",
    "net it {\ninput 3x8x8\nconv 8, 3x3, 'same'\n}": "write `same` without quotes",
    "net it {\ninput 3x8x8\nrepeat:\n  relu\n}": "after the last line of the body",
}  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_a_seldom_file_is_helped(text: str):
    (error, *_) = check(f"{text}\n").errors
    assert TEXTS[text] in " ".join((error.message, *error.help))


def test_l34_what_is_no_layer_is_no_arm_of_a_fork():
    text = "net it { input 3x8x8; add { let n = 1; if n == 2 { skip }; relu } }\n"
    assert check(text).errors == []


def test_l17_labels_of_a_loop_stand_in_an_output_that_shares():
    text = "net it { input 3x8x8; c: conv 3, 1x1\nfor i in range(2) { output o${i}: from c -> "
    assert check(text + "a${i}: conv 3, 1x1 -> share c }\n}\n").errors == []


def test_l34_a_skip_alone_in_a_way_does_nothing():
    text = "block b(n) { if n > 1 { skip } else { relu } }\nnet it { input 3x8x8; b 1; b 2 }\n"
    assert check(text).errors == []


def test_a_shape_of_two_sizes_is_not_written_anew():
    (error, *_) = check("net it { input 3x8x8\nrelu => 8, 8\n}\n").errors
    assert "write `=> 8" not in " ".join(error.help)


def test_s6_no_tree_is_kept_where_a_first_reading_is_measured():
    source = Source("net.cnn", "net it { input 3x8x8; relu }\n", path="net.cnn")
    kept = parser.parse(source)
    assert parser.parse(source) is kept
    parser.forget_all()
    assert parser.parse(source) is not kept


def test_a_number_is_a_label_behind_to():
    assert check("net it { input 3x8x8; 0: relu; maxpool 2x2/2; resize to=0 }\n").errors == []


def test_l5_an_import_that_fails_is_told_where_its_name_is_used(tmp_path: Path):
    (tmp_path / "other.cnn").write_text("let there = 1\n")
    text = 'import foo from "other.cnn"\nlet u = foo\nnet it { input 3x8x8; conv foo, 1x1 }\n'
    (error, *_) = check(text, path=str(tmp_path / "net.cnn")).errors
    assert [label.message for label in error.labels] == ["and here"] * 2


def test_a_slice_has_no_blanks():
    text = "net it {\n  input 3x8x8\n  let xs = [1, 2, 3]\n  conv sum(xs[1 : 3]), 3x3\n}\n"
    assert "sum(xs[1:3])" in formatted(Source("net.cnn", text))


def test_no_more_faults_than_anybody_reads():
    body = "conv 8,\n## a\n3x3\n" * 100
    assert len(check(f"net it {{\ninput 3x8x8\n{body}}}\n").errors) < 100


def test_a_brace_that_nothing_follows():
    (error,) = check("net it {\n  input 3x8x8\n  x: {\n    y: { relu\n").errors
    assert error.code == "E0012"


def missing() -> Path:
    raise FileNotFoundError("the specs are not in this installation")


@pytest.mark.parametrize("path", ["std:families/resnet.cnn", "families/nothing.cnn"])
def test_where_the_specs_are_not_shipped(path: str, monkeypatch, tmp_path: Path):
    monkeypatch.setattr(resources, "specs", missing)
    text = f'import resnet from "{path}"\nnet it {{ input 3x8x8; relu }}\n'
    (error, *_) = check(text, path=str(tmp_path / "net.cnn")).errors
    assert error.code == "E0122"
    assert error.message.endswith("installation") == path.startswith("std:")


def test_where_the_specs_are_a_link_to_itself(monkeypatch, tmp_path: Path):
    loop = tmp_path / "specs"
    loop.symlink_to(loop)
    monkeypatch.setattr(resources, "specs", lambda: loop)
    (error, *_) = check('import a from "std:a.cnn"\nnet it { input 3x8x8; relu }\n').errors
    assert (error.code, error.message) == ("E0122", "this is no path")


def test_what_is_no_file_s_name(tmp_path: Path):
    text = f'import resnet from "{"x" * 5000}"\nnet it {{ input 3x8x8; relu }}\n'
    assert check(text, path=str(tmp_path / "net.cnn")).errors[0].code == "E0122"


def test_a_file_beside_the_folder_is_suggested_as_an_import_writes_it(tmp_path: Path):
    (tmp_path / "pyproject.toml").write_text("")
    for folder in ("blocks", "nets"):
        (tmp_path / folder).mkdir()
    (tmp_path / "blocks" / "unit.cnn").write_text("let a = 1\n")
    text = 'import a from "unit.cnn"\nnet it { input 3x8x8; relu }\n'
    (error, *_) = check(text, path=str(tmp_path / "nets" / "net.cnn")).errors
    assert "../blocks/unit.cnn" in f"{error.note}{error.help}"


@pytest.mark.parametrize(
    ("iterable", "help"),
    [
        ("enumerate(zip([1, 2], [8, 9]))", "write `zip(range(len([1, 2])), [1, 2], [8, 9])`"),
        ("enumerate([[1, 2]])", "one name takes an item whole"),
        ("enumerate(range(2))", "one name takes an item whole"),
    ],
)
def test_l21_numbered_rows_are_told_as_they_are_written_here(iterable: str, help: str):
    assert help in first(f"for i, n, c in {iterable} {{ conv c, 1x1 }}").help[0]


@pytest.mark.parametrize(
    ("call", "help"),
    [
        ("sqrt(9)", ("it is not there: write the number",)),
        ("pow(2, 3)", ("`2 ^ i` is the power",)),
        ("floor(9 / 2)", ("`a // b` divides whole numbers",)),
    ],
)
def test_a_function_of_another_tool_leads_to_what_to_type(call: str, help: tuple[str, ...]):
    """Advice of several words is a help below, and no note beside the carets."""
    (error,) = check(f"net it {{\n  input 3x8x8\n  let a = {call}\n  conv a, 1x1\n}}\n").errors
    assert (error.code, error.note, error.help) == ("E0102", "", help)
