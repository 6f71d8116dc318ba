"""What a module holds: names, order and shapes of its state_dict, and how its tensors begin."""

from __future__ import annotations

from typing import Any

from cnnspec import ir
from cnnspec.backends.torch.proof.expected import Entry, Expected, Level
from cnnspec.backends.torch.proof.faults import Unproved, differs
from cnnspec.backends.torch.proof.initial import wanted
from cnnspec.backends.torch.proof.terms import describe
from cnnspec.backends.torch.proof.values import Leaf, Made
from cnnspec.ops.op import state_key
from cnnspec.statedict import in_order
from cnnspec.values import Record, dims


class State:
    """Compares a tree of modules with the levels of the spec."""

    def __init__(self, expected: Expected) -> None:
        self.expected, self.terms = expected, expected.terms
        self._begun: set[tuple[int, int]] = set()

    # --- names, order, shapes ---

    def holds(self, made: Made, level: Level) -> None:
        """Raise Unproved unless the state_dict is the level's, in order, and so is every layer."""
        found: list[tuple[Entry, int]] = []
        self.gather(made, "", level, found)
        rows = [row for row, _ in found]
        if rows == level.state:
            return
        found = [pair for pair in found if not self.empty(pair[0], level)]
        rows = [row for row, _ in found]
        spec_rows = [row for row in level.state if not self.empty(row, level)]
        ordered = in_order(spec_rows)
        if rows == ordered:
            return
        mine, theirs = set(spec_rows), set(rows)
        lost = next((row for row in spec_rows if row not in theirs), None)
        other = next(((row, line) for row, line in found if row not in mine), (None, made.line))
        if lost is not None or other[0] is not None:
            spec, module = _shown(lost), _shown(other[0])
            raise differs("", spec, module, other[1], self.span(level, lost))
        at = next((n for n, row in enumerate(rows) if row != ordered[n]), 0)
        spec, module = _shown(ordered[at]), _shown(rows[at])
        raise differs("", f"{spec} next in order", module, found[at][1])

    def empty(self, row: Entry, level: Level) -> bool:
        """Whether a block holds no tensor, so that its place in the order is no matter."""
        if row.key is not None:
            return False
        inner = self.expected.level(next(iter(level.calls[row.path].values())))[0]
        return all(self.empty(entry, inner) for entry in inner.state)

    def span(self, level: Level, row: Entry | None) -> Any:
        """The place in the spec of the layer that keeps a tensor; None for a block's."""
        layer = level.layers.get(row.path) if row is not None else None
        return None if layer is None else layer.span

    def gather(self, made: Made, prefix: str, level: Level, found: list[tuple[Entry, int]]) -> None:
        """The entries of a tree in PyTorch's order; a block is one entry without a key."""
        for name, parameter in made.parameters.items():
            self.leaf(parameter, prefix + name, level, found)
        for name, child in made.children.items():
            path = prefix + name
            if path in level.calls:
                if not isinstance(child, Made):
                    module = f"{child.kind.name} there"
                    raise differs(path, "a block", module, child.line)
                found.append((Entry(path), child.line))
            elif isinstance(child, Made):
                self.gather(child, path + ".", level, found)
            else:
                self.leaf(child, path, level, found)

    def leaf(self, leaf: Leaf, path: str, level: Level, found: list[tuple[Entry, int]]) -> None:
        """The entries of one layer, which must be the one at its path."""
        found += [(Entry(path, key, shape), leaf.line) for key, shape in leaf.kind.state.items()]
        self.is_layer(leaf, path, level)

    def is_layer(self, leaf: Leaf, path: str, level: Level) -> None:
        """A leaf at a layer's path is that layer, also where no output needs it."""
        layer, op = level.layers.get(path), leaf.kind.op
        if layer is None:
            if op.passes:
                raise differs(path, "no layer of that name", f"`{describe(op)}`", leaf.line)
            return
        wanted_op = self.terms.of(layer)
        if wanted_op is op:
            return
        pad = getattr(wanted_op, "pad", None)
        if pad is not None and not pad.symmetric:
            wanted_op = self.terms.unpadded(wanted_op)
        if wanted_op is not op:
            spec, module = f"`{describe(wanted_op)}`", f"`{describe(op)}`"
            raise differs(path, spec, module, leaf.line, layer.span)

    # --- initial weights ---

    def begins(self, made: Made, level: Level, prefix: str = "") -> None:
        """Raise Unproved unless every tensor begins as its op says."""
        for name, child in (made.parameters | made.children).items():
            path = prefix + name
            if path in level.calls:
                assert isinstance(child, Made)
                for inner in level.calls[path].values():
                    self.block(child, inner, path)
            elif isinstance(child, Made):
                self.begins(child, level, path + ".")
            elif path in level.layers:
                self.starts(child, path, level.layers[path])

    def block(self, made: Made, inner: ir.Module, path: str) -> None:
        """Compare how a block's tensors begin, once for each instance and module of the IR."""
        if (id(made), id(inner)) in self._begun:
            return
        self._begun.add((id(made), id(inner)))
        try:
            self.begins(made, self.expected.level(inner)[0])
        except Unproved as fault:
            raise fault.inside(path, made.cls.name) from None

    def starts(self, leaf: Leaf, path: str, layer: ir.Layer) -> None:
        """Raise Unproved unless each tensor of a layer begins as its op says."""
        if not leaf.initial and getattr(layer.op, "init", None) is None:
            return
        usual = leaf.kind.op  # it has no `init`
        for key in leaf.kind.state:
            spec = wanted(layer.op.initial(key, layer.inputs[0]))
            module = leaf.initial.get(key) or wanted(usual.initial(key, layer.inputs[0]))
            if spec != module:
                shown = (f"{key} begin by {_words(spec)}", _words(module))
                raise differs(path, *shown, leaf.line, layer.span)


def _shown(row: Entry | None) -> str:
    if row is None:
        return "nothing more"
    if row.key is None:
        return row.path
    return f"{state_key(row.path, row.key)} of {dims(row.shape) or 'one number'}"


def _words(initial: tuple[Any, ...]) -> str:
    return str(Record(initial[0], tuple(initial[1:])))
