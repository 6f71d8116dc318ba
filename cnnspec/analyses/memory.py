"""Memory of inference and training: parameters, activations, gradients, the optimizer's state.

Counted are tensors as PyTorch makes them, in the order and with the names of the generated module
(`liveness.py`).  Not counted: the workspace of kernels, the allocator's rounding, CUDA's own
context, and the copy that a data loader holds.
"""

from __future__ import annotations

from math import prod
from typing import Final

from cnnspec import ir
from cnnspec.analyses import backward, liveness
from cnnspec.analyses.heap import Heap, Storage
from cnnspec.records import record

DTYPES: Final = {"float32": 4, "float16": 2, "bfloat16": 2, "float64": 8}
"""Bytes of a number."""

OPTIMIZERS: Final = {"sgd": 0, "momentum": 1, "rmsprop": 1, "adagrad": 1, "adam": 2, "adamw": 2}
"""Numbers that an optimizer keeps beside each learnt one."""

_COUNTER: Final = 8
"""Bytes of a scalar buffer: batch norm counts its batches in 64 bits."""


@record(frozen=True)
class LayerMemory:
    """Bytes of one layer: what its output newly takes, and what autograd keeps for it.

    `kept` counts a map at the first layer that needs it.
    """

    path: str
    activations: int
    kept: int


@record(frozen=True)
class Memory:
    """Bytes, for a batch of images.

    `peak_inference` and `peak_training` are without parameters and buffers; `kept` is what autograd
    holds at the end of the forward pass; `where` are the layers at which the peaks are reached.
    """

    batch: int
    dtype: str
    optimizer: str
    params: int
    buffers: int
    state: int
    kept: int
    peak_inference: int
    peak_training: int
    where: tuple[str, str]
    layers: tuple[LayerMemory, ...]

    @property
    def inference(self) -> int:
        """All of inference: parameters, buffers, activations."""
        return self.params + self.buffers + self.peak_inference

    @property
    def training(self) -> int:
        """All of a training step: parameters, buffers, state, and the peak with gradients."""
        return self.params + self.buffers + self.state + self.peak_training


def recipe_optimizer(recipe: dict[str, object]) -> str:
    """The optimizer of a recipe by the words of OPTIMIZERS; SGD with momentum without one."""
    told = recipe.get("optimizer")
    if not isinstance(told, dict):
        return "momentum"
    name = str(told.get("name", "sgd"))
    return "momentum" if name == "sgd" and told.get("momentum") else name


def peak_inference(net: ir.Net, batch: int = 1, dtype: str = "float32") -> int:
    """The most bytes of activations, the images among them, at any time of a forward pass."""
    heap = Heap(batch, DTYPES[dtype])
    liveness.run(net, heap)
    return heap.peak


def memory(
    net: ir.Net,
    graph: ir.Graph,
    *,
    batch: int = 1,
    dtype: str = "float32",
    optimizer: str = "momentum",
) -> Memory:
    """Everything about one net at one batch."""
    size = DTYPES[dtype]
    forward, train = Heap(batch, size), Heap(batch, size, training=True)
    liveness.run(net, forward)
    logits = liveness.run(net, train)
    layers, kept = _layers(graph, train)
    _end_of_forward(train, kept, logits)
    backward.run(graph, train)
    params, buffers = _weights(graph, size)
    return Memory(
        batch=batch,
        dtype=dtype,
        optimizer=optimizer,
        params=params,
        buffers=buffers,
        state=params * OPTIMIZERS[optimizer],
        kept=kept,
        peak_inference=forward.peak,
        peak_training=train.peak,
        where=(forward.where, train.where),
        layers=layers,
    )


def _end_of_forward(heap: Heap, kept: int, logits: Storage) -> None:
    """Leave on the heap what a loop holds when the forward pass has ended."""
    held = {id(storage) for one in heap.kept for storage in one.storages}
    beside = {id(storage): storage.size for storage in [*heap.images, logits]}
    heap.now = kept + sum(size for key, size in beside.items() if key not in held)


def _layers(graph: ir.Graph, heap: Heap) -> tuple[tuple[LayerMemory, ...], int]:
    """Each layer's share, and the bytes kept by all."""
    kept_by = {kept.path: kept for kept in heap.kept}
    seen: set[int] = set()
    rows, total = [], 0
    for node in graph:
        done, kept = heap.layers.get(node.path), kept_by.get(node.path)
        bytes_kept = 0
        if kept is not None:
            fresh = [s for s in set(kept.storages) if id(s) not in seen]
            seen.update(map(id, fresh))
            bytes_kept = kept.extra + sum(s.size for s in fresh)
        total += bytes_kept
        rows.append(LayerMemory(node.path, done.new if done else 0, bytes_kept))
    return tuple(rows), total


def _weights(graph: ir.Graph, size: int) -> tuple[int, int]:
    """Bytes of parameters and of buffers, shared ones once, auxiliary heads among them."""
    params = buffers = 0
    for node in graph:
        if node.inputs and not node.shares:
            x = node.layer.inputs[0]
            params += sum(size * int(prod(shape)) for shape in node.op.params(x).values())
            kept = node.op.buffers(x).values()
            buffers += sum(size * int(prod(s)) if s else _COUNTER for s in kept)
    return params, buffers
