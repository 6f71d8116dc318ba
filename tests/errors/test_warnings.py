"""Advice on an architecture, and where there is none to give (W0206 to W0209, S10)."""

from pathlib import Path

import pytest

from cnnspec.cli.checking import check
from cnnspec.cli.reference import Reference
from tests.language.harness import body
from tests.language.harness import check as check_text


def codes(text: str, input: str = "3x32x32") -> list[str]:
    return check_text(body(text, input)).codes


@pytest.mark.parametrize(
    "text",
    [
        "conv 8, 3x3, bias=false -> bn",
        "conv 8, 3x3 -> relu -> bn",
        "conv 8, 3x3 -> gn 4",
        "conv 8, 3x3 -> ln",
        "bn",
    ],
)
def test_w0208_is_not_said_where_a_bias_matters(text):
    assert "W0208" not in codes(text)


@pytest.mark.parametrize(
    ("text", "input", "wanted"),
    [
        ("bn", "8x1x1", ["W0209"]),
        ("bn", "8", ["W0209"]),
        ("bn", "8x1x2", []),
        ("bn", "8x2x1", []),
        ("ln", "8x1x1", []),
        ("gn 2", "8x1x1", []),
    ],
)
def test_w0209_is_about_one_value(text, input, wanted):
    assert codes(text, input) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "a: conv 8, 1x1\nadd { relu; from a }",
        "a: conv 8, 1x1\noutput side: from a -> relu\nrelu",
        "a: conv 8, 1x1\naux side: from a -> relu\nrelu",
    ],
)  # fmt: skip
def test_w0207_is_not_said_of_layers_that_something_uses(text):
    assert codes(text) == []


def test_w0207_inside_a_block_is_said_once():
    text = (
        "block b() {\n  a: relu\n  conv 8, 1x1\n  from a -> tanh\n}\n"
        "net it { input 8x4x4; b; b; b }\n"
    )
    found = check_text(text).found
    assert [(d.code, d.span.line) for d in found] == [("W0207", 3)]


BLOCK = "block unit(c) { conv c, 3x3 }\n"


def written(folder: Path, **files: str) -> list[str]:
    for name, text in files.items():
        (folder / f"{name}.cnn").write_text(text)
    outcome = check([Reference(str(folder / f"{name}.cnn")) for name in files])
    return [d.code for d in outcome.diagnostics]


@pytest.mark.parametrize(
    "use",
    [
        "net it { input 3x8x8; unit 8 }",
        "net it(b = unit) { input 3x8x8; b 8 }",
        "let b = unit\nnet it { input 3x8x8; b 8 }",
        "net family(b) { input 3x8x8; b 8 }\nnet it = family(unit)",
        "block outer(c) { unit c }\nnet it { input 3x8x8; outer 8 }",
        "net family(n) { input 3x8x8; repeat n { relu } }",
    ],
)
def test_w0206_is_not_said_of_a_block_that_is_used_or_for_others(use):
    assert check_text(BLOCK + use + "\n").codes == []


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_w0206_knows_the_imports_of_every_file_in_the_run(tmp_path, order):
    files = {
        "a": BLOCK + "net a { input 3x8x8; relu }\n",
        "b": 'import unit from "a.cnn"\nnet b { input 3x8x8; unit 8 }\n',
    }
    assert written(tmp_path, **{name: files[name] for name in order}) == []


def test_w0206_of_one_file_alone(tmp_path):
    assert written(tmp_path, a=BLOCK + "net a { input 3x8x8; relu }\n") == ["W0206"]


FOLLOWED = "default conv pad=same -> bn -> relu\na: conv 3, 3x3\n"


@pytest.mark.parametrize(
    "text",
    [
        FOLLOWED + "add { from a; skip }",
        FOLLOWED + "b: { add { from a; skip } }",
        FOLLOWED + "output side = from a -> global_avgpool",
        "default conv pad=same -> bn\na: conv 3, 3x3\nadd { from a; skip }",
        "default conv -> relu\nfor i in range(2) { a${i}: conv 3, 1x1 }\nadd { from a1; skip }",
    ],
)
def test_w0213_is_said_of_a_tap_before_followers(text):
    assert codes(text).count("W0213") == 1


@pytest.mark.parametrize(
    "text",
    [
        FOLLOWED + "add { from a_relu; skip }",
        FOLLOWED + "add { from a_bn; skip }",
        FOLLOWED + "share a",
        FOLLOWED.replace(": conv", ": bare conv") + "bn -> relu\nadd { from a; skip }",
        FOLLOWED + "b: { conv 3, 3x3 }\nadd { from b; skip }",
        "default conv pad=same\na: conv 3, 3x3 -> bn\nadd { from a; skip }",
    ],
)
def test_w0213_is_not_said_of_a_layer_that_nothing_follows_by_a_default(text):
    assert "W0213" not in codes(text)


BLOCK_OF_CONVS = "block b(c) { conv c, 3x3, same }\n"
FROM_IMAGE = "net it { input 3x8x8; "


@pytest.mark.parametrize(
    "body",
    [
        "default conv pad=same -> bn; b 8 }",
        "b 8; if true { default relu -> bn; b 4 } }",
        "conv 4, 1x1; default conv pad=same; b 8 }",
        "default max; b 8 }",
    ],
)
def test_w0214_is_said_of_a_default_that_reaches_nothing(body):
    assert check_text(BLOCK_OF_CONVS + FROM_IMAGE + body).codes.count("W0214") == 1


@pytest.mark.parametrize(
    "body",
    [
        "default conv pad=same -> bn; add { skip; { repeat 2 { conv 3, 3x3 } } } }",
        "default bn eps=1e-3; default conv pad=same -> bn; conv 3, 3x3; b 4 }",
        "default conv pad=same; if false { conv 3, 3x3 }; b 4 }",
        "default conv pad=same; output o: conv 3, 3x3; b 4 }",
    ],
)
def test_w0214_is_not_said_where_something_falls_under_it(body):
    assert "W0214" not in check_text(BLOCK_OF_CONVS + FROM_IMAGE + body).codes
