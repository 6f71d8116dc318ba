"""What a key costs an editor: diagnostics and hints of a text that was changed, in CPU time.

    python benchmarks/editor_speed.py

Each net's text is changed nine times, and the median of the last eight is shown; the first pays for
imports.  The text of a net of a family file is that file with the net's own variant alone.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from statistics import median
from time import process_time

from cnnspec.editor import queries
from cnnspec.lsp.documents import Documents

SPECS = Path(__file__).resolve().parent.parent / "specs"
NETS = {
    "inception_v3": "inception_v3.cnn",
    "resnet1202": "resnet1202.cnn",
    "densenet264": "densenet264.cnn",
    "efficientnet_b7": "torchvision/efficientnet.cnn",
    "efficientnet (the whole file, 11 nets)": "torchvision/efficientnet.cnn",
}


def only(text: str, name: str) -> str:
    """A file without the variants of other names."""
    found = re.compile(
        r"^(?:##[^\n]*\n)*net (\w+) = [^{\n]*(?:\{.*?^\})?\n", re.DOTALL | re.MULTILINE
    )
    return found.sub(lambda match: match[0] if match[1] == name else "", text)


def milliseconds(file: Path, text: str) -> float:
    """The median cost of a key."""
    documents, times = Documents(), []
    for number in range(9):
        before = process_time()
        document, *_ = documents.update(file.as_uri(), str(file), f"{text}\n# {number}\n")
        document.own()
        facts, _ = documents.facts(document)
        queries.hints(document.source, facts)
        times.append(1000 * (process_time() - before))
    return median(times[1:])


if __name__ == "__main__":
    for name, path in NETS.items():
        file = SPECS / path
        text = file.read_text(encoding="utf-8")
        text = only(text, name) if name.isidentifier() else text
        print(json.dumps({"net": name, "cpu_ms": round(milliseconds(file, text))}))
