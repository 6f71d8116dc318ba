"""What cannot be written faithfully is refused: one line with its place and the reason."""

import pytest

from cnnspec.backends.torch import BackendError
from tests.backends.harness import text_of
from tests.backends.test_constructs import spec

TWICE = "unit 4, 1\nunit 4, 2"
LAYERS = "for i in range(2) { layer${i}: conv 8, 3x3 }\n"

REFUSED = {
    "a window that an open number chooses": (
        spec(TWICE, "block unit(c, k) { conv c, 3x3 if k == 1 else 1x1 }"),
        "3:28: a condition on open numbers chooses between structures",
    ),
    "a list against a list": (
        spec(
            "unit [4, 5]",
            "block unit(l) { conv l[0], 1x1; if l == [4, 5] { relu6 } else { relu } }",
        ),
        "3:36: a comparison of lists or windows with open numbers",
    ),
    "a window against a window": (
        spec(
            "unit 4, 3x3\nunit 4, 1x1",
            "block unit(c, k) { conv c, k, pad=0; if k == 3x3 { relu6 } else { relu } }",
        ),
        "a comparison of lists or windows",
    ),
    "a padding against same": (
        spec(
            "unit 4, 3x3, same\nunit 4, 3x3, 1",
            "block unit(c, k, p) { conv c, k, pad=p; if p == same { relu6 } else { relu } }",
        ),
        "a comparison of lists or windows",
    ),
    "an element of an open range": (
        spec("unit 3", "block unit(n) { conv range(1, n)[1], 1x1; relu }"),
        "3:22: a list of open length is only looped over",
    ),
    "the largest of an open range": (
        spec("unit 3", "block unit(n) { conv max(range(n)), 1x1; relu }"),
        "3:22: a list of open length is only looped over",
    ),
    "layers without labels in a loop over a list": (
        spec("unit [3, 5]\nconv 3, 1x1", "block unit(l) { for n in l { conv n, 1x1; relu } }"),
        "the number of this `conv` in a loop is open; label it",
    ),
    "a number that is none elsewhere": (
        spec(
            "outer 4\ninner none",
            "block outer(c) { inner c }\nblock inner(c) { conv 4 if c == none else c, 3x3 }",
        ),
        "3:18: `c` chooses structure and depends on open numbers",
    ),
    "same without a window": (
        spec("unit 4, same\nunit 4, 1", "block unit(c, pad) { conv c, 3x3, pad=pad -> relu }"),
        "6:1: `same` needs the window of the same call",
    ),
    "a flatten of sizes that differ": (
        spec(
            "output a: unit 4, 3\nunit 4, 1",
            "block unit(c, k) { conv c, kernel(k, k), pad=0; flatten; linear c }",
        ),
        "3:49: the height and width at this flatten differ between calls",
    ),
    "a height that differs": (
        spec(
            "output a: unit 4, 3\nunit 4, 1",
            "block unit(c, k) { conv c, kernel(k, k), pad=0; conv in.height, 1x1 }",
        ),
        "3:54: `in.height` differs between calls and has no expression",
    ),
    "an open size of the input": (
        spec("conv 4, 3x3", params="c = 8").replace("input 8x8x8", "input image: [c, 8, 8]"),
        "5:3: the size of the input is open",
    ),
    "an arm that may be missing": (
        spec(TWICE, "block unit(c, s) { add { skip; conv in.channels, 1x1; if s == 1 { relu } } }"),
        "whether this arm exists is open",
    ),
    "an auxiliary head of several lines": (
        spec(
            "a: conv 4, 3x3 -> relu -> flatten -> linear classes\n"
            "aux early: from a -> add { { conv 4, 1x1 -> relu -> conv 4, 1x1 }; conv 4, 3x3 }"
        ),
        "7:1: an auxiliary head is one block here; make it one",
    ),
    "braces that read a list of open numbers": (
        spec(
            "unit 4",
            "block unit(c) {\n  let ws = [c, 2 * c]\n"
            "  stem: { conv ws[0], 1x1; add { skip; conv ws[0], 3x3 } }\n}",
        ),
        "`ws` holds open numbers; make it a block",
    ),
    "braces that read an open range": (
        spec(
            "unit 3\nunit 2",
            "block unit(n) {\n  let r = range(n)\n"
            "  a: { add { skip; conv 8, 1x1 }; for i in r { b${i}: conv 8, 1x1 } }\n}",
        ),
        "`r` holds open numbers; make it a block",
    ),
    "a layer behind a loop among numbers and labels": (
        spec(
            "unit 4, 2",
            "block unit(c, n) seq { b: conv c, 3x3; repeat n { conv c, 1x1 }; d: conv c, 1x1 }",
        ),
        "the number of this layer among others is open; label it",
    ),
}

TAPS = {
    "into a layer behind a loop": (
        spec(
            "a: seq { repeat n { conv 8, 3x3 }; conv 4, 1x1 }\nconcat { from a[2]; skip }",
            params="n = 2",
        ),
        "7:15: `2` cannot be tapped: it is behind a loop or in a shared layer",
    ),
    "into a layer behind a condition": (
        spec(
            "a: unit 8, 1\nconcat { from a[1]; skip }",
            "block unit(c, s) seq {\n"
            "  if s == 1 { conv c, 3x3 } else { conv c, 1x1 }; relu; conv c, 1x1\n}",
        ),
        "3:1: no value of `1` at this tap",
    ),
    "into a layer of a loop": (
        spec(
            "a: unit 8, 2\nconcat { from a.k1; skip }",
            "block unit(c, n) { for i in range(n) { k${i}: conv c, 3x3 }; l: conv c, 1x1; relu }",
        ),
        "7:15: no layer `k1` to tap here",
    ),
    "to a number that a loop changes": (
        spec(
            "for i in range(n) { b${i}: conv in.channels + 4, 1x1 }\na: relu\nconv 8, 1x1\n"
            "concat { skip; from a }",
            params="n = 2",
        ),
        "9:16: the channels of this tap are lost in a loop",
    ),
    "by an open path": (
        spec(f"{LAYERS}for i in range(n) {{ add {{ skip; from layer${{i}} }} }}", params="n = 1"),
        "the path of this tap is open; write the loop out",
    ),
    "out of braces by a loop in them": (
        spec(
            "unit 2",
            f"block unit(n) {{\n  {LAYERS}"
            "  a: { conv 8, 1x1; for i in range(n) { add { skip; from layer${i} } } }\n}",
        ),
        "`i` is no name of the level that this tap leads to; write the loop out",
    ),
    "out of braces by a loop in them that hides one around them": (
        spec(
            "unit 2",
            f"block unit(n) {{\n  {LAYERS}"
            "  for i in range(2) { a${i}: {\n    add { skip; from layer${i} }\n"
            "    for i in range(n) { add { skip; from layer${i} } }\n  } }\n}",
        ),
        "`i` is no name of the level that this tap leads to; write the loop out",
    ),
    "out of braces by a list in them": (
        spec(
            "layer2: conv 4, 3x3\n" + LAYERS.replace("8", "4") + "for i in range(1, 3) {\n"
            "  a${i}: { conv 4, 3x3; concat { skip; for j in [0, 1] { from layer${i - j} } } }\n}"
        ),
        "`j` is no name of the level that this tap leads to; write the loop out",
    ),
    "into a shared block": (
        spec(
            "a: unit\nb: share a\nconcat { skip; from b.conv1 }",
            "block unit() { conv 8, 3x3 -> relu -> conv 8, 1x1 }",
        ),
        "8:21: `conv1` cannot be tapped: it is behind a loop or in a shared layer",
    ),
}

NOT_OF_THIS_LEVEL = "cannot be shared: it is no layer, block or container of this level"
SHARED = {
    "a layer inside another": (spec("a: seq { conv 8, 3x3; relu }\nshare a[0]"), NOT_OF_THIS_LEVEL),
    "a fork": (spec("a: add { skip; conv 8, 1x1 }\nshare a"), NOT_OF_THIS_LEVEL),
    "what is shared": (spec("a: conv 8, 3x3\nb: share a\nshare b"), NOT_OF_THIS_LEVEL),
    "a block that a tap leads into": (
        spec(
            "a: seq { unit }\nb: share a\nconcat { skip; from a[0].conv1 }",
            "block unit() { conv 8, 3x3 -> relu -> conv 8, 1x1 }",
        ),
        "7:10: `a` cannot be shared: a tap leads into it or out of it",
    ),
    "braces that a tap leads out of": (
        spec("z: conv 8, 3x3\na: { conv 8, 3x3; add { skip; from z } }\nshare a\nrelu"),
        "8:7: `a` cannot be shared: a tap leads into it or out of it",
    ),
}

ALL = REFUSED | TAPS | SHARED


@pytest.mark.parametrize("name", ALL)
def test_refused_with_its_place_and_reason(name):
    source, words = ALL[name]
    with pytest.raises(BackendError) as caught:
        text_of(source)
    assert str(caught.value).startswith("<text>:")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


UNREACHED = {
    "conv c, 3x3, padd=1": "conv has no argument `padd`",
    "conv [4][1], 1x1": "there is no item 1 in a list of 1",
    "conv 1 // 0, 1x1": "division by zero",
    'conv "a" + 1, 1x1': "`+` needs numbers, and a string came",
    'conv c ^ "a", 1x1': "`^` needs numbers, and a string came",
    'if "a" < 1 { conv c, 1x1 }': "`<` needs numbers, and a string came",
    "conv nothing, 1x1": "there is nothing called `nothing`",
    "conv c, 2x2, same": "`same` needs an odd window, and 2x2 is even",
    "flatten; conv in.height, 1x1": "it has no height",
    "from nowhere": "no layer `nowhere` to tap here",
    "other c": "`d` has no value",
}
"""Statements that the elaborator has not seen, because no call takes their arm."""


@pytest.mark.parametrize("statement", UNREACHED)
def test_an_arm_that_no_call_takes_is_refused_where_it_is_wrong(statement):
    source = spec(
        "unit 4, 1\nunit 6, 1",
        "block other(c, d) { conv c, 1x1 }\n"
        f"block unit(c, s) {{ if s == 1 {{ conv c, 3x3 }} else {{ {statement} }} }}",
    )
    with pytest.raises(BackendError) as caught:
        text_of(source)
    assert str(caught.value).startswith("<text>:4:")
    assert UNREACHED[statement] in str(caught.value)
