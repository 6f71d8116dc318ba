"""What data, logging and checkpoints cost beside the steps themselves: one JSON line.

    python benchmarks/train_overhead.py [FILE.py] [--gpu] [--steps 200] [-o RESULT.json]

Runs the loop of `cnnspec train` on synthetic images with its parts timed where they are called. The
goals: all of them at most 3 % of the time, checkpoint safety (sha256, fsync and the rename, beside
writing the same bytes plainly) at most 1 % at the default interval of a minute. On a GPU the loop
does not wait for the device, and shares are of the host's time.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save

from cnnspec.train import loop
from cnnspec.train.arguments import read_arguments
from cnnspec.train.checkpoint import save_checkpoint
from cnnspec.train.device import machine
from cnnspec.train.prepare import prepare
from cnnspec.train.progress import Plain
from cnnspec.train.run import Run
from cnnspec.train.state import State
from cnnspec.train.stop import Stop

ROOT = Path(__file__).resolve().parent.parent
GOAL, SAFETY_GOAL = 3.0, 1.0  # percent
SAVES = 10


class Timed:
    """Calls that are timed by name."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.spent: dict[str, float] = {}

    def wrap(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that counts its time under a name."""

        def call(*args: Any, **more: Any) -> Any:
            begun = time.perf_counter()
            try:
                return real(*args, **more)
            finally:
                took = time.perf_counter() - begun
                self.spent[name] = self.spent.get(name, 0.0) + took

        return call


def safety(state: State, folder: Path) -> tuple[float, float]:
    """Return the seconds of a checkpoint, and of writing the same tensors and values plainly."""
    tensors, values = state.tensors(), state.values()
    begun = time.perf_counter()
    for number in range(SAVES):
        save_checkpoint(folder / "safe", number, tensors, values)
    safe = (time.perf_counter() - begun) / SAVES
    begun = time.perf_counter()
    for _ in range(SAVES):
        contiguous = {name: tensor.contiguous() for name, tensor in tensors.items()}
        (folder / "plain.safetensors").write_bytes(save(contiguous))
        (folder / "plain.json").write_text(json.dumps(values))
    return safe, (time.perf_counter() - begun) / SAVES


def measure(given: argparse.Namespace, folder: Path) -> dict[str, object]:
    """Run the loop with its parts timed."""
    flags = ["--data", "synthetic", "--steps", str(given.steps), "--eval-every", str(given.steps)]
    flags += ["--gpu"] if given.gpu else []
    plan, state = prepare(read_arguments([str(given.file), *flags]))
    run, timed = Run(folder), Timed()
    plan.batches.take = timed.wrap("data", plan.batches.take)  # type: ignore[method-assign]
    loop.log_training = timed.wrap("logging", loop.log_training)
    loop.log_test = timed.wrap("test", loop.log_test)
    loop.write_checkpoint = timed.wrap("checkpoints", loop.write_checkpoint)
    begun = time.perf_counter()
    with Stop() as stop:
        loop.train(plan, state, run, stop, Plain())
    whole = time.perf_counter() - begun - timed.spent.pop("test")
    safe, plainly = safety(state, folder)
    per_minute = timed.spent.pop("checkpoints") and safe / loop.SAVE_SECONDS
    shares = {name: round(100 * spent / whole, 3) for name, spent in timed.spent.items()}
    shares["checkpoints"] = round(100 * per_minute, 3)
    total, cost = sum(shares.values()), 100 * (safe - plainly) / loop.SAVE_SECONDS
    return {
        "benchmark": "train_overhead",
        "net": plan.net.name,
        "machine": machine(plan.compute.device),
        "how": plan.compute.describe(),
        "steps": given.steps,
        "step_ms": round(1000 * whole / given.steps, 2),
        "percent": shares,
        "overhead_percent": round(total, 3),
        "goal": GOAL,
        "checkpoint_ms": round(1000 * safe, 2),
        "plain_save_ms": round(1000 * plainly, 2),
        "safety_percent": round(cost, 4),
        "safety_goal": SAFETY_GOAL,
        "ok": total <= GOAL and cost <= SAFETY_GOAL,
    }


def main() -> int:
    """Measure, print the line, and write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("file", nargs="?", type=Path, default=ROOT / "generated" / "resnet20.py")
    parser.add_argument("--gpu", action="store_true")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("-o", "--output", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = measure(given, Path(folder))
    line = json.dumps(result)
    print(line)
    if given.output:
        given.output.write_text(line + "\n", encoding="utf-8")
    return 0 if result["ok"] else 1


if __name__ == "__main__":
    torch.manual_seed(0)
    sys.exit(main())
