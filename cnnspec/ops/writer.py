"""What an op may ask of the ONNX backend: nodes, its own tensors, constants.

ONNX (opset 22) has no `nn.Module`, so an op writes itself: `Op.onnx` calls the writer, which
names what it makes after the op's path.
"""

from __future__ import annotations

from typing import Protocol

from cnnspec.values import Shape

Attribute = int | float | str | tuple[int, ...]
"""What an attribute of a node may be."""


class OnnxWriter(Protocol):
    """Writes the nodes of one op. Values are known by their names."""

    inputs: tuple[Shape, ...]
    """The shapes that arrive, without the batch."""

    def node(self, kind: str, *inputs: str, **attributes: Attribute) -> str:
        """Write one node, such as `Relu`; return the name of its output. "" is no input."""
        ...

    def second(self, kind: str, *inputs: str, **attributes: Attribute) -> str:
        """The same for a node of two outputs; return the name of the second."""
        ...

    def state(self, key: str) -> str:
        """The op's parameter or buffer `key`, under the name it has in the state_dict."""
        ...

    def integers(self, *values: int) -> str:
        """A constant vector of int64."""
        ...

    def floats(self, values: tuple[float, ...], *shape: int) -> str:
        """A constant of float32; without `shape` a scalar or a vector, as `values` is long."""
        ...
