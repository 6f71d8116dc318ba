"""Figures for drawing programs: what those programs read is what the scene holds (F5)."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

import pytest

from cnnspec.draw import figure, write
from cnnspec.draw.flow.mermaid import literal, write_mermaid
from cnnspec.draw.page.scene import Scene, Text
from cnnspec.draw.writers.things import Bundle, Connector, Solid, Thing, corners, things
from cnnspec.ir import Net, graph
from tests.draw.literature import FPN, UNET
from tests.draw.test_names import NASTY, renamed

NETS = ["lenet5", "resnet34", "googlenet", "densenet121"]


def net_of(spec: Any, written: Any, name: str) -> Net:
    """A shipped net, or one of the literature."""
    texts = {"unet": UNET, "fpn": FPN}
    net: Net = written(texts[name]) if name in texts else spec(name).net
    return net


def spread(found: list[Thing]) -> list[Solid | Connector]:
    """All things without their bundles."""
    out: list[Solid | Connector] = []
    for thing in found:
        out += spread(thing.parts) if isinstance(thing, Bundle) else [thing]
    return out


def said(scene: Scene) -> list[str]:
    """The texts of a scene."""
    return sorted(shape.text for shape in scene.shapes if isinstance(shape, Text))


class Model:
    """A file of diagrams.net read by the rules of mxGraph's model."""

    def __init__(self, text: str) -> None:
        root = ElementTree.fromstring(text)
        ((model,),) = root
        (inside,) = model
        assert (root.tag, root[0].tag, model.tag, inside.tag) == (
            "mxfile", "diagram", "mxGraphModel", "root",
        )  # fmt: skip
        self.cells = {cell.attrib["id"]: cell for cell in inside}
        assert len(self.cells) == len(inside), "numbers are given once"

    def check(self) -> None:
        """What a reader of the format relies on."""
        first, layer, *others = self.cells.values()
        assert first.attrib == {"id": "0"} and layer.attrib == {"id": "1", "parent": "0"}
        known = {"0", "1"}
        for cell in others:
            assert cell.tag == "mxCell" and cell.attrib["parent"] in known, "parents come first"
            known.add(cell.attrib["id"])
            (geometry,) = cell
            assert geometry.tag == "mxGeometry" and geometry.attrib["as"] == "geometry"
            assert (cell.get("vertex"), cell.get("edge")) in [("1", None), (None, "1")]
            if cell.get("vertex"):
                assert {"x", "y", "width", "height"} <= set(geometry.keys())
            else:
                ends = {point.get("as") for point in geometry.findall("mxPoint")}
                assert ends == {"sourcePoint", "targetPoint"}
            for end in ("source", "target"):
                assert cell.get(end, "0") in self.cells
            assert re.fullmatch(r"([\w.]+(=[^;=]*)?;)*", cell.attrib["style"])
            assert "html=1" not in cell.attrib["style"], "labels are texts, never HTML"


@pytest.mark.parametrize("name", [*NETS, "unet", "fpn"])
def test_f5_drawio_is_a_model_of_cells(spec: Any, written: Any, name: str) -> None:
    scene = figure(net_of(spec, written, name))
    data = write(scene, "drawio")
    model = Model(data.decode())
    model.check()
    assert data == write(scene, "drawio")
    values = [cell.get("value", "") for cell in model.cells.values()]
    words = sorted(word for value in values for word in value.split())
    assert words == sorted(word for text in said(scene) for word in text.split())


@pytest.mark.parametrize("name", [*NETS, "unet", "fpn"])
def test_f5_connectors_are_glued_to_the_boxes_of_their_layers(
    spec: Any, written: Any, name: str
) -> None:
    scene = figure(net_of(spec, written, name))
    model = Model(write(scene, "drawio").decode())
    glued = [
        cell for cell in model.cells.values()
        if cell.get("edge") and cell.get("source") and cell.get("target")
    ]  # fmt: skip
    wires = [dict(s.data) for s in scene.shapes if "src" in dict(getattr(s, "data", ()))]
    assert len(glued) >= 0.7 * len(wires)


@pytest.mark.parametrize("name", ["lenet5", "googlenet", "unet"])
def test_f5_a_slide_has_the_texts_and_shapes_of_the_scene(
    spec: Any, written: Any, name: str
) -> None:
    pptx = pytest.importorskip("pptx")
    scene = figure(net_of(spec, written, name))
    data = write(scene, "pptx")
    assert data == write(scene, "pptx")
    deck = pptx.Presentation(BytesIO(data))
    (slide,) = deck.slides
    assert abs(deck.slide_width / 12700 - scene.width) < 0.1
    shown: list[Any] = []
    waiting = list(slide.shapes)
    while waiting:
        shape = waiting.pop()
        waiting += shape.shapes if hasattr(shape, "shapes") else []
        shown.append(shape)
    frames = [shape.text_frame for shape in shown if shape.has_text_frame]
    runs = [r.text.strip() for f in frames for p in f.paragraphs for r in p.runs]
    assert sorted(runs) == said(scene)
    leaves = [shape for shape in shown if not hasattr(shape, "shapes")]
    assert len(leaves) == len(spread(things(scene)))
    names = {shape.name for shape in shown if hasattr(shape, "shapes")}
    assert {group.paths[0] for group in scene.groups if group.kind == "box"} <= names


@pytest.mark.parametrize("name", NASTY)
def test_s24_hostile_names_in_office_formats(spec: Any, name: str) -> None:
    pptx = pytest.importorskip("pptx")
    scene = figure(renamed(spec("lenet5").net, name))
    text = write(scene, "drawio").decode()
    Model(text).check()
    assert "<script" not in text and "</title" not in text
    (slide,) = pptx.Presentation(BytesIO(write(scene, "pptx"))).slides
    assert not [rel for rel in slide.part.rels.values() if "hyperlink" in rel.reltype]


@pytest.mark.parametrize("name", NASTY)
@pytest.mark.parametrize("level", ["block", "layer"])
def test_s24_hostile_names_in_mermaid(spec: Any, name: str, level: Any) -> None:
    text, _ = write_mermaid(renamed(spec("lenet5").net, name), {"level": level})
    chart(text)
    assert "%%" not in text and "<script" not in text and "click" not in text


_NODE = re.compile(
    r' +n(\d+)(?:\(\["|\("|\[\\"|\{\{"|\[\["|\[")((?:[\w .,:/()+\-=×–·≈→∖]|#\d+;|<br>)*)'
    r'(?:"\]\)|"\)|"/\]|"\}\}|"\]\]|"\])(?::::\w+)?'
)
_EDGE = re.compile(r'  n(\d+) -->(?:\|"(?:[\w .,:/()+\-=×–·≈→∖]|#\d+;)*"\|)? n(\d+)')
_OTHER = re.compile(r' +(end|subgraph s\d+_\d+\["([\w .]|#\d+;)*"\]|classDef \w+ [\w:#,]+)')


def chart(text: str) -> tuple[set[int], list[tuple[int, int]]]:
    """The nodes and edges of a flowchart; every line is one of five kinds."""
    head, title, *lines = text.splitlines()
    assert head in ("flowchart TB", "flowchart LR")
    assert re.fullmatch(r"  accTitle: [\w .,:/()+\-=×–·≈→]+", title)
    nodes, edges, depth = set(), [], 0
    for line in lines:
        if found := _NODE.fullmatch(line):
            nodes.add(int(found[1]))
        elif found := _EDGE.fullmatch(line):
            edges.append((int(found[1]), int(found[2])))
        else:
            assert _OTHER.fullmatch(line), line
            depth += line.strip().startswith("subgraph") - (line.strip() == "end")
    assert depth == 0
    assert {end for edge in edges for end in edge} <= nodes
    return nodes, edges


@pytest.mark.parametrize("name", [*NETS, "resnet1202", "unet", "fpn"])
@pytest.mark.parametrize("level", ["net", "stage", "block", "layer"])
def test_f5_mermaid_at_every_level(spec: Any, written: Any, name: str, level: Any) -> None:
    net = net_of(spec, written, name)
    text, note = write_mermaid(net, {"level": level})
    nodes, edges = chart(text)
    assert len(edges) <= 500 and len(text) < 50_000
    assert bool(note) == (name == "resnet1202" and level == "layer")
    if level == "layer" and not note:
        drawn = [node for node in graph(net).nodes if node.op.drawn]
        assert len(nodes) <= len(drawn) + len(graph(net).outputs)


def test_f5_mermaid_has_every_edge_of_a_net(spec: Any) -> None:
    net = spec("resnet18").net
    _, edges = chart(write_mermaid(net, {"level": "layer"})[0])
    joins = sum(node.op.name == "add" for node in graph(net).nodes)
    assert joins == 8
    into = [end for _, end in edges]
    assert sum(into.count(end) == 2 for end in set(into)) == joins


def test_f5_a_label_in_mermaid_is_literal() -> None:
    assert literal('a"b<br>#1;') == "a#34;b#60;br#62;#35;1#59;"
    assert literal("x\\n") == "x∖n" and literal("`md`") == "#96;md#96;"


def test_f5_corners_of_rounded_lines_are_sharp() -> None:
    bent = (("M", (0.0, 0.0)), ("L", (7.0, 0.0)), ("Q", (10.0, 0.0, 10.0, 3.0)), ("L", (10.0, 9.0)))
    assert corners(bent) == [(0, 0), (10, 0), (10, 9)]
    arch = (("M", (0.0, 0.0)), ("L", (4.0, 0.0)), ("Q", (6.0, -4.0, 8.0, 0.0)), ("L", (9.0, 0.0)))
    assert corners(arch) == [(0, 0), (9, 0)]
    rect = (("M", (1.0, 0.0)), ("L", (9.0, 0.0)), ("Q", (10.0, 0.0, 10.0, 1.0)),
            ("L", (10.0, 5.0)), ("L", (0.0, 5.0)), ("L", (0.0, 1.0)),
            ("Q", (0.0, 0.0, 1.0, 0.0)), ("Z", ()))  # fmt: skip
    assert set(corners(rect)) == {(10, 0), (10, 5), (0, 5), (0, 0)}
