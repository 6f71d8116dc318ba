"""What the proof of a module costs beside writing it: CPU time over the zoo, in one run.

    python benchmarks/proof_cost.py              # every net of specs/, best of 3
    python benchmarks/proof_cost.py densenet264 resnet1202

Prints the ratio of the sums (the goal is at most 0.35), the median ratio of a net, and the nets
with the highest ratios (densenet264 below 1.0).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time

from cnnspec.backends.torch import draft
from cnnspec.backends.torch.proof import prove
from cnnspec.elaborate.workspace import Elaborated, Workspace

SPECS = Path(__file__).resolve().parent.parent / "specs"
ROUNDS, SHOWN = 3, 8


def nets(names: list[str]) -> list[Elaborated]:
    """The nets that are named, else all of specs/ that have their values."""
    workspace, found = Workspace(), []
    for path in sorted(SPECS.glob("*.cnn")):
        unit = workspace.read(str(path))
        assert unit is not None, path
        for name in unit.nets:
            elaborated = workspace.elaborate(unit, name)
            if elaborated is not None and (not names or name in names):
                found.append(elaborated)
    return found


def seconds(work: Callable[[], object]) -> float:
    """The best CPU time of some rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = process_time()
        work()
        best = min(best, process_time() - start)
    return best


def measure(net: Elaborated) -> tuple[float, float]:
    """Seconds to write a module, and to prove it."""
    text = draft(net)
    proof = seconds(lambda: prove(net.net, text, args=net.args, recipe=net.recipe))
    return seconds(lambda: draft(net)), proof


def main() -> None:
    """Measure, and print."""
    rows = [(net.net.name, *measure(net)) for net in nets(sys.argv[1:])]
    written, proved = sum(row[1] for row in rows), sum(row[2] for row in rows)
    print(f"{len(rows)} nets: written in {written:.2f} s, proved in {proved:.2f} s of CPU time")
    print(
        f"ratio of the sums {proved / written:.2f}, median {median(p / w for _, w, p in rows):.2f}"
    )
    for name, w, p in sorted(rows, key=lambda row: -row[2] / row[1])[:SHOWN]:
        print(f"  {p / w:.2f}  {name}: {1e3 * w:.1f} ms, {1e3 * p:.1f} ms")


if __name__ == "__main__":
    main()
