"""`count(op)`: how many layers of one op the network runs at inference (L27)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from cnnspec import ir

if TYPE_CHECKING:
    from collections.abc import Iterable


class Counts:
    """Remembers how many layers of each op every module has."""

    def __init__(self) -> None:
        self._seen: dict[int, tuple[ir.Module, Counter[str]]] = {}

    def module(self, module: ir.Module) -> Counter[str]:
        """Layers by the op's name in the language; `share` counts again, `aux` does not."""
        known = self._seen.get(id(module))
        if known is None:
            known = module, self.items(module.items)
            self._seen[id(module)] = known
        return known[1]

    def items(self, items: Iterable[ir.Item]) -> Counter[str]:
        """The same for a row of items."""
        total: Counter[str] = Counter()
        for item in items:
            match item:
                case ir.Layer():
                    total[item.op.name] += 1
                case ir.Call():
                    total.update(self.module(item.module))
                case ir.Fork():
                    for arm in item.arms:
                        total.update(self.items(arm))
                    total[item.join.op.name] += 1
                case ir.Group():
                    total.update(self.items(item.items))
                case ir.Shared():
                    total.update(self.items((item.item,)))
                case ir.Branch() if item.kind == "output":
                    total.update(self.items(item.items))
        return total
