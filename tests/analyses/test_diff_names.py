"""What a difference calls things: names that changed, joins, the steps side by side."""

from __future__ import annotations

import pytest

from tests.analyses.differences import compared, lines, steps

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
        "renamed i -> j: x.i | y.j",
        "renamed u -> v: x.i.u | y.j.v",
        "renamed k -> l: x.k | y.l",
        "renamed o -> w: o | w",
        "renamed o.conv -> w.conv: o.conv1 | w.conv1",
    ]


@pytest.mark.parametrize(("width", "more"), [(3, []), (5, ["changed conv channels 3 -> 5: o | w"])])
def test_another_name_of_an_output_of_one_layer_is_said_once(width: int, more: list[str]):
    found = compared("output o: conv 3, 1x1; relu", f"output w: conv {width}, 1x1; relu")
    assert lines(found) == ["renamed o -> w: o | w", *more]


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
