"""What all stages are told, and where their findings go."""

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parents[2]
PREDICTED = Path(__file__).with_name("predicted.json")
T = TypeVar("T")

TINY = '''"""A stand-in for a net of the zoo, for rehearsals."""

import torch
from torch import Tensor, nn

INPUT_SIZE = (3, 32, 32)
RECIPE: dict[str, object] = {"optimizer": {"name": "sgd", "lr": 0.05, "momentum": 0.9}}


def NAME(classes: int = 10) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, stride=4, bias=False), nn.BatchNorm2d(8), nn.ReLU(),
        nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(32, classes),
    )
'''


@dataclass(frozen=True)
class Proof:
    """Where to write, what to read, until when, and whether this is a rehearsal."""

    out: Path
    data: Path | None
    rehearse: bool
    ends: float  # time.time() at which everything is to be over

    def pick(self, real: T, rehearsed: T) -> T:
        """Return a count of the real run, or its small stand-in."""
        return rehearsed if self.rehearse else real

    def left(self) -> float:
        """Return the seconds that are left of the whole time."""
        return self.ends - time.time()

    def module(self, net: str) -> str:
        """Return the path of a net's module; of a small one by its name in a rehearsal."""
        if not self.rehearse:
            return str(ROOT / "generated" / f"{net}.py")
        path = self.out / "nets" / f"{net}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(TINY.replace("NAME", net), encoding="utf-8")
        return str(path)

    def cifar(self) -> list[str]:
        """Return the flags for CIFAR as the stage `data` left it, else for noise."""
        if (self.out / "cifar-10-batches-bin").is_dir():
            return ["--data", "cifar10", "--root", str(self.out)]
        return ["--data", "synthetic"]


@dataclass
class Report:
    """A stage's findings, on the disk as soon as they are known."""

    path: Path
    found: dict[str, object] = field(default_factory=dict)

    def note(self, key: str, value: object) -> None:
        """Keep a finding."""
        self.found[key] = value
        self.path.write_text(json.dumps(self.found), encoding="utf-8")

    def goal(self, name: str, met: bool) -> None:
        """Keep whether a goal is met."""
        goals = self.found.setdefault("goals", {})
        assert isinstance(goals, dict)
        self.note("goals", goals | {name: bool(met)})
