"""Files of diagrams.net as its own library reads and draws them, in a browser (F5)."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from cnnspec.draw import figure, write
from cnnspec.draw.page.scene import Scene, Text
from tests.draw.browser import found, missing
from tests.draw.literature import FPN, UNET
from tests.draw.test_names import NASTY, renamed

SCRIPT = "mxClient.min.js"
if missing(SCRIPT):
    pytest.skip(missing(SCRIPT), allow_module_level=True)

READ = """
  for (const [name, text] of Object.entries(given)) {
    const file = mxUtils.parseXml(text), at = document.createElement("div");
    document.body.appendChild(at);
    const graph = new mxGraph(at);
    const model = file.getElementsByTagName("mxGraphModel")[0];
    new mxCodec(file).decode(model, graph.getModel());
    const cells = Object.values(graph.getModel().cells), edges = cells.filter(c => c.edge);
    const seen = cells.map(c => graph.view.getState(c)).filter(s => s);
    out[name] = {
      vertices: cells.filter(c => c.vertex).length,
      edges: edges.length,
      ends: edges.filter(e => e.source && e.target).map(e => [e.source.id, e.target.id]),
      routes: edges.filter(e => (graph.view.getState(e) || {absolutePoints: []})
        .absolutePoints.filter(p => p).length > 1).length,
      right: Math.max(...seen.map(s => s.x + s.width)),
      low: Math.max(...seen.map(s => s.y + s.height)),
      words: cells.filter(c => c.value).map(c => graph.getLabel(c)).join(" "),
      html: cells.filter(c => graph.isHtmlLabel(c)).length,
      scripts: at.querySelectorAll("script, a, iframe").length,
      texts: at.querySelectorAll("text").length,
    };
  }
"""


def read(scenes: dict[str, Scene], folder: Path) -> tuple[dict[str, str], dict[str, Any]]:
    """The files of figures, and what mxGraph makes of them."""
    files = {name: write(scene, "drawio").decode() for name, scene in scenes.items()}
    return files, found(SCRIPT, READ, files, folder)


def test_f5_diagrams_net_reads_every_cell_where_it_stands(
    spec: Any, written: Any, tmp_path: Path
) -> None:
    nets = {name: spec(name).net for name in ("lenet5", "resnet34", "googlenet", "densenet121")}
    nets |= {"unet": written(UNET), "fpn": written(FPN)}
    scenes = {name: figure(net) for name, net in nets.items()}
    files, shown = read(scenes, tmp_path)
    for name, scene in scenes.items():
        cells = list(ElementTree.fromstring(files[name]).iter("mxCell"))
        drawn = shown[name]
        assert drawn["vertices"] == sum("vertex" in cell.attrib for cell in cells)
        assert drawn["edges"] == drawn["routes"] == sum("edge" in cell.attrib for cell in cells)
        glued = [[c.get("source"), c.get("target")] for c in cells if c.get("target")]
        assert sorted(drawn["ends"]) == sorted(end for end in glued if end[0])
        assert drawn["right"] <= scene.width + 1 and drawn["low"] <= scene.height + 1
        said = [shape.text for shape in scene.shapes if isinstance(shape, Text)]
        assert sorted(drawn["words"].split()) == sorted(" ".join(said).split())
        assert drawn["html"] == 0


def test_s24_diagrams_net_shows_hostile_names_as_texts(spec: Any, tmp_path: Path) -> None:
    scenes = {str(at): figure(renamed(spec("lenet5").net, name)) for at, name in enumerate(NASTY)}
    _, shown = read(scenes, tmp_path)
    for drawn in shown.values():
        assert drawn["scripts"] == drawn["html"] == 0 and drawn["texts"] > 5
    assert len(shown) == len(NASTY)
