"""Outputs stand as an author's sheet lists them, and no edge changes for it (F3)."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from cnnspec.draw import figure
from cnnspec.draw.errors import OptionError
from cnnspec.draw.page.scene import Scene, Text
from cnnspec.elaborate.sheet import Sheet
from tests.draw.test_sheet import read

THREE = """net x() {
  input image: 3x32x32
  stem: conv 8, 3x3/2, pad=1 -> relu
  output edges: conv 1, 1x1 -> sigmoid
  deep: conv 16, 3x3, same -> relu
  output seg: from stem -> conv 2, 3x3, same -> relu -> conv 2, 1x1
  output depth: from deep -> conv 1, 1x1
}
"""
PAIR = """net x() {
  input image: 3x64x64
  c2: conv 8, 3x3/2, pad=1 -> relu
  c3: conv 16, 3x3/2, pad=1 -> relu
  m2: add { from c2 -> conv 8, 1x1; from c3 -> conv 8, 1x1 -> resize to=c2 }
  output cls2: from m2 -> conv 4, 3x3, same
  output box2: from m2 -> conv 6, 3x3, same
  output cls3: from c3 -> conv 4, 3x3, same
  output box3: from c3 -> conv 6, 3x3, same
}
"""


def ends(scene: Scene, names: tuple[str, ...], way: str) -> list[str]:
    """The outputs as they stand from left to right, or from top to bottom."""
    at = {s.text: s.x if way == "down" else s.y for s in scene.shapes if isinstance(s, Text)}
    return sorted(names, key=at.__getitem__)


@pytest.mark.parametrize("way", ["down", "right"])
@pytest.mark.parametrize("names", [*permutations(("edges", "seg", "depth")), ("seg", "edges")])
def test_f3_outputs_stand_in_the_order_of_the_sheet(
    names: tuple[str, ...], way: Any, written: Any, faults: Any
) -> None:
    net = written(THREE)
    scene = figure(net, sheet=Sheet(order=names), direction=way)
    assert ends(scene, names, way) == [*names] and scene.remarks == ()
    assert faults(scene) == []
    plain = figure(net, direction="right")
    wires = [sorted(g.paths for g in s.groups if g.kind == "wire") for s in (plain, scene)]
    assert way == "down" or wires[0] == wires[1]


def test_f3_in_a_lane_outputs_stand_in_the_order_of_the_sheet(written: Any, faults: Any) -> None:
    net = written(PAIR)
    for names in (("box2", "cls2", "cls3", "box3"), ("cls2", "box2", "box3", "cls3")):
        scene = figure(net, sheet=Sheet(order=names))
        assert ends(scene, names, "lanes") == [*names] and scene.remarks == ()
        assert faults(scene) == []


def test_f3_what_lanes_bind_is_said(written: Any) -> None:
    scene = figure(written(PAIR), sheet=Sheet(order=("cls3", "cls2")))
    assert scene.remarks == ("order: outputs stand by the size of their maps here: cls2, cls3",)


def test_f3_an_order_lists_inputs_and_outputs_alone(written: Any) -> None:
    with pytest.raises(OptionError, match="no input or output `edge`: did you mean `edges`"):
        figure(written(THREE), sheet=Sheet(order=("edge", "seg")))
    text = THREE + "figure f of x { order = [seg, stem] }"
    assert "E0101" in read(text)[0]
    assert "E0101" not in read(THREE + "figure f of x { order = [seg, edges] }")[0]
