"""What figures of very large nets cost in CPU seconds, in every style and format.

    python benchmarks/draw_large.py [name ...] [--way WAY ...]

Ten thousand layers in a row, a thousand unequal blocks, tangles, a U of 5,000 layers, 2,000 arms
side by side, 3,000 rows of Inception modules, 60 calls in each other (64 are the most).
Elaboration is not counted.  Prints a table in Markdown; the exit status is 1 where a figure takes
longer than 2 s.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from cnnspec.draw import draw  # noqa: E402
from cnnspec.draw.files import draw_parts  # noqa: E402
from cnnspec.elaborate.workspace import Elaborated, Workspace  # noqa: E402
from tests.draw.flow import nets  # noqa: E402

MOST = 2.0
"""Seconds of CPU time that a figure may take."""
NETS: dict[str, Callable[[], str]] = {
    "chain of 10,000": lambda: nets.chain(10_000),
    "1,000 unequal blocks": lambda: nets.blocks(1000),
    "tangle of 60": lambda: nets.tangle(60, 0),
    "tangle of 400": lambda: nets.tangle(400, 0),
    "U of 5,000": lambda: nets.deep_u(5000),
    "2,000 arms": lambda: nets.arms(2000),
    "3,000 rows": lambda: nets.rows(3000),
    "nest of 60": lambda: nets.nest(60),
}
Draw = Callable[[Elaborated, Path], object]
WAYS: dict[str, Draw] = {
    "svg": lambda net, path: draw([net], path / "x.svg"),
    "right": lambda net, path: draw([net], path / "x.svg", direction="right"),
    "layer": lambda net, path: draw([net], path / "x.svg", level="layer"),
    "aspect": lambda net, path: draw([net], path / "x.svg", aspect=16 / 9),
    "split": lambda net, path: draw_parts(net, path / "x.svg"),
    "volumes": lambda net, path: draw([net], path / "x.svg", style="volumes"),
    "html": lambda net, path: draw([net], path / "x.html"),
    "mmd": lambda net, path: draw([net], path / "x.mmd"),
    "drawio": lambda net, path: draw([net], path / "x.drawio"),
    "table": lambda net, path: draw([net], path / "x.md", style="table"),
}


def elaborated(text: str) -> Elaborated:
    """The net of a text."""
    workspace = Workspace()
    unit = workspace.read_text(text, "net.cnn", "")
    found = workspace.elaborate(unit, "it") if unit else None
    assert found is not None, workspace.diagnostics
    return found


def seconds(draw: Draw, net: Elaborated) -> float | str:
    """What a figure costs, or what went wrong."""
    with TemporaryDirectory() as folder:
        start = process_time()
        try:
            draw(net, Path(folder))
        except Exception as error:
            return f"{type(error).__name__}: {error}"[:60]
        return process_time() - start


def main() -> int:
    """Time every net in every way."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("names", nargs="*")
    options.add_argument("--way", action="append", choices=WAYS)
    wanted = options.parse_args()
    ways = wanted.way or list(WAYS)
    print(f"| net | {' | '.join(ways)} |\n|{'---|' * (len(ways) + 1)}", flush=True)
    slow = False
    for name, text in NETS.items():
        if wanted.names and not any(word in name for word in wanted.names):
            continue
        net = elaborated(text())
        found = [seconds(WAYS[way], net) for way in ways]
        slow = slow or any(isinstance(one, str) or one > MOST for one in found)
        shown = (one if isinstance(one, str) else f"{one:.2f}" for one in found)
        print(f"| {name} | {' | '.join(shown)} |", flush=True)
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())
