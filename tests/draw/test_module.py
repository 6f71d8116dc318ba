"""Modules by themselves: one, or several side by side."""

from __future__ import annotations

from typing import Any

import pytest

from cnnspec.draw import THEMES, DrawError, figure
from cnnspec.draw.writers.svg import write_svg

UNITS = """
default conv pad=same, bias=false
block original() {
  add { { conv 16, 3x3 -> bn -> relu -> conv 16, 3x3 -> bn }; skip }
  relu
}
net x() {
  input 16x32x32
  original
}
"""
PREACT = """
default conv pad=same, bias=false
block unit() { add { { bn -> relu -> conv 16, 3x3 -> bn -> relu -> conv 16, 3x3 }; skip } }
net x() {
  input 16x32x32
  unit
}
"""
BRANCHES = """
default conv pad=same -> relu
net x() {
  input 192x28x28
  concat {
    conv 64, 1x1
    { conv 96, 1x1 -> conv 128, 3x3 }
    { conv 16, 1x1 -> conv 32, 5x5 }
    { maxpool 3x3/1, pad=1 -> conv 32, 1x1 }
  }
}
"""


def says(picture: Any, *nets: Any) -> list[str]:
    return list(picture(write_svg(figure(*nets, style="module"), THEMES["light"])).says())


def test_one_module(written: Any, picture: Any, faults: Any) -> None:
    net = written(BRANCHES)
    assert faults(figure(net, style="module")) == []
    said = says(picture, net)
    assert said.count("192×28×28") == said.count("256×28×28") == 1
    assert "163.70 k params · 128.05 M MACs" in said


def test_residual_units_side_by_side_have_a_row_for_every_op(
    written: Any, picture: Any, faults: Any
) -> None:
    nets = [written(text) for text in (UNITS, PREACT)]
    assert faults(figure(*nets, style="module")) == []
    said = says(picture, *nets)
    assert (said.count("BN"), said.count("ReLU"), said.count("3×3 conv, 16")) == (4, 4, 4)
    assert not any("params" in text for text in said)


def test_too_many_are_refused(written: Any) -> None:
    net = written(UNITS)
    with pytest.raises(DrawError, match=r"6\.9 in wide"):
        figure(*[net] * 12, style="module")


def test_the_five_units_of_identity_mappings(spec: Any, picture: Any, faults: Any) -> None:
    kinds = ("original", "bn_after_add", "relu_before_add", "relu_only_preact", "preact")
    nets = [spec(f"resnet110_{kind}").net for kind in kinds]
    scene = figure(*nets, style="module", only="layer1.1")
    assert faults(scene) == []
    said = picture(write_svg(scene, THEMES["light"])).says()
    assert all(kind in said for kind in kinds)
