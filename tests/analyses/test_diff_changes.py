"""The difference of two small nets in full: every change with its places, and the steps."""

from __future__ import annotations

import pytest

from cnnspec.analyses.diff import Diff, diff
from tests.backends.harness import elaborate


def compared(a: str, b: str) -> Diff:
    """Two nets on 4x32x32 by their bodies, or by whole texts."""
    texts = (t if "net " in t else f"net n {{ input 4x32x32\n {t} }}" for t in (a, b))
    one, other = (elaborate(text).net for text in texts)
    return diff(one, other)


def lines(found: Diff) -> list[str]:
    """`changed relu -> tanh: relu1 | tanh1`: what, and the places in both nets."""
    return [
        f"{c.kind} {c.what}: " + ", ".join(f"{p.a} | {p.b}".strip() for p in c.places)
        for c in found.changes
    ]


def steps(found: Diff) -> list[tuple[str, str, str, str]]:
    return [(s.kind, s.a, s.b, s.path) for s in found.steps]


ALIGNED = {
    "equal layers cost nothing, so the new one stands where it was put": (
        "conv 1, 1x1; conv 2, 1x1; conv 3, 1x1; conv 4, 1x1",
        "conv 9, 1x1; conv 2, 1x1; conv 7, 3x3; conv 3, 1x1; conv 8, 1x1",
        [
            "changed conv channels 1 -> 9: conv1 | conv1",
            "added 3×3 conv, 7: | conv3",
            "changed conv channels 4 -> 8: conv4 | conv5",
        ],
    ),
    "another argument is nearer than another op of the kind, before it": (
        "conv 3, 1x1; maxpool 2x2; conv 5, 1x1",
        "conv 4, 1x1; maxpool 3x3; avgpool 2x2; conv 6, 1x1",
        [
            "changed conv channels 3 -> 4: conv1 | conv1",
            "changed maxpool window 2x2 -> 3x3: maxpool1 | maxpool1",
            "added 2×2 avg pool: | avgpool1",
            "changed conv channels 5 -> 6: conv2 | conv2",
        ],
    ),
    "and behind it": (
        "conv 3, 1x1; maxpool 2x2; conv 5, 1x1",
        "conv 4, 1x1; avgpool 2x2; maxpool 3x3; conv 6, 1x1",
        [
            "changed conv channels 3 -> 4: conv1 | conv1",
            "added 2×2 avg pool: | avgpool1",
            "changed maxpool window 2x2 -> 3x3: maxpool1 | maxpool1",
            "changed conv channels 5 -> 6: conv2 | conv2",
        ],
    ),
    "an op of the same kind is a change, also where both weigh little": (
        "relu",
        "sigmoid",
        ["renamed relu -> sigmoid: relu1 | sigmoid1", "changed ReLU -> sigmoid: relu1 | sigmoid1"],
    ),
    "an op of another kind is not": ("relu", "bn", ["removed ReLU: relu1 |", "added BN: | bn1"]),
    "arguments with all that differs; another window brings its padding": (
        "conv 4, 3x3, same; conv 4, 3x3, pad=1; maxpool 3x3/2, pad=1; conv 4, 1x1, pad=2",
        "conv 4, 3x3; conv 5, 3x3, pad=[1, 0, 1, 0], bias=false; maxpool 2x2/2; conv 4, 1x1/2",
        [
            "changed conv pad 1 -> 0: conv1 | conv1",
            "changed conv channels 4 -> 5, pad 1 -> [1, 0, 1, 0], bias true -> false: "
            "conv2 | conv2",
            "changed maxpool window 3x3/2 -> 2x2/2: maxpool1 | maxpool1",
            "changed conv window 1x1 -> 1x1/2: conv3 | conv3",
        ],
    ),
    "another op by its label and stride": (
        "maxpool 3x3/2",
        "avgpool 2x2/4",
        [
            "renamed maxpool -> avgpool: maxpool1 | avgpool1",
            "changed 3×3 max pool/2 -> 2×2 avg pool/4: maxpool1 | avgpool1",
        ],
    ),
    "the first layers are not the last": (
        "relu; conv 4, 1x1; bn",
        "tanh; relu; bn",
        ["added tanh: | tanh1", "removed 1×1 conv, 4: conv1 |"],
    ),
    "nor the last the first": (
        "tanh; relu; bn",
        "relu; conv 4, 1x1; bn",
        ["removed tanh: tanh1 |", "added 1×1 conv, 4: | conv1"],
    ),
    "sides of one word are compared inside": (
        "conv 4, 1x1; output x: conv 4, 1x1 -> relu; relu",
        "conv 4, 1x1; output x: conv 5, 1x1 -> tanh; relu",
        [
            "changed conv channels 4 -> 5: x.conv1 | x.conv1",
            "renamed x.relu -> x.tanh: x.relu1 | x.tanh1",
            "changed ReLU -> tanh: x.relu1 | x.tanh1",
        ],
    ),
    "sides of different words are not": (
        "conv 4, 1x1; output x: conv 4, 1x1 -> relu; relu",
        "conv 4, 1x1; aux x: conv 4, 1x1 -> relu; relu",
        ["removed output x: x |", "added aux x: | x"],
    ),
    "an arm more costs what is in it": (
        "conv 3, 1x1; a: concat { conv 4, 1x1; conv 5, 1x1 }; conv 3, 1x1",
        "conv 4, 1x1; b: concat { conv 4, 1x1; conv 5, 1x1; maxpool 1x1 }\n"
        "a: concat { conv 4, 1x1; conv 5, 1x1 }; conv 5, 1x1",
        [
            "changed conv channels 3 -> 4: conv1 | conv1",
            "added concat of 3 branches: | b",
            "changed conv channels 3 -> 5: conv4 | conv6",
        ],
    ),
    "an arm more is as dear as another argument and what the arm weighs": (
        "a: concat { conv 4, 1x1; conv 5, 1x1 }; conv 3, 1x1",
        "a: concat { conv 4, 1x1; conv 6, 1x1 }\n"
        "b: concat { conv 4, 1x1; conv 5, 1x1; relu }; conv 6, 1x1",
        [
            "added concat of 2 branches: | a",
            "renamed a -> b: a | b",
            "added arm of concat: | b",
            "added ReLU: | relu1",
            "changed conv channels 3 -> 6: conv3 | conv5",
        ],
    ),
    "an arm more": (
        "a: concat { conv 4, 1x1; conv 5, 1x1 }",
        "b: concat { conv 4, 1x1; conv 6, 1x1; relu -> conv 7, 1x1 }",
        [
            "renamed a -> b: a | b",
            "changed conv channels 5 -> 6: conv2 | conv2",
            "added arm of concat: | b",
            "added ReLU: | relu1",
            "added 1×1 conv, 7: | conv3",
        ],
    ),
    "two arms fewer": (
        "a: concat { conv 4, 1x1; conv 4, 3x3, pad=1; conv 5, 1x1; relu -> conv 6, 1x1 }",
        "a: concat { conv 4, 1x1; conv 4, 3x3, pad=1 }",
        [
            "removed arm of concat: a |, a |",
            "removed 1×1 conv, 5: conv3 |",
            "removed ReLU: relu1 |",
            "removed 1×1 conv, 6: conv4 |",
        ],
    ),
    "a skip that becomes a projection, and back": (
        "a: add { conv 4, 1x1 -> relu; skip }; b: add { conv 4, 1x1 -> relu; conv 4, 1x1 }",
        "a: add { conv 4, 1x1 -> relu; conv 4, 1x1 }; b: add { conv 4, 1x1 -> relu; skip }",
        [
            "changed skip -> projection skip (1×1 conv, 4): a | a",
            "changed projection skip (1×1 conv, 4) -> skip: b | b",
        ],
    ),
    "a skip with other layers": (
        "a: add { conv 4, 1x1 -> relu -> bn; conv 4, 1x1 }",
        "a: add { conv 4, 1x1 -> relu -> bn; maxpool 1x1 -> conv 4, 1x1 }",
        ["added 1×1 max pool: | maxpool1"],
    ),
    "another join": (
        "a: add { conv 4, 1x1 -> relu; skip }",
        "a: mul { conv 4, 1x1 -> relu; skip }",
        ["removed skip: a |", "added skip by product: | a"],
    ),
}


@pytest.mark.parametrize("which", ALIGNED)
def test_the_changes_of_two_small_nets(which: str):
    a, b, wanted = ALIGNED[which]
    assert lines(compared(a, b)) == wanted


BLOCKS = """
block c() {{ {u}: conv 1, 1x1 }}
block b() {{ {p}: relu; {i}: c; add {{ conv 1, 3x3, pad=1 -> relu; {k}: conv 1, 1x1 }} }}
net n {{ input 1x8x8; {x}: b; output {o}: conv 2, 1x1 -> relu; relu }}
"""


def test_names_in_equal_blocks_arms_and_outputs():
    a = BLOCKS.format(u="u", p="p", i="i", k="k", x="x", o="o")
    assert lines(compared(a, BLOCKS.format(u="u", p="p1", i="i2", k="k3", x="x", o="o"))) == []
    assert lines(compared(a, BLOCKS.format(u="v", p="q", i="j", k="l", x="y", o="w"))) == [
        "renamed x -> y: x | y",
        "renamed p -> q: x.p | y.q",
        "renamed i -> j: x.i | y.j",
        "renamed u -> v: x.i.u | y.j.v",
        "renamed k -> l: x.k | y.l",
        "renamed o -> w: o | w",
        "renamed o.conv -> w.conv: o.conv1 | w.conv1",
        "renamed o.relu -> w.relu: o.relu1 | w.relu1",
    ]


@pytest.mark.parametrize(("width", "more"), [(3, []), (5, ["changed conv channels 3 -> 5: o | w"])])
def test_another_name_of_an_output_of_one_layer_is_said_once(width: int, more: list[str]):
    found = compared("output o: conv 3, 1x1; relu", f"output w: conv {width}, 1x1; relu")
    assert lines(found) == ["renamed o -> w: o | w", *more]


OPENED = {
    "layers of a block are found outside of it": (
        "block b() { u: conv 1, 1x1; v: conv 2, 1x1 }\nnet n { input 1x8x8; x: b; w: conv 3, 1x1 }",
        "net n { input 1x8x8; v: conv 2, 1x1 }",
        ["removed 1×1 conv, 1: x.u |", "renamed x.v -> v: x.v | v", "removed 1×1 conv, 3: w |"],
    ),
    "and the other way": (
        "net n { input 1x8x8; v: conv 2, 1x1 }",
        "block b() { u: conv 1, 1x1; v: conv 2, 1x1 }\nnet n { input 1x8x8; x: b; w: conv 3, 1x1 }",
        ["added 1×1 conv, 1: | x.u", "renamed v -> x.v: v | x.v", "added 1×1 conv, 3: | w"],
    ),
    "a block that is new says so": (
        "net n { input 1x8x8; relu }",
        "block b() { conv 1, 1x1; relu; add { conv 1, 1x1 -> relu; skip } }\n"
        "net n { input 1x8x8; relu; x: b }",
        ["added block b (4 layers): | x"],
    ),
    "blocks that stand for each other stay closed": (
        "block b() { conv 1, 1x1; conv 2, 1x1 }\nblock c() { conv 3, 1x1 }\n"
        "net n { input 1x8x8; x: b; y: c }",
        "block b() { conv 1, 1x1 }\nblock c() { conv 2, 1x1; conv 3, 1x1 }\n"
        "net n { input 1x8x8; x: b; y: c }",
        ["removed 1×1 conv, 2: x.conv2 |", "added 1×1 conv, 2: | y.conv1"],
    ),
}

NEAR = """
block p() { conv 1, 1x1; conv 2, 1x1; conv 3, 1x1 }
block near() { conv 1, 1x1; conv 2, 1x1; conv 9, 1x1 }
block far() { conv 7, 3x3; conv 8, 3x3; conv 9, 3x3 }
"""


@pytest.mark.parametrize("body", ["x: near; y: far", "y: far; x: near"])
def test_a_block_stands_for_the_one_that_is_most_like_it(body: str):
    a, b = (f"{NEAR}net n {{ input 1x9x9; {text} }}" for text in ("x: p", body))
    assert sorted(lines(compared(a, b))) == [
        "added block far (3 layers): | y",
        "changed conv channels 3 -> 9: x.conv3 | x.conv3",
    ]


@pytest.mark.parametrize("which", OPENED)
def test_blocks_are_opened_where_that_says_less(which: str):
    a, b, wanted = OPENED[which]
    assert lines(compared(a, b)) == wanted


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        (1000, ["added ReLU"]),
        (1001, ["removed block b (1000 layers)", "added ReLU"]),
    ],
)
def test_large_nets_are_compared_with_their_blocks_closed(more: int, wanted: list[str]):
    block = "block b() { repeat 1000 { relu } }\nnet n { input 1x2x2; x: b }"
    found = compared(block, f"net n {{ input 1x2x2; repeat {1000 + more} {{ relu }} }}")
    assert [f"{c.kind} {c.what}" for c in found.changes if c.kind != "renamed"] == wanted


SIDE_BY_SIDE = """
block b() {{ conv 4, 1x1; tanh }}
net n {{
  input x: 4x8x8; input y: {y}x8x8
  from x; one: b; {more}
  j: add {{ conv {c}, 1x1 -> relu; {arm} }}
  {side} o: conv 3, 1x1
}}
"""


def test_the_steps_of_two_nets_side_by_side():
    a = SIDE_BY_SIDE.format(y=2, more="bn", c=4, arm="skip", side="output")
    b = SIDE_BY_SIDE.format(y=3, more="conv 5, 1x1", c=5, arm="conv 5, 1x1", side="aux")
    assert steps(compared(a, b)) == [
        ("changed", "4x8x8, 2x8x8", "4x8x8, 3x8x8", "input"),
        ("equal", "from y", "from y", ""),
        ("equal", "from x", "from x", ""),
        ("equal", "block b (2 layers)", "block b (2 layers)", "one"),
        ("removed", "BN", "", "bn1"),
        ("added", "", "1×1 conv, 5", "conv1"),
        ("changed", "1×1 conv, 4", "1×1 conv, 5", "conv2"),
        ("equal", "ReLU", "ReLU", "relu1"),
        ("changed", "skip", "projection skip (1×1 conv, 5)", "j"),
        ("removed", "output o", "", "o"),
        ("added", "", "aux o", "o"),
    ]
    assert lines(compared(a, b))[0] == "changed input 4x8x8, 2x8x8 -> 4x8x8, 3x8x8: x | x"


JOINS = """
conv 4, 3x3, pad=1
a: add { conv 4, 3x3, pad=1 -> relu -> conv 4, 3x3, pad=1; conv 4, 1x1 -> bn }
b: add { conv 4, 3x3, pad=1 -> relu -> conv 4, 1x1; conv 4, 1x1 -> relu -> tanh }
c: add { conv 4, 3x3, pad=1 -> relu; relu -> tanh -> sigmoid -> bn -> relu }
d: add { conv 4, 3x3/2, pad=1 -> relu -> bn -> relu; maxpool 1x1/2 -> conv 4, 1x1 }
e: add { conv 4, 3x3/2, pad=1 -> relu; conv 4, 1x1/2 }
f: concat { skip; conv 4, 3x3, pad=1 }
g: mul { skip; conv 8, 1x1 -> sigmoid }
h: mul { conv 8, 1x1 -> sigmoid; conv 8, 1x1 }
i: concat { conv 8, 3x3, pad=1; skip; conv 3, 1x1 }
j: concat { conv 8, 3x3, pad=1 -> relu; relu -> bn }
"""


def test_what_joins_are_called():
    found = compared(JOINS, "conv 4, 3x3, pad=1")
    joins = {p.a: c.what for c in found.changes for p in c.places if len(p.a) == 1}
    assert joins == {
        "a": "projection skip (1×1 conv, 4)",
        "b": "skip with 1×1 conv, 4, ReLU, tanh",
        "c": "skip with ReLU, tanh, sigmoid, BN",
        "d": "projection skip (1×1 conv, 4)",
        "e": "projection skip (1×1 conv, 4/2)",
        "f": "skip by concat",
        "g": "skip by product",
        "h": "skip by product with 1×1 conv, 8",
        "i": "concat of 2 branches",
        "j": "concat of 2 branches",
    }
