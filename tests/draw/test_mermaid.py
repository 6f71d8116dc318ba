"""Flowcharts as Mermaid itself draws them, in a browser (F5).

`make build/mermaid.min.js` fetches Mermaid with npm; a README's host runs it with these settings.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cnnspec.draw.flow.mermaid import write_mermaid
from tests.draw.literature import FPN, UNET
from tests.draw.test_names import NASTY, renamed

MERMAID = Path(__file__).parents[2] / "build" / "mermaid.min.js"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

if CHROMIUM is None or not MERMAID.is_file():
    pytest.skip(
        "needs Chromium and `make build/mermaid.min.js`, which needs npm", allow_module_level=True
    )

PAGE = """<!DOCTYPE html><meta charset="utf-8"><script src="{mermaid}"></script><body><script>
mermaid.initialize({{startOnLoad: false, securityLevel: "strict", htmlLabels: false}});
(async () => {{
  const out = {{}};
  for (const [name, text] of Object.entries({charts})) {{
    try {{
      const {{svg}} = await mermaid.render("m" + Object.keys(out).length, text);
      const at = document.createElement("div");
      at.innerHTML = svg;
      out[name] = {{
        nodes: at.querySelectorAll(".node").length,
        edges: at.querySelectorAll(".edgePaths path").length,
        scripts: at.querySelectorAll("script, a, image, iframe").length,
        words: [...at.querySelectorAll(".nodeLabel, .node text")].map(e => e.textContent),
      }};
    }} catch (error) {{ out[name] = {{fault: String(error)}}; }}
  }}
  document.body.dataset.found = JSON.stringify(out);
}})();
</script></body>"""


def rendered(charts: dict[str, str], folder: Path) -> dict[str, Any]:
    """What Mermaid makes of flowcharts, all in one page."""
    path = folder / "a.html"
    text = json.dumps(charts).replace("<", "\\u003c")
    path.write_text(PAGE.format(mermaid=MERMAID.as_uri(), charts=text), encoding="utf-8")
    options = (
        "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
        "--disable-background-networking --disable-component-update --disable-sync"
    )
    command = [str(CHROMIUM), *options.split(), f"--user-data-dir={folder / 'user'}"]
    command += ["--virtual-time-budget=60000", "--dump-dom", path.as_uri()]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    found = re.search(r'data-found="([^"]*)"', run.stdout)
    assert found is not None, run.stdout[-2000:] + run.stderr[-2000:]
    answer: dict[str, Any] = json.loads(html.unescape(found[1]))
    return answer


def test_f5_mermaid_draws_every_node_and_edge(spec: Any, written: Any, tmp_path: Path) -> None:
    nets = {name: spec(name).net for name in ("lenet5", "resnet34", "googlenet")}
    nets |= {"unet": written(UNET), "fpn": written(FPN)}
    charts = {
        f"{name} {level}": write_mermaid(net, {"level": level})[0]
        for name, net in nets.items()
        for level in ("block", "layer")
    }
    found = rendered(charts, tmp_path)
    for name, text in charts.items():
        drawn = found[name]
        assert "fault" not in drawn, (name, drawn)
        assert drawn["edges"] == text.count(" -->")
        assert drawn["nodes"] == len(set(re.findall(r"(?m)^ +n(\d+)[(\[{]", text)))
    assert "3×3 conv, 64" in " ".join(found["resnet34 layer"]["words"])


def test_s24_mermaid_shows_hostile_names_as_they_are(spec: Any, tmp_path: Path) -> None:
    charts = {
        str(index): write_mermaid(renamed(spec("lenet5").net, name), {"level": "layer"})[0]
        for index, name in enumerate(NASTY)
    }
    found = rendered(charts, tmp_path)
    for index, name in enumerate(NASTY):
        drawn = found[str(index)]
        assert drawn.get("scripts") == 0, (name, drawn)
        assert drawn["edges"] == charts[str(index)].count(" -->")
    assert any("<script>alert" in word for word in found["0"]["words"])
