"""How much a module holds: a row, a block of rows, a stage of blocks, or more than one stage."""

from __future__ import annotations

from collections.abc import Iterable

from cnnspec.draw.parts.rows import fuses
from cnnspec.ir import Call, Fork, Group, Item, Layer, Module

ROW, BLOCK, STAGE = 0, 1, 2
"""Ranks of a module; containers of stages are above STAGE."""


class Ranks:
    """Remembers the rank of every module by identity, so a net is walked once.

    All calls of a declared block have the least rank that one of them has by what it holds: a
    block with a skip in some calls, which wraps its rows in others, is no stage there.
    """

    def __init__(self, body: Module | None = None) -> None:
        self._seen: dict[int, tuple[int, int]] = {}
        self._least: dict[str, int] = {}
        if body is not None:
            self._module(body)
            self._seen.clear()

    def module(self, module: Module) -> int:
        """ROW, BLOCK, STAGE or more."""
        return self._module(module)[0]

    def _module(self, module: Module) -> tuple[int, int]:
        """The rank, and how many ops begin a row of their own (counted up to two)."""
        known = self._seen.get(id(module))
        if known is None:
            mains, below = self._items(module.items)
            rank = ROW if mains < 2 else self._of_block(module.block, below + 1)
            known = self._seen[id(module)] = rank, mains
        return known

    def _of_block(self, block: str, rank: int) -> int:
        """The rank of a block that holds several rows, where other calls of it may hold less."""
        if not block:
            return rank
        least = self._least[block] = min(self._least.get(block, rank), rank)
        return least

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
