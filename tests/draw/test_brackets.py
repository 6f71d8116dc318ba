"""A bracket of an author's group spans what it names, in every row and column of a figure (F3)."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from cnnspec.draw import figure
from cnnspec.draw.author import _Author
from cnnspec.draw.brackets import brackets as draw_brackets
from cnnspec.draw.page.areas import area_of
from cnnspec.draw.page.scene import Area, Path, Scene, Text
from cnnspec.draw.spans import Named
from cnnspec.elaborate.sheet import Sheet
from cnnspec.ir import Net
from tests.draw.conftest import SPECS, load, overlap

CHAIN = """block two(c) { conv c, 3x3, same, bias=false -> bn -> relu; conv c, 3x3, same -> relu }
net x() {
  input 3x64x64
  enc1: two 16
  p1: maxpool 2x2/2
  enc2: two 32
  p2: maxpool 2x2/2
  enc3: two 64
  p3: maxpool 2x2/2
  up3: upsample 2
  dec3: two 64
  up2: upsample 2
  dec2: two 32
  up1: upsample 2
  dec1: two 16
  head: conv 2, 1x1 -> softmax
}
"""
DEEP = CHAIN.replace("upsample 2", "conv 64, 1x1 -> relu")
"""Rows of boxes: what goes down and up again is bars with direction right."""
UNET = """block two(c) { conv c, 3x3, same -> relu; conv c, 3x3, same -> relu }
net x() {
  input 3x64x64
  enc1: two 16
  maxpool 2x2/2
  enc2: two 32
  maxpool 2x2/2
  mid: two 64
  up2: conv_transpose 32, 2x2/2
  concat { from enc2; skip }
  dec2: two 32
  up1: conv_transpose 16, 2x2/2
  concat { from enc1; skip }
  dec1: two 16
}
"""
PLAIN = """net x() {
  input 3x32x32
  conv 8, 3x3, same; conv 8, 3x3/2, pad=1; conv 16, 3x3, same; conv 16, 3x3/2, pad=1
  flatten; linear 10
}
"""
Groups = tuple[tuple[str, tuple[str, ...]], ...]
HALVES: Groups = (("encoder", ("enc1..enc3",)), ("decoder", ("up3..dec1",)))
WHOLE: Groups = (("encoder", ("enc1..p3",)), ("decoder", ("up3..head",)))
CROSSING: Groups = (("one", ("enc2..dec3",)), ("two", ("up2..dec1",)), ("both", ("enc2..dec1",)))
SIDES: Groups = (("down", ("enc1..mid",)), ("up", ("up2..dec1",)))
DRAWN: dict[str, tuple[str, Groups, dict[str, Any]]] = {
    "rows": (DEEP, HALVES, {"direction": "right", "width": 300.0}),
    "crossing rows": (DEEP, CROSSING, {"direction": "right", "width": 300.0}),
    "one row": (DEEP, HALVES, {"direction": "right", "width": 495.0, "level": "stage"}),
    "bars": (CHAIN, HALVES, {"direction": "right", "width": 495.0}),
    "columns": (CHAIN, HALVES, {"width": 495.0, "height": 330.0}),
    "down": (CHAIN, HALVES, {"height": 1e4, "width": 300.0}),
    "lanes": (UNET, SIDES, {}),
    "lanes, part": (UNET, (("down", ("enc1..enc2",)),), {"width": 495.0}),
    "volumes": (CHAIN, WHOLE, {"style": "volumes", "width": 495.0}),
    "module": (CHAIN, HALVES, {"style": "module"}),
    "columns style": (PLAIN, (("early", ("conv1..conv3",)),), {"style": "columns"}),
    "large type": (DEEP, HALVES, {"size": 9.0, "direction": "right", "width": 495.0}),
}


def drawn(net: Net, groups: Groups, options: dict[str, Any]) -> Scene:
    given = dict(options)
    return figure(net, sheet=Sheet(groups=groups, size=given.pop("size", None)), **given)


def brackets(scene: Scene) -> list[tuple[str, Area, bool]]:
    """Name, place and whether it stands over the figure, of every bracket."""
    found = []
    for shape, text in zip(scene.shapes, scene.shapes[1:], strict=False):
        if isinstance(shape, Path) and shape.stroke == "muted" and len(shape.segments) == 4:
            assert isinstance(text, Text)
            (_, first), (_, second) = shape.segments[:2]
            found.append((text.text, area_of(shape), first[0] == second[0]))
    return found


def reached(scene: Scene, net: Net, groups: Groups) -> dict[str, list[int]]:
    """How many boxes of its own each group's brackets reach, and how many of others."""
    author = _Author(scene, net)
    first, last = scene.aside
    boxes = [g for g in scene.groups if g.kind == "box" and not first <= g.first < last]
    inputs = {entry.name for entry in net.inputs}  # volumes of a stack stand over their input
    boxes = [box for box in boxes if not inputs.issuperset(box.paths)]
    areas = [[area_of(scene.shapes[at]) for at in range(g.first, g.last)] for g in boxes]
    out: dict[str, list[int]] = {}
    for name, paths in groups:
        layers = author.layers(paths)
        mine = [not layers.isdisjoint(box.paths) for box in boxes]
        reach = out.setdefault(name, [0, 0, sum(mine)])
        for said, place, over in brackets(scene):
            for own, shapes in zip(mine, areas, strict=True):
                at = (min(a.left for a in shapes) + max(a.right for a in shapes)) / 2
                y = (min(a.top for a in shapes) + max(a.bottom for a in shapes)) / 2
                along = place.left <= at <= place.right if over else place.top <= y <= place.bottom
                if said == name and along and _next(scene, place, (at, y), over):
                    reach[not own] += 1
    return out


def _next(scene: Scene, place: Area, box: tuple[float, float], over: bool) -> bool:
    """Whether a bracket is the nearest one over a box, or right of it."""
    way = [
        (box[1] - other.top if o else other.left - box[0])
        for _, other, o in brackets(scene)
        if o == over and (other.top < box[1] if over else other.left > box[0])
    ]
    own = box[1] - place.top if over else place.left - box[0]
    return own > 0 and own <= min(way, default=own) + 26


@pytest.mark.parametrize("name", DRAWN)
def test_f3_a_bracket_spans_its_group_and_nothing_else(
    name: str, written: Any, faults: Any
) -> None:
    text, groups, options = DRAWN[name]
    net = written(text)
    scene = drawn(net, groups, options)
    for own, others, wanted in reached(scene, net, groups).values():
        assert own >= wanted > 0
        assert others == 0 or name in ("lanes, part", "bars"), (
            "the bottom of a U is below its encoder"
        )
    assert faults(replace(scene, groups=[])) == []
    page = Area(0, 0, scene.width + 0.01, scene.height + 0.01)
    for shape in scene.shapes:
        area = area_of(shape)
        assert area.right <= page.right and area.bottom <= page.bottom
    assert scene.width <= options.get("width", 495.0) + 1 and scene.height <= 1e4


@pytest.mark.parametrize("name", DRAWN)
def test_f3_no_wire_crosses_a_bracket(name: str, written: Any) -> None:
    text, groups, options = DRAWN[name]
    scene = drawn(written(text), groups, options)
    wires = [
        shape for g in scene.groups if g.kind == "wire" for shape in scene.shapes[g.first : g.last]
    ]
    for wire in wires:
        if isinstance(wire, Path) and wire.stroke:
            ends = [numbers[-2:] for _, numbers in wire.segments]
            for (x, y), (to, down) in pairwise(ends):
                stretch = Area(min(x, to) - 0.1, min(y, down) - 0.1, max(x, to), max(y, down))
                for _, place, over in brackets(scene):
                    at = (place.left, place.top) if over else (place.right - 0.2, place.top)
                    size = (place.right, place.top + 0.2) if over else (place.right, place.bottom)
                    assert not overlap(Area(*at, *size), stretch)


@pytest.mark.parametrize("down", [False, True], ids=["right", "down"])
def test_f3_brackets_beside_each_other_do_not_touch(down: bool) -> None:
    areas = [Area(10 + 50 * at, 10, 60 + 50 * at, 30) for at in range(3)]
    areas = [Area(a.top, a.left, a.bottom, a.right) if down else a for a in areas]
    scene = Scene(200, 200, "", "")
    draw_brackets(scene, [Named(name, [a]) for name, a in zip("abc", areas, strict=True)], [])
    found = brackets(scene)
    assert [over for _, _, over in found] == [not down] * 3
    for (_, one, over), (_, other, _) in pairwise(found):
        gap = other.left - one.right if over else other.top - one.bottom
        assert 2.9 <= gap <= 5


def test_f3_a_group_of_two_rows_is_named_in_each(written: Any) -> None:
    text, groups, options = DRAWN["rows"]
    said = [name for name, _, _ in brackets(drawn(written(text), groups, options))]
    assert said.count("encoder") > 1 and said.count("decoder") > 1


def test_f3_insets_are_no_part_of_a_bracket() -> None:
    net = load(SPECS / "figures" / "fpn_2017.cnn", "fpn_2017").net
    groups: Groups = (("bottom-up", ("c1..c5",)), ("top-down", ("m5..m2",)))
    scene = figure(net, width=495.0, sheet=Sheet(groups=groups))
    assert scene.aside[0] < scene.aside[1]
    author = _Author(scene, net)
    layers = author.layers(["c1..c5"])
    own = [group for group in scene.groups if author.within(group.paths, layers)]
    first, last = scene.aside
    inset = [group for group in own if first <= group.first < last]
    place = next(place for name, place, _ in brackets(scene) if name == "bottom-up")
    assert inset and place.left > min(area_of(scene.shapes[g.first]).left for g in inset) + 50


def test_f3_a_style_that_has_no_place_for_a_net_keeps_its_groups(spec: Any, tmp_path: Any) -> None:
    from cnnspec.draw import draw

    said: list[str] = []
    sheet = Sheet(groups=(("early", ("conv1..layer2",)),), notes={"layer3": "here"}, face="Times")
    path = tmp_path / "a.svg"
    draw([spec("resnet34")], path, style="trunk", sheet=sheet, tell=said.append)
    text = path.read_text("utf-8")
    assert said and said[0].startswith("drawn in style block")
    assert ">early<" in text and ">here<" in text and "Tinos" in text
