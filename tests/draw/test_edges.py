"""Every edge of the graph is a wire, a seam between fused cells, or inside one named group."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cnnspec.draw import THEMES, figure
from cnnspec.draw.parts.builder import plan
from cnnspec.draw.writers.svg import write_svg
from cnnspec.ir import graph
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


ZOO = sorted(path.stem for path in (Path(__file__).parents[2] / "specs").glob("*.cnn"))
LARGE = set(
    "densenet121 densenet161 densenet169 densenet201 densenet264 densenet_40_12 densenet_bc_100_12 "
    "plain110 preact_resnet200 resnet1001 resnet1001_preact resnet101 resnet101_paper resnet110 "
    "resnet110_bn_after_add resnet110_original resnet110_preact resnet110_relu_before_add "
    "resnet110_relu_only_preact resnet1202 resnet152 resnet152_paper resnet164 resnet164_preact "
    "googlenet googlenet_bn inception_v2 inception_v3 resnet34_a resnet50 resnet50_paper "
    "resnet56".split()
)
"""Too many layers for a page."""


@pytest.mark.parametrize("level", ["net", "stage", "block"])
@pytest.mark.parametrize("name", ZOO)
def test_every_edge_is_drawn_or_inside_one_group(
    spec: Any, picture: Any, faults: Any, name: str, level: Any
) -> None:
    net = spec(name).net
    scene = figure(net, level=level)
    assert faults(scene) == []
    assert undrawn(net, picture, level, scene) == []
    assert scene.width <= 495 and scene.height <= 610


@pytest.mark.parametrize("name", [name for name in ZOO if name not in LARGE])
def test_every_edge_is_drawn_at_level_layer(
    spec: Any, picture: Any, faults: Any, name: str
) -> None:
    net = spec(name).net
    scene = figure(net, level="layer")
    assert faults(scene) == []
    assert undrawn(net, picture, "layer", scene) == []
    drawn = picture(write_svg(scene, THEMES["light"]))
    assert {frame["count"] for frame in drawn.frames if "head" not in frame} <= {"1"}
    rows = {path for path in drawn.paths() if path}
    assert rows >= {node.path for node in graph(net)} - set(plan(net, "layer").hidden) - {
        entry.name for entry in net.inputs
    }


@pytest.mark.parametrize("name", sorted(LARGE))
def test_more_layers_than_a_page_holds_are_closed(spec: Any, picture: Any, name: str) -> None:
    net = spec(name).net
    scene = figure(net, level="layer")
    assert scene.note.startswith("drawn at level block: at level layer it is ")
    assert scene.height <= 610
    assert undrawn(net, picture, "block", scene) == []


@pytest.mark.parametrize("level", ["net", "stage", "block", "layer"])
@pytest.mark.parametrize("name", NETS)
def test_every_edge_of_other_shapes(written: Any, picture: Any, name: str, level: Any) -> None:
    assert undrawn(written(NETS[name]), picture, level) == []


def test_a_missing_wire_is_found(spec: Any, picture: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from cnnspec.draw.block.skipbox import SkipBox

    monkeypatch.setattr(SkipBox, "_skip", lambda *args: None)
    assert undrawn(spec("resnet34").net, picture)
