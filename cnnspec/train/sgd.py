"""torch's fused SGD on the CPU, without its copies of channels-last weights.

`torch._fused_sgd_` works on rows of memory: each weight, gradient and momentum that is not laid out
as [O, I, H, W] is copied to that layout and back, 17 of the 280 ms of a step of ResNet-18 at batch
4. An update takes each number by itself, so that the same memory read as [O, H, W, I] will do.
"""

from typing import Any

import torch
from torch import Tensor
from torch.optim import SGD
from torch.optim.sgd import sgd


class RowsSGD(SGD):
    """SGD that hands the fused kernel every tensor in the order of its memory."""

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Update every parameter that has a gradient; `found_inf` other than 0 withholds it."""
        for group in self.param_groups:
            moved = [weight for weight in group["params"] if weight.grad is not None]
            rows = [in_rows(weight, weight.grad, self.state[weight].get("momentum_buffer"))
                    for weight in moved]  # fmt: skip
            weights, gradients, momenta = ([each[place] for each in rows] for place in range(3))
            sgd(
                [item for item in weights if item is not None],
                [item for item in gradients if item is not None],
                momenta,
                fused=True,
                found_inf=getattr(self, "found_inf", None),
                weight_decay=group["weight_decay"],
                momentum=group["momentum"],
                lr=group["lr"],
                dampening=0.0,
                nesterov=group["nesterov"],
                maximize=False,
            )


def in_rows(*tensors: Tensor | None) -> list[Tensor | None]:
    """Return views of tensors [O, I, H, W] as [O, H, W, I] where all of them lie so in memory."""
    if all(tensor is None or _channels_last(tensor) for tensor in tensors):
        return [None if tensor is None else tensor.permute(0, 2, 3, 1) for tensor in tensors]
    return list(tensors)


def _channels_last(tensor: Tensor) -> bool:
    return tensor.dim() == 4 and tensor.is_contiguous(memory_format=torch.channels_last)
