"""Every edge of the graph is a wire, a seam between fused cells, or inside one named group."""

from __future__ import annotations

from typing import Any

import pytest

from cnnspec.draw import THEMES, figure
from cnnspec.draw.svg import write_svg
from tests.draw.edges import undrawn

NETS = {
    "attention": """
default conv pad=same, bias=false
block squeeze(c) {
  mul { skip; { global_avgpool -> conv c // 4, 1x1 -> relu -> conv c, 1x1 -> sigmoid } }
}
block unit(c) {
  add { { conv c, 3x3 -> bn -> relu -> conv c, 3x3 -> bn -> squeeze c }; skip }
  relu
}
block stage(n, c) seq { repeat n { unit c } }
net x() {
  input 64x32x32
  layer1: stage 4, 64
  repeat 7 { conv 64, 3x3 -> relu }
}
""",
    "modules": """
default conv pad=same -> relu
block module(a) {
  concat { conv a, 1x1; { conv 96, 1x1 -> conv 128, 3x3 }; { maxpool 3x3/1, pad=1 -> conv 8, 1x1 } }
}
net x() {
  input 192x28x28
  a: module 64
  maxpool 2x2/2
  module 32
  flatten
  linear 10
}
""",
    "strips and a head": """
default conv pad=same -> relu
block module(a) {
  concat { conv a, 1x1; { conv 96, 1x1 -> conv 128, 3x3 }; { maxpool 3x3/1, pad=1 -> conv 8, 1x1 } }
}
net x() {
  input 192x28x28
  a: module 64
  b: module 48
  c: module 32
  aux early: from b -> avgpool 5x5/3 -> conv 128, 1x1 -> flatten -> linear 10
  global_avgpool -> flatten
  linear 10
}
""",
    "a pattern": """
net x() {
  input 8x8x8
  repeat 4 { conv 8, 3x3, pad=1 -> relu -> conv 8, 1x1 }
  conv 4, 1x1
}
""",
    "dense": """
default conv pad=same, bias=false
block layer(g) { concat { skip; { bn -> relu -> conv 4*g, 1x1 -> bn -> relu -> conv g, 3x3 } } }
net x() {
  input 64x32x32
  for i in range(5) { d${i+1}: layer 32 }
  bn -> relu -> global_avgpool -> flatten
  linear 10
}
""",
    "forks in forks": """
net x() {
  input 8x8x8
  concat {
    { conv 4, 1x1 -> concat { conv 3, 1x3, same; conv 3, 3x1, same } }
    conv 5, 1x1
    { conv 2, 1x1 -> add { skip; conv 2, 1x1 } }
  }
  relu
  add { skip; skip }
}
""",
}


@pytest.mark.parametrize(
    "name", ["lenet5", "resnet34", "resnet34_a", "resnet34_c", "resnet152", "plain34", "resnet1202"]
)
def test_every_edge_of_a_shipped_net_is_in_its_figure(spec: Any, picture: Any, name: str) -> None:
    assert undrawn(spec(name).net, picture) == []


@pytest.mark.parametrize("name", ["lenet5", "resnet18", "plain20", "resnet20"])
def test_every_edge_is_a_wire_at_level_layer(spec: Any, picture: Any, name: str) -> None:
    assert undrawn(spec(name).net, picture, "layer") == []
    drawn = picture(write_svg(figure(spec(name).net, level="layer"), THEMES["light"]))
    assert {frame["count"] for frame in drawn.frames} <= {"1"}


@pytest.mark.parametrize("name", ["googlenet", "inception_v3", "densenet121", "densenet201"])
def test_every_edge_of_a_branched_net(spec: Any, picture: Any, name: str) -> None:
    assert undrawn(spec(name).net, picture) == []


@pytest.mark.parametrize("name", NETS)
def test_every_edge_of_other_shapes(written: Any, picture: Any, name: str) -> None:
    assert undrawn(written(NETS[name]), picture) == []


def test_a_missing_wire_is_found(spec: Any, picture: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from cnnspec.draw.skips import SkipBox

    monkeypatch.setattr(SkipBox, "_skip", lambda *args: None)
    assert undrawn(spec("resnet34").net, picture)
