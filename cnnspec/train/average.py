"""The running mean of the weights: where a recipe asks for it, the mean is tested and kept.

torch's AveragedModel asks the device at every update whether it is the first. Here the share of the
new weights follows from the step's number, on the device: no host waits, a CUDA graph captures it,
and the mean is all that a checkpoint has to hold. A test sets it beside torch's.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from cnnspec.train.recipe import AverageRecipe


class Average:
    """The mean of some tensors over the steps from `start` on; before that, the tensors."""

    def __init__(self, live: list[Tensor], recipe: AverageRecipe, start: int) -> None:
        """Begin with what the tensors hold."""
        self._live, self._recipe, self._start = live, recipe, start
        self.tensors = [tensor.detach().clone() for tensor in live]

    def update(self, number: Tensor, stopped: Tensor) -> None:
        """Take in the weights after step `number` (from 0); nothing where the run is stopped."""
        share = self._share((number - self._start).clamp(min=0).float()) * (1 - stopped)
        for mean, tensor in zip(self.tensors, self._live, strict=True):
            mean.lerp_(tensor, share)

    def _share(self, taken: Tensor) -> Tensor:
        """Return how much of the mean the newest weights are, after so many others."""
        if self._recipe.name == "swa":
            return 1 / (taken + 1)
        return 1 - self._recipe.decay * (taken > 0).float()

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Put the mean in the tensors' place for a while."""
        kept = [tensor.detach().clone() for tensor in self._live]
        self._put(self.tensors)
        try:
            yield
        finally:
            self._put(kept)

    @torch.no_grad()
    def _put(self, values: list[Tensor]) -> None:
        for tensor, value in zip(self._live, values, strict=True):
            tensor.copy_(value)
