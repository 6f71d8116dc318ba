"""Figures that add up over a net's tree, each module looked at once however often it is called."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, Generic, Protocol, TypeVar

from cnnspec import ir


class Adds(Protocol):
    """What can be summed: a number, a `Counter`, a record with `+`."""

    def __add__(self, other: Any, /) -> Any:
        """The sum of two."""


FigureT = TypeVar("FigureT", bound=Adds)


class Fold(ABC, Generic[FigureT]):
    """Sums a figure over the tree; a subclass says what a layer is worth.

    The sum of a module is remembered by its identity: ResNet-1202 has 4,208 layers and six kinds
    of block. By default a further use counts once more and a head as the rest does; a tap is
    worth nothing.
    """

    zero: FigureT
    """The sum of no layers."""

    def __init__(self) -> None:
        self._seen: dict[int, tuple[ir.Module, FigureT]] = {}

    @abstractmethod
    def layer(self, layer: ir.Layer) -> FigureT:
        """What one layer is worth, the join of a fork among them."""

    def shared(self, shared: ir.Shared) -> FigureT:
        """What a layer or block is worth that is used once more with its weights."""
        return self.item(shared.item)

    def branch(self, branch: ir.Branch) -> FigureT:
        """What a further output or an auxiliary head is worth."""
        return self.items(branch.items)

    def module(self, module: ir.Module) -> FigureT:
        """The sum over a body, found once however often it is called."""
        known = self._seen.get(id(module))
        if known is None:
            known = self._seen[id(module)] = module, self.body(module)
        return known[1]

    def body(self, module: ir.Module) -> FigureT:
        """What a module is worth, that of a call; by default the sum over its items."""
        return self.items(module.items)

    def items(self, items: Iterable[ir.Item]) -> FigureT:
        """The sum over a row of items."""
        total = self.zero
        for item in items:
            total = total + self.item(item)
        return total

    def item(self, item: ir.Item) -> FigureT:
        """What one item of a body is worth."""
        match item:
            case ir.Layer():
                return self.layer(item)
            case ir.Call():
                return self.module(item.module)
            case ir.Fork():
                arms: FigureT = self.items(part for arm in item.arms for part in arm)
                return arms + self.layer(item.join)  # type: ignore[no-any-return]
            case ir.Group():
                return self.items(item.items)
            case ir.Shared():
                return self.shared(item)
            case ir.Branch():
                return self.branch(item)
            case ir.Tap():
                return self.zero
