"""How much a module holds: a row, a block of rows, a stage of blocks, or more than one stage."""

from __future__ import annotations

from collections.abc import Iterable

from cnnspec.draw.parts.rows import fuses
from cnnspec.ir import Call, Fork, Group, Item, Layer, Module

ROW, BLOCK, STAGE = 0, 1, 2
"""Ranks of a module; containers of stages are above STAGE."""


class Ranks:
    """Remembers the rank of every module by identity, so a net is walked once."""

    def __init__(self) -> None:
        self._seen: dict[int, tuple[int, int]] = {}

    def module(self, module: Module) -> int:
        """ROW, BLOCK, STAGE or more."""
        return self._module(module)[0]

    def _module(self, module: Module) -> tuple[int, int]:
        """The rank, and how many ops begin a row of their own (counted up to two)."""
        known = self._seen.get(id(module))
        if known is None:
            mains, below = self._items(module.items)
            known = (ROW if mains < 2 else below + 1), mains
            self._seen[id(module)] = known
        return known

    def _items(self, items: Iterable[Item]) -> tuple[int, int]:
        """Rows in a body, and the highest rank of the blocks that stand in its flow."""
        mains = below = 0
        for item in items:
            more, rank = self._item(item)
            mains, below = min(mains + more, 2), max(below, rank)
        return mains, below

    def _item(self, item: Item) -> tuple[int, int]:
        match item:
            case Layer():
                return int(not fuses(item) and item.op.drawn), ROW
            case Call():
                rank, mains = self._module(item.module)
                return mains, rank
            case Group():
                return self._items(item.items)
            case Fork():
                return 1 + sum(self._items(arm)[0] for arm in item.arms), ROW
            case _:
                return 0, ROW
