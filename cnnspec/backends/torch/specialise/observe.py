"""The shapes that were seen at a place: heights and widths are numbers, taken from the IR."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Generic, TypeVar

from cnnspec import ir
from cnnspec.backends.torch.program.flow import Flow, Name, Words
from cnnspec.values import Shape

Found = TypeVar("Found")

Seen = tuple[Shape, Shape]
"""What arrived and what left."""
Level = tuple[str, ir.Module, list[ir.Named | ir.Branch]]
"""The prefix of a level's paths, its module, and what has a name in it."""

Wanted = dict[Words, set[Words]]
"""Paths that taps read, and the levels in which those taps stand."""


class Observed:
    """Every layer of the modules that one class stands for, by name and op.

    A block that is called again has its class already, so nothing is looked at before it is asked.
    """

    def __init__(self, modules: Iterable[ir.Module]) -> None:
        self.modules = list(modules)

    @cached_property
    def levels(self) -> list[Level]:
        """The levels of every module, each by the prefix of its paths, and their named things."""
        return [pair for module in self.modules for pair in _levels(module)]

    @cached_property
    def layers(self) -> Paths[Seen]:
        """What arrived at every layer and left it, by `op:path`; a call has no op."""
        return Paths(row for prefix, _, named in self.levels for row in _layers(named, prefix))

    @cached_property
    def inner(self) -> Paths[ir.Module]:
        """The modules of an inline `seq` or of labelled braces, by their paths."""
        return Paths((prefix.removesuffix("."), level) for prefix, level, _ in self.levels)

    @cached_property
    def calls(self) -> Paths[ir.Module]:
        """The modules of every block that is called, by its path."""
        return Paths(pair for prefix, _, named in self.levels for pair in _calls(named, prefix))

    @cached_property
    def taps(self) -> Wanted:
        """The paths that taps of this level, and of the braces in it, read, and where."""
        found: Wanted = {}
        for module in self.modules:
            for level, path in _taps(module, [""]):
                words = tuple(level.split(".")[:-1])
                found.setdefault(tuple(path.split(".")), set()).add(words)
        return found

    @cached_property
    def uses(self) -> dict[str, set[str]]:
        """Path of shared layers -> the names of their further uses."""
        found: dict[str, set[str]] = {}
        for item in (item for module in self.modules for item in ir.members(module.items)):
            if isinstance(item, ir.Shared):
                found.setdefault(item.path, set()).add(item.name)
        return found

    def inputs(self) -> set[Shape]:
        """The shapes that arrive at the block."""
        return {plain(m.input) for m in self.modules}

    def called(self, prefix: Name | None, name: Name) -> list[ir.Module]:
        """The modules of the blocks that are called by a name."""
        return self.calls.find(_whole(prefix, name))

    def modules_at(self, prefix: Name | None, name: Name) -> list[ir.Module]:
        """The modules of an inline `seq` or of labelled braces."""
        return self.inner.find(_whole(prefix, name))

    def at(self, prefix: Name | None, name: Name, op: str) -> list[Seen]:
        """What was seen at a layer (or, with an empty `op`, at a call)."""
        whole = _whole(prefix, name)
        return self.layers.find(Name((f"{op}:", *whole.parts)))

    def pairs(self, prefix: Name | None, name: Name) -> list[tuple[Shape, Shape]]:
        """What met at the join of a fork with two arms, wherever it was seen."""
        found = Paths(
            (level + item.name, (plain(item.inputs[0]), plain(item.inputs[1])))
            for level, _, named in self.levels
            for item in named
            if isinstance(item, ir.Layer) and len(item.inputs) == 2
        )
        return found.find(_whole(prefix, name))


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


def _levels(module: ir.Module) -> Iterator[Level]:
    """A module, and the inner levels in it that are no block, by the prefixes of their paths."""
    waiting = [("", module)]
    while waiting:
        prefix, level = waiting.pop()
        named = list(ir.members(level.items))
        yield prefix, level, named
        calls = [item for item in named if isinstance(item, ir.Call)]
        inner = [(f"{prefix}{c.name}.", c.module) for c in calls if not c.module.block]
        waiting += reversed(inner)


def _taps(module: ir.Module, levels: list[str]) -> Iterator[tuple[str, str]]:
    """What taps read in a level and in the levels inside it: the level of the tap, and the path."""
    for item in ir.everything(module.items):
        if isinstance(item, ir.Tap) and item.up < len(levels):
            yield levels[-1], levels[-1 - item.up] + item.read
        elif isinstance(item, ir.Call) and not item.module.block:
            yield from _taps(item.module, [*levels, f"{levels[-1]}{item.name}."])


def _calls(named: list[ir.Named | ir.Branch], prefix: str) -> Iterator[tuple[str, ir.Module]]:
    """The blocks that a level calls."""
    for item in named:
        if isinstance(item, ir.Call) and item.module.block:
            yield prefix + item.name, item.module


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
    return tuple(map(int, shape))


def _layers(named: list[ir.Named | ir.Branch], prefix: str) -> Iterator[tuple[str, Seen]]:
    """What is seen at every layer of a level, by `op:path`; a call has no op."""
    for item in named:
        of = item.item if isinstance(item, ir.Shared) else item
        word = item.op.name if isinstance(item, ir.Layer) else ""
        if isinstance(of, ir.Layer):
            yield f"{word}:{prefix}{item.name}", (plain(of.inputs[0]), plain(of.shape))
        elif isinstance(of, ir.Call):
            yield f":{prefix}{item.name}", (plain(of.module.input), plain(of.module.output))


def modules_of(net: ir.Net) -> dict[str, list[ir.Module]]:
    """Every block's modules in a net, each once, by the block's name."""
    found: dict[str, list[ir.Module]] = {}
    for module in ir.modules(net):
        if module.block and module is not net.body:
            found.setdefault(module.block, []).append(module)
    return found
