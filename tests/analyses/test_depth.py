"""`layers`: which layers lie on the path that papers count (L27)."""

from __future__ import annotations

import pytest

SE = "{ global_avgpool; conv 2, 1x1 -> relu; conv 8, 1x1 -> sigmoid }"
SE_BLOCK = f"block squeeze() {SE}\n"
GATES = {
    "squeeze and excitation": f"mul {{ skip; {SE} }}",
    "a gate that is a block": "mul { squeeze; skip }",
    "a bottleneck with a gate": f"{{ conv 8, 1x1; conv 8, 3x3, same; mul {{ skip; {SE} }} }}",
    "a channel gate without an end of its own": (
        "mul { skip; { global_avgpool; conv 2, 1x1; conv 8, 1x1 } }"
    ),
    "a gate of every pixel": "mul { skip; { conv 8, 3x3, same; conv 8, 1x1 -> sigmoid } }",
    "a gate that is shared": "mul { skip; gate: squeeze }\nmul { share gate; skip }",
    "a sum of gates": "mul { skip; { add { squeeze; squeeze } -> sigmoid } }",
    "a mask over channels": "mul { { conv 8, 3x3, same -> softmax }; skip }",
}
DEPTHS = {"a bottleneck with a gate": 2}


BY_SHAPE = "a channel gate without an end of its own"
"""Nothing but its shape says what it is, so it needs a map of more than one pixel."""


@pytest.mark.parametrize(
    ("name", "size"),
    [*((name, "16x16") for name in GATES), *((n, "1x1") for n in GATES if n != BY_SHAPE)],
)
def test_g3_12_gates_are_not_on_the_path_that_papers_count(metrics, name, size):
    """Whatever the size: on a map of one pixel a gate has the shape of what it weighs."""
    m = metrics(f"{SE_BLOCK}net n {{ input 8x{size}\n conv 8, 1x1\n{GATES[name]}\n conv 4, 1x1 }}")
    assert m.layers == 2 + DEPTHS.get(name, 0)


def test_g3_12_a_product_of_equals_is_as_deep_as_its_deepest_arm(metrics):
    text = "net n { input 8x4x4\n mul { { conv 8, 1x1; conv 8, 1x1 }; conv 8, 1x1 } }"
    assert metrics(text).layers == 2
    gates = "mul { { conv 8, 1x1; conv 8, 1x1 -> sigmoid }; conv 8, 1x1 -> sigmoid }"
    assert metrics(f"net n {{ input 8x4x4\n {gates} }}").layers == 2


def test_g3_12_what_goes_on_from_within_a_gate_has_its_depth(metrics):
    text = """net n { input 8x4x4
      mul { skip; { squeezed: global_avgpool; a: conv 2, 1x1 -> relu; conv 8, 1x1 -> sigmoid } }
      output side: from a -> conv 2, 1x1 -> conv 2, 1x1 }"""
    assert (metrics(text).layers, metrics(text).value("layers", "a")) == (3, 1)


def test_g3_12_se_resnext50_has_50_layers(metrics):
    text = """
    default conv bias=false
    block squeeze(c) { global_avgpool; conv c // 16, 1x1 -> relu; conv c, 1x1 -> sigmoid }
    block unit(c, s, project) {
      add {
        { conv c, 1x1 -> bn -> relu; conv c, 3x3/s, pad=1, groups=32 -> bn -> relu
          conv 2*c, 1x1 -> bn; mul { skip; squeeze 2*c } }
        { if project { conv 2*c, 1x1/s -> bn } }
      }
      relu
    }
    net se {
      let depths = [3, 4, 6, 3]
      input 3x224x224
      conv 64, 7x7/2, pad=3 -> bn -> relu -> maxpool 3x3/2, pad=1
      for i in range(4) {
        unit 128 * 2 ^ i, 1 if i == 0 else 2, true
        repeat depths[i] - 1 { unit 128 * 2 ^ i, 1, false }
      }
      global_avgpool -> flatten -> linear 1000
    }"""
    assert metrics(text).layers == 50
