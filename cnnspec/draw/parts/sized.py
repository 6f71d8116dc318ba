"""The net that a figure shows: what takes the size of another map is told that size (L39)."""

from __future__ import annotations

from cnnspec import ir
from cnnspec.records import replace


def sized(net: ir.Net) -> ir.Net:
    """The same net without ways that carry a size and no value: `crop to=up1` is `crop 56x56`.

    A wire in a figure says that numbers flow along it; from `up1` none do.
    """
    walk = _Sized()
    body = walk.module(net.body)
    return net if body is net.body else replace(net, body=body)


class _Sized:
    """Walks the tree once; a module called often stays one module."""

    def __init__(self) -> None:
        self.known: dict[int, ir.Module] = {}

    def module(self, module: ir.Module) -> ir.Module:
        if id(module) not in self.known:
            items = self.items(module.items)
            same = _same((items,), (module.items,))
            self.known[id(module)] = module if same else replace(module, items=items)
        return self.known[id(module)]

    def items(self, items: tuple[ir.Item, ...]) -> tuple[ir.Item, ...]:
        return tuple(map(self.item, items))

    def item(self, item: ir.Item) -> ir.Item:
        """The item itself where nothing in it changes: figures ask what is the same object."""
        match item:
            case ir.Call():
                module = self.module(item.module)
                return item if module is item.module else replace(item, module=module)
            case ir.Fork(join=join) if join.op.beside and not join.op.places:
                op = join.op.told(join.shape)
                return replace(join, op=op, inputs=join.inputs[: op.carries])
            case ir.Fork():
                arms = tuple(map(self.items, item.arms))
                return item if _same(arms, item.arms) else replace(item, arms=arms)
            case ir.Group() | ir.Branch():
                items = self.items(item.items)
                return item if _same((items,), (item.items,)) else replace(item, items=items)
            case ir.Shared():
                inner = self.item(item.item)
                return item if inner is item.item else replace(item, item=inner)
        return item


def _same(one: tuple[tuple[ir.Item, ...], ...], other: tuple[tuple[ir.Item, ...], ...]) -> bool:
    pairs = (pair for a, b in zip(one, other, strict=True) for pair in zip(a, b, strict=True))
    return all(a is b for a, b in pairs)
