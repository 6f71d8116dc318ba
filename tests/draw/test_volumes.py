"""Chains as boxes in space: sizes in proportion, every label, what has no place."""

from __future__ import annotations

from itertools import pairwise
from math import sqrt
from pathlib import Path as File
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from cnnspec.draw import THEMES, DrawError, figure
from cnnspec.draw.page.scene import Path, Rect
from cnnspec.draw.parts.builder import plan
from cnnspec.draw.parts.sized import sized
from cnnspec.draw.styles import volumes as style
from cnnspec.draw.styles.stream import stream
from cnnspec.draw.writers.svg import write_svg
from cnnspec.elaborate.sheet import Sheet
from cnnspec.elaborate.workspace import Workspace
from tests.draw.literature import NETS
from tests.fuzz.nets import elaborate
from tests.fuzz.strategies import Spec, specs

ROOT = File(__file__).parents[2]
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


def test_what_has_no_room_is_refused(spec: Any) -> None:
    with pytest.raises(DrawError, match=r"too many volumes for a page 6\.9 in"):
        figure(spec("resnet34").net, style="volumes")
    with pytest.raises(DrawError, match=r"too many volumes for a page 1\.4 in"):
        figure(spec("lenet5").net, style="volumes", width=100)


def seen(picture: Any, net: Any) -> Any:
    return picture(write_svg(figure(net, style="volumes"), THEMES["light"]))


def test_f4_upsample_and_joins_are_volumes(written: Any, picture: Any, faults: Any) -> None:
    net = written(NETS["unet"])
    assert faults(figure(net, style="volumes")) == []
    drawn = seen(picture, net)
    assert {"upsample ×2", "concat", "64×32×32", "32×64×64", "softmax"} <= set(drawn.says())
    ends = [(wire["src"], wire["dst"]) for wire in drawn.skips]
    assert ends == [("down2.relu2", "concat1"), ("down1.relu2", "concat2")]


def test_f4_adds_are_circles_and_skips_arcs(written: Any, picture: Any, faults: Any) -> None:
    net = written(NETS["fpn"])
    assert faults(figure(net, style="volumes")) == []
    drawn = seen(picture, net)
    circles = [rect for rect in drawn.elements("rect") if "data-op" in rect.attrib]
    assert [circle.get("data-op") for circle in circles] == ["p3", "p2"]
    assert ("c3_relu", "p3.conv1") not in [(w["src"], w["dst"]) for w in drawn.skips]
    assert {"output out2", "output out3", "output out4"} <= set(drawn.says())


def test_f4_vectors_alone_are_drawn(written: Any, picture: Any, faults: Any) -> None:
    for name, wanted in (("mlp", {"784", "300", "softmax"}), ("mlp-skip", {"80", "concat"})):
        net = written(NETS[name])
        assert faults(figure(net, style="volumes")) == []
        assert wanted <= set(seen(picture, net).says())


def test_f4_rbf_is_a_volume(spec: Any, picture: Any) -> None:
    assert "RBF" in seen(picture, spec("lenet5_1998").net).says()


def test_shared_weights_and_further_inputs(written: Any, picture: Any, faults: Any) -> None:
    net = written(NETS["siamese"])
    assert faults(figure(net, style="volumes")) == []
    said = seen(picture, net).says()
    assert said.count("shared") == 2 and {"left", "right", "sigmoid"} <= set(said)


STACKED = {"unet": "more/unet", "segnet_upsampled": "figures/segnet_2015", "resnet18": "resnet18"}
"""Nets of too many layers for a label under each, and their files."""


def many(name: str) -> Any:
    workspace = Workspace()
    unit = workspace.read(str(ROOT / "specs" / f"{STACKED[name]}.cnn"))
    assert unit is not None
    made = workspace.elaborate(unit, name)
    assert made is not None
    return made.net


@pytest.mark.parametrize("name", STACKED)
def test_f4_a_net_of_many_layers_stands_in_stacks(faults: Any, name: str) -> None:
    scene = figure(many(name), style="volumes")
    assert faults(scene) == []
    assert scene.width <= 495 and scene.height <= 610


@pytest.mark.parametrize("name", STACKED)
def test_f4_in_stacks_what_touches_is_made_from_each_other(name: str) -> None:
    net = many(name)
    read_back(net, figure(net, style="volumes"))


@settings(
    max_examples=40, deadline=None, derandomize=True, database=None,
    phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(specs())
def test_f4_stacks_of_random_nets_are_read_back(monkeypatch: Any, spec: Spec) -> None:
    monkeypatch.setattr(style, "_NARROWEST", 1e9)
    net = elaborate(spec.text).net
    try:
        scene = figure(net, style="volumes")
    except DrawError:
        return
    read_back(net, scene)


def read_back(net: Any, scene: Any) -> None:
    """What stands in stacks, arrows and arcs is the net: each way once, and each layer."""
    told = sized(net)
    stops = stream(plan(told, "layer"), told)
    first = {stop.paths[0]: index for index, stop in enumerate(stops)}
    last = {stop.paths[-1]: index for index, stop in enumerate(stops)}
    wanted = {(feed, index) for index, stop in enumerate(stops) for feed in stop.feeds}
    wires = [dict(shape.data) for shape in scene.shapes if isinstance(shape, Path)]
    drawn = {(last[wire["src"]], first[wire["dst"]]) for wire in wires if "dst" in wire}
    fronts = [s for s in scene.shapes if isinstance(s, Path) and s.fill.endswith("-front")]
    touching = {
        (last[before.stands[-1]], first[after.stands[0]])
        for before, after in pairwise(fronts)
        if abs(before.segments[1][1][0] - after.segments[0][1][0]) < 0.01
    }
    assert drawn | touching == wanted and not drawn & touching
    assert {path for front in fronts for path in front.stands} | signs(scene) == {
        path for stop in stops for path in stop.paths
    }


def signs(scene: Any) -> set[str]:
    """The layers that are circles."""
    return {path for s in scene.shapes if isinstance(s, Rect) for path in s.stands}


def test_f4_a_stack_says_what_it_gives_and_its_ops(picture: Any) -> None:
    said = seen(picture, many("unet")).says()
    assert {"512×52×52", "2×2 transposed conv ×2", "crop 56×56", "concat, 1024"} <= set(said)
    assert said.count("2 × 3×3 conv") == 8 and "2 × 3×3 conv, 64" in said
    assert said.count("2×2 pool /2") == 4


def test_f3_labels_of_a_sheet_stand_under_volumes_and_stacks(
    spec: Any, picture: Any, faults: Any
) -> None:
    sheet = Sheet(labels={"image": "tile", "down2": "second level", "bottom": "bottleneck"})
    scene = figure(many("unet"), style="volumes", sheet=sheet)
    assert faults(scene) == []
    said = picture(write_svg(scene, THEMES["light"])).says()
    assert {"tile", "second level", "bottleneck", "1×572×572"} <= set(said)
    assert "image" not in said
    small = figure(spec("lenet5").net, style="volumes", sheet=Sheet(labels={"conv1": "C1"}))
    assert faults(small) == []
    said = picture(write_svg(small, THEMES["light"])).says()
    assert {"C1", "image", "5×5 conv", "6×28×28"} <= set(said)
