"""The metrics that claims name (L27): `Metrics(net).value("params", "layer2")`.

The interface is stable:

- `Metrics(net).value(name, path="")` gives an int, a float (the `..._mb` of torchsummary) or a
  shape (a tuple of ints);
- it raises `UnknownMetric` or `UnknownPath`, both with `known`: candidates for "did you mean";
- `METRICS` lists the names, each with one line of explanation.

Paths are state_dict paths with dots (`scale1.0`, not `scale1[0]`), inputs and outputs by name.
"""

from __future__ import annotations

from functools import cached_property
from math import prod
from typing import TYPE_CHECKING

from cnnspec import ir
from cnnspec.analyses.catalogue import COSTS, METRICS, SIZES, UnknownMetric
from cnnspec.analyses.connections import connections, connections_at
from cnnspec.analyses.cost import Cost, Costs
from cnnspec.analyses.count import Counts
from cnnspec.analyses.depth import Depths
from cnnspec.analyses.paths import Known, UnknownPath, find
from cnnspec.analyses.torchsummary import Sizes, sizes
from cnnspec.values import SIZE_MAX, Shape

# Fields, memory and input sizes are imported where they are asked for: a check needs none of them.
if TYPE_CHECKING:
    from cnnspec.analyses.field import Field, Seen
    from cnnspec.analyses.memory import Memory
    from cnnspec.analyses.sizes import Sizes as InputSizes

__all__ = ["METRICS", "Metrics", "Number", "UnknownMetric", "UnknownPath"]

Number = int | float
"""A figure; a shape is a tuple of ints."""


class Metrics:
    """Measures one net; every figure is computed when first asked for, then remembered."""

    def __init__(self, net: ir.Net) -> None:
        self.net = net
        self._costs = Costs()
        self._depths = Depths()
        self._known: Known = {}

    def value(self, name: str, path: str = "") -> Number | Shape:
        """The figure `name`, of the whole net or of what stands at `path`.

        Raises UnknownMetric, and UnknownPath (for `count` with the ops of the net as `known`).
        """
        if name not in METRICS:
            raise UnknownMetric(name)
        if name in COSTS:
            return self._cost_value(name, path)
        if name in SIZES:
            return float(getattr(self.sizes, name))
        return self._other(name, path)

    @cached_property
    def cost(self) -> Cost:
        """The cost of the whole net."""
        return self._costs.module(self.net.body)

    @cached_property
    def sizes(self) -> Sizes:
        """The size lines that torchsummary prints."""
        return sizes(self.net)

    @cached_property
    def graph(self) -> ir.Graph:
        """The flat graph."""
        return ir.graph(self.net)

    @cached_property
    def layers(self) -> int:
        """Conv and linear layers on the longest path."""
        return self._depths.net(self.net)

    def cost_at(self, path: str) -> Cost:
        """The cost of what stands at `path`. Raises UnknownPath."""
        return self._costs.place(find(self.net, path, self._known))

    def count(self, op: str) -> int:
        """Layers of one op. Raises UnknownPath for a word that is no op."""
        from cnnspec.ops import ops

        counted = Counts().module(self.net.body)
        if op not in counted and op not in ops():
            raise UnknownPath(op, counted or ops())
        return counted[op]

    def shape(self, path: str) -> Shape:
        """The output shape at `path`; of the logits (or the last output) without one."""
        if path:
            return _plain(find(self.net, path, self._known).shape)
        return _plain(self.net.logits or list(self.net.outputs.values())[-1])

    @cached_property
    def seen(self) -> list[Seen]:
        """What the output pixels of every node of the graph see."""
        from cnnspec.analyses.field import seen

        return seen(self.graph)

    @cached_property
    def fields(self) -> list[Field]:
        """The receptive field of every node of the graph."""
        from cnnspec.analyses.field import fields

        return fields(self.graph, self.seen)

    def node(self, path: str = "") -> int:
        """The node at `path`, else the last map before a global layer. Raises UnknownPath."""
        if not path:
            from cnnspec.analyses.field import last_index

            return last_index(self.graph, self.seen)
        index = self.graph.ends.get(path, self.graph.outputs.get(path))
        if index is None:
            find(self.net, path, self._known)
            raise UnknownPath(path, self.graph.ends)
        return index

    def field(self, path: str = "") -> Field:
        """The receptive field at `path`, else of the last map before a global layer."""
        return self.fields[self.node(path)]

    def padding(self, path: str = "") -> float:
        """Padding's share of the fields at `path`; 0 where they are the whole input."""
        from cnnspec.analyses.field import input_size

        index = self.node(path)
        shape = self.graph.nodes[index].shape
        return self.seen[index].padding(shape, input_size(self.graph)) or 0.0

    def smallest(self, path: str = "") -> int | Shape:
        """The field at `path` along the branch that sees least, else the whole input."""
        from cnnspec.analyses.field import input_size

        return _one(self.seen[self.node(path)].smallest or input_size(self.graph))

    @cached_property
    def input_sizes(self) -> InputSizes:
        """The input sizes that the net works on."""
        from cnnspec.analyses.sizes import Sizes

        return Sizes(self.net, self.graph)

    @cached_property
    def peak_inference(self) -> int:
        """The most bytes of activations at inference, for one image in float32."""
        from cnnspec.analyses.memory import peak_inference

        return peak_inference(self.net)

    @cached_property
    def memory(self) -> Memory:
        """Memory for a batch of one in float32, trained by SGD with momentum."""
        from cnnspec.analyses.memory import memory

        return memory(self.net, self.graph)

    def images(self, device: str, *, training: bool) -> float:
        """Images a second at most on a known device. Raises UnknownPath."""
        from cnnspec.analyses.devices import devices
        from cnnspec.analyses.roofline import roofline

        known = devices()
        if device not in known:
            raise UnknownPath(device, known)
        found = roofline(self.graph, known[device], batch=128, dtype="bfloat16", training=training)
        return found.images

    def _cost_value(self, name: str, path: str) -> int:
        if name == "params" and path == "all":
            return self.cost.params_all
        cost = self.cost_at(path) if path else self.cost
        match name:
            case "params":
                return cost.params
            case "weights":
                return cost.weights
            case "macs":
                return cost.macs
            case "flops":
                return 2 * cost.macs
        return cost.params_all

    def _other(self, name: str, path: str) -> Number | Shape:
        match name:
            case "layers":
                return (
                    self._depths.place(find(self.net, path, self._known)) if path else self.layers
                )
            case "count":
                return self.count(path)
            case "shape":
                return self.shape(path)
            case "size":
                return prod(self.shape(path))
            case "connections":
                return self._connections(path)
            case "field":
                return _one(self.field(path).size)
            case "peak_inference_bytes":
                return self.peak_inference
            case "training_bytes":
                return self.memory.training
            case "img_s_inference" | "img_s_training":
                return self.images(path or "h100", training=name == "img_s_training")
            case "min_input_size":
                return self.input_sizes.square().low
            case "max_input_size":
                high = self.input_sizes.square().high
                return SIZE_MAX if high is None else high
            case "field_smallest":
                return self.smallest(path)
            case "field_stride":
                rows, columns = self.field(path).stride
                if rows != columns:
                    return int(rows), int(columns)
                return int(rows) if rows == int(rows) else float(rows)
            case "field_padding":
                return self.padding(path)
        sizes = _plain(self.net.inputs[0].shape)
        return _one((sizes[1], sizes[2])) if len(sizes) == 3 else sizes

    def _connections(self, path: str) -> int:
        if path:
            return connections_at(find(self.net, path, self._known))
        return connections(self.net.body.items)


def _plain(shape: Shape) -> Shape:
    """A shape of ordinary ints: symbolic sizes count with their values."""
    return tuple(int(n) for n in shape)


def _one(sizes: tuple[int, int]) -> int | Shape:
    """Equal rows and columns as one number."""
    rows, columns = sizes
    return rows if rows == columns else sizes
