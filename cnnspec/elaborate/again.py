"""Shared layers on a map of another height and width: the same ops, every shape anew (L17).

Nothing is decided again: a module is built once, and what `in.height` or a condition gave there is
in it.  So the ops stay as they are, and one that would not be the same in PyTorch is refused.
"""

from __future__ import annotations

from cnnspec import ir
from cnnspec.elaborate import explain, paths
from cnnspec.ops.op import OpError, TorchInput
from cnnspec.values import Shape, dims

Item = ir.Layer | ir.Call


class Unfit(Exception):
    """A layer that is not the same on another map, and why."""

    def __init__(self, layer: ir.Layer, why: str) -> None:
        super().__init__(why)
        self.layer, self.why = layer, why


class Again:
    """Shared layers at other sizes; each module once for each shape that arrives."""

    def __init__(self) -> None:
        self._made: dict[tuple[int, object], tuple[ir.Module, ir.Module]] = {}
        self._levels: list[dict[str, Item]] = []
        self._outermost = 0
        """The outermost level that a tap of the module in hand reads."""
        self.layers = 0
        """How many layers were made anew."""

    def item(self, item: Item, shape: Shape) -> Item:
        """A layer or call on another shape. Raises Unfit."""
        if isinstance(item, ir.Layer):
            return self._layer(item, (shape,))
        return ir.Call(item.name, self._module(item.module, shape), item.span, item.turns)

    def _module(self, module: ir.Module, shape: Shape) -> ir.Module:
        if shape == module.input:
            return module
        key = id(module), tuple((int(n), getattr(n, "symbol", "")) for n in shape)
        if key in self._made:
            return self._made[key][1]
        outer, self._outermost = self._outermost, len(self._levels)
        self._levels.append({})
        items, after = self._items(module.items, shape)
        self._levels.pop()
        made = ir.Module(
            module.block, module.args, items, shape, after, module.seq, module.span, module.doc
        )
        if self._outermost >= len(self._levels):
            self._made[key] = module, made
        self._outermost = min(outer, self._outermost)
        return made

    def _items(self, items: tuple[ir.Item, ...], shape: Shape) -> tuple[tuple[ir.Item, ...], Shape]:
        made = []
        for item in items:
            found, shape = self._one(item, shape)
            made.append(found)
        return tuple(made), shape

    def _one(self, item: ir.Item, shape: Shape) -> tuple[ir.Item, Shape]:
        match item:
            case ir.Layer() | ir.Call():
                made = self._levels[-1][item.name] = self.item(item, shape)
                return made, _after(made)
            case ir.Fork():
                return self._fork(item, shape)
            case ir.Group():
                items, after = self._items(item.items, shape)
                return ir.Group(items), after
            case ir.Tap():
                there = self._tapped(item)
                return ir.Tap(item.path, there, item.span, item.up, item.places), there
        assert isinstance(item, ir.Shared)  # an output stands in a net, which nothing shares
        found = self._levels[-1][item.name] = self.item(item.item, shape)
        return ir.Shared(item.name, item.path, found, item.span), _after(found)

    def _fork(self, fork: ir.Fork, shape: Shape) -> tuple[ir.Fork, Shape]:
        pairs = [self._items(arm, shape) for arm in fork.arms]
        join = self._layer(fork.join, tuple(after for _, after in pairs))
        self._levels[-1][join.name] = join
        return ir.Fork(tuple(items for items, _ in pairs), join), join.shape

    def _tapped(self, tap: ir.Tap) -> Shape:
        """The shape at a path: anew, or as it was where the path leads out of what is shared."""
        at = len(self._levels) - 1 - tap.up
        self._outermost = min(self._outermost, at)
        if at < 0:
            return tap.shape
        parts = paths.split(tap.path.split("."), self._levels[at])
        assert parts is not None, f"the tap {tap.path} names no layer"
        head, rest = parts
        found: Item | None = self._levels[at][head]
        if isinstance(found, ir.Call) and rest:
            found = explain.inside(found.module, rest, {})
        assert found is not None, f"the tap {tap.path} names no layer"
        places = tap.places and isinstance(found, ir.Layer)
        return found.inputs[0] if places else _after(found)  # type: ignore[union-attr]

    def _layer(self, layer: ir.Layer, inputs: tuple[Shape, ...]) -> ir.Layer:
        op, before = layer.op, layer.inputs
        if inputs == before:
            return layer
        try:
            shape = op.shape(*inputs)
        except OpError as error:
            raise Unfit(layer, error.message) from None
        if {**op.params(inputs[0]), **op.buffers(inputs[0])} != {
            **op.params(before[0]), **op.buffers(before[0])
        }:  # fmt: skip
            why = f"its weights are for {dims(before[0])}, and {dims(inputs[0])} arrives"
            raise Unfit(layer, why)
        if _form(layer, before) != _form(layer, inputs):
            why = f"on {dims(inputs[0])} it is another than on {dims(before[0])}"
            raise Unfit(layer, why)
        self.layers += 1
        return ir.Layer(layer.name, op, inputs, shape, layer.span, layer.turns)


def _after(item: Item) -> Shape:
    return item.shape if isinstance(item, ir.Layer) else item.module.output


def _form(layer: ir.Layer, shapes: tuple[Shape, ...]) -> object:
    """How PyTorch says an op on shapes: one module serves both where they say the same."""
    return layer.op.torch(*(TorchInput(int(s[0]), tuple(map(int, s))) for s in shapes))
