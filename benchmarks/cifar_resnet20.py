"""ResNet-20 for 300 steps on CIFAR-10-JPEG: held-out accuracy of three seeds, and a resumed run.

    python benchmarks/cifar_resnet20.py tar:DIR/cifar10-jpeg [FILE.py] [-o RESULT.json]

CIFAR-10-JPEG is CIFAR-10 as JPEG files (quality 75, chroma halved): its accuracies are not to be
set beside those of the original. Each run is `cnnspec train FILE.py --data DATA --steps 300 --seed
N`, batch 128 by the recipe; seed 0 runs once more, stopped after 150 steps and resumed. One JSON
line comes out, and exit status 1 where a goal is missed.
"""

import argparse
import contextlib
import io
import json
import sys
import tempfile
from pathlib import Path

import torch

from cnnspec.train.cli import main
from cnnspec.train.device import machine

ROOT = Path(__file__).resolve().parent.parent
SEEDS = range(3)
STEPS = 300
GOAL = 35.0  # percent of the 10,000 test images


def train(argv: list[str]) -> str:
    """Run the trainer and return what it printed; leave the program where that fails."""
    heard = io.StringIO()
    with contextlib.redirect_stdout(heard):
        status = main([*argv, "--format", "json"])
    if status:
        sys.exit(status)
    return heard.getvalue()


def measure(module: Path, data: str) -> dict[str, object]:
    """Train three seeds, and the first again with a stop in the middle."""
    with tempfile.TemporaryDirectory() as out:
        argv = [str(module), "--data", data, "--steps", str(STEPS), "--out", out]
        runs = [json.loads(train([*argv, "--seed", str(seed)])) for seed in SEEDS]
        train([*argv, "--seed", "0", "--name", "halved", "--stop-at", str(STEPS // 2)])
        resumed = json.loads(train(["--resume", str(Path(out) / module.stem / "halved")]))
    accuracies = [round(100 - run["top1_error"], 2) for run in runs]
    return {
        "benchmark": "cifar_resnet20",
        "command": f"cnnspec train generated/resnet20.py --data DATA --steps {STEPS} --seed N",
        "data": "CIFAR-10-JPEG",
        "machine": machine(torch.device("cpu")),
        "accuracy": accuracies,
        "goal": GOAL,
        "images_per_second": [run["images_per_second"] for run in runs],
        "seconds": [run["seconds"] for run in runs],
        "model_sha256": runs[0]["model_sha256"],
        "resumed_model_sha256": resumed["model_sha256"],
        "resumed_equal": runs[0]["model_sha256"] == resumed["model_sha256"],
        "ok": min(accuracies) > GOAL and runs[0]["model_sha256"] == resumed["model_sha256"],
    }


def run() -> int:
    """Measure, print the line, and write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", help="CIFAR-10-JPEG: tar:PATH or folder:PATH")
    parser.add_argument("file", nargs="?", type=Path, default=ROOT / "generated" / "resnet20.py")
    parser.add_argument("-o", "--output", type=Path)
    given = parser.parse_args()
    result = measure(given.file, given.data)
    line = json.dumps(result)
    print(line)
    if given.output:
        given.output.write_text(line + "\n", encoding="utf-8")
    return 0 if result["ok"] else 1


if __name__ == "__main__":
    sys.exit(run())
