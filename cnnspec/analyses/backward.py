"""The backward pass: what autograd frees, which gradients stand, and the peak of a training step.

Layers run backwards in the order of the graph.  A layer takes the gradient of its output, makes
those of its inputs and of its weights, and lets go of what was kept for it.  A sum hands one
gradient to all arms, a concat hands out views of one; where a map has several readers their
gradients are added.
"""

from __future__ import annotations

from collections import Counter
from math import prod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnnspec import ir
    from cnnspec.analyses.heap import Heap, Kept, Storage


def run(graph: ir.Graph, heap: Heap) -> None:
    """Run the backward pass on a heap that holds what the forward pass kept, and nothing else."""
    walk = _Backward(graph, heap)
    for index in graph.outputs.values():
        walk.give(index, heap.tensor(graph.nodes[index].shape))
    for node in reversed(graph.nodes):
        if node.inputs:
            walk.node(node)


class _Backward:
    """The gradients that stand, and how often each kept storage is still needed."""

    def __init__(self, graph: ir.Graph, heap: Heap) -> None:
        self.graph, self.heap = graph, heap
        self.gradients: dict[int, Storage] = {}
        self.kept: dict[str, Kept] = {kept.path: kept for kept in heap.kept}
        self.readers = Counter(id(storage) for kept in heap.kept for storage in set(kept.storages))
        self.readers.update(map(id, heap.images))

    def give(self, index: int, gradient: Storage) -> None:
        """One more gradient of a node's output: the second is added to the first."""
        before = self.gradients.get(index)
        if before is None:
            self.gradients[index] = gradient
            return
        total = self.heap.tensor(self.graph.nodes[index].shape)
        self.heap.reached(self.graph.nodes[index].path)
        self.heap.drop(before)
        self.heap.drop(gradient)
        self.gradients[index] = total

    def node(self, node: ir.Node) -> None:
        gradient = self.gradients.pop(node.index, None)
        if gradient is None:
            return
        if not node.shares:
            numbers = sum(int(prod(s)) for s in node.op.params(node.layer.inputs[0]).values())
            self.heap.new(self.heap.size * numbers)
        for index in node.inputs:
            if not self.learns(index):
                continue
            left_out = node.path not in self.heap.layers  # a softmax that the loss has within
            if node.op.view or node.op.hands_on or left_out:
                self.give(index, self.heap.hold(gradient))
            else:
                self.give(index, self.heap.tensor(self.graph.nodes[index].shape))
        self.heap.reached(node.path)
        self.heap.drop(gradient)
        self.free(node.path)

    def learns(self, index: int) -> bool:
        """Whether a weight has a part in a node's output: an image gets no gradient."""
        done = self.heap.layers.get(self.graph.nodes[index].path)
        return done is None or done.output.learns

    def free(self, path: str) -> None:
        """Let go of what was kept for a layer."""
        kept = self.kept.get(path)
        if kept is None:
            return
        self.heap.now -= kept.extra
        for storage in set(kept.storages):
            self.readers[id(storage)] -= 1
            if not self.readers[id(storage)]:
                self.heap.now -= storage.size
