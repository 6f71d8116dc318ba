"""The figures of the documentation: fresh, without faults, each with its command."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from cnnspec.draw import figure
from cnnspec.draw.gallery import (
    SPECIAL,
    Declared,
    draw_all,
    entries,
    write_entry,
    write_formula,
)
from cnnspec.draw.page.scene import Scene, Text
from cnnspec.draw.styles.formula import output_size
from cnnspec.elaborate.sheets import sheet
from cnnspec.elaborate.workspace import Workspace
from cnnspec.syntax.tree import Figure

ROOT = Path(__file__).parents[2]
FIGURES = ROOT / "docs" / "figures"


@cache
def _declared() -> list[Declared]:
    """The figures that files of specs/ declare."""
    found = []
    for path in sorted((ROOT / "specs" / "figures").glob("*.cnn")):
        workspace = Workspace()
        unit = workspace.read(str(path))
        assert unit is not None
        for figure_ in unit.file.declarations:
            if isinstance(figure_, Figure):
                net = workspace.elaborate(unit, figure_.net)
                assert net is not None
                found.append(Declared(figure_.name, path.name, "", net.net, sheet(figure_)))
    return found


def unstamped(data: bytes) -> bytes:
    """A file of docs/figures without the mark that the command line puts into it."""
    return re.sub(rb"(<!--|%) Drawn by cnnspec( -->)?\n|\n<!-- Drawn by cnnspec -->\n$", b"", data)


@pytest.mark.parametrize("name", [path.stem for path in sorted(FIGURES.glob("*.svg"))])
def test_the_figures_of_the_documentation_are_fresh(spec: Any, name: str) -> None:
    sheets = {sheet.name: sheet for sheet in _declared()}
    if name == "output_size":
        fresh = write_formula()
    elif name in sheets:
        fresh = sheets[name].write()
    else:
        special = [entry for entry in SPECIAL if entry.file == f"{name}.svg"]
        nets = {net: spec(net).net for net in (special[0].nets if special else (name,))}
        wanted = next(entry for entry in entries(nets) if entry.file == f"{name}.svg")
        fresh = write_entry(wanted, nets)
    assert unstamped((FIGURES / f"{name}.svg").read_bytes()) == fresh, "make figures"
    plain(fresh.decode())


ATTRIBUTES = set(
    "width height viewBox role x y rx cx cy r d fill stroke stroke-width stroke-linejoin "
    "stroke-dasharray font-family font-size font-weight text-anchor textLength "
    "lengthAdjust id".split()
)
TAGS = {"svg", "title", "desc", "g", "rect", "path", "circle", "text", "tspan"}


def plain(svg: str) -> None:
    """Well-formed, presentation attributes alone, nothing outside, at least 6 pt."""
    root = ElementTree.fromstring(svg)
    for element in root.iter():
        assert element.tag.rpartition("}")[2] in TAGS
        for key, value in element.attrib.items():
            assert key in ATTRIBUTES or key.startswith("data-"), key
            assert "url(" not in value and "var(" not in value
        assert float(element.get("font-size", "6")) >= 6
    assert svg.count("http") == 1, "only the namespace"
    assert float(root.attrib["width"].removesuffix("pt")) <= 497
    assert float(root.attrib["height"].removesuffix("pt")) <= 610


@pytest.mark.parametrize("entry", SPECIAL, ids=lambda entry: entry.file)
def test_no_faults_in_special_figures(spec: Any, faults: Any, entry: Any) -> None:
    nets = [spec(name).net for name in entry.nets]
    options = {key: value for key, value in entry.options.items() if key != "theme"}
    if options.get("style") != "table":
        assert faults(figure(*nets, **options)) == []


@pytest.mark.parametrize("sizes", [(7, 3, 1, 2), (8, 3, 0, 2), (5, 5, 2, 1), (3, 3, 0, 1)])
def test_the_formula_counts_windows(faults: Any, sizes: tuple[int, int, int, int]) -> None:
    width, kernel, padding, stride = sizes
    scene: Scene = output_size(*sizes)
    assert faults(scene) == []
    count = (width - kernel + 2 * padding) // stride + 1
    said = [shape.text for shape in scene.shapes if isinstance(shape, Text)]
    assert f"out = {count}" in said
    assert any(text.startswith(f"+ 1 = {count}") for text in said)
    assert {f"{width} – {kernel} + 2·{padding}", str(stride)} <= set(said)


def test_a_folder_with_a_page_that_says_every_command(spec: Any, tmp_path: Path) -> None:
    found = [spec(name) for name in ("lenet5", "resnet34")]
    files, refused = draw_all(found, tmp_path)
    assert refused == []
    page = (tmp_path / "README.md").read_text(encoding="utf-8")
    for path in files:
        assert path.exists()
        assert path.name in page or path.name == "README.md"
    assert "`cnnspec draw resnet34 --theme dark -o docs/figures/resnet34_dark.svg`" in page
