"""RMSProp as torch has it, or as TensorFlow 1 had it when Inception-v3 was trained.

They differ in three places. TensorFlow's `eps` is under the root, `g / sqrt(mean(g^2) + eps)`,
where torch has `g / (sqrt(mean(g^2)) + eps)`: for an eps of 1 a factor of up to 1.41. Its mean
square begins at one, torch's at zero. Its rate is inside the momentum, `m = momentum m + lr g /
root`: a rate that falls does not take what is under way with it. torch's is outside.
"""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer


class RMSProp(Optimizer):
    """RMSProp whose update can be withheld on the device: where `found_inf` is not 0."""

    found_inf: Tensor | None = None

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float | Tensor,
        decay: float,
        eps: float,
        momentum: float,
        weight_decay: float,
        inside: bool,
    ) -> None:
        """Take the recipe's numbers; `inside` asks for TensorFlow's form."""
        defaults = {"lr": lr, "decay": decay, "eps": eps, "momentum": momentum}
        super().__init__(parameters, defaults | {"weight_decay": weight_decay, "inside": inside})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Update every parameter that has a gradient."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self._update(parameter, parameter.grad, group)

    def _update(self, parameter: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        state = self.state[parameter]
        if group["weight_decay"]:
            gradient = gradient.add(parameter, alpha=group["weight_decay"])
        decay, eps = group["decay"], group["eps"]
        square = state["square_avg"] * decay + gradient * gradient * (1 - decay)
        root = (square + eps).sqrt_() if group["inside"] else square.sqrt().add_(eps)
        change = gradient / root
        if group["inside"]:
            change = change * group["lr"]
        if group["momentum"]:
            change = state["momentum_buffer"] * group["momentum"] + change
            self._put(state["momentum_buffer"], change)
        self._put(state["square_avg"], square)
        self._put(parameter, parameter - (change if group["inside"] else change * group["lr"]))

    def _put(self, tensor: Tensor, value: Tensor) -> None:
        if self.found_inf is not None:
            value = torch.where(self.found_inf > 0, tensor, value)
        tensor.copy_(value)
