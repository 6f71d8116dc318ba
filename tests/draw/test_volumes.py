"""Layers as boxes in space: sizes in proportion, every label, ops by colour, what has no place."""

from __future__ import annotations

from itertools import combinations, pairwise
from math import hypot, sqrt
from pathlib import Path as File
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from cnnspec.draw import THEMES, DrawError, figure
from cnnspec.draw.page.areas import area_of
from cnnspec.draw.page.scene import Path, Rect
from cnnspec.draw.parts.builder import plan
from cnnspec.draw.parts.paths import paths_in
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


def test_a_deep_chain_stands_in_stacks(spec: Any, faults: Any) -> None:
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


def test_f4_an_upsample_is_green_and_a_concat_is_where_its_arc_ends(
    written: Any, picture: Any, faults: Any
) -> None:
    net = written(NETS["unet"])
    scene = figure(net, style="volumes")
    assert faults(scene) == []
    drawn = seen(picture, net)
    words = {"upsample ×2", "copy and concat", "32", "64²", "1×1 conv, softmax"}
    assert words <= set(drawn.says()) and "concat" not in drawn.says()
    ends = [(wire["src"], wire["dst"]) for wire in drawn.skips]
    assert sorted(ends) == [("down1.relu2", "concat2"), ("down2.relu2", "concat1")]
    fills = {shape.stands[0]: shape.fill for shape in fronts_of(scene)}
    ups = [path for path, fill in fills.items() if fill == "up-front"]
    assert [path.rpartition(".")[2] for path in ups] == ["upsample1", "upsample1"]
    assert [fill for fill in fills.values()][-1] == "linear-front"
    read_back(net, scene)


def fronts_of(scene: Any) -> list[Path]:
    return [s for s in scene.shapes if isinstance(s, Path) and s.fill.endswith("-front")]


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
    assert said.count("shared") == 2 and {"left", "right", "fc, sigmoid"} <= set(said)


STACKED = {
    "unet": "more/unet", "segnet_upsampled": "figures/segnet_2015", "resnet18": "resnet18",
    "segnet": "more/segnet", "ssd300": "more/ssd", "fcn8s": "more/fcn8s", "resnet20": "resnet20",
    "densenet_40_12": "densenet_40_12", "siamese": "more/siamese", "vgg_d": "vgg_d",
}  # fmt: skip
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
    """What stands in stacks, arrows and arcs is the net: each way once, and each layer.

    A box that stands for several stops shows them in a chain: a concat, and what reads it.
    """
    told = sized(net)
    stops = stream(plan(told, "layer"), told)
    at = {path: index for index, stop in enumerate(stops) for path in stop.paths}
    wanted = {(feed, index) for index, stop in enumerate(stops) for feed in stop.feeds}
    drawn = [edge for way in ways(scene) for edge in pairwise(dict.fromkeys(at[p] for p in way))]
    fronts = [s for s in scene.shapes if isinstance(s, Path) and s.fill.endswith("-front")]
    for front in fronts:
        drawn += pairwise(dict.fromkeys(at[path] for path in front.stands))
    drawn += [
        (at[before.stands[-1]], at[after.stands[0]])
        for before, after in pairwise(fronts)
        if abs(before.segments[1][1][0] - after.segments[0][1][0]) < 0.01
    ]
    assert set(drawn) == wanted and len(drawn) == len(wanted)
    assert {path for front in fronts for path in front.stands} | signs(scene) == {*at}


def ways(scene: Any) -> list[list[str]]:
    """The layers on every arrow and arc, in order: a crop rides between two."""
    wires = [dict(shape.data) for shape in scene.shapes if isinstance(shape, Path)]
    return [
        [wire["src"], *paths_in(wire.get("via", "")), wire["dst"]]
        for wire in wires
        if "dst" in wire
    ]


def signs(scene: Any) -> set[str]:
    """The layers that are circles, and those that ride on arcs."""
    return {path for s in scene.shapes if isinstance(s, Rect) for path in s.stands}


def test_f4_a_stack_says_what_it_gives_and_the_key_its_ops(picture: Any) -> None:
    said = seen(picture, many("unet")).says()
    key = [
        "3×3 conv, ReLU",
        "2×2 max pool",
        "2×2 transposed conv ×2",
        "1×1 conv",
        "crop and concat",
    ]
    assert said[-5:] == key
    assert {"512", "52²", "1024", "28²", "2", "388²"} <= set(said)
    assert not [text for text in said[:-5] if "conv" in text or "pool" in text]


def test_f4_what_the_key_does_not_say_stands_under_the_stack(picture: Any) -> None:
    said = seen(picture, many("resnet18")).says()
    assert said.count("3×3 conv /2") == said.count("3×3 conv") == 3
    assert "global pool" in said and "7×7 conv /2, BN, ReLU" in said
    assert "3×3 conv unless named" in said
    said = seen(picture, many("densenet_40_12")).says()
    assert said.count("11 × (3×3 conv, 12; concat)") == 3


def test_f3_labels_of_a_sheet_stand_under_volumes_and_stacks(
    spec: Any, picture: Any, faults: Any
) -> None:
    sheet = Sheet(labels={"image": "tile", "down2": "second level", "bottom": "bottleneck"})
    scene = figure(many("unet"), style="volumes", sheet=sheet)
    assert faults(scene) == []
    said = picture(write_svg(scene, THEMES["light"])).says()
    assert {"tile", "second level", "bottleneck", "572²"} <= set(said)
    assert "image" not in said
    small = figure(spec("lenet5").net, style="volumes", sheet=Sheet(labels={"conv1": "C1"}))
    assert faults(small) == []
    said = picture(write_svg(small, THEMES["light"])).says()
    assert {"C1", "image", "5×5 conv", "6×28×28"} <= set(said)


def corners(path: Path) -> list[tuple[float, ...]]:
    return [at[-2:] for _, at in path.segments if at]


def holds(face: list[tuple[float, ...]], at: tuple[float, ...]) -> bool:
    """Whether a point lies in a face, farther from its edges than a line is wide."""
    sides = []
    for (ax, ay), (bx, by) in zip(face, face[1:] + face[:1], strict=True):
        long = hypot(bx - ax, by - ay)
        if long > 1e-9:
            sides.append(((bx - ax) * (at[1] - ay) - (by - ay) * (at[0] - ax)) / long)
    return all(side > 0.4 for side in sides) or all(side < -0.4 for side in sides)


def along(path: Path) -> list[tuple[float, ...]]:
    """Points on a line, some of them close together."""
    points = corners(path)
    return [
        (a[0] + (b[0] - a[0]) * step / 24, a[1] + (b[1] - a[1]) * step / 24)
        for a, b in pairwise(points)
        for step in range(25)
    ]


def crossings(scene: Any) -> list[dict[str, str]]:
    """The arrows and arcs that pass over a face of a volume."""
    paths = [shape for shape in scene.shapes if isinstance(shape, Path)]
    faces = [corners(one) for one in paths if one.fill.endswith(("-front", "-top", "-side"))]
    wires = [one for one in paths if "dst" in dict(one.data)]
    return [
        dict(wire.data)
        for wire in wires
        if any(holds(face, at) for at in along(wire) for face in faces)
    ]


def heads_that_meet(scene: Any) -> list[tuple[Any, Any]]:
    """Pairs of arrowheads that share room."""
    shapes = [s for s in scene.shapes if isinstance(s, Path) and s.fill == "muted"]
    areas = [area_of(shape) for shape in shapes]
    return [
        (a, b)
        for a, b in combinations(areas, 2)
        if a.left < b.right and b.left < a.right and a.top < b.bottom and b.top < a.bottom
    ]


@pytest.mark.parametrize("name", ["unet", "segnet", "resnet18", "ssd300", "fcn8s", "siamese"])
def test_f4_no_arc_passes_over_a_volume_and_no_heads_meet(name: str) -> None:
    scene = figure(many(name), style="volumes")
    assert crossings(scene) == []
    assert heads_that_meet(scene) == []


def test_f4_a_crop_rides_on_its_arc() -> None:
    scene = figure(many("unet"), style="volumes")
    marks = [s for s in scene.shapes if isinstance(s, Rect) and s.dash and s.stands]
    assert [mark.stands for mark in marks] == [("crop1",), ("crop2",), ("crop3",), ("crop4",)]
    arcs = {
        dict(s.data)["via"]: s
        for s in scene.shapes
        if isinstance(s, Path) and "via" in dict(s.data)
    }
    for mark in marks:
        middle = (mark.x + mark.width / 2, mark.y + mark.height / 2)
        xs, ys = zip(*corners(arcs[mark.stands[0]]), strict=True)
        assert min(xs) < middle[0] < max(xs) and middle[1] == pytest.approx(min(ys))


def test_f4_only_what_is_cut_rides_on_an_arc(written: Any, picture: Any) -> None:
    """A map with its axes turned is a view as a crop is, and it has a volume."""
    net = written("""net x() {
      input 4x8x8
      a: conv 4, 3x3, same
      b: seq { permute [0, 2, 1] }
      conv 4, 3x3, same
      c: conv 4, 3x3, same
      concat { skip; from b }
      conv 2, 1x1
    }""")
    scene = figure(net, style="volumes")
    assert not [s for s in scene.shapes if isinstance(s, Rect) and s.dash]
    read_back(net, scene)


@pytest.mark.parametrize("arms", ["from a; from b", "from b; from a"])
def test_f4_the_arm_that_a_difference_takes_away_has_a_minus(written: Any, arms: str) -> None:
    """The mark is at the head of that arm's line, nearer than to the other's."""
    net = written(
        "net x() { input l: 8x8x8; input r: 8x8x8; from l; a: conv 4, 3x3, same;"
        f" from r; b: conv 4, 3x3, same; sub {{ {arms} }}; conv 2, 1x1 }}"
    )
    scene = figure(net, style="volumes")
    (minus,) = [s for s in scene.shapes if isinstance(s, Path) and s.line == 0.8]
    xs, ys = zip(*corners(minus), strict=True)
    at = (sum(xs) / 2, sum(ys) / 2)
    wires = [s for s in scene.shapes if isinstance(s, Path) and dict(s.data).get("dst") == "sub1"]
    ways = {
        dict(wire.data)["src"]: min(hypot(x - at[0], y - at[1]) for x, y in along(wire))
        for wire in wires
    }
    assert min(ways, key=lambda name: ways[name]) == arms[-1]


def test_f4_two_kernels_are_two_blues_and_the_key_says_both(written: Any, picture: Any) -> None:
    net = written("""default conv pad=same -> relu
    net x() {
      input 3x32x32
      a: conv 8, 3x3
      repeat 2 { add { skip; { conv 4, 1x1 -> conv 8, 3x3 } } }
      conv 8, 5x5
      conv 8, 3x3
      bare conv 2, 1x1
    }""")
    scene = figure(net, style="volumes")
    fills = [shape.fill for shape in fronts_of(scene)]
    assert fills == [
        "image-front", "conv-front", "kernel1-front", "conv-front", "kernel1-front", "conv-front",
        "kernel2-front", "conv-front", "linear-front",
    ]  # fmt: skip
    key = ["3×3 conv, ReLU", "1×1 conv, ReLU", "5×5 conv, ReLU", "1×1 conv"]
    assert seen(picture, net).says()[-4:] == key


def test_f3_what_a_sheet_hides_is_not_in_the_key(picture: Any, faults: Any) -> None:
    scene = figure(many("unet"), style="volumes", sheet=Sheet(hidden=("relu", "shapes")))
    said = picture(write_svg(scene, THEMES["light"])).says()
    assert "3×3 conv" in said and "52²" not in said and {"512", "1×1 conv"} <= set(said)
    plain = figure(many("unet"), style="volumes")
    scene = figure(many("unet"), style="volumes", sheet=Sheet(hidden=("key",)))
    assert "2×2 max pool" not in picture(write_svg(scene, THEMES["light"])).says()
    assert scene.height < plain.height
    row = figure(many("vgg_d"), style="volumes", sheet=Sheet(hidden=("key",)))
    assert faults(row) == [] and fronts_of(row)
