"""Whether a model fits maps of any height and width, or the spec's only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnnspec.values import Shape, Size

if TYPE_CHECKING:
    from cnnspec.elaborate.workspace import Elaborated
    from cnnspec.ir import Node

_READS_SIZE = re.compile(r"\bin\s*\.\s*(height|width)\b")


def sizes_are_open(elaborated: Elaborated, nodes: list[Node]) -> bool:
    """Follow symbolic sizes through the net: nothing that has weights or structure may need them.

    A spec that reads `in.height` anywhere may choose its layers by it: its sizes are fixed.
    """
    if any(_READS_SIZE.search(unit.source.text) for unit in elaborated.unit.closure()):
        return False
    shapes: dict[int, Shape] = {}
    for node in nodes:
        if not node.layer.inputs:
            if len(node.shape) != 3:
                return False
            channels, height, width = node.shape
            shapes[node.index] = int(channels), Size(height, "height"), Size(width, "width")
            continue
        inputs = [shapes[i] for i in node.inputs]
        if _needs_numbers(node, inputs):
            return False
        shapes[node.index] = node.op.shape(*inputs)
    return True


def _needs_numbers(node: Node, inputs: list[Shape]) -> bool:
    """Whether a weight's shape, or the form of the op itself, depends on height or width."""
    x = inputs[0]
    tensors = [*node.op.params(x).values(), *node.op.buffers(x).values()]
    if any(isinstance(n, Size) for shape in tensors for n in shape):
        return True
    return node.op.sized() and any(isinstance(n, Size) for n in x)
