"""Scoring a batch of the test set, on a GPU as one CUDA graph: small nets wait for launches there.

Weights and running statistics may change between two tests, as long as they stay where they are:
the graph reads them anew. A batch of another size, the last one, is scored step by step.
"""

import torch
from torch import Tensor, nn

from cnnspec.train.device import Compute
from cnnspec.train.evaluate import counts, logits_of
from cnnspec.train.graph import Capture, aside, on_gpu, release_generator

WARM_UP = 2  # batches; cuDNN chooses its algorithms in the first


class Scorer:
    """A net in eval mode that adds up loss, right, right in five, and images."""

    def __init__(
        self, model: nn.Module, compute: Compute, graph: bool, capture: Capture = on_gpu
    ) -> None:
        """Capture nothing yet: the first batch decides the size."""
        self.model, self.compute, self.graph = model, compute, graph
        self._capture = capture
        self._images: Tensor | None = None

    def score(self, images: Tensor, labels: Tensor) -> Tensor:
        """Return the sums of a batch, float64 [4]."""
        if self.graph and self._images is None:
            self._begin(images, labels)
        if self._images is None or self._images.shape != images.shape:
            return self._eager(images, labels)
        self._images.copy_(images)
        self._labels.copy_(labels)
        self._replay()
        return self._sums.clone()

    def _eager(self, images: Tensor, labels: Tensor) -> Tensor:
        with self.compute.autocast():
            outputs = self.model(images)
        return counts(logits_of(outputs).float(), labels)

    def _begin(self, images: Tensor, labels: Tensor) -> None:
        """Capture the scoring of a batch of this size; without a graph where that fails."""
        held, self._labels = images.clone(), labels.clone()
        self._sums = torch.zeros(4, dtype=torch.float64, device=self.compute.device)

        def score() -> None:
            self._sums.copy_(self._eager(held, self._labels))

        try:
            with aside(self.compute.device):
                for _ in range(WARM_UP):
                    score()
            self._replay = self._capture(score)
        except RuntimeError:
            release_generator(self.compute.device)
            self.graph = False
            return
        self._images = held
