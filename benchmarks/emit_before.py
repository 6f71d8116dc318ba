"""Writing a module, and its proof, against the emitter of commit fbd56b1, which proved nothing.

    python benchmarks/emit_before.py                # every net that both have, 5 rounds
    python benchmarks/emit_before.py --rounds 9 densenet264 resnet50

The old tree is unpacked to a temporary folder.  Processes of the two take turns; each emits every
net once, behind one that warms it up, and the least CPU time of a net in any round counts.  Specs
are read before the clock starts, each tree's own.  Each tree collects garbage as its `cnnspec gen`
does: the old one always, today's not while a command runs.  Prints a Markdown table; the goals are
0.50 for writing, 0.35 for the proof, both over the old emission, and 1.0 for the proof of
densenet264.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
OLD, FIRST, LARGE = "fbd56b1", "lenet5", "densenet264"
GOALS = {"written": 0.50, "proved": 0.35}

WORKER = """
import gc, json, sys
from pathlib import Path
from time import process_time
from cnnspec.elaborate.workspace import Workspace

workspace, nets = Workspace(), {}
for path in sorted(Path("specs").glob("*.cnn")):
    unit = workspace.read(str(path))
    for name in unit.nets:
        found = workspace.elaborate(unit, name)
        if found is not None:
            nets[name] = found

def timed(work):
    gc.collect()  # nobody pays for what another net has left
    start = process_time()
    found = work()
    return process_time() - start, found

try:
    from cnnspec.backends.torch import folded, others
    from cnnspec.backends.torch.proof import prove
    from cnnspec.backends.torch.specialise.folding import Folding
except ImportError:
    from cnnspec.backends.torch import emit

    def measure(net):
        return {"emitted": timed(lambda: emit(net))[0]}
else:
    from cnnspec.cli.app import LASTING
    if "gen" not in LASTING:
        gc.disable()

    def proof(there, text, tree, **values):
        prove(there.net, text, tree=tree, args=there.args, recipe=there.recipe, **values)

    def beside(net, made, text, tree):
        for there, values in others(net, made):
            proof(there, text, tree, values=values)

    def measure(net):
        written, (made, text, tree) = timed(lambda: folded(net, Folding()))
        proved, _ = timed(lambda: proof(net, text, tree))
        others, _ = timed(lambda: beside(net, made, text, tree))
        return {"written": written, "proved": proved, "others": others}

measure(nets[sys.argv[1]])
json.dump({name: measure(net) for name, net in nets.items()}, sys.stdout)
"""

Times = dict[str, dict[str, float]]
"""Seconds of CPU by net and what was done."""


def unpack(commit: str, folder: str) -> None:
    """The package, specs and templates of a commit."""
    parts = ["cnnspec", "specs", "templates", "pyproject.toml"]
    packed = subprocess.run(
        ["git", "archive", commit, *parts], cwd=ROOT, stdout=subprocess.PIPE, check=True
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")


def run(tree: Path | str) -> Times:
    """One process of a tree: every net once."""
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONHASHSEED": "0"}
    done = subprocess.run(
        [sys.executable, "-c", WORKER, FIRST], cwd=tree, env=environment, stdout=subprocess.PIPE,
        check=True,
    )  # fmt: skip
    found: Times = json.loads(done.stdout)
    return found


def least(runs: list[Times]) -> Times:
    """The least of each figure in any run."""
    return {
        net: {what: min(one[net][what] for one in runs) for what in runs[0][net]} for net in runs[0]
    }


def main() -> None:
    """Measure in turns, and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("nets", nargs="*")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    before, now = [], []
    with TemporaryDirectory() as folder:
        unpack(OLD, folder)
        for _ in range(given.rounds):
            before.append(run(folder))
            now.append(run(ROOT))
    old, new = least(before), least(now)
    both = [net for net in old if net in new and net in (given.nets or old)]
    emitted = sum(old[net]["emitted"] for net in both)
    print(
        f"{len(both)} nets, {given.rounds} rounds; {OLD} emitted them in {emitted:.2f} s of CPU\n"
    )
    print("| what | CPU s | of the old emission | goal |\n|---|--:|--:|--:|")
    for what in ("written", "proved", "others"):
        seconds = sum(new[net][what] for net in both)
        print(f"| {what} | {seconds:.2f} | {seconds / emitted:.2f} | {GOALS.get(what, '')} |")
    if LARGE in both:
        proof = new[LARGE]["proved"]
        print(f"| proof of {LARGE} | {proof:.3f} | {proof / old[LARGE]['emitted']:.2f} | 1.0 |")


if __name__ == "__main__":
    main()
