"""Pages on which nothing has room: the plainest figure is drawn, and a line says its size (F1)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from cnnspec.draw import draw, figure
from cnnspec.draw.page.scene import Scene, Text
from cnnspec.elaborate.sheet import Sheet
from tests.draw.conftest import SPECS, load
from tests.draw.flow.judge import Seen, told
from tests.fuzz.nets import elaborate
from tests.fuzz.strategies import Spec, specs

PAGES: list[dict[str, Any]] = [
    {"width": 72.0, "height": 72.0}, {"width": 36.0}, {"height": 21.6},
    {"width": 10.0, "height": 10.0, "level": "layer"},
    {"width": 72.0, "height": 72.0, "direction": "right"},
    {"width": 20.0, "height": 2000.0, "direction": "down", "level": "net"},
    {"width": 2000.0, "height": 40.0, "direction": "right", "counts": True},
    {"sheet": Sheet(size=40.0)}, {"sheet": Sheet(size=40.0), "width": 72.0, "height": 72.0},
    {"aspect": 16 / 9, "width": 40.0}, {"aspect": 0.1, "width": 72.0}, {"aspect": 30.0},
]  # fmt: skip
"""In points."""
NAMES = ("more/yolov3:yolov3_320", "more/unet:unet", "googlenet:googlenet", "lenet5:lenet5")
STYLES = ("block", "columns", "module", "trunk", "volumes")
INPUTS = 220
MANY = "\n  ".join(
    [f"input i{at}: 1x4x4" for at in range(INPUTS)]
    + ["concat { " + " ; ".join(f"from i{at}" for at in range(INPUTS)) + " }", "conv 4, 1x1"]
)
"""A net of more inputs than a page has room for."""


def small(scene: Scene, page: dict[str, Any]) -> bool:
    """Whether a figure fits its page, or says that it does not."""
    wide, high = page.get("width", 1e9), page.get("height", 1e9)
    return scene.note != "" or (scene.width <= wide + 0.01 and scene.height <= high + 0.01)


@pytest.mark.parametrize("name", NAMES)
def test_f1_a_page_without_room_has_the_plainest_figure(name: str) -> None:
    file, _, net = name.partition(":")
    shown = load(SPECS / f"{file}.cnn", net).net
    for page in PAGES:
        scene = figure(shown, **page)
        assert scene.shapes
        assert "aspect" in page or small(scene, page)


def test_f1_what_fits_no_page_is_one_box_and_says_its_size() -> None:
    seen = Seen(load(SPECS / "more/unet.cnn", "unet").net, width=72.0, height=72.0)
    assert seen.drawing is not None
    assert [vertex.kind for vertex in seen.drawing.graph.vertices] == ["input", "card", "output"]
    assert seen.scene.note.startswith("drawn 3.2 x 1.1 in: ")
    assert seen.scene.note.endswith("no part of unet that could be closed makes it fit the page")


@pytest.mark.parametrize("style", STYLES)
def test_f1_no_style_has_a_fault_on_a_tiny_page(style: Any, tmp_path: Path) -> None:
    for name in ("more/unet:unet", "lenet5:lenet5"):
        file, _, net = name.partition(":")
        shown = load(SPECS / f"{file}.cnn", net)
        for at, page in enumerate(PAGES):
            if style == "block" or not {"direction", "height", "counts"} & {*page}:
                draw([shown], tmp_path / f"{at}.svg", style=style, tell=lambda _: None, **page)


@settings(
    max_examples=6, deadline=None, derandomize=True, database=None,
    phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(specs())
def test_f1_no_random_net_has_a_fault_on_a_tiny_page(spec: Spec) -> None:
    shown = elaborate(spec.text).net
    for page in PAGES[:7]:
        assert small(figure(shown, **page), page)


def test_f1_more_inputs_than_a_page_holds_are_a_list(faults: Any) -> None:
    net = elaborate(f"net it() {{\n  {MANY}\n}}\n").net
    seen = Seen(net)
    assert told(seen) == {} and faults(seen.scene) == []
    said = [shape.text for shape in seen.scene.shapes if isinstance(shape, Text)]
    assert f"and {INPUTS - 40} more inputs" in said
    assert seen.scene.note.startswith("drawn at level net")
