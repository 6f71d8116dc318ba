"""The peaks of memory that were predicted without a card, beside those that one measures.

The predictions are the compiler's (`cnnspec summary --memory`), made beforehand by `python -m
benchmarks.gpu_proof.predict`: a GPU machine has torch alone.
"""

import json
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.gpu_proof.proof import PREDICTED, Proof, Report
from cnnspec.train.module import build, load


def run(proof: Proof, report: Report) -> None:
    """Measure every predicted net, training and inference, fp32."""
    torch.backends.cudnn.benchmark = False
    found: dict[str, Any] = {}
    for net, told in json.loads(PREDICTED.read_text())["nets"].items():
        if proof.left() < proof.pick(4.0, 0.1):
            found[net] = "no time"
            continue
        found[net] = measured(proof, net, told)
        report.note("memory", found)
        torch.cuda.empty_cache()


def measured(proof: Proof, net: str, told: dict[str, Any]) -> dict[str, float]:
    """Return predicted and measured peaks of a net, in bytes, and their ratios."""
    module = load_module(proof, net)
    batch = proof.pick(int(told["batch"]), 2)
    model = build(module, []).cuda().train()
    images = torch.randn(batch, *module.input_size, device="cuda")
    labels = torch.zeros(batch, dtype=torch.int64, device="cuda")
    made = torch.optim.SGD(model.parameters(), lr=1e-4, momentum=0.9)
    trains(model, made, images, labels)  # the optimizer's state, and cuDNN's choice
    torch.cuda.reset_peak_memory_stats()
    trains(model, made, images, labels)
    training = torch.cuda.max_memory_allocated()
    del made
    model.eval()
    for weight in model.parameters():
        weight.grad = None
    torch.cuda.reset_peak_memory_stats()
    with torch.no_grad():
        model(images)
    inference = torch.cuda.max_memory_allocated()
    return {
        "training": training, "training predicted": told["training_bytes"],
        "training ratio": round(training / told["training_bytes"], 3),
        "inference": inference, "inference predicted": told["inference_bytes"],
        "inference ratio": round(inference / told["inference_bytes"], 3),
    }  # fmt: skip


def load_module(proof: Proof, net: str) -> Any:
    """Load a net's module."""
    from pathlib import Path

    return load(Path(proof.module(net)))


def trains(model: nn.Module, made: torch.optim.Optimizer, images: Tensor, labels: Tensor) -> None:
    """Take one plain step."""
    made.zero_grad(set_to_none=True)
    outputs = model(images)
    heads = outputs if isinstance(outputs, tuple) else (outputs,)
    loss = sum((F.cross_entropy(head, labels) for head in heads), torch.zeros((), device="cuda"))
    loss.backward()  # type: ignore[no-untyped-call]
    made.step()
