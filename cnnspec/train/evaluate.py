"""Top-1 and top-5 error on the test images, in percent, as the papers print them."""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnnspec.train.device import Compute
from cnnspec.train.feed import Feed
from cnnspec.train.stop import Stop
from cnnspec.train.world import World

BATCH = 256


def tells_top5(classes: int) -> bool:
    """Return whether a top-5 error says something: the best five of five are always right."""
    return classes > 5


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
    if labels.dim() == 2:  # mixed images: the larger share counts
        labels = labels.argmax(1)
    guesses = logits.topk(min(5, logits.shape[1]), dim=1).indices
    hits = guesses == labels[:, None]
    return torch.stack([hits[:, 0].sum(), hits.sum()]).double()


class Scores(Protocol):
    """What scores a batch: `scorer.Scorer`."""

    model: nn.Module
    compute: Compute

    def score(self, images: Tensor, labels: Tensor) -> Tensor:
        """Return the sums of loss, right, right in five, and images."""


def evaluate(scorer: Scores, feed: Feed, stop: Stop, world: World) -> Score | None:
    """Score a model in eval mode on the whole test set; None where a stop was asked for."""
    total = world.together(lambda: _totals(scorer, feed, stop))
    if world.agree(stop.requested)[0]:
        stop.agreed = True
        return None
    return score(world.sum(total))


def _totals(scorer: Scores, feed: Feed, stop: Stop) -> Tensor:
    """Return this process's sums over its part of the test set."""
    total = torch.zeros(4, dtype=torch.float64, device=scorer.compute.device)
    scorer.model.eval()
    try:
        with torch.no_grad():
            for images, labels in feed.test(BATCH):
                if stop.requested:
                    break
                total += scorer.score(images, labels)
    finally:
        scorer.model.train()
    return total


def counts(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the sums of loss, right, right in five, and images of a batch, float64 [4]."""
    loss = F.cross_entropy(logits, labels, reduction="sum").double()
    right = count_right(logits, labels)
    return torch.stack([loss, right[0], right[1], torch.full_like(loss, len(labels))])


def score(total: Tensor) -> Score:
    """Turn sums of loss, right, right in five and images into means; waits for the device."""
    loss, right, right5, count = total.tolist()
    return Score(loss / count, 100 * (1 - right / count), 100 * (1 - right5 / count))
