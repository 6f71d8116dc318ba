"""What a closed box says of the block that it stands for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from cnnspec.draw.tree import amount
from cnnspec.ir import Call, Fork, Group, Item, Layer, Module

_KINDS = {"conv": "conv", "linear": "fc", "pool": "pool"}


def notes(module: Module) -> tuple[str, ...]:
    """Its blocks, else its layers, then what one of it costs."""
    from cnnspec.analyses.cost import Costs

    cost = Costs().items(module.items)
    return _holds(module), f"{amount(cost.params)} params · {amount(cost.macs)} MACs"


def _holds(module: Module) -> str:
    """`6 × basic`, or `3 conv, 1 pool`."""
    calls = [item.module.block for item in module.items if isinstance(item, Call)]
    if calls and all(calls) and len(calls) == len(module.items):
        return ", ".join(f"{count} × {name}" for name, count in Counter(calls).items())
    kinds = Counter(_layers(module.items))
    said = [f"{kinds[kind]} {word}" for kind, word in _KINDS.items() if kinds[kind]]
    return ", ".join(said) or module.block


def _layers(items: Iterable[Item]) -> Iterable[str]:
    for item in items:
        match item:
            case Layer():
                yield item.op.kind
            case Call():
                yield from _layers(item.module.items)
            case Group():
                yield from _layers(item.items)
            case Fork():
                for arm in item.arms:
                    yield from _layers(arm)
