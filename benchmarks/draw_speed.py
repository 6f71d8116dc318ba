"""What a figure of every net of specs/ costs in CPU seconds, in every way to lay it out on a page.

    python benchmarks/draw_speed.py [part of a name ...] [--part N/M] [--digests FILE]

Style block to the foot of the page and to the right, on a slide (`--aspect 16:9`), and in parts
(`--split`); elaboration is not counted.  Prints what takes longer than 2 s, then JSON: the sum and
the slowest of each way.  `--digests` writes what tells the figures of two runs apart.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import process_time

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from cnnspec.draw import THEMES, figure  # noqa: E402
from cnnspec.draw.figures import parts  # noqa: E402
from cnnspec.draw.page.scene import Scene  # noqa: E402
from cnnspec.draw.writers.svg import write_svg  # noqa: E402
from cnnspec.ir import Net  # noqa: E402
from tests.draw.flow.run import shipped  # noqa: E402

MOST = 2.0
"""Seconds of CPU time that a figure may take."""
WAYS: dict[str, Callable[[Net], Sequence[Scene]]] = {
    "auto": lambda net: [figure(net, style="block")],
    "right": lambda net: [figure(net, style="block", direction="right")],
    "aspect": lambda net: [figure(net, aspect=16 / 9)],
    "split": parts,
}


def digest(scenes: Sequence[Scene]) -> str:
    """What tells the pictures of two runs apart."""
    found = hashlib.sha256()
    for scene in scenes:
        found.update(f"{scene.note}\n{write_svg(scene, THEMES['light'])}".encode())
    return found.hexdigest()


def main() -> int:
    """Time every net in every way; the exit status is 1 where one takes too long."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("names", nargs="*")
    options.add_argument("--part", default="1/1")
    options.add_argument("--digests", type=Path)
    wanted = options.parse_args()
    part, count = map(int, wanted.part.split("/"))
    found: dict[str, list[tuple[float, str]]] = {way: [] for way in WAYS}
    told: list[str] = []
    for number, (name, net) in enumerate(shipped(wanted.names)):
        if number % count == part - 1:
            for way, draw in WAYS.items():
                start = process_time()
                scenes = draw(net)
                found[way].append((process_time() - start, name))
                if wanted.digests:
                    told.append(f"{name}\t{way}\t{digest(scenes)}\n")
                if found[way][-1][0] > MOST:
                    print(f"{name}, {way}: {found[way][-1][0]:.1f} s", flush=True)
    if wanted.digests:
        wanted.digests.write_text("".join(told), "utf-8")
    print(json.dumps({
        way: {"nets": len(rows), "sum": round(sum(s for s, _ in rows), 1),
              "slowest": [round(max(rows)[0], 2), max(rows)[1]]}
        for way, rows in found.items() if rows
    }))  # fmt: skip
    return int(any(seconds > MOST for rows in found.values() for seconds, _ in rows))


if __name__ == "__main__":
    sys.exit(main())
