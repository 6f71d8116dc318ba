"""The shapes that were seen at a place: heights and widths are numbers, taken from the IR."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from cnnspec import ir
from cnnspec.backends.torch.items import Name, Words
from cnnspec.values import Shape

Found = TypeVar("Found")

Seen = tuple[Shape, Shape]
"""What arrived and what left."""


class Observed:
    """Every layer of the modules that one class stands for, by name and op."""

    def __init__(self, modules: Iterable[ir.Module]) -> None:
        self.modules = list(modules)
        layers = [row for module in self.modules for row in _layers(module.items, "")]
        self.layers = Paths((f"{op}:{path}", seen) for path, op, seen in layers)
        self.inner = Paths(pair for module in self.modules for pair in _inline(module.items, ""))
        self.taps: set[Words] = set()
        """The paths that taps of this level, and of the braces in it, read."""
        for module in self.modules:
            self.taps |= {tuple(path.split(".")) for path in _taps(module.items, [""])}

    def inputs(self) -> set[Shape]:
        """The shapes that arrive at the block."""
        return {_plain(m.input) for m in self.modules}

    def modules_at(self, prefix: Name | None, name: Name) -> list[ir.Module]:
        """The modules of an inline `seq` or of labelled braces."""
        return self.inner.find(_whole(prefix, name))

    def at(self, prefix: Name | None, name: Name, op: str) -> list[Seen]:
        """What was seen at a layer (or, with an empty `op`, at a call)."""
        whole = _whole(prefix, name)
        return self.layers.find(Name((f"{op}:", *whole.parts)))


class Paths(Generic[Found]):
    """What stands at paths, found by names that may hold open numbers."""

    def __init__(self, pairs: Iterable[tuple[str, Found]]) -> None:
        self.exact: dict[str, list[Found]] = {}
        self.alike: dict[str, list[str]] = {}
        """Paths by what they are without their numbers."""
        for path, value in pairs:
            if path not in self.exact:
                self.alike.setdefault(_NUMBER.sub("0", path), []).append(path)
            self.exact.setdefault(path, []).append(value)

    def find(self, name: Name) -> list[Found]:
        """Everything at the paths that a name may be."""
        if name.fixed is not None:
            return self.exact.get(name.fixed, [])
        shown = "".join(part if isinstance(part, str) else "0" for part in name.parts)
        pattern = pattern_of(None, name)
        near = self.alike.get(_NUMBER.sub("0", shown), [])
        return [value for path in near if pattern.fullmatch(path) for value in self.exact[path]]


_NUMBER = re.compile(r"\d+")


def _whole(prefix: Name | None, name: Name) -> Name:
    return Name((*prefix.parts, ".", *name.parts)) if prefix else name


def pattern_of(prefix: Name | None, name: Name) -> re.Pattern[str]:
    """What the paths of a layer look like, whose name may hold numbers that are open."""
    parts = _whole(prefix, name).parts
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
