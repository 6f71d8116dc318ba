"""Nets to draw, and what a test reads from an SVG: texts, wires, boxes, and faults among them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cnnspec.draw import THEMES
from cnnspec.draw.page.fontwidths import text_width
from cnnspec.draw.page.scene import Area, Scene, Text
from cnnspec.draw.writers.svg import write_svg
from cnnspec.elaborate.workspace import Elaborated, Workspace
from cnnspec.ir import Net

SPECS = Path(__file__).parents[2] / "specs"

_SVG = "{http://www.w3.org/2000/svg}"
_ASCENT, _DESCENT = 0.73, 0.21


Loader = Callable[[str], Elaborated]


@dataclass(frozen=True)
class Written:
    """A text and the area that its glyphs may cover."""

    text: str
    size: float
    area: Area


@dataclass(frozen=True)
class Wire:
    """A wire with its data attributes and corners."""

    data: dict[str, str]
    points: list[tuple[float, float]]


class Picture:
    """An SVG parsed."""

    def __init__(self, svg: str) -> None:
        self.root = ElementTree.fromstring(svg)
        self.view = Area(*map(float, self.root.attrib["viewBox"].split()))

    def elements(self, tag: str) -> list[ElementTree.Element]:
        return [*self.root.iter(_SVG + tag)]

    @property
    def texts(self) -> list[Written]:
        return [one for element in self.elements("text") for one in _runs(element)]

    @property
    def wires(self) -> list[Wire]:
        paths = [path for path in self.elements("path") if "data-src" in path.attrib]
        return [Wire(_data(path), _points(path.attrib["d"])) for path in paths]

    @property
    def skips(self) -> list[dict[str, str]]:
        return [wire.data for wire in self.wires if "skip" in wire.data]

    @property
    def ops(self) -> list[Area]:
        found = [*self.elements("rect"), *self.elements("path")]
        return [_area(element) for element in found if "data-op" in element.attrib]

    def paths(self) -> set[str]:
        """The paths of all layers that have a box or stand on a skip."""
        said = [element.get("data-op", element.get("data-via", "")) for element in self.root.iter()]
        return {path for words in said for path in words.split()}

    @property
    def frames(self) -> list[dict[str, str]]:
        return [_data(rect) for rect in self.elements("rect") if "data-group" in rect.attrib]

    def says(self) -> list[str]:
        return [text.text for text in self.texts]

    def texts_outside(self) -> list[str]:
        """Texts that leave the page."""
        return [text.text for text in self.texts if not _inside(text.area, self.view)]

    def texts_over_texts(self) -> list[tuple[str, str]]:
        """Pairs of texts that share room."""
        pairs = combinations(self.texts, 2)
        return [(a.text, b.text) for a, b in pairs if overlap(a.area, b.area, 0.05)]

    def wires_through(self) -> list[tuple[dict[str, str], Area]]:
        """Wires that enter the inside of an op's box."""
        return [
            (wire.data, box)
            for wire in self.wires
            for start, end in pairwise(wire.points)
            for box in self.ops
            if overlap(_span(start, end), _shrunk(box), 0.0)
        ]

    def wires_through_texts(self) -> list[tuple[dict[str, str], str]]:
        """Wires that cross a text; the box on a skip covers the wire that it stands on."""
        covers = [_area(rect) for rect in self.elements("rect") if rect.get("stroke-dasharray")]
        covers += [_area(path) for path in self.elements("path") if "data-gate" in path.attrib]
        return [
            (wire.data, text.text)
            for wire in self.wires
            for start, end in pairwise(wire.points)
            for text in self.texts
            if overlap(_span(start, end), text.area, 0.0)
            and not ("via" in wire.data and any(_inside(text.area, box) for box in covers))
        ]


def _data(element: ElementTree.Element) -> dict[str, str]:
    found = element.attrib.items()
    return {key.removeprefix("data-"): value for key, value in found if key.startswith("data-")}


def _runs(element: ElementTree.Element) -> list[Written]:
    """A text of one weight, or each run of one that has several."""
    runs = element.findall(_SVG + "tspan")
    for run in runs:
        run.set("font-size", element.attrib["font-size"])
    return [_written(run) for run in runs or [element]]


def _written(element: ElementTree.Element) -> Written:
    text = (element.text or "") + "".join(child.tail or "" for child in element)
    get = element.attrib
    size, x, y = float(get["font-size"]), float(get["x"]), float(get["y"])
    width = text_width(text, size, get.get("font-weight") == "bold")
    left = x - width * {"start": 0.0, "middle": 0.5, "end": 1.0}[get.get("text-anchor", "start")]
    return Written(text, size, Area(left, y - _ASCENT * size, left + width, y + _DESCENT * size))


def _points(d: str) -> list[tuple[float, float]]:
    """The points of a path; of a curve its control point, which lies outside the bend."""
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", d)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def _area(element: ElementTree.Element) -> Area:
    get = element.attrib
    if "d" in get:
        xs, ys = zip(*_points(get["d"]), strict=True)
        return Area(min(xs), min(ys), max(xs), max(ys))
    x, y = float(get["x"]), float(get["y"])
    return Area(x, y, x + float(get["width"]), y + float(get["height"]))


def overlap(a: Area, b: Area, slack: float = 0.0) -> bool:
    """Whether two areas share more than `slack` in both directions."""
    wide = min(a.right, b.right) - max(a.left, b.left)
    high = min(a.bottom, b.bottom) - max(a.top, b.top)
    return wide > slack and high > slack


def _inside(inner: Area, outer: Area) -> bool:
    return (
        inner.left >= outer.left
        and inner.top >= outer.top
        and inner.right <= outer.right
        and inner.bottom <= outer.bottom
    )


def _span(start: tuple[float, float], end: tuple[float, float]) -> Area:
    """A thin area along an upright or level line."""
    (x0, y0), (x1, y1) = start, end
    return Area(min(x0, x1) - 0.2, min(y0, y1) - 0.2, max(x0, x1) + 0.2, max(y0, y1) + 0.2)


def _shrunk(area: Area) -> Area:
    return Area(area.left + 1, area.top + 1, area.right - 1, area.bottom - 1)


def _faults(scene: Scene) -> list[object]:
    """What a reviewer would circle: small type, texts over texts, cut numbers, wires in boxes."""
    drawn = Picture(write_svg(scene, THEMES["light"]))
    small = [text.text for text in drawn.texts if text.size < 6]
    return [
        *small,
        *drawn.texts_outside(),
        *drawn.texts_over_texts(),
        *drawn.wires_through(),
        *drawn.wires_through_texts(),
        *_out_of_box(scene),
        *(text.text for text in drawn.texts if re.fullmatch(r"[\d×]*…[\d×]*", text.text)),
    ]


def _out_of_box(scene: Scene) -> list[str]:
    """Texts that leave their box, or stand nearer than 1.4 pt to the side of a cell."""
    out = []
    for text in (shape for shape in scene.shapes if isinstance(shape, Text) and shape.box):
        assert text.box is not None
        width = text_width(text.text, text.size, text.bold)
        left = text.x - width * {"start": 0.0, "middle": 0.5, "end": 1.0}[text.anchor]
        margin = 0 if text.full else 1.4
        inside = text.box.left + margin - 0.01 <= left
        inside &= left + width <= text.box.right - margin + 0.01
        inside &= text.box.top <= text.y - 0.7 * text.size
        inside &= text.y + 0.01 * text.size <= text.box.bottom
        if not inside:
            out.append(text.text)
    return out


def load(path: Path, name: str) -> Elaborated:
    workspace = Workspace()
    unit = workspace.read(str(path))
    assert unit is not None, list(workspace.diagnostics)
    found = workspace.elaborate(unit, name)
    assert found is not None, list(workspace.diagnostics)
    return found


@pytest.fixture(scope="session")
def spec() -> Loader:
    """A shipped net by its name, elaborated once."""
    known: dict[str, Elaborated] = {}

    def get(name: str) -> Elaborated:
        if not (SPECS / f"{name}.cnn").exists():
            pytest.skip(f"specs/ has no {name} yet")
        if name not in known:
            known[name] = load(SPECS / f"{name}.cnn", name)
        return known[name]

    return get


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Net]:
    """The net `x` of a text."""

    def get(text: str) -> Net:
        path = tmp_path / "x.cnn"
        path.write_text(text, encoding="utf-8")
        return load(path, "x").net

    return get


@pytest.fixture(scope="session")
def picture() -> type[Picture]:
    """Reads an SVG."""
    return Picture


@pytest.fixture(scope="session")
def faults() -> Callable[[Scene], list[object]]:
    """What a machine finds wrong with a figure."""
    return _faults
