"""L17: what is shared at another size is what the same layers make there, level by level."""

import pytest

from cnnspec.elaborate import limits
from tests.language.harness import check, layers

PART = """
block unit() seq { conv 4, 1x1; relu }
block part() {
  a: conv 4, 3x3, pad=1
  add { share a; skip }
  b: { c: relu; d: unit }
  from b.d -> relu
  from b -> relu
  unit -> unit
  seq { from a -> relu }
  p: maxpool 2x2/2
  { conv 4, 1x1 }
  unpool p
  crop to=b.c
  mul { skip; seq { adaptive_avgpool 4 -> relu; unit; global_avgpool } }
}
"""
FLOW = "net it {\n  input 4x16x16\n  head: part\n  maxpool 2x2/2\n  %s\n  maxpool 2x2/2\n  %s\n}\n"


def shapes(text: str) -> list[str]:
    return [row.split()[1] for row in layers(check(text).net)]


def test_every_layer_has_the_shape_that_it_would_have_there():
    shared = shapes(PART + FLOW % ("share head", "share head"))
    called = shapes(PART + FLOW % ("part", "part"))
    assert shared == called
    assert shared[-1] == "4x4x4"


def test_a_tap_that_leads_out_of_what_is_shared_goes_on_from_there():
    text = "x: relu\nhead: { from x -> conv 2, 1x1 }\nfrom x -> maxpool 2x2/2\nshare head"
    assert shapes(f"net it {{\ninput 4x16x16\n{text}\n}}\n")[-1] == "2x16x16"


REFUSED = {
    "head: { conv 4, 3x3 }\nmaxpool 14x14\nshare head": "conv `conv1`: ",
    "head: { flatten; linear 5 }\nfrom image -> maxpool 2x2/2\nshare head": "linear `linear1`: ",
    "head: seq { maxpool 3x3; relu }\nmaxpool 14x14\nshare head": "maxpool `0`: ",
}


@pytest.mark.parametrize("statements", REFUSED)
def test_e0314_the_layer_that_hangs_on_the_size_is_named(statements: str):
    (error, *_) = check(f"net it {{\ninput 4x16x16\n{statements}\n}}\n").errors
    assert error.code == "E0314"
    assert REFUSED[statements] in error.labels[-1].message


def test_s6_shared_layers_count_for_the_limit(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limits, "LAYERS_MAX", 30)
    text = "net it {\n  input 4x16x16\n  a: { repeat 9 { relu } }\n"
    text += "  repeat 3 { maxpool 2x2/2; share a }\n}\n"
    (error,) = check(text).errors
    assert error.code == "E0019" and "more than 30 layers" in error.message
