"""The long run: every style over all of specs/ and 300 random nets. `python -m tests.draw.walk`.

Prints for each style how many nets it takes and how many layers are missing; 1 when any are.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from cnnspec.draw import DrawError
from cnnspec.elaborate.workspace import Workspace
from cnnspec.ir import Net
from tests.draw import cover
from tests.draw.literature import NETS
from tests.fuzz.nets import elaborate
from tests.fuzz.strategies import drawn

ROOT = Path(__file__).parents[2]


def shipped() -> Iterator[tuple[str, Net]]:
    for path in sorted((ROOT / "specs").glob("*.cnn")):
        workspace = Workspace()
        unit = workspace.read(str(path))
        found = workspace.elaborate(unit, path.stem) if unit else None
        assert found is not None, path
        yield path.stem, found.net


def literature() -> Iterator[tuple[str, Net]]:
    for name, text in NETS.items():
        yield name, elaborate(text.replace("net x()", "net it()")).net


def random(count: int, seed: int) -> Iterator[tuple[str, Net]]:
    for number, spec in enumerate(drawn(seed, count)):
        yield f"random net {number} of seed {seed}\n{spec.text}", elaborate(spec.text).net


def main() -> int:
    """Walk everything; the figures as one JSON line."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--nets", type=int, default=300, help="random nets")
    options.add_argument("--seed", type=int, default=0)
    wanted = options.parse_args()
    takes, faults, nets = Counter[str](), Counter[str](), 0
    refused: Counter[str] = Counter()
    for found in (shipped(), literature(), random(wanted.nets, wanted.seed)):
        for name, net in found:
            nets += 1
            for style in cover.STYLES:
                try:
                    missing = cover.faults(net, style)
                except DrawError:
                    refused[style] += 1
                    continue
                except Exception as error:
                    missing = [f"{type(error).__name__}: {error}"]
                takes[style] += 1
                _report(faults, style, name, missing)
            takes["graph"] += 1
            _report(faults, "graph", name, cover.graph_faults(net))
            try:
                _report(faults, "html", name, cover.html_faults(net))
                takes["html"] += 1
            except DrawError:
                refused["html"] += 1
    print(json.dumps({"nets": nets, "takes": takes, "refused": refused, "missing": faults}))
    return int(bool(faults.total()))


def _report(faults: Counter[str], style: str, name: str, missing: list[str]) -> None:
    faults[style] += len(missing)
    for fault in missing[:3]:
        print(f"{style}: {fault} in {name}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
