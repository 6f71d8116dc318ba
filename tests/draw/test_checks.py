"""What a machine can see of a figure's faults, over nets of every kind that is drawn."""

from __future__ import annotations

from typing import Any

import pytest

from cnnspec.draw import THEMES, figure
from cnnspec.draw.page.scene import Path, Scene, Text
from cnnspec.draw.writers.svg import write_svg
from tests.bounds import within

WRITTEN = {
    "inception": """
default conv pad=same -> relu
block module(a) {
  concat {
    conv a, 1x1
    { conv 96, 1x1 -> conv 128, 3x3 }
    { conv 16, 1x1 -> conv 32, 5x5 }
    { maxpool 3x3/1, pad=1 -> conv 32, 1x1 }
  }
}
net x() {
  input 192x28x28
  first: module 64
  maxpool 2x2/2
  second: module 32
  global_avgpool -> flatten
  linear 10
}
""",
    "strips": """
default conv pad=same -> relu
block module(a) {
  concat {
    conv a, 1x1
    { conv 96, 1x1 -> conv 128, 3x3 }
    { maxpool 3x3/1, pad=1 -> conv 32, 1x1 }
  }
}
block head() {
  avgpool 5x5/3 -> conv 128, 1x1 -> flatten
  linear 10
}
net x() {
  input 192x28x28
  a: module 64
  b: module 32
  repeat 3 { module 64 }
  maxpool 2x2/2
  c: module 16
  global_avgpool -> flatten
  linear 10
  aux early: from a -> head
  aux late: from c -> head
}
""",
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
}
""",
    "dense": """
default conv pad=same, bias=false
block layer(g) { concat { skip; { bn -> relu -> conv 4*g, 1x1 -> bn -> relu -> conv g, 3x3 } } }
net x() {
  input 64x32x32
  for i in range(3) { d${i}: layer 32 }
  bn -> relu -> global_avgpool -> flatten
  linear 10
}
""",
    "a head that forks": """
net x() {
  input 8x16x16
  trunk: conv 16, 3x3, same
  conv 16, 3x3, same
  output small: from trunk -> add { conv 8, 1x1 -> relu -> conv 16, 1x1; skip } -> conv 4, 1x1
  output wide: from trunk -> concat { conv 4, 1x1; conv 4, 3x3, same } -> global_avgpool
}
""",
    "columns of unlike widths": """
net x() {
  input 2048x8x8
  concat {
    skip
    { conv 4, 1x1 -> concat { conv 3000, 1x3, same; conv 3000, 3x1, same } }
    conv 100, 1x1
  }
  conv 4, 1x1
}
""",
    "groups": """
net x() {
  input 64x56x56
  add { { conv 128, 1x1 -> conv 256, 3x3/2, groups=32, pad=1 -> bn }; conv 256, 1x1/2 }
  relu
  dropout 0.5
}
""",
}


@pytest.fixture(scope="module")
def scenes(spec: Any) -> dict[str, Scene]:
    """Shipped nets on two columns of print."""
    drawn: dict[str, Scene] = {}
    drawn["resnet34 wide"] = figure(spec("resnet34").net, width=495)
    drawn["resnet1202 wide"] = figure(spec("resnet1202").net, width=495)
    drawn["resnet1001 wide"] = figure(spec("resnet1001").net, width=495)
    drawn["googlenet wide"] = figure(spec("googlenet").net, width=495)
    drawn["lenet5 wide"] = figure(spec("lenet5").net, width=495)
    return drawn


def test_the_checks_see_faults(spec: Any, picture: Any, faults: Any) -> None:
    scene = figure(spec("resnet34").net)
    assert faults(scene) == []
    scene.add(Text(150, 27, "over a label", 6.5))
    scene.add(Text(240, 50, "outside", 5.5))
    scene.add(Path((("M", (100, 25)), ("L", (240, 25))), stroke="wire", data=(("src", "a"),)))
    found = picture(write_svg(scene, THEMES["light"]))
    assert found.texts_outside() == ["outside"]
    assert ("7×7 conv, 64 ".strip(), "over a label") in found.texts_over_texts()
    assert found.wires_through()
    assert found.wires_through_texts()
    assert "outside" in faults(scene)


def test_no_faults_in_shipped_nets(scenes: dict[str, Scene], faults: Any) -> None:
    assert {name: found for name, scene in scenes.items() if (found := faults(scene))} == {}


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("width", [None, 495.0])
def test_no_faults_in_other_shapes(
    written: Any, faults: Any, name: str, width: float | None
) -> None:
    assert faults(figure(written(WRITTEN[name]), width=width)) == []


def test_pages_keep_to_print(scenes: dict[str, Scene]) -> None:
    for name, scene in scenes.items():
        assert scene.height <= 610, name
        assert scene.width <= 495, name


def test_what_does_not_fit_is_closed_and_said_in_one_line(spec: Any) -> None:
    net = spec("resnet1202").net
    scene = within(5, lambda: figure(net, level="layer"))
    assert scene.height <= 610
    assert scene.note == "drawn at level block: at level layer it is too large for a page"


def test_a_page_too_narrow_is_met_by_closing(spec: Any) -> None:
    scene = figure(spec("resnet34").net, width=144)
    assert scene.width <= 144 and scene.note
    assert figure(spec("resnet34").net, width=72).note.startswith("drawn at level net: ")


def test_three_equal_stages_stand_side_by_side(scenes: dict[str, Scene], picture: Any) -> None:
    drawn = picture(write_svg(scenes["resnet1202 wide"], THEMES["light"]))
    bands = [rect for rect in drawn.elements("rect") if "data-stage" in rect.attrib]
    assert len({rect.get("x") for rect in bands}) == 3
    said = drawn.says()
    assert said.count("200 blocks") == 3
    assert {"layer1", "layer2", "layer3", "16×32×32", "64×8×8", "64×1×1"} <= set(said)
    assert scenes["resnet1202 wide"].height < 220


def test_heads_stand_beside_the_column_that_they_leave(scenes: dict[str, Scene]) -> None:
    scene = scenes["googlenet wide"]
    assert scene.width == 495 and scene.height < 360
