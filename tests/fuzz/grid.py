"""The grid of windows: is a conv or a pool accepted, and which size does it give?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import torch
from torch import nn
from torch.nn import functional as F

from cnnspec.elaborate.workspace import Workspace

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Case:
    """One layer on one map: rows take the numbers, columns a 1x1 window of stride 1."""

    op: str
    size: int
    kernel: int
    stride: int
    pad: int
    dilation: int = 1
    ceil: bool = False
    groups: tuple[int, int, int] = (1, 1, 1)
    """Channels that arrive, channels that leave, groups."""

    @property
    def text(self) -> str:
        arriving, leaving, groups = self.groups
        words = f"{self.kernel}x1/{self.stride}x1, pad={self.pad}x0"
        if self.op == "conv":
            words = f"{leaving}, {words}, dilation={self.dilation}x1, groups={groups}"
        elif self.ceil:
            words += ", ceil=true"
        return f"net it {{ input {arriving}x{self.size}x1; {self.op} {words} }}"

    def ours(self) -> Shape | None:
        """The shape by cnnspec, None where it refuses."""
        workspace = Workspace()
        unit = workspace.read_text(self.text)
        net = workspace.elaborate(unit, "it") if unit else None
        return tuple(map(int, net.net.body.output)) if net else None

    def theirs(self) -> Shape | None:
        """The shape by PyTorch, None where it refuses."""
        arriving, leaving, groups = self.groups
        x = torch.empty(1, arriving, self.size, 1, device="meta")
        window, stride, pad = (self.kernel, 1), (self.stride, 1), (self.pad, 0)
        try:
            if self.op == "conv":
                y = nn.Conv2d(
                    arriving, leaving, window, stride, pad, (self.dilation, 1), groups,
                    bias=False, device="meta",
                )(x)  # fmt: skip
            elif self.op == "maxpool":
                y = F.max_pool2d(x, window, stride, pad, ceil_mode=self.ceil)
            else:
                y = F.avg_pool2d(x, window, stride, pad, ceil_mode=self.ceil)
        except (RuntimeError, ValueError, ZeroDivisionError):
            return None
        return tuple(y.shape[1:])


def cases() -> Iterator[Case]:
    """All of them, some 13,000."""
    for size, kernel, stride, pad, dilation in product(
        range(1, 17), range(1, 6), range(1, 5), range(4), range(1, 4)
    ):
        yield Case("conv", size, kernel, stride, pad, dilation)
    for op, size, kernel, stride, pad, ceil in product(
        ("maxpool", "avgpool"), range(1, 15), range(1, 7), range(1, 6), range(5), (False, True)
    ):
        yield Case(op, size, kernel, stride, pad, ceil=ceil)
    for groups in product(range(1, 10), range(1, 10), range(1, 10)):
        yield Case("conv", 1, 1, 1, 0, groups=groups)
