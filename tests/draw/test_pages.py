"""Pages of a shape, figures in parts, and parts once more beside a figure (F1, F2, F3)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from cnnspec.draw import figure
from cnnspec.draw.errors import DrawError, OptionError
from cnnspec.draw.figures import parts
from cnnspec.draw.files import draw_parts
from cnnspec.draw.page import measures
from cnnspec.draw.page.scene import Circle, Rect, Scene, Text
from cnnspec.draw.page.scene import Path as Line
from cnnspec.draw.split import letter
from cnnspec.elaborate.sheet import Sheet
from cnnspec.ir import Net, graph
from tests.draw.literature import NETS

WIDE, FOUR_TO_THREE = 16 / 9, 4 / 3


def words(scene: Scene) -> list[str]:
    return [shape.text for shape in scene.shapes if isinstance(shape, Text)]


def missing(net: Net, scenes: Iterable[Scene]) -> set[str]:
    """The layers that stand in none of some figures."""
    scenes = list(scenes)
    shapes = (shape for scene in scenes for shape in scene.shapes if not isinstance(shape, Circle))
    stands = {path for shape in shapes for path in shape.stands}
    stands.update(path for scene in scenes for path in scene.unseen)
    layers = {node.path for node in graph(net).nodes if node.inputs}
    above = {p: {p.rsplit(".", n)[0] for n in range(p.count(".") + 1)} for p in layers}
    return {path for path in layers if not above[path] & stands}


@pytest.mark.parametrize(("name", "aspect"), [
    ("lenet5", FOUR_TO_THREE), ("lenet5", 0.5), ("resnet34", WIDE), ("googlenet", WIDE),
    ("more/unet", WIDE), ("more/unet", 1.0),
])  # fmt: skip
def test_f1_a_page_of_a_shape_is_filled(name: str, aspect: float, spec: Any, faults: Any) -> None:
    net = find(spec, name)
    scene = figure(net, aspect=aspect)
    assert scene.width / scene.height == pytest.approx(aspect)
    assert faults(scene) == []
    assert missing(net, [scene]) == set()


def find(spec: Any, name: str) -> Net:
    from tests.draw.conftest import SPECS, load

    net: Net = spec(name).net if "/" not in name else load(SPECS / f"{name}.cnn", name[5:]).net
    return net


def test_f1_the_type_of_a_slide_is_larger_than_that_of_a_column(spec: Any) -> None:
    sizes = [shape.size for shape in figure(spec("resnet18").net, aspect=WIDE).shapes
             if isinstance(shape, Text)]  # fmt: skip
    assert min(sizes) > 1.2 * measures.SMALL


def test_f1_what_is_too_large_for_a_slide_is_closed_and_said(spec: Any) -> None:
    scene = figure(spec("densenet201").net, aspect=WIDE, level="layer")
    assert scene.note.startswith("drawn at level ") and scene.note.endswith("on a page 16:9")
    assert "--height" not in scene.note


def test_f1_an_aspect_is_for_every_style(spec: Any) -> None:
    for style in ("volumes", "module"):
        scene = figure(spec("lenet5").net, style=style, aspect=WIDE)  # type: ignore[arg-type]
        assert scene.width / scene.height == pytest.approx(WIDE)


def test_f2_volumes_go_to_the_right(spec: Any) -> None:
    net = spec("lenet5").net
    assert figure(net, style="volumes", direction="right") == figure(net, style="volumes")
    with pytest.raises(OptionError, match="volumes goes right alone"):
        figure(net, style="volumes", direction="down")


def test_f1_a_figure_that_fits_is_not_split(spec: Any) -> None:
    (scene,) = parts(spec("resnet18").net)
    assert scene == figure(spec("resnet18").net)


@pytest.mark.parametrize(("name", "options"), [
    ("resnet152", {"level": "layer"}), ("vgg_d", {"height": 150.0}),
    ("more/unet", {"height": 216.0}), ("googlenet", {"height": 250.0}),
])  # fmt: skip
def test_f1_parts_hold_every_layer_and_fit_their_page(
    name: str, options: Any, spec: Any, faults: Any
) -> None:
    net = find(spec, name)
    found = parts(net, **options)
    assert len(found) > 1
    assert missing(net, found) == set()
    for at, scene in enumerate(found):
        assert scene.height <= options.get("height", measures.PAGE_HEIGHT) or scene.note
        assert f"({letter(at)})" in words(scene) and scene.title.endswith(f"({letter(at)})")
        assert faults(scene) == []


@pytest.mark.parametrize("name", sorted(NETS))
def test_f1_no_part_leaves_a_layer_out(name: str, written: Any) -> None:
    net = written(NETS[name])
    found = parts(net, height=170.0)
    assert found and missing(net, found) == set()


def test_f1_blocks_of_a_stage_in_two_parts_keep_their_numbers(spec: Any) -> None:
    said = [text for scene in parts(spec("resnet152").net, level="layer") for text in words(scene)]
    assert {"layer2.6", "layer3.35"} <= set(said)
    assert said.count("image") == 1


def test_f1_a_stretch_of_a_stage_is_named_by_its_blocks(spec: Any) -> None:
    said = words(figure(spec("resnet50").net, only="layer3.1..layer3.4"))
    assert "layer3.1–4" in said


def test_f1_parts_go_into_files_of_their_own(spec: Any, tmp_path: Path) -> None:
    net = spec("resnet152")
    made = draw_parts(net, tmp_path / "r.svg", level="layer", style=None)
    assert [file.name for file, _ in made[:3]] == ["r_a.svg", "r_b.svg", "r_c.svg"]
    assert all(file.read_text("utf-8").startswith("<?xml") for file, _ in made)
    with pytest.raises(OptionError, match="html file has no pages"):
        draw_parts(net, tmp_path / "r.html")


@pytest.mark.parametrize(("name", "options"), [
    ("resnet34", {"zoom": ("layer3",), "level": "stage"}),
    ("resnet34", {"zoom": ("layer2", "layer4"), "level": "stage", "direction": "right"}),
    ("resnet50", {"zoom": ("layer3.0",), "direction": "right", "width": 495.0}),
    ("more/unet", {"zoom": ("down3",), "level": "stage"}),
    ("googlenet", {"zoom": ("inception4a", "inception5b"), "level": "stage"}),
])  # fmt: skip
def test_f3_a_part_stands_once_more_beside_the_figure(
    name: str, options: Any, spec: Any, faults: Any
) -> None:
    net = find(spec, name)
    scene = figure(net, **options)
    assert faults(scene) == []
    assert missing(net, [scene]) == set()
    frames = [s for s in scene.shapes if isinstance(s, Rect) and s.stroke == "muted" and not s.dash]
    assert len(frames) == len(options["zoom"])
    marks = [s for s in scene.shapes if isinstance(s, Rect) and s.stroke == "muted" and s.dash]
    assert len(marks) == len(options["zoom"])
    for path, frame in zip(options["zoom"], frames, strict=True):
        inside = [s for s in scene.shapes if not isinstance(s, Circle | Text) and s.stands
                  and all(p.startswith(path) for p in s.stands) and _within(s, frame)]  # fmt: skip
        assert inside or len(frames) > 1
    for group in scene.groups:
        held = scene.shapes[group.first : group.last]
        assert held and (group.kind != "wire" or isinstance(held[0], Line))


def _within(shape: Rect | Line, frame: Rect) -> bool:
    from cnnspec.draw.page.areas import area_of

    inner, outer = area_of(shape), area_of(frame)
    return outer.left <= inner.left and inner.right <= outer.right and outer.top <= inner.top


def test_f3_what_has_no_box_is_not_zoomed(spec: Any) -> None:
    with pytest.raises(DrawError, match="no box for `nothing`"):
        figure(spec("resnet34").net, zoom=("nothing",), level="stage")


def test_f3_remarks_stand_in_the_overview_alone(spec: Any, faults: Any) -> None:
    sheet = Sheet(
        notes={"layer3": "here", "layer3.0": "there"}, groups=(("all", ("layer1..layer4",)),)
    )
    scene = figure(spec("resnet34").net, zoom=("layer3",), level="stage", sheet=sheet)
    said = words(scene)
    assert (said.count("here"), said.count("there"), said.count("all")) == (1, 2, 1)
    assert faults(scene) == []
