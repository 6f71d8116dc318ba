"""Flowcharts as Mermaid itself draws them, in a browser (F5).

`make build/mermaid.min.js` fetches Mermaid with npm; a README's host runs it with these settings.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from cnnspec.draw.flow.mermaid import write_mermaid
from tests.draw.browser import found, missing
from tests.draw.literature import FPN, UNET
from tests.draw.test_names import NASTY, renamed

SCRIPT = "mermaid.min.js"
if missing(SCRIPT):
    pytest.skip(missing(SCRIPT), allow_module_level=True)

RENDER = """
  mermaid.initialize({startOnLoad: false, securityLevel: "strict", htmlLabels: false});
  for (const [name, text] of Object.entries(given)) {
    try {
      const {svg} = await mermaid.render("m" + Object.keys(out).length, text);
      const at = document.createElement("div");
      at.innerHTML = svg;
      out[name] = {
        nodes: at.querySelectorAll(".node").length,
        edges: at.querySelectorAll(".edgePaths path").length,
        scripts: at.querySelectorAll("script, a, image, iframe").length,
        words: [...at.querySelectorAll(".nodeLabel, .node text")].map(e => e.textContent),
      };
    } catch (error) { out[name] = {fault: String(error)}; }
  }
"""


def rendered(charts: dict[str, str], folder: Path) -> dict[str, Any]:
    """What Mermaid makes of flowcharts, all in one page."""
    return found(SCRIPT, RENDER, charts, folder)


def test_f5_mermaid_draws_every_node_and_edge(spec: Any, written: Any, tmp_path: Path) -> None:
    nets = {name: spec(name).net for name in ("lenet5", "resnet34", "googlenet")}
    nets |= {"unet": written(UNET), "fpn": written(FPN)}
    charts = {
        f"{name} {level}": write_mermaid(net, {"level": level})[0]
        for name, net in nets.items()
        for level in ("block", "layer")
    }
    shown = rendered(charts, tmp_path)
    for name, text in charts.items():
        drawn = shown[name]
        assert "fault" not in drawn, (name, drawn)
        assert drawn["edges"] == text.count(" -->")
        assert drawn["nodes"] == len(set(re.findall(r"(?m)^ +n(\d+)[(\[{]", text)))
    assert "3×3 conv, 64" in " ".join(shown["resnet34 layer"]["words"])


def test_s24_mermaid_shows_hostile_names_as_they_are(spec: Any, tmp_path: Path) -> None:
    charts = {
        str(index): write_mermaid(renamed(spec("lenet5").net, name), {"level": "layer"})[0]
        for index, name in enumerate(NASTY)
    }
    shown = rendered(charts, tmp_path)
    for index, name in enumerate(NASTY):
        drawn = shown[str(index)]
        assert drawn.get("scripts") == 0, (name, drawn)
        assert drawn["edges"] == charts[str(index)].count(" -->")
    assert any("<script>alert" in word for word in shown["0"]["words"])
