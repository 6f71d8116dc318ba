"""The author's sheet: what a figure says of its net, checked and drawn (F3, L38)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path as File
from typing import Any

import pytest

from cnnspec.backends.origin import digest
from cnnspec.draw import figure
from cnnspec.draw.figures import declared
from cnnspec.draw.page import measures
from cnnspec.draw.page.scene import Rect, Scene, Text
from cnnspec.draw.parts.ordered import ordered
from cnnspec.elaborate.sheet import COLOURS, Sheet, hideable
from cnnspec.elaborate.sheets import FigureValue, places, sheet
from cnnspec.elaborate.workspace import Workspace
from cnnspec.ir import graph
from cnnspec.syntax import tree as t
from tests.draw.literature import FPN, NETS, UNET

ROOT = File(__file__).parents[2]
SHEETS = sorted((ROOT / "specs" / "figures").glob("*.cnn"))
NET = """net x() {
  input 3x32x32
  stem: conv 16, 3x3, same, bias=false -> bn -> relu
  deep: conv 32, 3x3/2, same, bias=false -> bn -> relu
  global_avgpool -> flatten
  fc: linear 10
}
"""


def read(text: str) -> tuple[list[str], Sheet | None]:
    """What is wrong with a file, and the sheet of its first figure."""
    workspace = Workspace()
    unit = workspace.read_text(text)
    if unit is None:
        return [d.code for d in workspace.diagnostics], None
    workspace.elaborate(unit, "x")
    figures = [d for d in unit.file.declarations if isinstance(d, t.Figure)]
    codes = [d.code for d in workspace.diagnostics]
    return codes, None if codes else sheet(figures[0])


def of(spec: Any, name: str = "resnet34", **said: Any) -> Scene:
    return figure(spec(name).net, sheet=Sheet(**said))


def words(scene: Scene) -> list[str]:
    return [shape.text for shape in scene.shapes if isinstance(shape, Text)]


def fills(scene: Scene, path: str) -> set[str]:
    """The colours of the boxes that stand for a layer."""
    return {
        shape.fill
        for group in scene.groups
        if group.kind == "box" and path in group.paths
        for shape in scene.shapes[group.first : group.last]
        if not isinstance(shape, Text) and getattr(shape, "fill", "")
    }


WRONG = [
    ("colr stem = accent", "E0103"),
    ("colour stem = acent", "E0108"),
    ("colour stam = accent", "E0101"),
    ("label stem", "E0108"),
    ('label stam = "a"', "E0101"),
    ("label stem = conv1", "E0108"),
    ("hide batch", "E0103"),
    ("highlight fcc", "E0101"),
    ('group "a" = stem..deeep', "E0101"),
    ("group stem = deep", "E0108"),
    ('note stem.x = "a"', "E0101"),
    ("level = blok", "E0108"),
    ("width = 6.9", "E0108"),
    ("width = 1pt", "E0108"),
    ('aspect = "16:0"', "E0108"),
    ("aspect = wide", "E0108"),
    ("zoom = stam", "E0101"),
    ("order = [image, stem]", "E0101"),
    ("order = [image, imag]", "E0101"),
    ("order = image", "E0108"),
    ('font = "Wing"', "E0108"),
    ("zoom = 2", "E0108"),
    ("font = 3pt", "E0108"),
    ('font = "Wingdings"', "E0108"),
    ("direction = down; direction = right", "E0106"),
    ('label stem = "a"; label stem = "b"', "E0106"),
    ("only = stem, deeep", "E0101"),
    ("only = 2pt", "E0108"),
    ("stem", "E0103"),
    ("label = stem", "E0108"),
    ("width = = 3in", "E0001"),
]


@pytest.mark.parametrize(("line", "code"), WRONG)
def test_l38_what_is_wrong_is_said_with_its_place(line: str, code: str) -> None:
    codes, _ = read(f"{NET}figure f of x {{\n  {line}\n}}\n")
    assert code in codes


def test_l38_the_net_of_a_figure_is_there_and_has_its_values() -> None:
    assert read(f"{NET}figure f of y {{}}")[0] == ["E0101"]
    assert read(f"{NET}figure f of f {{}}")[0] == ["E0104"]
    assert read(NET.replace("x()", "x(c)") + "figure f of x {}")[0] == ["E0104"]
    assert read(f"{NET}figure x of x {{}}")[0] == ["E0114"]


def test_l38_a_sheet_says_the_shape_of_its_page_and_what_is_zoomed() -> None:
    codes, found = read(NET + 'figure f of x { aspect = "16:9"; zoom = stem, deep }')
    assert codes == [] and found is not None
    assert found.options == {"aspect": 16 / 9, "zoom": ("stem", "deep")}


def test_l38_a_sheet_is_read_as_it_is_written() -> None:
    codes, found = read(
        NET + "figure f of x {\n  level = stage; width = 6.9in; height = none; depth = 2\n"
        '  label stem = "conv1"; hide bn, shapes; colour stem, deep = green\n'
        '  highlight "fc"; group "g" = stem..deep; group "h" = [stem, fc]\n'
        '  note deep = "stride 2"; font = "Arimo", 8.5pt; expand = stem, deep; counts = true\n}\n'
    )
    assert codes == [] and found is not None
    assert found.options == {
        "level": "stage", "width": pytest.approx(496.8), "height": float("inf"), "depth": 2,
        "expand": ("stem", "deep"), "counts": True,
    }  # fmt: skip
    assert found.labels == {"stem": "conv1"} and found.hidden == ("bn", "shapes")
    assert found.colours == {"stem": "green", "deep": "green"} and found.highlights == ("fc",)
    assert found.groups == (("g", ("stem..deep",)), ("h", ("stem", "fc")))
    assert found.notes == {"deep": "stride 2"} and found.size == 8.5


def test_l38_figures_change_no_hash_and_no_net(tmp_path: File) -> None:
    plain, dressed = tmp_path / "x.cnn", tmp_path / "y.cnn"
    plain.write_text(f"## A net.\n{NET}", "utf-8")
    dressed.write_text(f'## A net.\n{NET}\n\nfigure f of x {{ label stem = "a" }}\n', "utf-8")
    found = []
    for path in (plain, dressed):
        workspace = Workspace()
        unit = workspace.read(str(path))
        assert unit is not None
        made = workspace.elaborate(unit, "x")
        assert made is not None
        found.append(made)
    assert digest(found[0]) == digest(found[1])
    assert isinstance(found[1].unit.scope.values["f"], FigureValue)


def test_f3_labels_stand_for_names_and_nothing_else_changes(spec: Any) -> None:
    labels = {"layer1": "conv2_x", "image": "input", "layer2.0": "first of conv3_x"}
    plain, scene = figure(spec("resnet34").net), of(spec, labels=labels)
    said = words(scene)
    assert {"conv2_x", "input"} <= set(said) and not {"layer1", "image"} & set(said)
    assert any(text.startswith("first") for text in said)
    ways = [
        [
            shape.data
            for shape in one.shapes
            if not isinstance(shape, Text) and hasattr(shape, "data")
        ]
        for one in (plain, scene)
    ]
    assert ways[0] == ways[1]
    assert [group.paths for group in plain.groups] == [group.paths for group in scene.groups]


def test_f3_hidden_cells_are_gone(spec: Any, faults: Any) -> None:
    scene = of(spec, hidden=("bn", "relu", "shapes", "key", "totals"))
    said = words(scene)
    assert "BN" not in said and "ReLU" not in said and "64×56×56" not in said
    assert not any("MACs" in text or "skip" in text for text in said)
    assert faults(scene) == []
    for group in scene.groups:
        assert 0 <= group.first < group.last <= len(scene.shapes)


def test_f3_colours_are_those_of_the_palette(spec: Any) -> None:
    from cnnspec.draw import THEMES

    scene = of(spec, colours={"layer3": "green"})
    assert fills(scene, "layer3.0.conv1") >= {"green"}
    assert "green" not in fills(scene, "layer4.0.conv1")
    for theme in THEMES.values():
        for name in COLOURS:
            assert {name, f"{name}-tint", f"{name}-line"} <= theme.keys()


def test_f3_a_highlight_is_round_its_part_alone(spec: Any) -> None:
    scene = of(spec, highlights=("layer4.0.downsample",))
    strong = [s for s in scene.shapes if isinstance(s, Rect) and s.line == 1.6]
    assert len(strong) == 1 and strong[0].stands == (
        "layer4.0.downsample.0", "layer4.0.downsample.1",
    )  # fmt: skip


def test_f3_groups_and_notes_are_said_where_nothing_else_stands(spec: Any, faults: Any) -> None:
    groups = (("early", ("conv1..layer1",)), ("late", ("layer3", "layer4")))
    scene = of(spec, groups=groups, notes={"fc": "1000 classes", "layer2.0": "stride 2"})
    assert {"early", "late", "1000 classes", "stride 2"} <= set(words(scene))
    assert faults(scene) == []
    assert scene.width <= measures.TWO_COLUMNS and scene.note == ""
    narrow = figure(spec("resnet34").net, width=measures.ONE_COLUMN, sheet=Sheet(groups=groups))
    assert narrow.width <= measures.ONE_COLUMN + 0.1 and narrow.note


@pytest.mark.parametrize("size", [7.0, 8.0, 10.0])
def test_f3_a_size_scales_the_layout_not_the_page(spec: Any, size: float) -> None:
    scene = figure(spec("resnet18").net, sheet=Sheet(size=size), width=495.0)
    assert scene.width == pytest.approx(495) and scene.height <= 610.1
    label = next(s for s in scene.shapes if isinstance(s, Text) and s.text == "3×3 conv, 64")
    assert label.size == pytest.approx(size)


@pytest.mark.parametrize("text", [UNET, FPN], ids=["unet", "fpn"])
def test_f3_sheets_of_flows(written: Any, faults: Any, text: str) -> None:
    net = written(text)
    path = "bottom" if text is UNET else "c3"
    said = Sheet(labels={path: "renamed"}, colours={path: "red"}, notes={path: "here"},
                 highlights=(path,), hidden=("relu", "totals"))  # fmt: skip
    scene = figure(net, sheet=said)
    assert {"renamed", "here"} <= set(words(scene))
    assert not any("MACs" in word for word in words(scene))
    plain = figure(net)
    wires = [[g.paths for g in one.groups if g.kind == "wire"] for one in (plain, scene)]
    assert sorted(wires[0]) == sorted(wires[1])


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.stem)
def test_f6_figures_as_their_papers_have_them(path: File, faults: Any) -> None:
    workspace = Workspace()
    unit = workspace.read(str(path))
    assert unit is not None and not list(workspace.diagnostics)
    figures = [d for d in unit.file.declarations if isinstance(d, t.Figure)]
    assert figures
    for one in figures:
        made = workspace.elaborate(unit, one.net)
        assert made is not None
        scene, _ = declared(made.net, sheet(one))
        assert scene.width <= 497 and scene.height <= 610
        assert faults(replace(scene, groups=[])) == []


def test_f3_what_can_be_named_is_every_place_of_the_net(spec: Any) -> None:
    found = places(spec("resnet34").net)
    assert {"image", "layer1", "layer1.0", "layer1.0.conv1", "fc"} <= set(found)
    assert {"bn", "relu", "shapes", "key", "totals"} <= set(hideable())


def test_f3_a_cropped_page_is_as_small_as_its_ink(spec: Any) -> None:
    from cnnspec.draw.page.areas import area_of

    net = spec("lenet5").net
    plain, cropped = figure(net, width=495.0), figure(net, width=495.0, crop=True)
    areas = [area_of(shape) for shape in cropped.shapes]
    assert [min(a.left for a in areas), min(a.top for a in areas)] == pytest.approx([1, 1])
    assert max(a.right for a in areas) == pytest.approx(cropped.width - 1)
    assert max(a.bottom for a in areas) == pytest.approx(cropped.height - 1)
    assert cropped.width < plain.width and len(cropped.shapes) == len(plain.shapes)
    assert read(f"{NET}figure f of x {{ crop = true }}")[1].options == {"crop": True}  # type: ignore[union-attr]


TWO = """net x() {
  input image: 3x8x8
  input mask: 1x8x8
  input depth: 2x8x8
  a: add { from image -> conv 4, 1x1; from mask -> conv 4, 1x1; from depth -> conv 4, 1x1 }
}
"""


def test_f3_inputs_stand_in_the_order_of_the_sheet(written: Any, faults: Any) -> None:
    net = written(TWO)
    for names in (("depth", "image", "mask"), ("mask", "depth", "image"), ("mask", "image")):
        for way in ("down", "right"):
            scene = figure(net, sheet=Sheet(order=names), direction=way)  # type: ignore[arg-type]
            assert faults(scene) == []
            at = {
                s.text: s.x if way == "down" else s.y for s in scene.shapes if isinstance(s, Text)
            }
            assert sorted(names, key=at.__getitem__) == list(names)


@pytest.mark.parametrize("name", sorted(NETS))
def test_f3_an_order_changes_no_edge(name: str, written: Any) -> None:
    net = written(NETS[name])
    if len(net.inputs) > 1:
        turned = ordered(net, [entry.name for entry in reversed(net.inputs)])
        assert edges(turned) == edges(net)


def edges(net: Any) -> dict[str, list[str]]:
    """What every layer reads."""
    nodes = graph(net).nodes
    return {node.path: [nodes[at].path for at in node.inputs] for node in nodes}
