"""The shapes that were seen at a place: heights and widths are numbers, taken from the IR."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from cnnspec import ir
from cnnspec.backends.torch.items import Flow, Name, Words
from cnnspec.values import Shape

Seen = tuple[Shape, Shape]
"""What arrived and what left."""


class Observed:
    """Every layer of the modules that one class stands for, by name and op."""

    def __init__(self, modules: Iterable[ir.Module]) -> None:
        self.modules = list(modules)
        self.layers: list[tuple[str, str, Seen]] = []
        self.calls: list[tuple[str, ir.Module]] = []
        """Every block that is called, with its path."""
        self.taps: set[Words] = set()
        """The paths that taps of this level, and of the braces in it, read."""
        self.uses: dict[str, set[str]] = {}
        """Path of shared layers -> the names of their further uses."""
        for module in self.modules:
            for shared in shares(module.items):
                self.uses.setdefault(shared.path, set()).add(shared.name)
            self.layers += _layers(module.items, "")
            self.calls += _calls(module.items, "")
            self.taps |= {tuple(path.split(".")) for path in _taps(module.items, [""])}

    def inputs(self) -> set[Shape]:
        """The shapes that arrive at the block."""
        return {plain(m.input) for m in self.modules}

    def called(self, prefix: Name | None, name: Name) -> list[ir.Module]:
        """The modules of the blocks that are called by a name."""
        pattern = pattern_of(prefix, name)
        return [module for path, module in self.calls if pattern.fullmatch(path)]

    def modules_at(self, prefix: Name | None, name: Name) -> list[ir.Module]:
        """The modules of an inline `seq` or of labelled braces."""
        pattern = pattern_of(prefix, name)
        found = [pair for module in self.modules for pair in _inline(module.items, "")]
        return [module for path, module in found if pattern.fullmatch(path)]

    def at(self, prefix: Name | None, name: Name, op: str) -> list[Seen]:
        """What was seen at a layer (or, with an empty `op`, at a call)."""
        pattern = pattern_of(prefix, name)
        return [s for path, o, s in self.layers if o == op and pattern.fullmatch(path)]


def pattern_of(prefix: Name | None, name: Name) -> re.Pattern[str]:
    """What the paths of a layer look like, whose name may hold numbers that are open."""
    parts = (*prefix.parts, ".", *name.parts) if prefix else name.parts
    return re.compile("".join(re.escape(p) if isinstance(p, str) else r"\d+" for p in parts))


def _inline(items: Iterable[ir.Item], prefix: str) -> Iterator[tuple[str, ir.Module]]:
    """The levels that are no block, by their paths."""
    for item in items:
        match item:
            case ir.Call(module=module) if not module.block:
                yield prefix + item.name, module
                yield from _inline(module.items, f"{prefix}{item.name}.")
            case ir.Fork():
                for arm in item.arms:
                    yield from _inline(arm, prefix)
            case ir.Group() | ir.Branch():
                yield from _inline(item.items, prefix)


def shares(items: Iterable[ir.Item]) -> Iterator[ir.Shared]:
    """The further uses of shared layers in a level."""
    for item in items:
        match item:
            case ir.Shared():
                yield item
            case ir.Fork():
                for arm in item.arms:
                    yield from shares(arm)
            case ir.Group() | ir.Branch():
                yield from shares(item.items)


def _calls(items: Iterable[ir.Item], prefix: str) -> Iterator[tuple[str, ir.Module]]:
    """The blocks that a level calls, those in its inner levels among them."""
    for item in items:
        match item:
            case ir.Call(module=module) if module.block:
                yield prefix + item.name, module
            case ir.Call(module=module):
                yield from _calls(module.items, f"{prefix}{item.name}.")
            case ir.Fork():
                for arm in item.arms:
                    yield from _calls(arm, prefix)
            case ir.Group() | ir.Branch():
                yield from _calls(item.items, prefix)


def _taps(items: Iterable[ir.Item], levels: list[str]) -> Iterator[str]:
    """The paths that taps read in a level, those of inner levels that reach out to it too."""
    for item in items:
        match item:
            case ir.Tap() if item.up < len(levels):
                yield levels[-1 - item.up] + item.path
            case ir.Call(module=module) if not module.block:
                yield from _taps(module.items, [*levels, f"{levels[-1]}{item.name}."])
            case ir.Fork():
                for arm in item.arms:
                    yield from _taps(arm, levels)
            case ir.Group() | ir.Branch():
                yield from _taps(item.items, levels)


def size_of(shapes: Iterable[Shape]) -> tuple[int, ...] | None:
    """(height, width) if all agree, () for a vector, None where they differ."""
    sizes = {shape[1:] for shape in shapes}
    return next(iter(sizes)) if len(sizes) == 1 else None


def known(shape: Shape) -> Flow:
    """What flows where every number is known."""
    sizes = plain(shape)
    return Flow(sizes[0], sizes[0], sizes[1:], None, sizes)


def plain(shape: Shape) -> Shape:
    """A shape as numbers, also where the spec leaves a size open."""
    return tuple(int(n) for n in shape)


def _layers(items: Iterable[ir.Item], prefix: str) -> Iterator[tuple[str, str, Seen]]:
    for item in items:
        match item:
            case ir.Layer():
                yield _seen(prefix + item.name, item)
            case ir.Call():
                module = item.module
                path = prefix + item.name
                yield path, "", (plain(module.input), plain(module.output))
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
                    yield prefix + item.name, "", (plain(kept.inputs[0]), plain(kept.shape))
                else:
                    sizes = plain(kept.module.input), plain(kept.module.output)
                    yield prefix + item.name, "", sizes


def _seen(path: str, layer: ir.Layer) -> tuple[str, str, Seen]:
    return path, layer.op.name, (plain(layer.inputs[0]), plain(layer.shape))


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
