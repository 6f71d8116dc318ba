"""Images a second of a generated module beside torchvision's net, and the ratio of the two.

Interleaved pairs in one process on equal weights, forward (eval) and a training step (SGD):

    python benchmarks/codegen_speed.py                            # six nets, 15 pairs, CPU
    python benchmarks/codegen_speed.py --device cuda --batch 64
    python benchmarks/codegen_speed.py --net resnet18 --pairs 2 --size 64 --out ""   # a try

Writes benchmarks/results/codegen_speed_DEVICE.json and prints it as one line: for each net and mode
the medians, the median of the pairs' ratios (ours over torchvision's: 1 is equal, more is faster)
and its 95 % interval by order statistics.  The goal is an interval that reaches 0.98 and excludes
0.90.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.peers import torchvision_models  # noqa: E402

NETS = {
    "resnet18": "resnet18",
    "resnet50": "resnet50",
    "vgg_a": "vgg11",
    "googlenet_bn": "googlenet",
    "inception_v3": "inception_v3",
    "densenet121": "densenet121",
}
"""Our net -> torchvision's."""
RESULTS = ROOT / "benchmarks" / "results"
LEAST, REACHES = 0.90, 0.98


def generated(name: str) -> Any:
    """The committed module of a net."""
    path = ROOT / "generated" / f"{name}.py"
    found = importlib.util.spec_from_file_location(name, path)
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules[name] = module
    found.loader.exec_module(module)
    return module


def pair(models: Any, name: str, device: str) -> tuple[Any, Any, int]:
    """Both nets with equal weights on a device, and the image size."""
    other = NETS[name]
    headed = other in ("googlenet", "inception_v3")
    words = {"init_weights": False, "transform_input": False} if headed else {}
    theirs = getattr(models, other)(weights=None, **words)
    module = generated(name)
    ours = getattr(module, name)()
    ours.load_state_dict(theirs.state_dict(), strict=True)
    for net in (ours, theirs):
        net.to(device=device, memory_format=torch.channels_last)
    return ours, theirs, module.INPUT_SIZE[1]


def forward(net: Any, x: torch.Tensor) -> Callable[[], object]:
    """A function that runs the net once in eval."""

    def run() -> object:
        net.eval()
        with torch.inference_mode():
            return net(x)

    return run


def step(net: Any, x: torch.Tensor) -> Callable[[], object]:
    """A function that makes one training step."""
    optimizer = torch.optim.SGD(net.parameters(), lr=1e-4, momentum=0.9)
    labels = torch.zeros(len(x), dtype=torch.long, device=x.device)

    def run() -> object:
        net.train()
        optimizer.zero_grad(set_to_none=True)
        outputs = net(x)
        every = outputs if isinstance(outputs, tuple) else (outputs,)
        loss = sum(torch.nn.functional.cross_entropy(y, labels) for y in every)
        loss.backward()
        optimizer.step()
        return loss

    return run


def seconds(run: Callable[[], object], calls: int, device: str) -> float:
    """Time of `calls` calls, the device's work finished."""
    if device == "cuda":
        torch.cuda.synchronize()
    started = perf_counter()
    for _ in range(calls):
        run()
    if device == "cuda":
        torch.cuda.synchronize()
    return perf_counter() - started


def interval(values: list[float]) -> tuple[float, float]:
    """A 95 % interval of the median: order statistics n/2 -+ 0.98 sqrt(n) of the sorted values."""
    ordered, n = sorted(values), len(values)
    reach = 0.98 * n**0.5
    low, high = max(0, int(n / 2 - reach)), min(n - 1, int(n / 2 + reach))
    return ordered[low], ordered[high]


def compare(
    ours: Callable[[], object], theirs: Callable[[], object], options: argparse.Namespace
) -> dict[str, object]:
    """Warm up, then time pairs; which one goes first changes from pair to pair."""
    for run in (ours, theirs):
        seconds(run, max(2, options.calls), options.device)
    times: list[tuple[float, float]] = []
    for number in range(options.pairs):
        order = (ours, theirs) if number % 2 == 0 else (theirs, ours)
        first, second = (seconds(run, options.calls, options.device) for run in order)
        times.append((first, second) if number % 2 == 0 else (second, first))
    ratios = [b / a for a, b in times]
    images = options.batch * options.calls
    low, high = interval(ratios)
    return {
        "ours_img_s": round(images / median(a for a, _ in times), 2),
        "torchvision_img_s": round(images / median(b for _, b in times), 2),
        "ratio": round(median(ratios), 4),
        "interval_95": [round(low, 4), round(high, 4)],
        "met": high >= REACHES and low > LEAST,
    }


def measure(options: argparse.Namespace) -> dict[str, object]:
    """All nets asked for, both modes."""
    warnings.simplefilter("ignore")
    models = torchvision_models()
    torch.manual_seed(0)
    results = {}
    for name in options.net or NETS:
        ours, theirs, size = pair(models, name, options.device)
        size = options.size or size
        x = torch.randn(options.batch, 3, size, size, device=options.device)
        x = x.contiguous(memory_format=torch.channels_last)
        for mode, make in (("forward", forward), ("step", step)):
            results[f"{name} {mode}"] = compare(make(ours, x), make(theirs, x), options)
    cuda = options.device == "cuda"
    return {
        "bench": "codegen_speed",
        "device": torch.cuda.get_device_name() if cuda else f"cpu, {os.cpu_count()} cores",
        "load_average": round(os.getloadavg()[0], 2),
        "torch": torch.__version__,
        "batch": options.batch,
        "size": options.size or "each net's own",
        "pairs": options.pairs,
        "calls": options.calls,
        "results": results,
    }


def main() -> None:
    """Print the figures as one JSON line, and keep them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--net", action="append", choices=NETS)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--pairs", type=int, default=15)
    parser.add_argument("--calls", type=int, default=1, help="calls in one timing")
    parser.add_argument("--size", type=int, help="height and width; without it each net's own")
    parser.add_argument("--out", help='where to write; "" for nowhere')
    options = parser.parse_args()
    if options.pairs < 2:
        parser.error("an interval needs at least 2 pairs")
    found = measure(options)
    default = RESULTS / f"codegen_speed_{options.device}.json"
    path = default if options.out is None else Path(options.out) if options.out else None
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
