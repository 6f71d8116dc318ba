"""Equal subtrees: a number for every structure, so that equal neighbours can be counted.

Names and places do not count, everything that a figure or a parameter count could show does: op,
arguments, shapes, order of arms.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import replace
from typing import NamedTuple

from cnnspec.ir import Branch, Call, Fork, Group, Item, Layer, Module, Shared, Tap
from cnnspec.ops.op import Op


def alike(op: Op) -> object:
    """What two ops must have in common to be drawn once: a drop-path rate does not count."""
    return replace(op, **{op.varies: 0.0}) if op.varies else op


class Dense(NamedTuple):
    """A layer of a dense block: what it computes whatever arrives, and the maps it adds."""

    key: Hashable
    growth: int


class Keys:
    """Numbers structures; a module that is called often is looked at once."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        self._modules: dict[int, int] = {}
        self._layers: dict[int, Dense | None] = {}

    def _number(self, structure: Hashable) -> int:
        return self._numbers.setdefault(structure, len(self._numbers))

    def module(self, module: Module) -> int:
        """The number of a body; equal for equal structure."""
        known = self._modules.get(id(module))
        if known is None:
            known = self._number(("module", self._items(module.items)))
            self._modules[id(module)] = known
        return known

    def _items(self, items: tuple[Item, ...]) -> tuple[int, ...]:
        return tuple(self._item(item) for item in items)

    def _item(self, item: Item) -> int:
        match item:
            case Layer():
                return self._number((alike(item.op), item.inputs, item.shape))
            case Call():
                return self.module(item.module)
            case Fork():
                arms = tuple(self._items(arm) for arm in item.arms)
                return self._number(("fork", arms, self._item(item.join)))
            case Group():
                return self._number(("group", self._items(item.items)))
            case Tap():
                return self._number(("from", item.path, item.up))
            case Shared():
                return self._number(("share", item.path, self._item(item.item)))
            case Branch():
                return self._number((item.kind, item.name, self._items(item.items)))

    def dense(self, module: Module) -> Dense | None:
        """What makes neighbours layers of one dense block; None for what is no such layer."""
        if id(module) not in self._layers:
            self._layers[id(module)] = self._dense(module)
        return self._layers[id(module)]

    def _dense(self, module: Module) -> Dense | None:
        fork = module.items[0] if len(module.items) == 1 else None
        if not isinstance(fork, Fork) or not fork.join.op.stacks or len(fork.arms) != 2:
            return None
        full = [index for index, arm in enumerate(fork.arms) if arm]
        if len(full) != 1:
            return None
        key = self._loose(fork.arms[full[0]])
        return Dense((key, full[0]), fork.join.inputs[full[0]][0]) if key else None

    def _loose(self, items: tuple[Item, ...]) -> Hashable:
        """The structure without the channels that arrive; None where it forks."""
        out: list[Hashable] = []
        for item in items:
            match item:
                case Layer():
                    given = item.shape if item.op.kind in ("conv", "linear") else item.shape[1:]
                    out.append((alike(item.op), given))
                case Call():
                    out.append(self._loose(item.module.items))
                case Group():
                    out.append(self._loose(item.items))
                case _:
                    return None
        return None if None in out else tuple(out)

    def alike(self, a: Module, b: Module) -> bool:
        """Whether two neighbours are drawn once: equal, or layers of one dense block."""
        if self.module(a) == self.module(b):
            return True
        found = self.dense(a)
        return found is not None and found == self.dense(b)

    def runs(self, items: tuple[Item, ...]) -> Iterator[tuple[Item, ...]]:
        """The items in order; neighbouring calls that are alike come together."""
        run: list[Call] = []
        for item in items:
            if run and isinstance(item, Call) and self.alike(item.module, run[0].module):
                run.append(item)
                continue
            if run:
                yield tuple(run)
                run = []
            if isinstance(item, Call):
                run = [item]
            else:
                yield (item,)
        if run:
            yield tuple(run)
