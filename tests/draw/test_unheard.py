"""What an author says of a figure is drawn in every style, or a line says that it is not (F3)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cnnspec.draw import draw, figure
from cnnspec.draw.page.scene import Text
from cnnspec.elaborate.sheet import Sheet
from tests.draw.test_sheet import fills, words

SHEETS = {
    "label": Sheet(labels={"conv1": "first"}),
    "colour": Sheet(colours={"conv3": "red"}),
    "highlight": Sheet(highlights=("conv2",)),
    "group": Sheet(groups=(("features", ("conv1..conv3",)),)),
    "note": Sheet(notes={"conv2": "here"}),
    "hide": Sheet(hidden=("relu",)),
    "size": Sheet(size=9.0),
    "face": Sheet(face="Times"),
}
STYLES = ["block", "columns", "module", "volumes"]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("word", SHEETS)
def test_f3_every_word_changes_a_figure_or_a_line_says_so(word: str, style: Any, spec: Any) -> None:
    net = spec("alexnet").net
    plain, scene = figure(net, style=style), figure(net, style=style, sheet=SHEETS[word])
    same = (plain.shapes, plain.face) == (scene.shapes, scene.face)
    hides = word == "hide" and "ReLU" not in words(plain)
    assert same == bool(scene.remarks) or hides
    assert all(line.startswith(word) for line in scene.remarks)


def test_f3_a_trunk_is_dressed_too(spec: Any) -> None:
    path = "features.denseblock3"
    sheet = Sheet(labels={path: "conv4.x"}, colours={path: "green"}, highlights=(path,))
    scene = figure(spec("densenet121").net, style="trunk", sheet=sheet, width=495.0)
    assert scene.remarks == () and "conv4.x" in words(scene)
    wedge = [s for s in scene.shapes if getattr(s, "line", 0) == 1.6]
    assert len(wedge) == 1 and getattr(wedge[0], "fill", "") == "green"
    badges = [s for s in scene.shapes if getattr(s, "fill", "") == "badge"]
    assert {getattr(badge, "stroke", "") for badge in badges} == {"background"}


def test_f3_what_a_figure_has_no_box_for_is_named(spec: Any) -> None:
    sheet = Sheet(labels={"layer1.0.conv1": "first one"}, groups=(("none", ()),))
    net = spec("resnet34").net
    assert figure(net, level="stage", sheet=sheet).remarks == (
        "label: the figure shows no name of layer1.0.conv1",
        "group none: the figure has no box of it",
    )
    said = figure(net, style="columns", depth=2, expand=("layer1",), level="stage").remarks
    assert said == ("style columns knows no level, expand, depth: style block does",)


@pytest.mark.parametrize(("form", "style", "line"), [
    ("md", "table", "a table shows no colour, group: a picture does"),
    ("mmd", None, "Mermaid shows no colour, group: a picture does"),
    ("dot", None, "dot shows no label, colour, group: a picture does"),
    ("json", None, "json shows no label, colour, group: a picture does"),
])  # fmt: skip
def test_f3_files_that_are_no_pictures_say_what_they_leave_out(
    form: str, style: Any, line: str, spec: Any, tmp_path: Path
) -> None:
    sheet = Sheet(
        labels={"layer1": "conv2 x"}, colours={"layer1": "red"}, groups=(("g", ("layer2",)),)
    )
    said: list[str] = []
    path = tmp_path / f"a.{form}"
    draw([spec("resnet34")], path, style=style, sheet=sheet, tell=said.append)
    assert said == [line]
    assert ("conv2 x" in path.read_text("utf-8")) == (form in ("md", "mmd"))


def test_f3_colours_of_the_sheet_are_those_of_the_boxes(spec: Any) -> None:
    for style in STYLES:
        scene = figure(spec("alexnet").net, style=style, sheet=SHEETS["colour"])  # type: ignore[arg-type]
        assert "red" in fills(scene, "conv3") and "red" not in fills(scene, "conv2")
        assert any(isinstance(shape, Text) for shape in scene.shapes)
