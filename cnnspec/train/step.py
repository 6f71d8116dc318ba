"""One training step: forward, backward, update. Nothing in it asks the device for anything.

A loss that is not finite turns the update of its step and of all that follow into nothing, on the
device: weights, optimizer and running statistics stay those before it, until the host looks.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from cnnspec.train.average import Average
from cnnspec.train.buffers import Buffers
from cnnspec.train.device import Compute
from cnnspec.train.evaluate import count_right, logits_of
from cnnspec.train.loss import loss_of
from cnnspec.train.recipe import Recipe
from cnnspec.train.world import World

NONE = -1


class Step:
    """What a step works on; `run` is the step."""

    def __init__(
        self,
        model: nn.Module,
        optimizer: Optimizer,
        recipe: Recipe,
        compute: Compute,
        meter: Tensor,
        world: World,
        accumulate: int = 1,
        average_from: int = 0,
    ) -> None:
        """Wrap the model for several processes where there are any."""
        device = compute.device
        self.buffers = Buffers(model)
        self.class_weights: Tensor | None = None
        self.average = None
        self.weights = len(list(model.parameters()))
        if recipe.average is not None:
            counted = [flat for flat in self.buffers.tensors() if flat.is_floating_point()]
            live = [*model.parameters(), *counted]
            self.average = Average(live, recipe.average, average_from)
        self.model, self.optimizer, self.meter = model, optimizer, meter
        self.trained = [weight for weight in model.parameters() if weight.requires_grad]
        self.forward: Callable[[Tensor], object] = world.wrap(model, device)
        self.recipe, self.compute, self.world, self.parts = recipe, compute, world, accumulate
        self.number = torch.zeros((), dtype=torch.int64, device=device)
        self.bad = torch.full((), NONE, dtype=torch.int64, device=device)
        self.stopped = torch.zeros((), device=device)
        self.broken = torch.zeros((), dtype=torch.bool, device=device)
        optimizer.found_inf = self.stopped  # type: ignore[attr-defined]  # 1: fused kernels skip

    def set(self, number: int, rate: float) -> None:
        """Tell the device the number of the step and its learning rate."""
        self.number.fill_(number)
        for group in self.optimizer.param_groups:
            share = rate * group["factor"]
            if isinstance(group["lr"], Tensor):
                group["lr"].fill_(share)
            else:
                group["lr"] = share

    def run(self, images: Tensor, labels: Tensor) -> None:
        """Take the step; the meter counts loss, right, right in five, and images."""
        self.buffers.keep()
        self.optimizer.zero_grad(set_to_none=True)
        counted = torch.zeros_like(self.meter)
        for part in range(self.parts):
            batch = slice(part * len(labels) // self.parts, (part + 1) * len(labels) // self.parts)
            counted += self._pass(images[batch], labels[batch], len(labels))
        if self.recipe.clip:
            nn.utils.clip_grad_norm_(self.trained, self.recipe.clip)
        with torch.no_grad():
            self._judge(counted[0])
            if self.compute.device.type != "cpu" or not self.is_bad():
                self.optimizer.step()
            self.buffers.put_back(self.bad >= 0)
            if self.average is not None:
                self.average.update(self.number, self.stopped)
            self.meter += torch.where(self.bad >= 0, torch.zeros_like(counted), counted)

    def _pass(self, images: Tensor, labels: Tensor, whole: int) -> Tensor:
        """Forward and backward of a part of the batch; its share of the loss is by its size."""
        with self.compute.autocast():
            outputs = self.forward(images)
        loss = loss_of(
            outputs, labels, self.recipe.loss, self.recipe.label_smoothing, self.class_weights
        )
        scaled = loss if len(labels) == whole else loss * (len(labels) / whole)
        scaled.backward()  # type: ignore[no-untyped-call]
        with torch.no_grad():
            right = count_right(logits_of(outputs), labels)
            count = torch.full((), float(len(labels)), dtype=right.dtype, device=right.device)
            return torch.stack([loss.detach().double() * len(labels), right[0], right[1], count])

    def _judge(self, loss: Tensor) -> None:
        """Note the first step whose loss is not finite, or whose images are not there, in any."""
        now = torch.where(loss.isfinite() & ~self.broken, NONE, self.number)
        self.world.worst(now)
        self.bad.copy_(torch.where(self.bad >= 0, self.bad, now))
        self.stopped.copy_((self.bad >= 0).float())

    def missing(self) -> None:
        """Count the next step as a bad one, in all processes: this one has no images for it."""
        self.broken.fill_(True)

    def running(self) -> list[Tensor]:
        """Return the running statistics, and their means where the weights are averaged."""
        means = [] if self.average is None else self.average.tensors[self.weights :]
        return [*self.buffers.tensors(), *means]

    def tested(self) -> AbstractContextManager[None]:
        """Return a context in which the model holds the weights that are tested and kept."""
        return nullcontext() if self.average is None else self.average.shown()

    def is_bad(self) -> bool:
        """Say whether a loss was not finite; on a GPU this waits for the device."""
        return int(self.bad) >= 0
