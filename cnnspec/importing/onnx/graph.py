"""The values of an ONNX graph: which flow, which are weights, which are known beforehand."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from cnnspec.importing.errors import refuse
from cnnspec.values import Shape

FOLDED = {
    "Add", "Cast", "Concat", "Constant", "ConstantOfShape", "Div", "Equal", "Floor", "Gather",
    "Identity", "Mul", "Range", "Reshape", "Shape", "Slice", "Squeeze", "Sub", "Unsqueeze", "Where",
}  # fmt: skip
"""Ops that exporters compute shapes with."""
SMALL = 4096
"""The most numbers of a value that is computed here."""


class Node:
    """An op of the graph with its attributes, inputs and outputs."""

    def __init__(self, node: Any) -> None:
        self.kind, self.name = str(node.op_type), str(node.name)
        self.inputs, self.outputs = [*map(str, node.input)], [*map(str, node.output)]
        self.attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        self.proto = node
        self.flows = False
        """Whether its result depends on an input's values."""

    def get(self, name: str, default: Any = None) -> Any:
        """An attribute; strings as text."""
        value = self.attributes.get(name, default)
        return value.decode() if isinstance(value, bytes) else value


class Graph:
    """An ONNX graph with its shapes; `nodes` are those whose values depend on an input."""

    def __init__(self, model: Any) -> None:
        graph = model.graph
        self.weights = {one.name: one for one in graph.initializer}
        self.numbers: dict[str, Any] = {}
        self.same: dict[str, str] = {}
        """Weights under other names."""
        self.inputs = [str(one.name) for one in graph.input if one.name not in self.weights]
        self.outputs = [str(one.name) for one in graph.output]
        self.shapes = {
            one.name: tuple(d.dim_value for d in one.type.tensor_type.shape.dim)
            for one in [*graph.value_info, *graph.input, *graph.output]
        }
        self.opsets = model.opset_import
        flowing = {*self.inputs}
        self.all = [*map(Node, graph.node)]
        for node in self.all:
            node.flows = node.kind != "Shape" and not flowing.isdisjoint(node.inputs)
            flowing.update(node.outputs if node.flows else ())
        self.nodes = [node for node in self.all if node.flows]
        for node in self.all:
            if node.kind == "Identity" and self.is_weight(node.inputs[0]):
                self.same[node.outputs[0]] = self.source(node.inputs[0])

    def shape(self, name: str) -> Shape:
        """A value's shape without the batch axis."""
        return self.shapes.get(name, ())[1:]

    def number(self, name: str) -> Any:
        """A value that is known beforehand as an array, or None."""
        if not name:
            return None
        if name not in self.numbers and name in self.weights:
            tensor = self.weights[name]
            if int(np.prod(tensor.dims)) <= SMALL and not tensor.external_data:
                self.numbers[name] = numpy_helper.to_array(tensor)
        return self.numbers.get(name)

    def integers(self, name: str) -> list[int]:
        """A value as a list of integers. Raises Refused."""
        found = self.number(name)
        if found is None:
            raise refuse(f"{name} is computed from the input's values")
        return [int(n) for n in np.atleast_1d(found)]

    def is_weight(self, name: str) -> bool:
        """Whether a value is a tensor of the file."""
        return self.source(name) in self.weights

    def source(self, name: str) -> str:
        """The tensor that a name stands for: exporters share equal ones through Identity."""
        return self.same.get(name, name)

    def found(self, node: Node, shape: Shape) -> None:
        """Note the shape of a node's result, which its op tells."""
        batch = self.shapes[self.inputs[0]][0]
        self.shapes[node.outputs[0]] = (batch, *map(int, shape))

    def fold(self, node: Node) -> None:
        """Compute what a node gives that depends on no value of an input, where it is small."""
        if node.kind == "Shape" and node.inputs[0] in self.shapes:
            self.numbers[node.outputs[0]] = np.array(self.shapes[node.inputs[0]], dtype=np.int64)
            return
        given = {name: self.number(name) for name in node.inputs if name}
        known = all(value is not None for value in given.values())
        if node.kind in FOLDED and known and not _large(node, given):
            self._compute(node, given)

    def _compute(self, node: Node, given: dict[str, Any]) -> None:
        from onnx.reference import ReferenceEvaluator

        inputs = [helper.make_tensor_value_info(name, 0, None) for name in given]
        outputs = [helper.make_tensor_value_info(name, 0, None) for name in node.outputs]
        for value, array in zip(inputs, given.values(), strict=True):
            value.type.tensor_type.elem_type = helper.np_dtype_to_tensor_dtype(array.dtype)
        made = helper.make_model(
            helper.make_graph([node.proto], "one", inputs, outputs), opset_imports=self.opsets
        )
        found = ReferenceEvaluator(made).run(None, given)
        self.numbers.update(zip(node.outputs, found, strict=True))


def _large(node: Node, given: dict[str, Any]) -> bool:
    """Whether a result would be large: nothing that decides a graph is."""
    if node.kind == "ConstantOfShape":
        return int(np.prod(next(iter(given.values())))) > SMALL
    if node.kind == "Range":
        return True
    constant = node.get("value")
    return isinstance(constant, onnx.TensorProto) and int(np.prod(constant.dims)) > SMALL
