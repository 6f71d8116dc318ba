"""Times `cnnspec check specs/resnet1202.cnn` beside torchinfo on the same net.

Both as whole processes, interleaved in one run on the same machine; prints one JSON line:

    python benchmarks/check_speed.py --pairs 5

The goal is a ratio of at most 1/20, with no heavy module loaded by the check.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent
SPEC = "specs/resnet1202.cnn"
MODULE = "generated/resnet1202.py"
HEAVY = ("torch", "networkx", "jinja2", "graphviz", "numpy", "pygraphviz", "rich", "typer")
GOAL = 1 / 20

TORCHINFO = """
import runpy, sys, torchinfo
names = runpy.run_path(sys.argv[1])
torchinfo.summary(names["resnet1202"](), input_size=(1, 3, 32, 32), verbose=0)
"""
LOADED = f"""
import sys
from cnnspec.cli.app import run
status = run(["check", {SPEC!r}])
print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
sys.exit(status)
"""


def seconds(*arguments: str) -> float:
    """Whole-process time of this Python with `arguments`; fails when the process does."""
    started = perf_counter()
    subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - started


def heavy_modules() -> list[str]:
    """The heavy modules that a check loads."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=ROOT, check=True, capture_output=True, text=True
    )
    loaded = done.stderr.strip().splitlines()[-1]
    return [name for name in HEAVY if f"'{name}'" in loaded]


def module(folder: str) -> str:
    """The net as PyTorch: the committed module, else one written to `folder`."""
    if (ROOT / MODULE).is_file():
        return MODULE
    seconds("-m", "cnnspec", "gen", SPEC, "-o", folder)
    return f"{folder}/{Path(MODULE).name}"


def measure(pairs: int) -> dict[str, object]:
    """Run warm-ups and `pairs` interleaved pairs."""
    with TemporaryDirectory() as folder:
        return compare(pairs, module(folder))


def compare(pairs: int, path: str) -> dict[str, object]:
    """Time `cnnspec check` and torchinfo on the module at `path` in turn."""
    check = ("-m", "cnnspec", "check", SPEC)
    torchinfo = ("-c", TORCHINFO, path)
    seconds(*check)
    seconds(*torchinfo)
    times = [(seconds(*check), seconds(*torchinfo)) for _ in range(pairs)]
    ours, theirs = median(t for t, _ in times), median(t for _, t in times)
    return {
        "bench": "check_speed",
        "net": "resnet1202",
        "pairs": pairs,
        "check_s": round(ours, 3),
        "torchinfo_s": round(theirs, 3),
        "ratio": round(ours / theirs, 4),
        "ratio_min_max": [round(f(a / b for a, b in times), 4) for f in (min, max)],
        "goal": GOAL,
        "met": ours / theirs <= GOAL,
        "heavy_modules": heavy_modules(),
        "cpus": os.cpu_count(),
        "python": sys.version.split()[0],
    }


def main() -> None:
    """Print the figures as one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=5)
    print(json.dumps(measure(parser.parse_args().pairs)))


if __name__ == "__main__":
    main()
