"""A page run in headless Chromium by the tests of figures."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
BUILD = Path(__file__).parents[2] / "build"
_OPTIONS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync "
    "--virtual-time-budget=60000 --dump-dom"
)


def missing(script: str) -> str:
    """Why no page with a script of build/ can run here; empty where it can."""
    if CHROMIUM is not None and (BUILD / script).is_file():
        return ""
    return f"needs Chromium and `make build/{script}`, which needs npm"


def found(script: str, body: str, given: Any, folder: Path) -> dict[str, Any]:
    """What the JavaScript `body` puts into `out`, with a script of build/ and `given` at hand.

    Raises AssertionError where it puts nothing there.
    """
    data = json.dumps(given).replace("<", "\\u003c")
    page = f"""<!DOCTYPE html><meta charset="utf-8"><script>mxBasePath = "";</script>
<script src="{(BUILD / script).as_uri()}"></script><body><script>
(async () => {{
  const given = {data}, out = {{}};
  {body}
  document.body.dataset.found = JSON.stringify(out);
}})();
</script></body>"""
    path = folder / "a.html"
    path.write_text(page, encoding="utf-8")
    home = f"--user-data-dir={folder / 'user'}"
    command = [str(CHROMIUM), *_OPTIONS.split(), home, path.as_uri()]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    said = re.search(r'data-found="([^"]*)"', run.stdout)
    assert said is not None, run.stdout[-2000:] + run.stderr[-2000:]
    answer: dict[str, Any] = json.loads(html.unescape(said[1]))
    return answer
