"""Convolution."""

from __future__ import annotations

from math import prod
from typing import ClassVar

from cnnspec.ops.op import (
    Code,
    Kind,
    Op,
    OpError,
    Reach,
    TorchForm,
    TorchInput,
    needs_map,
    op,
    pair,
)
from cnnspec.ops.sliding import effective, resolve, slide
from cnnspec.values import Padding, Record, Shape, Window


@op
class Conv(Op):
    """Slide `channels` kernels over the map; each sees `1/groups` of the channels that arrive.

    `pad` is a number, `1x2`, `[top, bottom, left, right]` or `same`.  `connections` lists, for
    each output map, the input maps it sees (LeNet-5 of 1998, table I).
    Output size: floor((W - F + 2P) / S) + 1, with F = dilation * (kernel - 1) + 1.
    """

    kind: ClassVar[Kind] = "conv"

    channels: int
    window: Window
    pad: Padding = Padding(0, 0, 0, 0)
    groups: int = 1
    dilation: tuple[int, int] = (1, 1)
    bias: bool = True
    init: Record | None = None
    connections: tuple[tuple[int, ...], ...] | None = None

    def shape(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        needs_map("conv", x)
        self._check(x[0])
        pad = resolve(self.pad, self.window, self.dilation)
        return self.channels, *slide("conv", x, self.window, pad, self.dilation)

    def _check(self, channels: int) -> None:
        """Refuse groups that do not divide, and a connection table that does not fit."""
        if self.channels < 1:
            raise OpError("E0109", "conv needs at least 1 output channel", argument="channels")
        if self.groups < 1 or channels % self.groups or self.channels % self.groups:
            wrong = "input" if self.groups < 1 or channels % self.groups else "output"
            count = channels if wrong == "input" else self.channels
            fits = [n for n in range(1, 65) if channels % n == 0 and self.channels % n == 0]
            raise OpError(
                "E0304",
                f"groups = {self.groups} does not divide {count} {wrong} channels",
                argument="groups",
                help=(
                    f"{', '.join(map(str, fits))} divide both {channels} and {self.channels}",
                ),
            )
        if self.connections is not None and len(self.connections) != self.channels:
            raise OpError(
                "E0307",
                f"{self.channels} output maps, and connections for {len(self.connections)}",
                argument="connections",
            )
        if any(not 0 <= n < channels for row in self.connections or () for n in row):
            raise OpError(
                "E0307",
                f"connections name a map beyond the {channels} that arrive (they count from 0)",
                argument="connections",
            )

    def params(self, x: Shape) -> dict[str, Shape]:
        weight = (self.channels, x[0] // self.groups, *self.window.kernel)
        if self.connections is not None:
            weight = (sum(map(len, self.connections)), *self.window.kernel)
        return {"weight": weight, **({"bias": (self.channels,)} if self.bias else {})}

    def macs(self, x: Shape, y: Shape) -> int:
        return prod(self.params(x)["weight"]) * y[1] * y[2]

    def reach(self) -> Reach:
        pad = resolve(self.pad, self.window, self.dilation)
        rows, columns = map(effective, self.window.kernel, self.dilation)
        return Reach((rows, columns), self.window.stride, (pad.top, pad.left))

    def channels_out(self, *inputs: Code) -> Code:
        return self.channels

    def torch(self, *inputs: TorchInput) -> TorchForm:
        (x,) = inputs
        if self.connections is not None:
            args: tuple[Code, ...] = (x.channels, self.channels, pair(self.window.kernel))
            return TorchForm("SparseConv2d", (*args, self.connections), helper=SPARSE_CONV)
        pad = resolve(self.pad, self.window, self.dilation)
        keywords: dict[str, Code] = {}
        if self.window.stride != (1, 1):
            keywords["stride"] = pair(self.window.stride)
        if pad.symmetric and (pad.top, pad.left) != (0, 0):
            keywords["padding"] = pair((pad.top, pad.left))
        if self.dilation != (1, 1):
            keywords["dilation"] = pair(self.dilation)
        if self.groups != 1:
            keywords["groups"] = self.groups
        if self.bias is False:
            keywords["bias"] = False
        args = (x.channels, self.channels, pair(self.window.kernel))
        return TorchForm("nn.Conv2d", args, tuple(keywords.items()), pad=None if pad.symmetric else pad)

    def label(self) -> str:
        rows, columns = self.window.kernel
        groups = f", {self.groups} groups" if self.groups > 1 else ""
        dilation = f", dil {self.dilation[0]}" if self.dilation != (1, 1) else ""
        return f"{rows}×{columns} conv, {self.channels}{groups}{dilation}"

    def kernel(self) -> str:
        return str(self.window)


SPARSE_CONV = '''
class SparseConv2d(nn.Module):
    """A convolution whose output maps each see only some of the input maps."""

    def __init__(
        self, in_channels: int, channels: int, kernel: int, connections: tuple[tuple[int, ...], ...]
    ) -> None:
        """Map [in_channels, H, W] to [channels, H - kernel + 1, W - kernel + 1]."""
        super().__init__()
        self.connections = connections
        ...
'''
