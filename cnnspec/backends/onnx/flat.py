"""A model as plain records, before it is a protobuf: nodes, tensors, constants, shapes."""

from __future__ import annotations

from dataclasses import dataclass, field

from cnnspec.backends.onnx.sizes import Dims
from cnnspec.ir import Node
from cnnspec.ops.op import state_key
from cnnspec.ops.writer import Attribute
from cnnspec.values import Record, Shape


@dataclass(slots=True)
class FlatNode:
    """One ONNX node; `name` is unique, values are known by their names."""

    name: str
    kind: str
    inputs: list[str]
    output: str
    attributes: dict[str, Attribute]
    unread: str = ""
    """The first of two outputs, where the second is wanted alone."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """A parameter or buffer: its shape, and how it begins."""

    shape: Shape
    initial: Record


@dataclass(frozen=True, slots=True)
class Constant:
    """A tensor that belongs to no state_dict."""

    values: tuple[int, ...] | tuple[float, ...]
    shape: Shape
    real: bool


@dataclass(slots=True)
class Flat:
    """The whole model."""

    nodes: list[FlatNode] = field(default_factory=list)
    state: dict[str, Tensor] = field(default_factory=dict)
    constants: dict[str, Constant] = field(default_factory=dict)
    inputs: dict[str, Dims] = field(default_factory=dict)
    outputs: dict[str, Dims] = field(default_factory=dict)
    values: dict[str, Dims] = field(default_factory=dict)
    """The dimensions of every layer's value, for readers of the file."""
    spare: set[str] = field(default_factory=set)
    """State of the net that this model has no use for: auxiliary heads."""


class Writer:
    """Writes the ops one after another; an `OnnxWriter` for the one it stands at."""

    def __init__(self, flat: Flat) -> None:
        self.flat = flat
        self.at: Node | None = None
        self.inputs: tuple[Shape, ...] = ()
        self.path = ""
        self.mine: list[FlatNode] = []
        self.names: dict[Constant, str] = {}

    def begin(self, node: Node) -> None:
        """Turn to the next op of the graph."""
        self.at, self.path, self.inputs = node, node.path, node.layer.inputs
        self.mine = []

    def end(self, value: str) -> str:
        """Give the op's value and its last node the op's path; a value passed on keeps its name.

        Where the path is the key of a tensor, the value is another thing and has another name.
        """
        assert self.at is not None
        for last in self.mine:
            if last.output == value:
                last.name = self.path
                last.output = value = f"{self.path}/value" if self.at.op.own_key else self.path
        self.flat.nodes += self.mine
        return value

    def node(self, kind: str, *inputs: str, **attributes: Attribute) -> str:
        """Write one node under the path of the layer; return its output's name."""
        name = f"{self.path}/{kind}" + (f"_{len(self.mine)}" if self.mine else "")
        self.mine.append(FlatNode(name, kind, list(inputs), name, attributes))
        return name

    def second(self, kind: str, *inputs: str, **attributes: Attribute) -> str:
        """Write one node for its second output; nobody reads the first."""
        name = self.node(kind, *inputs, **attributes)
        self.mine[-1].unread = f"{name}/first"
        return name

    def state(self, key: str) -> str:
        """Ask for a parameter or buffer of the layer, or of the one whose weights it shares."""
        assert self.at is not None
        x, op = self.inputs[0], self.at.op
        name = state_key(self.at.shares or self.path, key)
        shape = tuple(map(int, {**op.params(x), **op.buffers(x)}[key]))
        self.flat.state.setdefault(name, Tensor(shape, op.initial(key, x)))
        return name

    def integers(self, *values: int) -> str:
        """A constant vector of int64."""
        return self._constant(Constant(tuple(map(int, values)), (len(values),), real=False))

    def floats(self, values: tuple[float, ...], *shape: int) -> str:
        """A constant of float32: a scalar, a vector, or of the shape given."""
        size = tuple(map(int, shape)) or (() if len(values) == 1 else (len(values),))
        return self._constant(Constant(values, size, real=True))

    def _constant(self, constant: Constant) -> str:
        """A constant by its values: equal ones are one tensor."""
        name = self.names.setdefault(constant, f"constant/{len(self.names)}")
        self.flat.constants[name] = constant
        return name
