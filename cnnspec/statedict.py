"""The state_dict of a net: its keys, in the order in which PyTorch has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, NamedTuple, Protocol, TypeVar

from cnnspec.ir import Graph
from cnnspec.ops.op import OWN, state_key
from cnnspec.values import Shape


class Placed(Protocol):
    """Something with a place in the state_dict: its layer's path, and its own name there."""

    @property
    def path(self) -> str:
        """The path of the layer, with dots."""

    @property
    def key(self) -> str | None:
        """`weight`; OWN for a parameter whose key is the path; None for what stands for several."""


class Entry(NamedTuple):
    """A tensor of the state_dict; `learnt` if it is no buffer, `training` in an auxiliary head."""

    path: str
    key: str
    shape: Shape
    learnt: bool
    training: bool

    @property
    def name(self) -> str:
        """Its key in the state_dict."""
        return state_key(self.path, self.key)


RowT = TypeVar("RowT", bound=Placed)
T = TypeVar("T")


def in_order(rows: Iterable[RowT]) -> list[RowT]:
    """Rows in PyTorch's order: the parameters of a module before those of the modules in it.

    A module stands where its first row does.
    """
    root: _Level[RowT] = _Level()
    for row in rows:
        *outer, last = row.path.split(".")
        level = root
        for word in outer:
            level = level.inner.setdefault(word, _Level())
        if row.key != OWN:
            level = level.inner.setdefault(last, _Level())
        level.own.append(row)
    return list(root.rows())


class _Level(Generic[T]):
    """A module: its own rows, and the modules in it."""

    def __init__(self) -> None:
        self.own: list[T] = []
        self.inner: dict[str, _Level[T]] = {}

    def rows(self) -> Iterator[T]:
        """The rows here and further in."""
        yield from self.own
        for level in self.inner.values():
            yield from level.rows()


def entries(graph: Graph) -> list[Entry]:
    """Every tensor of a net, each once; shapes in plain numbers."""
    found = []
    for node in graph:
        if node.shares or not node.layer.inputs:
            continue
        x = node.layer.inputs[0]
        for tensors, learnt in ((node.op.params(x), True), (node.op.buffers(x), False)):
            for key, shape in tensors.items():
                size = tuple(map(int, shape))
                found.append(Entry(node.path, key, size, learnt, node.training))
    return in_order(found)
