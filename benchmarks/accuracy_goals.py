"""LeNet-5 on Fashion-MNIST at least 90 %, ResNet-20 on CIFAR-10-JPEG above 70 %: a line each.

    python benchmarks/accuracy_goals.py fashion --root DIR [-o RESULT.json]
    python benchmarks/accuracy_goals.py cifar --data tar:DIR/cifar10-jpeg [-o RESULT.json]

DIR of Fashion-MNIST holds fashion-mnist/ with the four idx files. CIFAR-10-JPEG is CIFAR-10 as JPEG
files (quality 75, chroma halved): its accuracies are not to be set beside those of the original.
Accuracies are those after the last step; exit status 1 where a goal is missed.
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
GOALS = {
    "fashion": (
        "generated/lenet5.py --data fashion-mnist --set classes=10 --epochs 20",
        "Fashion-MNIST",
        90.0,
    ),
    "cifar": (
        "generated/resnet20.py --steps 1200 --schedule cosine --eval-every 400",
        "CIFAR-10-JPEG",
        70.0,
    ),
}


def line(name: str, outcome: dict[str, object]) -> dict[str, object]:
    """Return what is said of a run that has ended."""
    command, data, goal = GOALS[name]
    accuracy = round(100 - float(str(outcome["top1_error"])), 2)
    return {
        "benchmark": f"accuracy_{name}",
        "command": f"cnnspec train {command}",
        "data": data,
        "machine": machine(torch.device("cpu")),
        "accuracy": accuracy,
        "goal": goal,
        "images_per_second": outcome["images_per_second"],
        "seconds": outcome["seconds"],
        "model_sha256": outcome["model_sha256"],
        "ok": accuracy > goal if name == "cifar" else accuracy >= goal,
    }


def run() -> int:
    """Train, print the line, and write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("goal", choices=tuple(GOALS))
    parser.add_argument("--root", default="data")
    parser.add_argument("--data", help="CIFAR-10-JPEG: tar:PATH or folder:PATH")
    parser.add_argument("-o", "--output", type=Path)
    given = parser.parse_args()
    argv = GOALS[given.goal][0].split()
    argv[0] = str(ROOT / argv[0])
    argv += ["--root", given.root] + (["--data", given.data] if given.data else [])
    heard = io.StringIO()
    with tempfile.TemporaryDirectory() as out, contextlib.redirect_stdout(heard):
        if status := main([*argv, "--out", out, "--format", "json"]):
            return status
    result = line(given.goal, json.loads(heard.getvalue()))
    print(json.dumps(result))
    if given.output:
        given.output.write_text(json.dumps(result) + "\n", encoding="utf-8")
    return 0 if result["ok"] else 1


if __name__ == "__main__":
    sys.exit(run())
