"""What PyTorch makes of a net, written without a look at what the ops say of PyTorch themselves.

`MODULES` builds the module of one layer from the fields of its op; `Oracle` runs the graph with
them. Nothing of `Op.shape`, `Op.params`, `Op.macs`, `Op.torch` or the emitter is used.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from cnnspec import ir

Shape = tuple[int, ...]
BATCH = 2


class Fn(nn.Module):
    """A function as a module without state."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


class Table(nn.Module):
    """A convolution by a connection table: each output map is a convolution of its own."""

    def __init__(self, op: Any, padding: tuple[int, int, int, int]) -> None:
        super().__init__()
        self.op, self.padding = op, padding
        count = sum(map(len, op.connections))
        self.weight = nn.Parameter(torch.empty(count, *op.window.kernel, device="meta"))
        self.bias = nn.Parameter(torch.empty(op.channels, device="meta")) if op.bias else None

    def forward(self, x: Tensor) -> Tensor:
        x, at, maps = F.pad(x, self.padding), 0, []
        for number, row in enumerate(self.op.connections):
            weight = self.weight[None, at : at + len(row)]
            bias = None if self.bias is None else self.bias[number : number + 1]
            maps.append(F.conv2d(x[:, list(row)], weight, bias, self.op.window.stride))
            at += len(row)
        return torch.cat(maps, 1)


class Rbf(nn.Module):
    def __init__(self, codes: Shape) -> None:
        super().__init__()
        self.register_buffer("codes", torch.empty(codes, device="meta"))

    def forward(self, x: Tensor) -> Tensor:
        return -(torch.cdist(x, self.codes, compute_mode="donot_use_mm_for_euclid_dist") ** 2)


class Scale(nn.Module):
    def __init__(self, channels: int, bias: bool) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(channels, device="meta"))
        self.bias = nn.Parameter(torch.empty(channels, device="meta")) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        y = torch.einsum("nchw,c->nchw", x, self.weight)
        return y if self.bias is None else y + self.bias[:, None, None]


class Gain(nn.Module):
    """What multiplies a map by a parameter of the module around it."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.empty(channels, 1, 1, device="meta"))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.gain


class ChannelNorm(nn.LayerNorm):
    def forward(self, input: Tensor) -> Tensor:
        return super().forward(input.movedim(1, -1)).movedim(-1, 1)


def _tensorflow(op: Any, axis: int, size: int) -> tuple[int, int]:
    """TensorFlow's SAME, as its documentation has it."""
    stride = op.window.stride[axis]
    span = (op.window.kernel[axis] - 1) * getattr(op, "dilation", (1, 1))[axis] + 1
    total = max(span - (stride if size % stride == 0 else size % stride), 0)
    return total // 2, total - total // 2


def _sides(op: Any, x: Shape) -> tuple[int, int, int, int]:
    """Left, right, top, bottom, as F.pad takes them."""
    if str(op.pad) == "tf_same":
        return tuple(n for axis in (1, 0) for n in _tensorflow(op, axis, x[axis + 1]))  # type: ignore[return-value]
    if str(op.pad) == "same":
        dilation = getattr(op, "dilation", (1, 1))
        rows, columns = ((k - 1) * d // 2 for k, d in zip(op.window.kernel, dilation, strict=True))
        return columns, columns, rows, rows
    return op.pad.left, op.pad.right, op.pad.top, op.pad.bottom


BORDERS = {"zeros": "constant"} | {word: word for word in ("reflect", "replicate", "circular")}


def _conv(op: Any, x: Shape) -> nn.Module:
    if op.connections is not None:
        return Table(op, _sides(op, x))
    left, right, top, bottom = _sides(op, x)
    plain = (left, top) == (right, bottom) and op.pad_mode == "zeros"
    conv = nn.Conv2d(
        x[0], op.channels, op.window.kernel, op.window.stride, (top, left) if plain else 0,
        op.dilation, op.groups, op.bias, device="meta",
    )  # fmt: skip
    if not plain:
        sides, mode = (left, right, top, bottom), BORDERS[op.pad_mode]
        conv.register_forward_pre_hook(lambda _, args: F.pad(args[0], sides, mode=mode))
    return conv


def _conv_transpose(op: Any, x: Shape) -> nn.Module:
    left, _, top, _ = _sides(op, x)
    return nn.ConvTranspose2d(
        x[0], op.channels, op.window.kernel, op.window.stride, (top, left),
        (op.output_pad.top, op.output_pad.left), op.groups, op.bias, op.dilation, device="meta",
    )  # fmt: skip


def _tf_pool(op: Any, t: Tensor, sides: tuple[int, int, int, int]) -> Tensor:
    args = op.window.kernel, op.window.stride
    if op.name == "maxpool":
        return F.max_pool2d(F.pad(t, sides, value=-torch.inf), *args)
    mean = F.avg_pool2d(F.pad(t, sides), *args)
    if op.count_include_pad:
        return mean
    return mean / F.avg_pool2d(F.pad(torch.ones_like(t), sides), *args)


def _pool(op: Any, x: Shape) -> nn.Module:
    sides = _sides(op, x)
    left, _, top, _ = sides
    if str(op.pad) == "tf_same":
        return Fn(lambda t: _tf_pool(op, t, sides))
    args = (op.window.kernel, op.window.stride, (top, left))
    if op.name == "maxpool":
        return nn.MaxPool2d(*args, ceil_mode=op.ceil)
    return nn.AvgPool2d(*args, ceil_mode=op.ceil, count_include_pad=op.count_include_pad)


def _bn(op: Any, x: Shape) -> nn.Module:
    kind = nn.BatchNorm1d if len(x) == 1 else nn.BatchNorm2d
    return kind(x[0], op.eps, op.momentum, op.affine, device="meta")


def _ln(op: Any, x: Shape) -> nn.Module:
    if op.over == "last":
        return nn.LayerNorm(x[-1], op.eps, op.affine, device="meta")
    kind = nn.LayerNorm if len(x) == 1 else ChannelNorm
    return kind(x[0], op.eps, op.affine, device="meta")


def _zeros(op: Any, x: Shape) -> nn.Module:
    extra = op.channels - x[0]
    return Fn(lambda t: F.pad(t, (0, 0, 0, 0, extra // 2, extra - extra // 2)))


MODULES: dict[str, Callable[[Any, Shape], nn.Module]] = {
    "abs": lambda op, x: Fn(lambda t: torch.where(t < 0, -t, t)),
    "adaptive_avgpool": lambda op, x: nn.AdaptiveAvgPool2d(op.size),
    "adaptive_maxpool": lambda op, x: nn.AdaptiveMaxPool2d(op.size),
    "avgpool": _pool,
    "bn": _bn,
    "channel_max": lambda op, x: Fn(lambda t: t.max(1, keepdim=True).values),
    "channel_mean": lambda op, x: Fn(lambda t: t.sum(1, keepdim=True) / t.shape[1]),
    "channel_shuffle": lambda op, x: Fn(
        lambda t: t.unflatten(1, (op.groups, -1)).transpose(1, 2).flatten(1, 2)
    ),
    "conv": _conv,
    "conv_transpose": _conv_transpose,
    "crop": lambda op, x: Fn(
        lambda t: t[:, :, (x[1] - op.size[0]) // 2 :, (x[2] - op.size[1]) // 2 :][
            :, :, : op.size[0], : op.size[1]
        ]
    ),
    "drop_path": lambda op, x: nn.Identity(),
    "dropout": lambda op, x: nn.Identity(),
    "dropout2d": lambda op, x: nn.Identity(),
    "elu": lambda op, x: nn.ELU(op.alpha),
    "flatten": lambda op, x: nn.Flatten(),
    "gelu": lambda op, x: nn.GELU(op.approximate),
    "global_avgpool": lambda op, x: Fn(lambda t: t.mean((2, 3), keepdim=True)),
    "global_maxpool": lambda op, x: Fn(lambda t: t.amax((2, 3), keepdim=True)),
    "gn": lambda op, x: nn.GroupNorm(op.groups, x[0], op.eps, op.affine, device="meta"),
    "hardsigmoid": lambda op, x: nn.Hardsigmoid(),
    "hardswish": lambda op, x: nn.Hardswish(),
    "hardtanh": lambda op, x: nn.Hardtanh(op.low, op.high),
    "instance_norm": lambda op, x: nn.InstanceNorm2d(x[0], op.eps, affine=op.affine, device="meta"),
    "l2norm": lambda op, x: Fn(lambda t: t / t.square().sum(1, keepdim=True).sqrt().clamp(1e-12)),
    "leaky_relu": lambda op, x: nn.LeakyReLU(op.slope),
    "linear": lambda op, x: nn.Linear(x[-1], op.features, op.bias, device="meta"),
    "ln": _ln,
    "lrn": lambda op, x: nn.LocalResponseNorm(op.size, op.alpha, op.beta, op.k),
    "maxpool": _pool,
    "mish": lambda op, x: nn.Mish(),
    "pad": lambda op, x: Fn(
        lambda t: F.pad(
            t,
            (op.sides.left, op.sides.right, op.sides.top, op.sides.bottom),
            mode=BORDERS[op.mode],
        )
    ),
    "pad_channels": _zeros,
    "permute": lambda op, x: Fn(lambda t: t.permute(0, *(axis + 1 for axis in op.order))),
    "pixel_shuffle": lambda op, x: nn.PixelShuffle(op.factor),
    "pixel_unshuffle": lambda op, x: nn.PixelUnshuffle(op.factor),
    "prelu": lambda op, x: nn.PReLU(1 if op.shared else x[0], device="meta"),
    "rbf": lambda op, x: Rbf((op.features, x[0])),
    "relu": lambda op, x: nn.ReLU(),
    "relu6": lambda op, x: nn.ReLU6(),
    "resize": lambda op, x: Fn(
        lambda t: F.interpolate(t, op.size, mode=op.mode, align_corners=op.align_corners or None)
    ),
    "scale": lambda op, x: Gain(x[0]) if op.own_key else Scale(x[0], op.bias),
    "scaled_tanh": lambda op, x: Fn(lambda t: op.amplitude * torch.tanh(op.slope * t)),
    "selu": lambda op, x: nn.SELU(),
    "sigmoid": lambda op, x: nn.Sigmoid(),
    "silu": lambda op, x: nn.SiLU(),
    "skip": lambda op, x: nn.Identity(),
    "slice": lambda op, x: Fn(lambda t: t[:, op.start : op.stop]),
    "softmax": lambda op, x: nn.Softmax(1),
    "softplus": lambda op, x: nn.Softplus(),
    "tanh": lambda op, x: nn.Tanh(),
    "times": lambda op, x: Fn(lambda t: t * op.factor),
    "upsample": lambda op, x: nn.Upsample(scale_factor=op.scale, mode=op.mode),
}


def _product(arms: list[Tensor]) -> Tensor:
    first, *others = arms
    for other in others:
        first = first * other
    return first


JOINS: dict[str, Callable[[list[Tensor]], Tensor]] = {
    "add": lambda arms: torch.stack(arms).sum(0),
    "concat": lambda arms: torch.cat(arms, 1),
    "max": lambda arms: torch.stack(arms).amax(0),
    "mean": lambda arms: torch.stack(arms).mean(0),
    "sub": lambda arms: arms[0] - arms[1],
    "mul": _product,
}


def _cropped(op: Any, arms: list[Tensor]) -> Tensor:
    """The middle, a border at a time: of an odd one the last row or column goes."""
    x, like = arms
    for axis in (2, 3):
        while x.shape[axis] > like.shape[axis]:
            over = x.shape[axis] - like.shape[axis]
            x = x.narrow(axis, 0 if over % 2 else 1, x.shape[axis] - 1)
    return x


def _unpooled(op: Any, arms: list[Tensor]) -> Tensor:
    """`nn.MaxUnpool2d` of what arrived at the pool, which is pooled once more for its places."""
    x, before = arms
    pool = _pool(op.pool.of, tuple(before.shape[1:]))
    pool.return_indices = True
    _, places = pool(before)
    back = nn.MaxUnpool2d(pool.kernel_size, pool.stride, pool.padding)
    return back(x, places, output_size=before.shape)


SECOND: dict[str, Callable[[Any, list[Tensor]], Tensor]] = {
    "crop": _cropped,
    "resize": lambda op, arms: F.interpolate(
        arms[0], arms[1].shape[2:], mode=op.mode, align_corners=op.align_corners or None
    ),
    "unpool": _unpooled,
}
"""Ops that take a second value by its path."""


def keys(module: nn.Module, path: str) -> dict[str, str]:
    """The key in the net of each tensor of a module at this path."""
    if isinstance(module, Gain):
        return {"gain": path}
    return {name: f"{path}.{name}" for name in module.state_dict()}


class Oracle:
    """A graph run by PyTorch: shapes, state, multiply-adds and outputs."""

    def __init__(self, net: ir.Net) -> None:
        self.graph = ir.graph(net)
        nodes = self.graph.nodes
        ends = self.graph.outputs.values()  # a head that is used elsewhere too is a layer
        self.heads = {end for end in ends if nodes[end].op.head and not nodes[end].shares}
        self.modules = {
            n.index: MODULES[n.op.name](n.op, tuple(map(int, n.layer.inputs[0]))).eval()
            for n in nodes
            if len(n.layer.inputs) == 1
        }

    def state(self) -> dict[str, Shape]:
        """Parameters and buffers by path."""
        nodes = self.graph.nodes
        return {
            key: tuple(module.state_dict()[name].shape)
            for index, module in self.modules.items()
            if not nodes[index].shares
            for name, key in keys(module, nodes[index].path).items()
        }

    def parameters(self, training: bool) -> int:
        """Learnable numbers, of auxiliary heads too where `training`."""
        return sum(
            p.numel()
            for index, module in self.modules.items()
            if not self.graph.nodes[index].shares
            if training or not self.graph.nodes[index].training
            for p in module.parameters()
        )

    def run(self, x: Tensor, state: dict[str, Tensor]) -> tuple[list[Tensor], int]:
        """The value of every node, and the multiply-adds of one image at inference."""
        values: list[Tensor] = []
        flops = 0
        with torch.no_grad():
            for node in self.graph:
                counted = node.op.name in ("conv", "conv_transpose", "linear") and not node.training
                with FlopCounterMode(display=False) if counted else nullcontext() as counter:
                    inputs = [values[i] for i in ir.measured(self.graph, node)] or [x]
                    values.append(self._value(node, inputs, state))
                flops += counter.get_total_flops() if counter else 0
        return values, flops // (2 * x.shape[0])

    def _value(self, node: ir.Node, inputs: list[Tensor], state: dict[str, Tensor]) -> Tensor:
        if not node.layer.inputs:
            return inputs[0]
        if node.op.name in JOINS:
            return JOINS[node.op.name](inputs)
        if len(inputs) > 1:
            return SECOND[node.op.name](node.op, inputs)
        module = self.modules[node.index]
        if not module.state_dict():
            return module(inputs[0])
        path = node.shares or node.path
        own = {name: state[key] for name, key in keys(module, path).items()}
        return torch.func.functional_call(module, own, (inputs[0],), strict=True)

    def logits(self, values: list[Tensor]) -> dict[str, Tensor]:
        """Every output without its head (L16)."""
        nodes = self.graph.nodes
        return {
            name: values[nodes[end].inputs[0] if end in self.heads else end]
            for name, end in self.graph.outputs.items()
        }
