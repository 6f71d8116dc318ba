"""What the references of specs/more share; layers are registered in the order in which they run."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tests.zoo.references import Apply, Cat, Sum, chain

__all__ = ["Apply", "Cat", "Mean", "Residual", "Sum", "cba", "chain", "conv", "head"]

Size = int | tuple[int, int]


def conv(
    c: int, out: int, k: Size = 1, s: int = 1, p: Size | None = None, g: int = 1, bias: bool = False
) -> nn.Conv2d:
    """A convolution; without `p` as much padding as keeps the grid."""
    rows, columns = (k, k) if isinstance(k, int) else k
    same = (rows // 2, columns // 2)
    return nn.Conv2d(c, out, k, s, same if p is None else p, groups=g, bias=bias)


def cba(
    c: int, out: int, k: Size = 1, s: int = 1, p: Size | None = None, g: int = 1, eps: float = 1e-5,
    act: nn.Module | None = None, linear: bool = False,
) -> nn.Sequential:  # fmt: skip
    """A convolution, batch norm and an activation (ReLU unless `act` or `linear`)."""
    parts: list[nn.Module] = [conv(c, out, k, s, p, g), nn.BatchNorm2d(out, eps)]
    return chain(*parts, *([] if linear else [act or nn.ReLU()]))


def head(c: int, classes: int) -> nn.Sequential:
    """The mean of each map, and a linear layer."""
    return chain(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(c, classes))


class Mean(Cat):
    """The mean of several modules on one input."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.stack([arm(x) for arm in self.arms]).mean(0)


class Residual(nn.Module):
    """A body beside a shortcut, and what follows their sum."""

    def __init__(
        self, body: nn.Module, shortcut: nn.Module | None = None, after: nn.Module | None = None
    ) -> None:
        super().__init__()
        self.body, self.shortcut, self.after = body, shortcut, after

    def forward(self, x: Tensor) -> Tensor:
        y = self.body(x) + (x if self.shortcut is None else self.shortcut(x))
        return y if self.after is None else self.after(y)
