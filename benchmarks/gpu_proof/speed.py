"""Images a second: ours three ways, a textbook loop, a good loop, torchvision's module; in turns.

Beside them the memory line: the images a second that the measured bandwidth allows where every op
reads and writes memory, which the compiler predicts (predicted.json).
"""

import contextlib
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.gpu_proof import byhand
from benchmarks.gpu_proof.facts import copy_speed
from benchmarks.gpu_proof.proof import PREDICTED, Proof, Report
from benchmarks.gpu_proof.stepper import numbered, stepper
from benchmarks.peers import torchvision_models
from cnnspec.train.arguments import read_arguments
from cnnspec.train.faster import choose_step
from cnnspec.train.module import build, load
from cnnspec.train.prepare import prepare

# by how much each is worth: what no longer fits is left out
CASES = (("resnet20", 128), ("resnet50", 256), ("resnet20", 1024), ("resnet110", 128),
         ("resnet56", 128), ("resnet50", 128), ("resnet110", 1024), ("resnet56", 1024))  # fmt: skip
COMPILED = (("resnet20", 128), ("resnet50", 256))
ROUNDS, SECONDS = 5, 0.3  # of each, in turns
NEEDED = {"resnet20": 12.0, "resnet56": 14.0, "resnet110": 18.0, "resnet50": 25.0}
GOALS = {"resnet20 128": 176_000, "resnet50 256": 4_300}  # img/s on one H100 (trainer.md, T6)
Step = Callable[[int], None]


def run(proof: Proof, report: Report) -> None:
    """Measure case after case while there is time; then streamed images."""
    told = json.loads(PREDICTED.read_text())["lines"]
    bandwidth = copy_speed(proof)
    report.note("copy_bytes_per_second", bandwidth)
    found: dict[str, Any] = {}
    torch.backends.cudnn.benchmark = True
    for net, batch in proof.pick(CASES, CASES[:2]):
        name = f"{net} {batch}"
        if proof.left() < proof.pick(NEEDED[net] + 15.0, 0.5):
            found[name] = "no time"
            continue
        entry = measured(proof, net, proof.pick(batch, 4), (net, batch) in COMPILED)
        entry["memory line"] = round(told[name]["training_eager"] * bandwidth
                                     / told[name]["bandwidth"])  # fmt: skip
        found[name] = entry
        report.note("speed", found)
        goals(report, name, entry)
        torch.cuda.empty_cache()
    report.note("speed", found)
    if proof.left() > proof.pick(10.0, 0.0):
        report.note("streamed", streamed(proof))


def goals(report: Report, name: str, entry: dict[str, Any]) -> None:
    """Note which goals of T6 a case meets."""
    ours = entry["ours"]["graph"]
    if name in GOALS:
        report.goal(f"{name}: at least {GOALS[name]:,} img/s", ours >= GOALS[name])
    if name == "resnet20 128":
        report.goal(f"{name}: half the memory line", ours >= 0.5 * entry["memory line"])
        report.goal(f"{name}: 3 times a textbook loop", ours >= 3 * entry["textbook"])
    report.goal(f"{name}: not below a good loop", ours >= 0.98 * entry["good loop, graph"])
    if "torchvision" in entry:
        report.goal(f"{name}: not below torchvision's", ours >= 0.98 * entry["torchvision"])


def measured(proof: Proof, net: str, batch: int, compile_it: bool) -> dict[str, Any]:
    """Return the median images a second of each way."""
    module, device = load(Path(proof.module(net))), torch.device("cuda")
    flags = ["--gpu", "--data", "synthetic", "--batch", str(batch), "--steps", "1000"]
    images = torch.randn(batch, *module.input_size, device=device)
    images = images.contiguous(memory_format=torch.channels_last)
    labels = torch.zeros(batch, dtype=torch.int64, device=device)
    path = proof.module(net)
    ways: dict[str, Step] = {
        "graph": ours(path, flags, False, True),
        "eager": ours(path, flags, False, False),
        "textbook": fixed(byhand.textbook(fresh(module)), images.contiguous(), labels),
        "good loop": fixed(byhand.good(fresh(module), device), images, labels),
    }
    if compile_it:
        ways["compile + graph"] = ours(path, flags, True, True)
    good = byhand.captured(byhand.good(fresh(module), device), images, labels)
    ways["good loop, graph"] = fixed(good, images, labels)
    theirs = torchvisions(net, device)
    if theirs is not None:
        step = byhand.captured(byhand.good(theirs, device), images, labels)
        ways["torchvision"] = fixed(step, images, labels)
    speeds = in_turns(proof, ways, batch)
    mine = {name: speeds.pop(name) for name in ("graph", "eager", "compile + graph")
            if name in speeds}  # fmt: skip
    return {"ours": mine, **speeds}


def ours(path: str, flags: list[str], compile_it: bool, graph: bool) -> Step:
    """Return the trainer's step with its data, as a function of the step's number."""
    return stepper(*prepare(read_arguments([path, *flags])), compile_it, graph)


def fresh(module: Any) -> nn.Module:
    """Return the net with new weights, on the card."""
    return build(module, []).cuda().train()


def fixed(step: Callable[[Tensor, Tensor], None], images: Tensor, labels: Tensor) -> Step:
    """Return a step on a batch that lies there: such loops pay nothing for data."""
    return lambda _: step(images, labels)


def torchvisions(net: str, device: torch.device) -> nn.Module | None:
    """Return torchvision's net of that name, None where there is none."""
    models = torchvision_models() if net.startswith("resnet50") else None
    return None if models is None else models.resnet50(weights=None).to(device).train()


def in_turns(proof: Proof, ways: dict[str, Step], batch: int) -> dict[str, float]:
    """Return medians over rounds in which each has its turn."""
    counts = {}
    for name, step in ways.items():
        spent(step, 3)
        counts[name] = max(2, int(proof.pick(SECONDS, 0.0) / max(1e-4, spent(step, 5) / 5)))
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(proof.pick(ROUNDS, 1)):
        for name, step in ways.items():
            found[name].append(batch * counts[name] / spent(step, counts[name]))
    return {name: round(statistics.median(speeds), 1) for name, speeds in found.items()}


def spent(step: Step, count: int, first: int = 0) -> float:
    """Return the seconds of some steps, from a number on."""
    torch.cuda.synchronize()
    begun = time.perf_counter()
    for number in range(first, first + count):
        step(number)
    torch.cuda.synchronize()
    return time.perf_counter() - begun


def streamed(proof: Proof) -> dict[str, float]:
    """Return what workers reach beside resident images, and the share that the card idles."""
    size, batch = proof.pick(2_000, 16), proof.pick(128, 8)
    tree = write_tree(proof.out / "tree", size)
    steps, flags = size // batch - 1, ["--gpu", "--data", f"folder:{tree}", "--batch", str(batch)]
    flags += ["--set", "classes=2", "--workers", str(proof.pick(12, 1)), "--steps", "100000"]
    speeds = {}
    for name, extra in (("resident", []), ("streamed", ["--scale", "0.5,1"])):
        plan, state = prepare(read_arguments([proof.module("resnet20"), *flags, *extra]))
        take, _ = choose_step(state.work, *plan.batches.take(0), False, None)
        step = numbered(plan, state, take)
        spent(step, min(3, steps))
        speeds[name] = round(batch * steps / spent(step, steps, first=3), 1)
        with contextlib.suppress(Exception):
            plan.batches.close()
    idle = round(100 * max(0.0, 1 - speeds["streamed"] / speeds["resident"]), 1)
    return {**speeds, "idle percent": idle}


def write_tree(folder: Path, count: int) -> Path:
    """Write JPEGs of two classes, 64x64."""
    import numpy as np
    from PIL import Image

    numbers = np.random.default_rng(0)
    for split, images in (("train", count), ("val", 8)):
        for label in ("a", "b"):
            place = folder / split / label
            place.mkdir(parents=True, exist_ok=True)
            for index in range(images // 2):
                pixels = numbers.integers(0, 256, (64, 64, 3), np.uint8)
                Image.fromarray(pixels).save(place / f"{index}.jpg", quality=85)
    return folder
