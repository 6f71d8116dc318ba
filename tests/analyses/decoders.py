"""Random encoder-decoders, as a spec and as what PyTorch does along one axis of it.

An axis is enough: rows and columns never meet in a receptive field, so a net on a long vector sees
what the map does in one direction. Windows and paddings differ between the two axes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from math import lcm, prod
from random import Random

import torch
from torch import Tensor
from torch.nn import functional as F

from cnnspec import ir
from cnnspec.analyses.metrics import Metrics
from cnnspec.ops.reach import Taps
from tests.backends.harness import elaborate

Layer = Callable[[Tensor, int], Tensor]
"""What happens to a tensor [batch, channels, pixels] along axis 0 (rows) or 1 (columns)."""
CHANNELS = 2
GROWTH_MAX = 36
"""By so much a map shrinks at most, which is what the test costs."""
SIZE = 1728
"""Rows and columns of the input: 2^6 3^3, so that all maps meet again."""
LARGEST_PERIOD = 1296
"""A multiple of the period of every field, in output pixels."""


@dataclass
class Decoder:
    """A net as lines of a spec and as a list of layers; `phases` bounds the period of its field."""

    random: Random
    lines: list[str] = field(default_factory=list)
    layers: list[Layer] = field(default_factory=list)
    phases: int = 1

    def arm(self) -> Decoder:
        """A net for an arm, drawn with the same numbers."""
        return Decoder(self.random)

    def add(self, line: str, layer: Layer) -> None:
        self.lines.append(line)
        self.layers.append(layer)

    def text(self, size: int) -> str:
        return f"net n {{\n input 1x{size}x{size}\n" + "\n".join(self.lines) + "\n}"

    def run(self, x: Tensor, axis: int) -> Tensor:
        for layer in self.layers:
            x = layer(x, axis)
        return x


def decoder(seed: int, deepest: int = 4) -> Decoder:
    """One to four levels down and up again, then up at most twice more."""
    random = Random(seed)
    net = Decoder(random)
    conv(net)
    level(net, random.randint(1, deepest), GROWTH_MAX)
    for _ in range(random.choice([0, 0, 1, 2])):
        upsample(net, random.choice([2, 3]))
        if random.random() < 0.5:
            conv(net)
    return net


def level(net: Decoder, depth: int, room: int) -> None:
    """Convolutions, then a fork of the map and of what comes from below."""
    random = net.random
    for _ in range(random.randint(0, 2)):
        conv(net)
    shapes = [[2], [3], [2, 2], [2, 3], [3, 2]]
    downs = [d for d in shapes if prod(d) * 2 ** (depth - 1) <= room]
    if not depth or not downs:
        return
    down = random.choice(downs)
    below = net.arm()
    for factor in down:
        (pool if random.random() < 0.5 else conv)(below, factor)
    level(below, depth - 1, room // prod(down))
    for factor in random.sample(down, len(down)):
        upsample(below, factor)
        if random.random() < 0.3:
            conv(below)
    beside = net.arm()
    for _ in range(random.choice([0, 0, 1, 2])):
        conv(beside)
    net.phases = lcm(net.phases, below.phases)
    join(net, [beside, below])
    for _ in range(random.randint(0, 2)):
        conv(net)


def join(net: Decoder, arms: list[Decoder]) -> None:
    """`add` or `concat`; a convolution makes the channels of the second what they were."""
    word = net.random.choice(["add", "concat"])
    inner = "\n".join("{" + "\n".join(arm.lines or ["skip"]) + "}" for arm in arms)
    inner = inner.replace("{skip}", "skip")

    def layer(x: Tensor, axis: int) -> Tensor:
        ends = [arm.run(x, axis) for arm in arms]
        return sum(ends[1:], ends[0]) if word == "add" else torch.cat(ends, 1)

    net.add(f"{word} {{\n{inner}\n}}", layer)
    if word == "concat":
        conv(net)


def conv(net: Decoder, stride: int = 1) -> None:
    """A convolution that makes a map smaller by its stride, of any padding that does."""
    random = net.random
    kernels = [random.choice([1, 2, 3, 3, 3, 4, 5]) for _ in range(2)]
    dilations = [random.choice([1, 1, 1, 2, 3]) for _ in range(2)]
    sides = []
    for k, d in zip(kernels, dilations, strict=True):
        more = max(d * (k - 1) + 1 - stride, 0)
        before = random.randint(0, more)
        sides.append((before, more - before))
    (top, bottom), (left, right) = sides

    def layer(x: Tensor, axis: int) -> Tensor:
        weight = torch.full((CHANNELS, x.shape[1], kernels[axis]), 1 / kernels[axis]).to(x)
        return F.conv1d(F.pad(x, sides[axis]), weight, None, stride, 0, dilations[axis])

    net.add(
        f"conv {CHANNELS}, {kernels[0]}x{kernels[1]}/{stride}, pad=[{top}, {bottom}, {left}, "
        f"{right}], dilation={dilations[0]}x{dilations[1]}",
        layer,
    )


def pool(net: Decoder, stride: int) -> None:
    """A pool; the largest of a window depends on all of it, as the mean does."""
    random = net.random
    word = random.choice(["maxpool", "avgpool"])
    kernels = [random.randint(stride, stride + 3) for _ in range(2)]
    pads = [random.randint(-(-(k - stride) // 2), (k - 1) // 2) for k in kernels]

    def layer(x: Tensor, axis: int) -> Tensor:
        return F.avg_pool1d(x, kernels[axis], stride, pads[axis])

    window = f"{kernels[0]}x{kernels[1]}/{stride}"
    net.add(f"{word} {window}, pad={pads[0]}x{pads[1]}", layer)


def upsample(net: Decoder, scale: int) -> None:
    """PyTorch's interpolation, without the weights that rounding makes of zeros."""
    mode = net.random.choice(["nearest", "bilinear"])
    line = f'upsample {scale}, mode="{mode}"'
    net.phases *= scale

    def layer(x: Tensor, axis: int) -> Tensor:
        if mode == "nearest":
            return F.interpolate(x, scale_factor=float(scale))
        near = torch.eye(5).to(x)[:, None]
        weights = F.interpolate(near, scale_factor=float(scale), mode="linear")[:, 0, 2 * scale :]
        weights = weights[:, :scale].where(weights[:, :scale] > 1e-9, 0.0)
        padded = F.pad(x, (1, 1), mode="replicate").unfold(2, 3, 1)
        return (padded @ weights[1:4]).flatten(2)

    net.add(line, layer)


def support(net: Decoder, axis: int, size: int) -> list[tuple[int, int]]:
    """First and last pixel with a gradient, of all output pixels in the middle that may differ.

    The net works on so many copies of the input, and each copy is asked for one of the pixels.
    """
    spans: list[tuple[int, int]] = []
    for start in range(0, net.phases, 64):
        count = min(64, net.phases - start)
        x = torch.ones(count, 1, size, dtype=torch.float64, requires_grad=True)
        y = net.run(x, axis)
        middle = y.shape[2] // 2 - net.phases // 2 + start
        (found,) = torch.autograd.grad(y[range(count), 0, range(middle, middle + count)].sum(), x)
        for row in found[:, 0]:
            hits = row.nonzero()
            spans.append((int(hits.min()), int(hits.max())))
    return spans


def compared(seed: int, size: int = SIZE) -> tuple[tuple[int, int], tuple[int, int]]:
    """The field of a net as cnnspec has it and as the gradients do, rows and columns."""
    net = decoder(seed)
    m = metrics(net.text(size))
    wanted = []
    for axis in (0, 1):
        spans = support(net, axis, size)
        if any(low == 0 or high == size - 1 for low, high in spans):
            return compared(seed, 2 * size)
        wanted.append(max(high - low + 1 for low, high in spans))
    return m.fields[-1].size, (wanted[0], wanted[1])


def metrics(text: str) -> Metrics:
    """The measures of the net in a text."""
    return Metrics(elaborate(text).net)


Way = list[Taps]


def ways(graph: ir.Graph, index: int, axis: int) -> list[Way]:
    """Every way from the input to a node, as what its layers see, the last one first."""
    node = graph.nodes[index]
    if not node.inputs:
        return [[]]
    taps = node.op.reach().axes[axis]
    return [[taps, *way] for i in node.inputs for way in ways(graph, i, axis)]


def largest(way: Way) -> int:
    """The most input pixels that an output pixel sees along one way."""
    return max(_span(way, y) for y in range(LARGEST_PERIOD))


def _span(way: Way, y: int) -> int:
    first = last = y
    for taps in way:
        first, last = (
            (p.factor * at + p.shift) // p.divisor
            for p, at in zip(taps, (first, last), strict=True)
        )
    return last - first + 1


def main() -> None:
    """`python -m tests.analyses.decoders 200`: how many nets have the field of their gradients."""
    seeds = range(int(sys.argv[1]))
    wrong = [seed for seed in seeds if len(set(compared(seed))) > 1]
    print(json.dumps({"nets": len(seeds), "equal": len(seeds) - len(wrong), "wrong": wrong}))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
