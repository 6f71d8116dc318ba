"""What no open class can say is folded on its numbers, and equals the graph all the same.

Beside each net stands what its classes are written for: nothing is folded that can stay open.
"""

import re

import pytest

from cnnspec.diagnostics import Severity
from cnnspec.elaborate.workspace import Workspace
from tests.backends.harness import text_of
from tests.backends.test_constructs import equals_the_graph, spec

TWICE = "unit 4, 1\nunit 4, 2"
LAYERS = "for i in range(2) { layer${i}: conv 8, 3x3 }\n"

NUMBERS = {
    "channels that a loop leaves open": (
        spec(
            "unit 2\nconv 3, 1x1",
            "block unit(n) { for i in range(n) { halve${i}: halve } }\n"
            "block halve() { conv in.channels // 2, 1x1 }",
        ),
        ["n = 2 on 8x8x8"],
    ),
    "an open number of arms": (
        spec("unit 2\nunit 3", "block unit(n) { concat { repeat n { conv 2, 1x1 } } }"),
        ["n = 2", "n = 3"],
    ),
    "a layer behind an open loop": (
        spec("unit 2", "block unit(n) { repeat n { conv 8, 3x3 }; conv 8, 1x1 }"),
        ["n = 2"],
    ),
    "a window that an open number chooses": (
        spec(TWICE, "block unit(c, k) { conv c, 3x3 if k == 1 else 1x1 }"),
        ["k = 1", "k = 2"],
    ),
    "a list against a list": (
        spec(
            "unit [4, 5]",
            "block unit(l) { conv l[0], 1x1; if l == [4, 5] { relu6 } else { relu } }",
        ),
        ["l = [4, 5]"],
    ),
    "a window against a window": (
        spec(
            "unit 4, 3x3\nunit 4, 1x1",
            "block unit(c, k) { conv c, k, pad=0; if k == 3x3 { relu6 } else { relu } }",
        ),
        ["c = 4, k = 3x3 on 8x8x8", "c = 4, k = 1x1 on 4x6x6"],
    ),
    "a padding against same": (
        spec(
            "unit 4, 3x3, same\nunit 4, 3x3, 1",
            "block unit(c, k, p) { conv c, k, pad=p; if p == same { relu6 } else { relu } }",
        ),
        ["c = 4, k = 3x3, p = same on 8x8x8", "c = 4, k = 3x3, p = 1 on 4x8x8"],
    ),
    "an element of an open range": (
        spec("unit 3", "block unit(n) { conv range(1, n)[1], 1x1; relu }"),
        ["n = 3"],
    ),
    "the largest of an open range": (
        spec("unit 3", "block unit(n) { conv max(range(n)), 1x1; relu }"),
        ["n = 3"],
    ),
    "layers without labels in a loop over a list": (
        spec("unit [3, 5]\nconv 3, 1x1", "block unit(l) { for n in l { conv n, 1x1; relu } }"),
        ["l = [3, 5]"],
    ),
    "a number that is none elsewhere": (
        spec(
            "outer 4\ninner none",
            "block outer(c) { inner c }\nblock inner(c) { conv 4 if c == none else c, 3x3 }",
        ),
        ["c = 4"],
    ),
    "same without a window": (
        spec("unit 4, same\nunit 4, 1", "block unit(c, pad) { conv c, 3x3, pad=pad -> relu }"),
        ["c = 4, pad = same on 8x8x8", "c = 4, pad = 1 on 4x8x8", "classes = 3"],
    ),
    "a flatten of sizes that differ": (
        spec(
            "output a: unit 4, 3\nunit 4, 1",
            "block unit(c, k) { conv c, kernel(k, k), pad=0; flatten; linear c }",
        ),
        ["c = 4, k = 3 on 8x8x8", "c = 4, k = 1 on 8x8x8"],
    ),
    "a height that differs": (
        spec(
            "output a: unit 4, 3\nunit 4, 1",
            "block unit(c, k) { conv c, kernel(k, k), pad=0; conv in.height, 1x1 }",
        ),
        ["c = 4, k = 3 on 8x8x8", "c = 4, k = 1 on 8x8x8"],
    ),
    "an open size of the input": (
        spec("conv 4, 3x3", params="c = 8").replace("input 8x8x8", "input image: [c, 8, 8]"),
        ["c = 8"],
    ),
    "an arm that may be missing": (
        spec(
            TWICE, "block unit(c, s) { concat { skip; conv in.channels, 1x1; if s == 1 { relu } } }"
        ),
        ["s = 1", "s = 2"],
    ),
    "an auxiliary head of several lines": (
        spec(
            "a: conv 4, 3x3 -> relu -> flatten -> linear classes\n"
            "aux early: from a -> add { { conv 4, 1x1 -> relu -> conv 4, 1x1 }; conv 4, 3x3 }"
        ),
        [],
    ),
    "braces that read a list of open numbers": (
        spec(
            "unit 4",
            "block unit(c) {\n  let ws = [c, 2 * c]\n"
            "  stem: { conv ws[0], 1x1; add { skip; conv ws[0], 3x3 } }\n}",
        ),
        ["c = 4"],
    ),
    "braces that read an open range": (
        spec(
            "unit 3\nunit 2",
            "block unit(n) {\n  let r = range(n)\n"
            "  a: { add { skip; conv 8, 1x1 }; for i in r { b${i}: conv 8, 1x1 } }\n}",
        ),
        ["n = 3", "n = 2"],
    ),
    "a layer behind a loop among numbers and labels": (
        spec(
            "unit 4, 2",
            "block unit(c, n) seq { b: conv c, 3x3; repeat n { conv c, 1x1 }; d: conv c, 1x1 }",
        ),
        ["n = 2"],
    ),
}

TAPS = {
    "into a layer behind a loop": (
        spec(
            "a: seq { repeat n { conv 8, 3x3 }; conv 4, 1x1 }\nconcat { from a[2]; skip }",
            params="n = 2",
        ),
        ["n = 2"],
    ),
    "into a layer behind a condition": (
        spec(
            "a: unit 8, 1\nconcat { from a[1]; skip }",
            "block unit(c, s) seq {\n"
            "  if s == 1 { conv c, 3x3 } else { conv c, 1x1 }; relu; conv c, 1x1\n}",
        ),
        ["c = 8, s = 1 on 8x8x8"],
    ),
    "into a layer of a loop": (
        spec(
            "a: unit 8, 2\nconcat { from a.k1; skip }",
            "block unit(c, n) { for i in range(n) { k${i}: conv c, 3x3 }; l: conv c, 1x1; relu }",
        ),
        ["c = 8, n = 2 on 8x8x8"],
    ),
    "to a number that a loop changes": (
        spec(
            "for i in range(n) { b${i}: conv in.channels + 4, 1x1 }\na: relu\nconv 8, 1x1\n"
            "concat { skip; from a }",
            params="n = 2",
        ),
        ["n = 2"],
    ),
    "by an open path": (
        spec(f"{LAYERS}for i in range(n) {{ add {{ skip; from layer${{i}} }} }}", params="n = 1"),
        ["n = 1"],
    ),
    "out of braces by a loop in them": (
        spec(
            "unit 2",
            f"block unit(n) {{\n  {LAYERS}"
            "  a: { conv 8, 1x1; for i in range(n) { add { skip; from layer${i} } } }\n}",
        ),
        ["n = 2", "n = 2"],
    ),
    "out of braces by a loop in them that hides one around them": (
        spec(
            "unit 2",
            f"block unit(n) {{\n  {LAYERS}"
            "  for i in range(2) { a${i}: {\n    add { skip; from layer${i} }\n"
            "    for i in range(n) { add { skip; from layer${i} } }\n  } }\n}",
        ),
        ["8x8x8", "8x8x8", "n = 2 on 8x8x8"],
    ),
    "out of braces by a list in them": (
        spec(
            "layer2: conv 4, 3x3\n" + LAYERS.replace("8", "4") + "for i in range(1, 3) {\n"
            "  a${i}: { conv 4, 3x3; concat { skip; for j in [0, 1] { from layer${i - j} } } }\n}"
        ),
        ["4x8x8", "12x8x8", "classes = 3"],
    ),
    "into a shared block": (
        spec(
            "a: unit\nb: share a\nconcat { skip; from b.conv1 }",
            "block unit() { conv 8, 3x3 -> relu -> conv 8, 1x1 }",
        ),
        [],
    ),
}

SHARED = {
    "a layer inside another": (spec("a: seq { conv 8, 3x3; relu }\nshare a[0]"), []),
    "what is shared": (spec("a: conv 8, 3x3\nb: share a\nshare b"), []),
    "a block that a tap leads into": (
        spec(
            "a: seq { unit }\nb: share a\nconcat { skip; from a[0].conv1 }",
            "block unit() { conv 8, 3x3 -> relu -> conv 8, 1x1 }",
        ),
        [],
    ),
    "braces that a tap leads out of": (
        spec("z: conv 8, 3x3\na: { conv 8, 3x3; add { skip; from z } }\nshare a\nrelu"),
        [],
    ),
}

ALL = NUMBERS | TAPS | SHARED


@pytest.mark.parametrize("name", ALL)
def test_house_what_cannot_stay_open_is_folded(name):
    source, written = ALL[name]
    text = equals_the_graph(source)
    assert re.findall(r"Written for ([^\"\n]*)\.", text) == written


UNREACHED = [
    "conv c, 3x3, padd=1",
    "conv [4][1], 1x1",
    "conv 1 // 0, 1x1",
    'conv "a" + 1, 1x1',
    'conv c ^ "a", 1x1',
    'if "a" < 1 { conv c, 1x1 }',
    "conv nothing, 1x1",
    "conv c, 2x2, same",
    "flatten; conv in.height, 1x1",
    "from nowhere",
    "other c",
]
"""Statements that the elaborator has not seen, because no call takes their arm."""


@pytest.mark.parametrize("statement", UNREACHED)
def test_house_an_arm_that_no_call_takes_is_no_obstacle(statement):
    source = spec(
        "unit 4, 1\nunit 6, 1",
        "block other(c, d) { conv c, 1x1 }\n"
        f"block unit(c, s) {{ if s == 1 {{ conv c, 3x3 }} else {{ {statement} }} }}",
    )
    workspace = Workspace()
    workspace.read_text(source)
    if any(d.severity is Severity.ERROR for d in workspace.diagnostics):
        return  # the names of a file are checked in arms too
    assert "Written for s = 1" in equals_the_graph(source)


def test_house_the_net_around_a_folded_block_keeps_its_parameters():
    source, _ = ALL["an arm that may be missing"]
    assert "def tested(classes: int = 3)" in text_of(source)
