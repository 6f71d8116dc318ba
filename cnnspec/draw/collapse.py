"""Equal subtrees: a number for every structure, so that equal neighbours can be counted.

Names and places do not count, everything that a figure or a parameter count could show does: op,
arguments, shapes, order of arms.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from cnnspec.ir import Branch, Call, Fork, Group, Item, Layer, Module, Shared, Tap


class Keys:
    """Numbers structures; a module that is called often is looked at once."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        self._modules: dict[int, int] = {}

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
                return self._number((item.op, item.inputs, item.shape))
            case Call():
                return self.module(item.module)
            case Fork():
                arms = tuple(self._items(arm) for arm in item.arms)
                return self._number(("fork", arms, self._item(item.join)))
            case Group():
                return self._number(("group", self._items(item.items)))
            case Tap() | Shared():
                return self._number((type(item).__name__, item.path))
            case Branch():
                return self._number((item.kind, item.name, self._items(item.items)))

    def runs(self, items: tuple[Item, ...]) -> Iterator[tuple[Item, ...]]:
        """The items in order; neighbouring calls of equal structure come together."""
        run: list[Call] = []
        for item in items:
            if (
                run
                and isinstance(item, Call)
                and self.module(item.module) == self.module(run[0].module)
            ):
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
