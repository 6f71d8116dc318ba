"""The shapes that were seen at a place: heights and widths are numbers, taken from the IR."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from cnnspec import ir
from cnnspec.backends.torch.items import Name
from cnnspec.values import Shape

Seen = tuple[Shape, Shape]
"""What arrived and what left."""


class Observed:
    """Every layer of the modules that one class stands for, by name and op."""

    def __init__(self, modules: Iterable[ir.Module]) -> None:
        self.modules = list(modules)
        self.layers: list[tuple[str, str, Seen]] = []
        for module in self.modules:
            self.layers += _layers(module.items, "")

    def inputs(self) -> set[Shape]:
        """The shapes that arrive at the block."""
        return {_plain(m.input) for m in self.modules}

    def at(self, prefix: Name | None, name: Name, op: str) -> list[Seen]:
        """What was seen at a layer (or, with an empty `op`, at a call)."""
        parts = (*prefix.parts, ".", *name.parts) if prefix else name.parts
        words = (re.escape(p) if isinstance(p, str) else r"\d+" for p in parts)
        pattern = re.compile("".join(words))
        return [s for path, o, s in self.layers if o == op and pattern.fullmatch(path)]


def size_of(shapes: Iterable[Shape]) -> tuple[int, ...] | None:
    """(height, width) if all agree, () for a vector, None where they differ."""
    sizes = {shape[1:] for shape in shapes}
    return next(iter(sizes)) if len(sizes) == 1 else None


def _plain(shape: Shape) -> Shape:
    return tuple(int(n) for n in shape)


def _layers(items: Iterable[ir.Item], prefix: str) -> Iterator[tuple[str, str, Seen]]:
    for item in items:
        match item:
            case ir.Layer():
                yield _seen(prefix + item.name, item)
            case ir.Call():
                module = item.module
                path = prefix + item.name
                yield path, "", (_plain(module.input), _plain(module.output))
                if not module.block:
                    yield from _layers(module.items, path + ".")
            case ir.Fork():
                for arm in item.arms:
                    yield from _layers(arm, prefix)
                yield _seen(prefix + item.join.name, item.join)
            case ir.Group() | ir.Branch():
                yield from _layers(item.items, prefix)
            case ir.Shared():
                kept = item.item
                if isinstance(kept, ir.Layer):
                    yield prefix + item.name, "", (_plain(kept.inputs[0]), _plain(kept.shape))
                else:
                    sizes = _plain(kept.module.input), _plain(kept.module.output)
                    yield prefix + item.name, "", sizes


def _seen(path: str, layer: ir.Layer) -> tuple[str, str, Seen]:
    return path, layer.op.name, (_plain(layer.inputs[0]), _plain(layer.shape))


def modules_of(net: ir.Net) -> dict[str, list[ir.Module]]:
    """Every block's modules in a net, each once, by the block's name."""
    found: dict[str, list[ir.Module]] = {}
    seen: set[int] = set()

    def visit(items: Iterable[ir.Item]) -> None:
        for item in items:
            match item:
                case ir.Call():
                    enter(item.module)
                case ir.Fork():
                    for arm in item.arms:
                        visit(arm)
                case ir.Group() | ir.Branch():
                    visit(item.items)
                case ir.Shared():
                    visit((item.item,))

    def enter(module: ir.Module) -> None:
        if id(module) not in seen:
            seen.add(id(module))
            if module.block:
                found.setdefault(module.block, []).append(module)
            visit(module.items)

    visit(net.body.items)
    return found
