"""What the IR says, level by level, in terms that a module's values are compared with.

A call of a block that no tap looks into or out of is one term, so each `ir.Module` is written once
however often it is called; the others are expanded where they stand.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import NamedTuple

from cnnspec import ir
from cnnspec.backends.torch.proof.crossing import open_modules
from cnnspec.backends.torch.proof.terms import Terms
from cnnspec.ops.op import Op
from cnnspec.values import Shape

Path = str


class Entry(NamedTuple):
    """A tensor of the state_dict at its layer's path; a block's call has no key."""

    path: Path
    key: str | None = None
    shape: Shape = ()


@dataclass(eq=False)
class Level:
    """One `ir.Module` (or the net) with what taps cross expanded in it; paths are relative to it.

    `calls` are the blocks that are one term, by path and shape of the input (`share` calls one
    path on several shapes); `layers` those with weights of their own or none; `state` the
    state_dict in order; `ends` the term of every layer and call; `outputs` the net's.
    """

    calls: dict[Path, dict[Shape, ir.Module]] = field(default_factory=dict)
    layers: dict[Path, ir.Layer] = field(default_factory=dict)
    state: list[Entry] = field(default_factory=list)
    ends: dict[Path, int] = field(default_factory=dict)
    outputs: dict[str, int] = field(default_factory=dict)


class Expected:
    """The levels of a net, each made once."""

    def __init__(self, net: ir.Net, opened: Collection[int] = ()) -> None:
        self.net, self.terms = net, Terms()
        self.open = open_modules(net).union(opened)
        self._levels: dict[int, tuple[Level, int]] = {}
        self._entries: dict[int, list[tuple[str, Shape]]] = {}

    def level(self, module: ir.Module) -> tuple[Level, int]:
        """A block's level and the term of what leaves it; what arrives is the term `input`."""
        found = self._levels.get(id(module))
        if found is None:
            level = Level()
            start = self.terms.number("input", "", ())
            end = _Walk(self, level).items(module.items, start, "")
            found = self._levels[id(module)] = level, end
        return found

    def whole(self) -> Level:
        """The net's level, its outputs by name with the logits first."""
        level, walk = Level(), None
        for entry in self.net.inputs:
            level.ends[entry.name] = self.terms.number("input", entry.name, ())
        walk = _Walk(self, level)
        end = walk.items(self.net.body.items, level.ends[self.net.inputs[0].name], "")
        if self.net.logits is not None:
            level.outputs = {"logits": walk.bare(end, self.net.head), **level.outputs}
        return level

    def entries(self, layer: ir.Layer) -> list[tuple[str, Shape]]:
        """A layer's tensors in the state_dict, parameters first."""
        found = self._entries.get(id(layer))
        if found is None:
            found = []
            if layer.inputs and not layer.op.join:
                tensors = {**layer.op.params(layer.inputs[0]), **layer.op.buffers(layer.inputs[0])}
                found = [(key, tuple(map(int, shape))) for key, shape in tensors.items()]
            self._entries[id(layer)] = found
        return found


class _Walk:
    """Goes through the items of a level, carrying the term that the flow stands at."""

    def __init__(self, expected: Expected, level: Level) -> None:
        self.all, self.terms, self.level = expected, expected.terms, level
        self.prefixes = [""]
        self.shares: tuple[Path, Path] | None = None
        """(prefix of this use, prefix of the weights) inside a `share`."""

    def items(self, items: tuple[ir.Item, ...], at: int, prefix: Path) -> int:
        for item in items:
            at = self.item(item, at, prefix)
        return at

    def item(self, item: ir.Item, at: int, prefix: Path) -> int:
        match item:
            case ir.Layer():
                return self.layer(item, prefix + item.name, (at,))
            case ir.Call():
                return self.call(item.module, prefix + item.name, at)
            case ir.Fork():
                ends = tuple(self.items(arm, at, prefix) for arm in item.arms)
                return self.layer(item.join, prefix + item.join.name, ends)
            case ir.Group():
                return self.items(item.items, at, prefix)
            case ir.Tap():
                end = self.level.ends[self.prefixes[-1 - item.up] + item.path]
                return self.terms.rows[end].inputs[0] if item.places else end
            case ir.Shared():
                return self.shared(item, at, prefix)
            case ir.Branch():
                end = self.items(item.items, at, prefix)
                self.level.ends[item.name] = end
                self.level.outputs[item.name] = self.bare(end, item.head)
                return at

    def layer(self, layer: ir.Layer, path: Path, inputs: tuple[int, ...]) -> int:
        """A layer's term; its weights stand at the path where they were made."""
        op, entries, own = self.terms.of(layer), self.all.entries(layer), path
        if self.shares:
            own = self.shares[1] + path[len(self.shares[0]) :]
        else:
            self.level.layers[path] = layer
            self.level.state += [Entry(path, key, shape) for key, shape in entries]
        op, inputs = self.padded(op, inputs)
        end = self.terms.apply(op, own if entries or op.passes else "", inputs)
        self.level.ends[path] = end
        self.terms.spans.setdefault(end, layer.span)
        return end

    def padded(self, op: Op, inputs: tuple[int, ...]) -> tuple[Op, tuple[int, ...]]:
        """Padding with unequal sides as a term of its own, as PyTorch must say it."""
        pad = getattr(op, "pad", None)
        if pad is None or pad.symmetric:
            return op, inputs
        return self.terms.unpadded(op), (self.terms.pad(pad, inputs[0]),)

    def shared(self, item: ir.Shared, at: int, prefix: Path) -> int:
        outer, name = self.shares, prefix + item.name
        self.shares = (name, prefix + item.path)
        if isinstance(item.item, ir.Layer):
            end = self.layer(item.item, name, (at,))
        else:
            end = self.call(item.item.module, name, at)
        self.shares = outer
        return end

    def call(self, module: ir.Module, path: Path, at: int) -> int:
        if id(module) in self.all.open:
            self.prefixes.append(path + ".")
            end = self.items(module.items, at, path + ".")
            self.prefixes.pop()
        else:
            own = path
            if self.shares:
                own = self.shares[1] + path[len(self.shares[0]) :]
            else:
                self.level.state.append(Entry(path))
            arriving = tuple(map(int, module.input))
            self.level.calls.setdefault(own, {}).setdefault(arriving, module)
            end = self.terms.number("call", (own, id(module)), (at,))
            self.terms.spans.setdefault(end, module.span)
        self.level.ends[path] = end
        return end

    def bare(self, end: int, head: ir.Layer | None) -> int:
        """An output without the softmax or sigmoid that ends it (L16)."""
        return end if head is None else self.terms.rows[end].inputs[0]
