"""Time by roofline: a layer takes as long as its arithmetic or its memory traffic, the longer one.

Williams et al. 2009, "Roofline: an insightful visual performance model".  It is a limit: kernels
reach a part of the peak rates, and launching them takes time too.

Eager: every layer reads its inputs and weights and writes its output.  Fused: a norm, an activation
or a sum that alone reads what comes before it works while that is written, so only the other arms
of a sum are read.  Training: batch norm reads its input once more for the statistics; backwards a
layer reads the gradient of its output and what autograd kept, and writes that of its input; a conv
or linear does its arithmetic twice, once behind the image.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from math import prod
from typing import TYPE_CHECKING, Final, Literal

from cnnspec.analyses.cost import Cost, layer_cost
from cnnspec.analyses.memory import DTYPES
from cnnspec.records import record

if TYPE_CHECKING:
    from cnnspec import ir
    from cnnspec.analyses.devices import Device

BYTES: Final = {**DTYPES, "tf32": 4}
"""Bytes of a number in memory: TF32 is a way to multiply, not to store."""


@record(frozen=True)
class Timed:
    """One layer: FLOPs and bytes of a batch, seconds, and what bounds it."""

    path: str
    flops: int
    bytes: int
    seconds: float
    bound: Literal["compute", "memory", "nothing"]


@record(frozen=True)
class Roofline:
    """A net on a device: layers of one pass, and seconds of a batch for all of them."""

    batch: int
    layers: tuple[Timed, ...]

    @property
    def seconds(self) -> float:
        """All layers one after another."""
        return sum(layer.seconds for layer in self.layers)

    @property
    def images(self) -> float:
        """The limit in images a second."""
        return self.batch / self.seconds


@record(frozen=True)
class Timing:
    """A net on a device in all four modes: `inference eager`, ..., `training fused`."""

    device: Device
    dtype: str
    modes: dict[str, Roofline]


def timing(graph: ir.Graph, device: Device, *, batch: int, dtype: str) -> Timing:
    """Time all modes. Raises KeyError when the device has no rate for `dtype`."""
    modes = {
        f"{'training' if training else 'inference'} {'fused' if fused else 'eager'}": roofline(
            graph, device, batch=batch, dtype=dtype, training=training, fused=fused
        )
        for training in (False, True)
        for fused in (False, True)
    }
    return Timing(device, dtype, modes)


@record(frozen=True)
class Setting:
    """How a net is run: images at once, bytes of a number, FLOP/s and bytes/s, and the mode."""

    batch: int
    size: int
    rate: float
    bandwidth: float
    training: bool
    fused: bool


def roofline(
    graph: ir.Graph,
    device: Device,
    *,
    batch: int,
    dtype: str,
    training: bool = False,
    fused: bool = False,
) -> Roofline:
    """Time every layer of a net. Raises KeyError when the device has no rate for `dtype`."""
    size = BYTES[dtype]
    setting = Setting(batch, size, device.flops[dtype], device.bandwidth, training, fused)
    return Roofline(batch, tuple(_Timer(graph, setting).rows()))


class _Timer:
    """Counts FLOPs and bytes of every node."""

    def __init__(self, graph: ir.Graph, setting: Setting) -> None:
        self.graph, self.setting = graph, setting
        one = setting.batch * setting.size
        self.maps = [one * int(prod(node.shape)) for node in graph]
        """Bytes of each node's output for the batch."""
        self.costs: dict[int, Cost] = {}
        self.readers = Counter(i for node in graph if self.runs(node) for i in node.inputs)

    def runs(self, node: ir.Node) -> bool:
        """Auxiliary heads run in training only."""
        return bool(node.inputs) and (self.setting.training or not node.training)

    def rows(self) -> Iterator[Timed]:
        for node in self.graph:
            if not self.runs(node) or node.op.view:
                continue
            flops, moved = self.forward(node)
            if self.setting.training:
                more, backwards = self.backward(node)
                flops, moved = flops + more, moved + backwards
            arithmetic, traffic = flops / self.setting.rate, moved / self.setting.bandwidth
            bound: Literal["compute", "memory", "nothing"] = (
                "compute" if arithmetic > traffic else "memory"
            )
            yield Timed(
                node.path,
                flops,
                moved,
                max(arithmetic, traffic),
                bound if moved or flops else "nothing",
            )

    def cost(self, node: ir.Node) -> Cost:
        """Parameters and multiply-adds; a layer of a repeated block once."""
        key = id(node.layer)
        if key not in self.costs:
            self.costs[key] = layer_cost(node.layer)
        return self.costs[key]

    def hangs_on(self, node: ir.Node) -> int | None:
        """The input whose layer this one works with when fused: the last that it alone reads."""
        if not self.setting.fused or node.op.kind not in ("norm", "activation", "join"):
            return None
        if node.op.stacks:
            return None
        alone = [i for i in node.inputs if self.readers[i] == 1 and self.graph.nodes[i].inputs]
        return alone[-1] if alone else None

    def forward(self, node: ir.Node) -> tuple[int, int]:
        cost = self.cost(node)
        flops = 2 * cost.macs * self.setting.batch
        if node.op.passes and not self.setting.training:
            return 0, 0
        with_input = self.hangs_on(node)
        reads = sum(self.maps[i] for i in node.inputs if i != with_input)
        writes = self.maps[node.index] if with_input is None else 0
        statistics = self.setting.training and node.op.kind == "norm"
        if statistics:  # they must be known before the first value is normalised
            reads += self.maps[node.inputs[0]]
            writes = self.maps[node.index]
        return flops, reads + writes + cost.params * self.setting.size

    def backward(self, node: ir.Node) -> tuple[int, int]:
        cost = self.cost(node)
        x = self.graph.nodes[node.inputs[0]]
        if node.op.hands_on:
            return 0, 0
        behind_image = not x.inputs
        passes = 1 if behind_image else 2
        flops = 2 * cost.macs * self.setting.batch * passes
        gradient, made = self.maps[node.index], 0 if behind_image else self.maps[x.index]
        saved = node.op.saved(self.setting.size, *node.layer.inputs)
        kept = self.setting.batch * saved.extra
        kept += (self.maps[x.index] if saved.inputs else 0) + (gradient if saved.output else 0)
        if self.setting.fused and node.op.kind == "activation":
            return flops, kept if self.hangs_on(node) is not None else gradient + kept + made
        if node.op.kind == "norm":
            return flops, 2 * (gradient + kept) + made
        weights = cost.params * self.setting.size
        if cost.weights:
            return flops, passes * gradient + kept + made + 2 * weights
        return flops, gradient + kept + made
