"""What belongs together is one group, in a scene and in the SVG (F5)."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from cnnspec.draw import figure, write
from cnnspec.draw.page.scene import Rect, Text
from cnnspec.ir import graph

SHOWN = [("block", "lenet5"), ("block", "resnet50"), ("columns", "resnet18"), ("module", "lenet5")]
SHOWN += [("trunk", "densenet121"), ("volumes", "lenet5"), ("block", "googlenet")]
_G, _TEXT = "{http://www.w3.org/2000/svg}g", "{http://www.w3.org/2000/svg}text"


@pytest.mark.parametrize(("style", "name"), SHOWN)
def test_f5_groups_lie_in_one_another_or_apart(spec: Any, style: Any, name: str) -> None:
    groups = figure(spec(name).net, style=style).groups
    assert groups
    for a, b in combinations(groups, 2):
        apart = a.last <= b.first or b.last <= a.first
        inside = a.first <= b.first and b.last <= a.last
        assert apart or inside or (b.first <= a.first and a.last <= b.last)


def test_f5_every_layer_of_a_net_is_a_group_with_its_line(spec: Any, picture: Any) -> None:
    net = spec("lenet5").net
    drawn = picture(write(figure(net), "svg").decode())
    lines = {g.get("id"): g.get("data-line") for g in drawn.root.iter(_G) if g.get("id")}
    shown = {node.path: str(node.layer.span.line) for node in graph(net).nodes}
    for path, line in lines.items():
        assert path is not None and shown[path.split("-")[0]] == line
    assert {"conv1", "maxpool1", "linear3"} <= set(lines)


def test_f5_the_box_and_the_label_of_an_op_are_in_its_group(spec: Any, picture: Any) -> None:
    drawn = picture(write(figure(spec("resnet50").net), "svg").decode())
    group = next(g for g in drawn.root.iter(_G) if g.get("id") == "layer1.0.conv2")
    said = ["".join(text.itertext()) for text in group.iter(_TEXT)]
    assert said[0] == "3×3 conv, 64" and "ReLU" in said
    ids = [g.get("id") for g in drawn.root.iter(_G) if g.get("id")]
    assert len(ids) == len(set(ids))


def test_f5_a_label_of_two_weights_is_one_text(spec: Any, picture: Any) -> None:
    drawn = picture(write(figure(spec("resnet34").net), "svg").decode())
    said = ["".join(text.itertext()) for text in drawn.elements("text")]
    assert "7×7 conv, 64 /2" in said and "3×3 max pool /2" in said


def test_f5_texts_keep_the_width_that_they_were_measured_with(spec: Any, picture: Any) -> None:
    drawn = picture(write(figure(spec("resnet34").net), "svg").decode())
    for element in [*drawn.elements("text"), *drawn.elements("tspan")]:
        if element.get("x"):
            assert float(element.attrib["textLength"]) > 0


def test_f5_a_group_holds_what_its_frame_encloses(spec: Any) -> None:
    scene = figure(spec("resnet34").net)
    for group in (group for group in scene.groups if group.kind == "frame"):
        frame = scene.shapes[group.first]
        assert isinstance(frame, Rect)
        inside = scene.shapes[group.first : group.last]
        for text in (shape for shape in inside if isinstance(shape, Text) and shape.box):
            assert frame.y - 1 <= text.y <= frame.y + frame.height + 5
