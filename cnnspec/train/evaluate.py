"""Top-1 and top-5 error on the test images, in percent, as the papers print them."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnnspec.train.batches import Batches
from cnnspec.train.device import Compute
from cnnspec.train.stop import Stop

BATCH = 256


@dataclass(frozen=True)
class Score:
    """Mean loss, and errors in percent."""

    loss: float
    top1_error: float
    top5_error: float


def logits_of(outputs: object) -> Tensor:
    """Return the logits of a net's output: the tensor itself, or a NamedTuple's first field."""
    first = outputs[0] if isinstance(outputs, tuple) else outputs
    assert isinstance(first, Tensor)
    return first


def count_right(logits: Tensor, labels: Tensor) -> Tensor:
    """Return how many of [N, classes] are right at first guess and within five, float64 [2]."""
    guesses = logits.topk(min(5, logits.shape[1]), dim=1).indices
    hits = guesses == labels[:, None]
    return torch.stack([hits[:, 0].sum(), hits.sum()]).double()


def evaluate(model: nn.Module, batches: Batches, compute: Compute, stop: Stop) -> Score | None:
    """Score a model in eval mode on the whole test set; None where a stop was asked for."""
    total = torch.zeros(4, dtype=torch.float64, device=compute.device)
    model.eval()
    try:
        with torch.no_grad():
            for images, labels in batches.test(BATCH):
                if stop.requested:
                    return None
                with compute.autocast():
                    outputs = model(images)
                logits = logits_of(outputs).float()
                total[0] += F.cross_entropy(logits, labels, reduction="sum")
                total[1:3] += count_right(logits, labels)
                total[3] += len(labels)
    finally:
        model.train()
    return score(total)


def score(total: Tensor) -> Score:
    """Turn sums of loss, right, right in five and images into means; waits for the device."""
    loss, right, right5, count = total.tolist()
    return Score(loss / count, 100 * (1 - right / count), 100 * (1 - right5 / count))
