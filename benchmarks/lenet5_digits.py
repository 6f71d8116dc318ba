"""LeNet-5 on the digits of scikit-learn: five seeds, both splits, as one JSON line.

    python benchmarks/lenet5_digits.py [FILE.py] [-o benchmarks/results/lenet5_digits.json]

Every run is `cnnspec train FILE.py --data SPLIT --set classes=10 --seed N` with the trainer's
defaults; accuracies are those after the last epoch, in percent.
"""

import argparse
import contextlib
import io
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import torch

from cnnspec.train.cli import main
from cnnspec.train.device import machine

ROOT = Path(__file__).resolve().parent.parent
SEEDS = range(5)
SPLITS = ("digits", "digits:writers")


def accuracy(module: Path, data: str, seed: int, out: str) -> float:
    """Train once and return the test accuracy in percent; leave the program where that fails."""
    argv = [str(module), "--data", data, "--set", "classes=10", "--seed", str(seed)]
    heard = io.StringIO()
    with contextlib.redirect_stdout(heard):
        status = main([*argv, "--out", out, "--format", "json"])
    if status:
        sys.exit(status)
    return 100 - float(json.loads(heard.getvalue())["top1_error"])


def measure(module: Path) -> dict[str, object]:
    """Train all seeds on both splits."""
    result: dict[str, object] = {
        "benchmark": "lenet5_digits",
        "command": "cnnspec train generated/lenet5.py --data SPLIT --set classes=10 --seed N",
        "machine": machine(torch.device("cpu")),
    }
    with tempfile.TemporaryDirectory() as out:
        for data in SPLITS:
            begun = time.monotonic()
            found = [round(accuracy(module, data, seed, out), 2) for seed in SEEDS]
            result[data] = {
                "accuracy": found,
                "mean": round(statistics.mean(found), 2),
                "seconds": round(time.monotonic() - begun, 1),
            }
    return result


def run() -> None:
    """Measure, print the line, and write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("file", nargs="?", type=Path, default=ROOT / "generated" / "lenet5.py")
    parser.add_argument("-o", "--output", type=Path)
    given = parser.parse_args()
    line = json.dumps(measure(given.file))
    print(line)
    if given.output:
        given.output.write_text(line + "\n", encoding="utf-8")


if __name__ == "__main__":
    run()
