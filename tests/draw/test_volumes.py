"""Chains as boxes in space: sizes in proportion, every label, what has no place."""

from __future__ import annotations

from math import sqrt
from typing import Any

import pytest

from cnnspec.draw import THEMES, DrawError, figure
from cnnspec.draw.scene import Path
from cnnspec.draw.svg import write_svg

ALEXNET = """
default conv -> relu
net x() {
  input 3x227x227
  conv 96, 11x11/4 -> lrn 5
  maxpool 3x3/2
  conv 256, 5x5, pad=2, groups=2
  maxpool 3x3/2
  repeat 2 { conv 384, 3x3, pad=1 }
  maxpool 3x3/2
  flatten
  repeat 2 { linear 4096 -> relu -> dropout 0.5 }
  linear 1000
}
"""


@pytest.mark.parametrize("width", [None, 450.0])
def test_no_faults(written: Any, spec: Any, faults: Any, width: float | None) -> None:
    assert faults(figure(written(ALEXNET), style="volumes", width=width)) == []
    assert faults(figure(spec("lenet5").net, style="volumes")) == []


def test_every_volume_is_labelled(written: Any, picture: Any) -> None:
    said = picture(write_svg(figure(written(ALEXNET), style="volumes"), THEMES["light"])).says()
    for text in ("3×227×227", "96×55×55", "11×11 conv", "stride 4", "2 groups", "384×6×6", "4096"):
        assert text in said
    assert said.count("4096") == 2 or "2 times" in said


def test_edges_are_in_proportion_to_roots(spec: Any) -> None:
    scene = figure(spec("lenet5").net, style="volumes")
    fronts = [s for s in scene.shapes if isinstance(s, Path) and s.fill.endswith("-front")]
    heights = [front.segments[2][1][1] - front.segments[1][1][1] for front in fronts]
    assert heights[0] / heights[1] == pytest.approx(sqrt(32 / 28), rel=0.01)


def test_a_deep_chain_counts_equal_neighbours(spec: Any, faults: Any) -> None:
    scene = figure(spec("vgg_d").net, style="volumes")
    assert faults(scene) == []
    assert scene.width <= 495


def test_nets_with_skips_are_refused(spec: Any) -> None:
    with pytest.raises(DrawError, match="has skips"):
        figure(spec("resnet18").net, style="volumes")
    with pytest.raises(DrawError, match="too many volumes"):
        figure(spec("lenet5").net, style="volumes", width=100)
