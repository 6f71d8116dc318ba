"""Whether two nets are one however they are written, and where two that look alike are not."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec import ir
from cnnspec.analyses.numbering import Numbers, numbered
from cnnspec.ir import Node


def same(a: ir.Net, b: ir.Net) -> list[tuple[str, str]] | None:
    """The paths of layers with tensors that stand for each other, where two nets are one.

    None where they are not: then some output is made of other values, or in another way.
    """
    numbers = Numbers()
    mine, theirs = numbered(a, numbers), numbered(b, numbers)
    return [*zip(mine.weights, theirs.weights, strict=True)] if mine.same(theirs) else None


def elsewhere(a: ir.Net, b: ir.Net) -> Iterator[tuple[Node, Node]]:
    """Layers that are alike, in nets whose layers are alike one by one, and read other values.

    Or they have the weights of another layer.
    """
    left, right = _Places(a), _Places(b)
    for mine, theirs in zip(left.nodes, right.nodes, strict=False):
        if left.reads(mine) != right.reads(theirs):
            yield mine, theirs


class _Places:
    """The layers of a net in order, and what each reads by its place in that order."""

    def __init__(self, net: ir.Net) -> None:
        self.nodes: list[Node] = []
        self._places: list[int] = []
        self._weights: dict[str, int] = {}
        for node in ir.graph(net):
            shapes = node.layer.inputs
            if shapes and node.op.idle(*shapes):
                self._places.append(self._places[node.inputs[0]])
                continue
            self._places.append(len(self.nodes))
            self.nodes.append(node)

    def reads(self, node: Node) -> tuple[object, ...]:
        """The places of what a layer reads, and of its weights."""
        weights = -1
        if node.inputs and node.op.keeps(node.layer.inputs[0]):
            weights = self._weights.setdefault(node.shares or node.path, len(self._weights))
        came = [self._places[index] for index in node.inputs]
        return (*(sorted(came) if node.op.exchanges() else came), weights)
