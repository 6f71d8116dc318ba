"""Dense blocks: counted at block level, as strips, and a whole net as a silhouette."""

from __future__ import annotations

from typing import Any

import pytest

from cnnspec.draw import THEMES, DrawError, figure
from cnnspec.draw.writers.svg import write_svg
from tests.bounds import within

DENSE = """
default conv pad=same, bias=false
block layer(g) { concat { skip; { bn -> relu -> conv 4*g, 1x1 -> bn -> relu -> conv g, 3x3 } } }
block dense(n, g) { for i in range(n) { layer${i+1}: layer g } }
block transition() { bn -> relu -> conv in.channels // 2, 1x1 -> avgpool 2x2/2 }
net x(n = 6) {
  input 3x64x64
  conv 64, 7x7/2 -> bn -> relu -> maxpool 3x3/2, pad=1
  block1: dense n, 32
  change1: transition
  block2: dense 12, 32
  global_avgpool -> flatten
  linear 10
}
"""


def drawn(picture: Any, net: Any, **options: Any) -> Any:
    return picture(write_svg(figure(net, **options), THEMES["light"]))


def test_a_dense_block_is_counted_though_its_inputs_grow(written: Any, picture: Any) -> None:
    seen = drawn(picture, written(DENSE))
    assert [frame["count"] for frame in seen.frames] == ["6", "1", "12"]
    assert [skip["count"] for skip in seen.skips] == ["6", "12"]
    assert seen.says().count("concat, +32") == 2


def test_layers_of_other_growth_are_not_counted_together(written: Any, picture: Any) -> None:
    text = DENSE.replace("layer${i+1}: layer g", "layer${i+1}: layer g + i")
    seen = drawn(picture, written(text.replace("dense 12", "dense 2")))
    assert {frame["count"] for frame in seen.frames} == {"1"}


@pytest.mark.parametrize("options", [{}, {"only": "block1"}, {"only": "block2"}])
def test_no_faults(written: Any, faults: Any, options: Any) -> None:
    net = written(DENSE)
    for width in (None, 330.0):
        assert faults(figure(net, style="trunk", width=width, **options)) == []


def test_a_block_shows_its_layers_and_says_how_many_it_leaves_out(
    written: Any, picture: Any
) -> None:
    small = drawn(picture, written(DENSE), style="trunk", only="block1")
    assert small.says().count("3×3 conv, 32") == 6
    assert [n for n in small.says() if n.isdigit()] == [
        "64",
        "96",
        "128",
        "160",
        "192",
        "224",
        "256",
    ]
    large = drawn(picture, written(DENSE), style="trunk", only="block2")
    assert large.says().count("3×3 conv, 32") == 3
    assert "9 more layers, +32 each" in large.says()


def test_the_silhouette_of_densenet(spec: Any, picture: Any, faults: Any) -> None:
    net = spec("densenet121").net
    assert faults(figure(net, style="trunk")) == []
    seen = drawn(picture, net, style="trunk")
    assert [text for text in seen.says() if text.startswith("×")] == ["×6", "×12", "×24", "×16"]
    assert "512–1024" in seen.says()


@pytest.mark.parametrize("name", ["densenet121", "densenet201", "densenet_bc_100_12"])
def test_densenets_fit_on_a_page(spec: Any, faults: Any, name: str) -> None:
    net = spec(name).net
    scene = within(2, lambda: figure(net))
    assert scene.height <= 610
    assert faults(scene) == []


def test_other_nets_are_refused(spec: Any) -> None:
    with pytest.raises(DrawError, match="no dense blocks"):
        figure(spec("resnet34").net, style="trunk")
