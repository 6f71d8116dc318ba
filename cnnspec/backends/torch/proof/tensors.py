"""Tensors in `forward`: every op at work, its shape by the op's own rule, and its memory.

Terms cannot see memory, and outputs in eval cannot either: a value that is read after it was
overwritten in place, and one that the backward pass needs and that is overwritten, are faults here.
"""

from __future__ import annotations

import ast
from typing import Any

from cnnspec.backends.torch.proof.arithmetic import kind
from cnnspec.backends.torch.proof.building import Builder
from cnnspec.backends.torch.proof.faults import Meter
from cnnspec.backends.torch.proof.terms import Terms, describe
from cnnspec.backends.torch.proof.values import Kind, Like, Places, Storage, Tensor
from cnnspec.ops import ops
from cnnspec.ops.op import Op, OpError
from cnnspec.records import replace
from cnnspec.values import BESIDE, Padding, Shape

JOINS: dict[type[ast.operator], str] = {ast.Add: "add", ast.Mult: "mul", ast.Sub: "sub"}


class Tensors:
    """What can be done with tensors."""

    def __init__(self, meter: Meter, terms: Terms, builder: Builder) -> None:
        self.meter, self.terms, self.builder = meter, terms, builder
        self._kinds: dict[tuple[Any, ...], Kind] = {}

    # --- memory ---

    def read(self, x: Any) -> Tensor:
        """A tensor that is used: what it holds must not have been overwritten."""
        if type(x) is not Tensor:
            raise self.meter.fault(f"{kind(x)} where a tensor must be")
        if x.version != x.storage.version:
            what = self.terms.shown(x.term)
            raise self.meter.fault(f"{what} is read after it was overwritten in place")
        return x

    def overwrite(self, x: Tensor) -> None:
        """An op in place."""
        if x.storage.fixed:
            raise self.meter.fault(f"{x.storage.fixed} is overwritten in place")
        if x.storage.kept:
            kept = x.storage.kept
            raise self.meter.fault(f"in place over what {kept} keeps for its backward pass")
        x.storage.version += 1

    # --- ops ---

    def leaf(self, said: Kind, path: str, *inputs: Any) -> Any:
        """An op of one input at work; `path` is where its weights stand."""
        if len(inputs) != 1:
            raise self.meter.fault(f"{path or said.name} gets {len(inputs)} values")
        x = self.read(inputs[0])
        arriving = x.shape[said.op.axis]
        if said.channels is not None and arriving != said.channels:
            what = f"{path or said.name} is made for {said.channels} channels"
            raise self.meter.fault(f"{what}, and {arriving} arrive")
        if said.axes and len(x.shape) != said.axes:
            what = "a feature map" if said.axes == 3 else "a vector"
            raise self.meter.fault(f"{path or said.name} works on {what}, and {x.shape} arrives")
        op = said.op
        term = self.terms.apply(op, path if said.state or op.passes else "", (x.term,))
        found = self.result(said, term, (x,))
        return (found, Places(op, Tensor(x.term, x.shape, Storage()))) if said.places else found

    def result(self, said: Kind, term: int, inputs: tuple[Tensor, ...]) -> Tensor:
        """The output of an op: where it lies, and what the backward pass keeps of the inputs."""
        op, storage = said.op, inputs[0].storage
        shapes = tuple([x.shape for x in inputs])
        shape, keeps_inputs, keeps_output = said.results.get(shapes) or self.rule(said, shapes)
        if said.inplace:
            self.overwrite(inputs[0])
        elif keeps_inputs:
            for x in inputs:
                x.storage.kept = op.name
        if not (said.inplace or op.view or op.passes):
            storage = Storage()
        if keeps_output or said.inplace:
            storage.kept = op.name
        self.terms.lines.setdefault(term, self.meter.line)
        return Tensor(term, shape, storage)

    def rule(self, said: Kind, shapes: tuple[Shape, ...]) -> tuple[Shape, bool, bool]:
        """An op's output shape, and whether the backward pass needs the inputs and the output."""
        try:
            shape = tuple(map(int, said.op.shape(*shapes)))
        except OpError as error:
            raise self.meter.fault(error.message) from None
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise self.meter.fault(f"{said.name} on {shapes}: {error}") from None
        saved = said.op.saved(4, *shapes)
        found = said.results[shapes] = shape, saved.inputs, saved.output
        return found

    def kind_of(self, name: str, *args: Any) -> Kind:
        """An op that Python writes with an operator: a sum, a slice."""
        key = (name, args)
        found = self._kinds.get(key)
        if found is None:
            op: Op = self.terms.canonical(ops()[name](*args))
            found = self._kinds[key] = Kind(name, op, None, 0, False, frozenset(), {})
        return found

    # --- what Python and PyTorch call ---

    def function(self, name: str, args: tuple[Any, ...], words: dict[str, Any]) -> Any:
        """`F.relu(x)`, `torch.cat([x, y], dim=1)`, `F.pad(x, sides)`."""
        match name, args:
            case "torch.cat", (arms, dim) if not words:
                return self.cat(arms, dim)
            case "torch.cat", (arms,) if words.keys() == {"dim"}:
                return self.cat(arms, words["dim"])
            case "F.pad", (x, sides) if not words:
                return self.pad(x, sides)
            case "torch.maximum", (x, y) if not words:
                return self.joined(self.kind_of("max"), x, y)
            case "F.max_unpool2d", (x, Places() as places, *_):
                return self.unpooled(x, places, args[2:], words)
            case _, (x, Tensor() as like) if not words:
                return self.joined(self.builder.kind(name, (None, BESIDE), {}), x, like)
            case "F.interpolate", (x,) if type(words.get("size")) is Like:
                return self.resized(x, words)
        if not args or type(args[0]) is not Tensor:
            raise self.meter.fault(f"{name} without a tensor first")
        said = self.builder.kind(name, (None, *args[1:]), words)
        return self.leaf(said, "", args[0])

    def resized(self, x: Any, words: dict[str, Any]) -> Tensor:
        """`F.interpolate(x, size=y.shape[-2:])`: as high and wide as another map."""
        size = words["size"]
        if not size.map_only:
            raise self.meter.fault("a size that is not the last two of a shape")
        said = self.builder.kind("F.interpolate", (None,), {**words, "size": BESIDE})
        return self.joined(said, x, size.of)

    def unpooled(
        self, x: Any, places: Places, args: tuple[Any, ...], words: dict[str, Any]
    ) -> Tensor:
        """`F.max_unpool2d(x, indices, 2, stride=2)`: over the pool that the indices are of."""
        told = {name: value for name, value in words.items() if name != "output_size"}
        read: Any = self.builder.kind("F.max_unpool2d", (None, BESIDE, *args), told).op
        if (pool := read.pool.of) != replace(places.op, ceil=False):
            what = f"`{describe(pool)}`, and the places are those of `{describe(places.op)}`"
            raise self.meter.fault(f"unpool goes back over {what}")
        size = words.get("output_size") or read.usual(self.read(x).shape)
        if size != places.before.shape[1:]:
            raise self.meter.fault(f"{size} rows and columns, and {places.before.shape} arrived")
        op = self.terms.canonical(read.met(places.op))
        said = Kind("F.max_unpool2d", op, None, 3, False, frozenset(), {})
        return self.joined(said, x, places.before)

    def method(self, x: Tensor, name: str, args: tuple[Any, ...], words: dict[str, Any]) -> Any:
        """`x.permute(0, 2, 1, 3)`, `x.flatten(1)`."""
        if name == "flatten":
            return self.function("torch.flatten", (x, *args), words)
        numbers = all(type(axis) is int for axis in args)
        if name == "permute" and len(args) == 4 and numbers and args[0] == 0 and not words:
            order = tuple(axis - 1 for axis in args[1:])
            return self.leaf(self.kind_of("permute", order), "", x)
        raise self.meter.fault(f"a tensor's method {name} is not known to the proof")

    def join(self, sign: type[ast.operator], left: Any, right: Any) -> Tensor:
        """`left + right`, `left * right`, `left - right`; `sum / 2` is a mean."""
        if sign is ast.Div and type(right) is int and right > 1:
            return self.share(left, right)
        if sign not in JOINS:
            raise self.meter.fault("tensors are added, subtracted and multiplied, nothing else")
        return self.joined(self.kind_of(JOINS[sign]), left, right)

    def joined(self, said: Kind, *arms: Any) -> Tensor:
        """Arms joined by an op: a sum, a product, a concatenation. Shapes are [C, H, W]."""
        inputs = tuple([self.read(x) for x in arms])
        if said.op.sums and inputs[0].shape != inputs[-1].shape:
            raise self.meter.fault(f"a sum of {inputs[0].shape} and {inputs[-1].shape}")
        term = self.terms.apply(said.op, "", tuple([x.term for x in inputs]))
        return self.result(said, term, inputs)

    def share(self, total: Any, count: int) -> Tensor:
        """A sum divided by the number of its arms."""
        x, said = self.read(total), self.kind_of("mean")
        return self.result(said, self.terms.share(said.op, count, x.term), (x,))

    def cat(self, arms: Any, dim: Any) -> Tensor:
        """`torch.cat` along the channels."""
        if type(dim) is not int or dim != 1:
            raise self.meter.fault(f"torch.cat along axis {dim}, and 1 is the channels'")
        if not isinstance(arms, list | tuple) or not arms:
            raise self.meter.fault("torch.cat of no list")
        return self.joined(self.kind_of("concat"), *arms)

    def pad(self, x: Any, sides: Any) -> Tensor:
        """Zeros around a map: (left, right, top, bottom), as PyTorch orders them."""
        x = self.read(x)
        sides = (sides,) * 4 if type(sides) is int else sides
        if type(sides) is not tuple or [type(n) for n in sides] != [int] * 4 or len(x.shape) != 3:
            raise self.meter.fault("padding by something else than four numbers, or of no map")
        left, right, top, bottom = sides
        channels, rows, columns = x.shape
        term = self.terms.pad(Padding(top, bottom, left, right), x.term)
        self.terms.lines.setdefault(term, self.meter.line)
        return Tensor(term, (channels, rows + top + bottom, columns + left + right), Storage())

    def channels(self, x: Any, start: Any, stop: Any) -> Any:
        """`x[:, start:stop]`."""
        if type(start) is not int or type(stop) is not int or start < 0:
            raise self.meter.fault("a slice of a tensor without two numbers from 0 up")
        return self.leaf(self.kind_of("slice", start, stop), "", x)
