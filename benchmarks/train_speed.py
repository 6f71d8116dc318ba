"""Training speed beside a plain PyTorch loop and torchvision's model: one JSON line a net.

    python benchmarks/train_speed.py [--gpu] [--nets resnet20,resnet50] [-o RESULT.json]

All take the same number of images in the same process, in turns, on noise made beforehand:

ours         this trainer's step as `cnnspec train` takes it, augmentation included
plain        the same net in a textbook loop: fp32, no channels_last, `.item()` every step, and no
             data work at all
good         the same net in a loop of somebody who knows: channels_last, bf16 autocast, fused
             optimizer, nothing read; on a GPU in a CUDA graph of its own; no data work
torchvision  torchvision's model of the same name in this trainer's step

On a GPU the goals are trainer.md's: CIFAR nets 3 times plain and 176,000 img/s for ResNet-20,
ResNet-50 4,300 img/s and not below torchvision's.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.gpu_proof import byhand  # noqa: E402
from benchmarks.gpu_proof.stepper import numbered  # noqa: E402
from benchmarks.peers import torchvision_models  # noqa: E402
from cnnspec.train.arguments import read_arguments  # noqa: E402
from cnnspec.train.device import machine  # noqa: E402
from cnnspec.train.faster import choose_step  # noqa: E402
from cnnspec.train.prepare import prepare  # noqa: E402
from cnnspec.train.state import State  # noqa: E402

GOALS = {"resnet20": 176_000, "resnet50": 4_300}  # img/s on one H100
Batch = tuple[Tensor, Tensor]
Taken = Callable[[int], None]


def ours(net: str, flags: list[str]) -> tuple[Taken, State, str]:
    """Return our step as a function of its number."""
    module = str(ROOT / "generated" / f"{net}.py")
    plan, state = prepare(read_arguments([module, *flags]))
    take, notes = choose_step(state.work, *plan.batches.take(0), plan.compile, plan.graph)
    return numbered(plan, state, take), state, "; ".join([plan.compute.describe(), *notes])


def plain(net: nn.Module, batches: list[Batch]) -> Taken:
    """Return the textbook loop's step."""
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)

    def step(number: int) -> None:
        images, labels = batches[number % len(batches)]
        optimizer.zero_grad()
        loss = F.cross_entropy(net(images), labels)
        loss.backward()
        optimizer.step()
        loss.item()

    return step


def theirs(net: str, flags: list[str], folder: Path) -> Taken | None:
    """Return torchvision's model in our step; None where it has none of that name and input."""
    models = torchvision_models()
    if models is None or net not in ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152"):
        return None
    text = f"from torchvision.models import {net}\nINPUT_SIZE = (3, 224, 224)\nRECIPE = {{}}\n"
    path = folder / f"{net}.py"
    path.write_text(text)
    plan, state = prepare(read_arguments([str(path), *flags]))
    take, _ = choose_step(state.work, *plan.batches.take(0), plan.compile, plan.graph)
    return numbered(plan, state, take)


def seconds(step: Taken, steps: int, gpu: bool) -> float:
    """Return the time of some steps."""
    if gpu:
        torch.cuda.synchronize()
    begun = time.perf_counter()
    for number in range(steps):
        step(number)
    if gpu:
        torch.cuda.synchronize()
    return time.perf_counter() - begun


def measure(net: str, given: argparse.Namespace, folder: Path) -> dict[str, object]:
    """Time all in turns, after a round that counts for nothing; the median of the rounds."""
    flags = ["--data", "synthetic", "--batch", str(given.batch), "--threads", str(given.threads)]
    flags += ["--gpu"] if given.gpu else []
    step, state, words = ours(net, flags)
    device = next(state.model.parameters()).device
    model, batches = plain_parts(net, given, device)
    entries: dict[str, Taken | None] = {"ours": step, "plain": plain(model, batches)}
    model, batches = plain_parts(net, given, device)
    entries["good"] = good(model, batches, given.gpu)
    entries["torchvision"] = theirs(net, flags, folder)
    times: dict[str, list[float]] = {name: [] for name, found in entries.items() if found}
    for turn in range(given.rounds + 1):
        for name in times:
            found = entries[name]
            assert found is not None
            spent = seconds(found, given.steps, given.gpu)
            if turn:
                times[name].append(given.steps * given.batch / spent)
    speed = {name: round(statistics.median(found), 1) for name, found in times.items()}
    result: dict[str, object] = {
        "benchmark": "train_speed", "net": net, "batch": given.batch, "how": words,
        "machine": machine(device), "images_per_second": speed,
        "to_plain": ratio(times, "plain"), "to_good": ratio(times, "good"),
    }  # fmt: skip
    if "torchvision" in speed:
        result["to_torchvision"] = ratio(times, "torchvision")
    if given.gpu and net in GOALS:
        result["goal"], result["met"] = GOALS[net], speed["ours"] >= GOALS[net]
    return result


def ratio(times: dict[str, list[float]], other: str) -> float:
    """Return the median over the rounds of ours to another: what a busy machine disturbs least."""
    pairs = zip(times["ours"], times[other], strict=True)
    return round(statistics.median(mine / theirs for mine, theirs in pairs), 2)


def good(net: nn.Module, batches: list[Batch], gpu: bool) -> Taken:
    """Return the good loop's step, on batches in its own memory format."""
    batches = [(images.contiguous(memory_format=torch.channels_last), labels)
               for images, labels in batches]  # fmt: skip
    take = byhand.good(net, next(net.parameters()).device)
    take = byhand.captured(take, *batches[0]) if gpu else take
    return lambda number: take(*batches[number % len(batches)])


def plain_parts(
    net: str, given: argparse.Namespace, device: torch.device
) -> tuple[nn.Module, list[Batch]]:
    """Return the same net, as it is, and batches of noise."""
    from cnnspec.train.module import build, load

    module = load(ROOT / "generated" / f"{net}.py")
    model = build(module, []).to(device).train()
    classes = module.parameters.get("classes", 10)
    assert isinstance(classes, int)
    shape = (given.batch, *module.input_size)
    batches = [(torch.randn(shape, device=device),
                torch.randint(0, classes, (given.batch,), device=device))
               for _ in range(2)]  # fmt: skip
    return model, batches


def run() -> None:
    """Measure every net; print a line each, and write them where asked."""
    import tempfile

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--gpu", action="store_true")
    parser.add_argument("--nets", default="resnet20")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("-o", "--output", type=Path)
    given = parser.parse_args()
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        for net in given.nets.split(","):
            lines.append(json.dumps(measure(net, given, Path(folder))))
            print(lines[-1], flush=True)
    if given.output:
        given.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(run())
