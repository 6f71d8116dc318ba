"""Forty more files of a newcomer's mistakes, as they were typed, and what is said of each first.

`newcomer2/first_messages.txt` holds the first error of each, or the first warning where there is
none (`pytest FILE --update-golden` writes it).  `TYPED` says what somebody must be able to copy
from it; what stands in `NEVER` was said once, and was false or led nowhere.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from cnnspec.analyses.checking import check_unit
from cnnspec.elaborate.workspace import Workspace
from cnnspec.report.check import net_lines
from cnnspec.report.text import render
from tests.errors import first_messages
from tests.language.harness import check

FOLDER = Path(__file__).with_name("newcomer2")
GOLDEN = FOLDER / "first_messages.txt"
FILES = sorted(FOLDER.glob("*.cnn"))
SPECS = Path(__file__).parents[2] / "specs"

TYPED = {
    "06": "write `input 3x224x224`",
    "08": "`conv c, 1x1/2` in place of `skip`",
    "09": "`maxpool 3x3/1, pad=1`",
    "10": "`=> 16x10x10`",
    "16": "`stage2: {`",
    "20": "did you mean `block`?",
    "22": "such as `conv 64, 3x3`",
    "23": "did you mean `enc2`?",
    "24": "`share left`",
    "29": "`linear classes -> softmax`",
    "30": "`block residual(c, groups = 4)`",
    "31": "above line 8",
    "33": "did you mean `families/vgg.cnn`?",
    "34": "and here",
    "36": "write `143_667_240`",
    "38": "did you mean `size`?",
}
NEVER = {
    "08": "conv 64, 1x1",
    "09": "a convolution or pool of stride 2",
    "10": "8x18x18",
    "16": "write `{",
    "22": "7x7/2",
    "30": "unit(",
    "31": "nothing called",
    "36": "->`",
}


def first(path: Path) -> str:
    """The first error of a file, else its first warning, as it is printed; imports are specs'."""
    found = check(path.read_text(encoding="utf-8"), name=path.name, path=str(SPECS / path.name))
    return render((found.errors or found.found)[:1])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_g4_the_first_message_of_a_newcomers_file(path: Path, request: pytest.FixtureRequest):
    first_messages.compare(path, GOLDEN, first, request)


@pytest.mark.parametrize("name", TYPED)
def test_g4_the_first_message_says_what_to_type(name: str):
    assert TYPED[name] in first(FOLDER / f"{name}.cnn")


@pytest.mark.parametrize("name", NEVER)
def test_g4_the_first_message_says_nothing_false(name: str):
    assert NEVER[name] not in first(FOLDER / f"{name}.cnn")


def test_g4_forty_files():
    assert len(FILES) == 40


# --- the same mistakes in other nets ---


def help_of(text: str) -> str:
    """The note and the help lines of the only error or warning."""
    (found,) = check(text).found
    return "\n".join((found.note, *found.help))


def module(*arms: str, join: str = "concat", arriving: str = "8x16x16") -> str:
    return f"net it {{\n  input {arriving}\n  {join} {{\n    " + "\n    ".join(arms) + "\n  }\n}\n"


@pytest.mark.parametrize(
    ("arms", "said"),
    [
        (("conv 8, 1x1/2", "conv 4, 3x3/2, pad=1", "conv 4, 1x1"), "`conv 4, 1x1/2`"),
        (("conv 8, 1x1/2", "conv 4, 3x3/2, pad=1", "skip"), "`avgpool 2x2/2` in place of `skip`"),
        (("skip", "conv 4, 1x1", "avgpool 3x3/1"), "`pad=1`"),
        (("skip", "conv 4, 1x1", "conv 4, 1x1/2", "conv 4, 3x3/2, pad=1"), "one height and width"),
    ],
)
def test_g4_the_odd_arm_of_a_concat_is_the_one_to_change(arms: tuple[str, ...], said: str):
    assert said in help_of(module(*arms))


@pytest.mark.parametrize(
    ("arms", "said"),
    [
        (("conv 8, 1x1", "conv 4, 1x1", "skip"), "`conv 8, 1x1` on the 4x16x16 arm"),
        (("conv 4, 1x1/2", "conv 4, 3x3/2, pad=1", "skip"), "`conv 4, 1x1/2` in place of `skip`"),
    ],
)
def test_g4_the_odd_arm_of_an_add_is_the_one_to_change(arms: tuple[str, ...], said: str):
    assert said in help_of(module(*arms, join="add"))


def test_g4_what_the_odd_arm_is_told_repairs_the_fork():
    arms = ("conv 8, 1x1/2", "conv 4, 3x3/2, pad=1", "conv 4, 1x1")
    typed = re.search("write `(.*?)`", help_of(module(*arms)))
    assert typed is not None
    assert not check(module(*arms[:2], typed[1])).found


@pytest.mark.parametrize(
    ("header", "arm", "call", "said"),
    [
        ("unit(c, s)", "conv c, 3x3/s, pad=1", "unit 32, 2", "`conv c, 1x1/s`"),
        ("unit(c, s=1)", "conv 4 * c, 3x3/s, pad=1", "unit 8", "`conv 4 * c, 1x1/s`"),
        ("unit(c)", "conv 2 * in.channels, 1x1 -> conv c, 1x1", "unit 32", "`conv c, 1x1`"),
        ("unit(c)", "conv c, 1x1 -> conv in.channels, 1x1", "unit 32", "`conv c, 1x1`"),
    ],
)
def test_g4_a_projection_has_the_names_of_its_block(header: str, arm: str, call: str, said: str):
    text = (
        f"block {header} {{\n  add {{ skip; {arm} }}\n}}\nnet it {{\n  input 16x8x8\n  {call}\n}}"
    )
    assert f"{said} in place of `skip`" in help_of(text)


@pytest.mark.parametrize(
    ("default", "call", "said"),
    [
        ("", "conv 8", "`conv 8, 3x3, pad=1`"),
        ("default conv pad=same", "conv 8, bias=false", "`conv 8, 3x3, bias=false`"),
        ("default conv pad=same", "conv channels=8", "window=3x3"),
        ("", "maxpool", "`maxpool 2x2/2`"),
        ("", "linear", "`linear 120`"),
    ],
)
def test_g4_what_is_missing_in_a_call_is_shown_in_that_call(default: str, call: str, said: str):
    assert said in help_of(f"net it {{\n  {default}\n  input 8x16x16\n  {call}\n}}\n")


@pytest.mark.parametrize("body", ["if on { bn }", "if not on { relu } else { bn }"])
def test_l7_a_batch_norm_that_follows_in_one_branch_only_is_not_said_to_follow(body: str):
    text = f"net it(on = true) {{\n  input 3x8x8\n  conv 4, 3x3\n  {body}\n}}\n"
    assert not check(text).found
    both = "net it(on = true) {\n  input 3x8x8\n  if on { conv 4, 3x3 -> bn }\n}\n"
    assert check(both).codes == ["W0208"]


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("linear 8 -> sigmoid -> linear 2", []),
        ("linear 8 -> softmax -> dropout -> linear 2", ["W0205"]),
        ("linear 8 -> softmax -> linear 2 -> softmax", ["W0205"]),
        ("linear 8 -> linear 2 -> softmax", []),
    ],
)
def test_l16_a_softmax_that_a_linear_follows(head: str, said: list[str]):
    assert check(f"net it {{\n  input 16\n  {head}\n}}\n").codes == said


def test_l17_a_path_is_said_as_it_is_written():
    text = (
        "net it {\n  input 8x8x8\n  a: seq { conv 4, 1x1 -> conv 8, 1x1 }\n  conv 4, 1x1\n"
        "  share a\n}\n"
    )
    assert "`share a[1]`" in help_of(text)
    assert not check(text.replace("share a\n", "share a[1]\n")).found


def test_l14_an_automatic_name_inside_a_label_is_given_one():
    text = (
        "net it {\n  input 8x8x8\n  a: { relu -> conv 8, 1x1 }\n  relu\n"
        "  add { skip; from conv3 }\n}\n"
    )
    assert "`my_conv: conv 8, 1x1`, and write `from a.my_conv`" in help_of(text)
    typed = text.replace("-> conv", "-> my_conv: conv").replace("from conv3", "from a.my_conv")
    assert not check(typed).found


@pytest.mark.parametrize(
    ("number", "meant"),
    [("1,234", "1_234"), ("133,047,848", "133_047_848")],
)
def test_l26_grouped_digits_in_a_claim(number: str, meant: str):
    text = f"net it {{\n  input 3x8x8\n  relu\n  claim params = {number}\n}}\n"
    assert f"write `{meant}`" in check(text).errors[0].help[0]


def test_l26_a_comma_in_a_claim_is_no_arrow():
    text = "net it {\n  input 3x8x8\n  relu\n  claim params = 0, macs = 0\n}\n"
    assert "->" not in "".join(check(text).errors[0].help)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("nets/unit.cnn", "blocks/unit.cnn"),
        ("unit.cnn", "blocks/unit.cnn"),
        ("blocks/unti.cnn", "blocks/unit.cnn"),
        ("othr.cnn", "other.cnn"),
    ],
)
def test_s4_a_missing_import_is_looked_for_nearby(written: str, meant: str, tmp_path: Path):
    (tmp_path / "blocks").mkdir()
    for name in ("blocks/unit.cnn", "other.cnn"):
        (tmp_path / name).write_text("block unit() { relu }\n", encoding="utf-8")
    text = f'import unit from "{written}"\nnet it {{\n  input 3x8x8\n  unit\n}}\n'
    found = check(text, path=str(tmp_path / "it.cnn")).errors
    assert [d.note for d in found] == [f"did you mean `{meant}`?"]


def test_l21_the_value_of_a_let_may_have_the_name_of_no_other():
    text = "net it {\n  let a = a\n  input 3x8x8\n  relu\n}\n"
    assert check(text).errors[0].message == "there is nothing called `a`"


def test_s6_a_dotted_label_is_looked_for_where_a_name_begins_only():
    """Else each part of `self.a.a.a` would be read to its end."""
    from cnnspec.syntax.tables import TABLES

    pattern = re.compile(json.loads(TABLES.read_text(encoding="utf-8"))["pattern"])
    assert [m.lastgroup for m in (pattern.match("a.b.c:", at) for at in (0, 2)) if m] == [
        "DOTTED",
        "NAME",
    ]


@pytest.mark.parametrize(
    ("name", "line"),
    [("30", "1 error in its file"), ("33", "1 error in its file"), ("20", "1 error in its file"),
     ("24", "1 error")],
)  # fmt: skip
def test_g5_the_line_of_a_net_counts_the_errors_around_it(name: str, line: str):
    workspace = Workspace()
    text = (FOLDER / f"{name}.cnn").read_text(encoding="utf-8")
    unit = workspace.read_text(text, f"{name}.cnn", str(SPECS / f"{name}.cnn"))
    assert unit is not None
    said = net_lines(check_unit(workspace, unit))
    assert said.rstrip().endswith(f"  {line}"), said
    assert "elsewhere" not in said
