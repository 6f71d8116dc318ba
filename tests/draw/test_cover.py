"""F4: nothing is left out. Every style's scene is walked, and every layer of the net found in it.

`python -m tests.draw.walk` (in `make fuzz`) walks all of specs/ and 300 random nets; here a part.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from cnnspec.draw import DrawError, architecture_table, figure
from cnnspec.draw.page.scene import Path, Rect, Scene
from tests.draw import cover
from tests.draw.literature import NETS
from tests.fuzz.nets import elaborate
from tests.fuzz.strategies import Spec, specs

FAMILIES = (
    "alexnet_2012", "densenet_bc_100_12", "googlenet", "inception_v3", "lenet5_1998",
    "preact_resnet200", "resnet34_c", "resnet50", "resnet1202", "vgg_c",
)  # fmt: skip
"""One net of each family."""


def walked(net: Any) -> dict[str, list[str]]:
    """The faults of every style that takes the net; crashes are not caught."""
    found = {}
    for style in cover.STYLES:
        try:
            found[style] = cover.faults(net, style)
        except DrawError:
            continue
    return found


@pytest.mark.parametrize("name", FAMILIES)
def test_f4_no_layer_of_a_spec_is_missing(spec: Any, name: str) -> None:
    found = walked(spec(name).net)
    assert {style: faults for style, faults in found.items() if faults} == {}
    assert {"block block", "table"} <= set(found)


@pytest.mark.parametrize("name", NETS)
def test_f4_no_layer_of_the_literature_is_missing(written: Any, name: str) -> None:
    net = written(NETS[name])
    found = walked(net)
    assert {style: faults for style, faults in found.items() if faults} == {}
    assert cover.graph_faults(net) == []
    assert cover.html_faults(net) == []


@settings(
    max_examples=60, deadline=None, derandomize=True, database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
@given(specs())
def test_f4_no_layer_of_a_random_net_is_missing(spec: Spec) -> None:
    net = elaborate(spec.text).net
    found = walked(net)
    assert {style: faults for style, faults in found.items() if faults} == {}
    assert cover.graph_faults(net) == []


STAGE_IN_A_FRAME = """
block unit(c, s) seq {
  add { conv c, 3x3/s, pad=same -> bn -> relu -> conv c, 3x3, pad=same; down: conv c, 1x1/s }
  relu
}
block plain(c) seq { add { conv c, 3x3, pad=same -> relu -> conv c, 3x3, pad=same; skip } -> relu }
block stage(n, c, s) seq { unit c, s; repeat n - 1 { plain c } }
net it {
  input 1x16x16
  first: conv 3, 3x3, pad=same
  stage 3, c=3, s=2
  unread: softmax
  from first -> maxpool 2x2
}
"""
"""A stage that nothing reads on is a frame, and the frame of its equal blocks stands in it."""


def test_f4_a_frame_in_a_frame_stands_for_its_equal_blocks() -> None:
    net = elaborate(STAGE_IN_A_FRAME).net
    assert {style: faults for style, faults in walked(net).items() if faults} == {}
    scene = figure(net, style="block", level="block")
    (frame,) = [
        shape for shape in scene.shapes
        if isinstance(shape, Rect) and len(shape.stands) == 2 and shape.stands[0] == "stage1.1"
    ]  # fmt: skip
    assert frame.stands == ("stage1.1", "stage1.2")


def test_f4_the_second_turn_of_a_frame_follows_the_first() -> None:
    """The frame of three turns shows the first's rows: its end feeds the frame it stands in."""
    turns = "repeat 3 { scaled_tanh -> channel_shuffle 1 }"
    net = elaborate(
        f"net it {{ input 4x9x9; conv 12, 2x2 -> relu; {turns}; a: {{ conv 3, 3x3 }} }}"
    ).net
    assert {style: faults for style, faults in walked(net).items() if faults} == {}


@pytest.mark.parametrize("size", ["13x15", "15x13"])
def test_f4_bands_of_one_area_stand_in_the_order_of_the_net(size: str) -> None:
    turned = f"net it {{ input 2x{size}; permute [1, 2, 0]; a: permute [0, 2, 1]; conv 1, 1x1 }}"
    assert cover.faults(elaborate(turned).net, "columns") == []
    back = turned.replace("conv 1, 1x1", "b: permute [0, 2, 1]")
    with pytest.raises(DrawError, match="turn and turn back"):
        cover.faults(elaborate(back).net, "columns")


def test_f4_an_output_of_norms_and_activations_alone_says_them_in_a_table() -> None:
    body = "input 3x8x8; a: conv 4, 3x3; output z: from a -> hardswish -> ln; maxpool 2x2"
    net = elaborate(f"net it {{ {body} }}").net
    assert cover.faults(net, "table") == []
    assert "hard swish → LN" in architecture_table(net, form="md")


def without(scene: Scene, path: str) -> Scene:
    shapes = [
        shape
        for shape in scene.shapes
        if not (isinstance(shape, Rect | Path) and path in shape.stands)
    ]
    return Scene(scene.width, scene.height, scene.title, scene.desc, shapes, scene.unseen)


@pytest.mark.parametrize("style", ["block block", "columns", "volumes"])
def test_a_layer_left_out_is_found(spec: Any, monkeypatch: pytest.MonkeyPatch, style: str) -> None:
    draw = cover.figure
    monkeypatch.setattr(
        cover, "figure", lambda *nets, **said: without(draw(*nets, **said), "conv2")
    )
    assert "conv2 (conv) is missing" in cover.faults(spec("lenet5").net, style)


def test_layers_out_of_order_are_found(spec: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from cnnspec.draw.table.table import Table, table

    def turned(plans: Any) -> Table:
        made = table(plans)
        return Table(made.head, made.lines[::-1], made.foot, made.note, made.unseen)

    assert cover.faults(spec("lenet5").net, "table") == []
    monkeypatch.setattr(cover, "table", turned)
    assert "linear2 stands before relu3, which feeds it" in cover.faults(
        spec("lenet5").net, "table"
    )
