"""Modules at work in `forward`: a block is proved once for each instance, then it is one term."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cnnspec import ir
from cnnspec.backends.torch.proof.arithmetic import kind
from cnnspec.backends.torch.proof.building import ZERO_PAD
from cnnspec.backends.torch.proof.expected import Expected
from cnnspec.backends.torch.proof.faults import Meter, Unproved, differs
from cnnspec.backends.torch.proof.state import State
from cnnspec.backends.torch.proof.tensors import Tensors
from cnnspec.backends.torch.proof.terms import describe
from cnnspec.backends.torch.proof.values import At, Function, Leaf, Made, Places, Storage, Tensor
from cnnspec.ops.op import Op
from cnnspec.values import Shape, dims

Call = Callable[[Function, tuple[Any, ...], dict[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class Effect:
    """What a proved block does to memory, beside computing its term.

    Whether it overwrites its input, gives it back, and what keeps input and output for the
    backward pass.
    """

    overwrites: bool
    returns_input: bool
    keeps_input: str
    keeps_output: str


class ManyValues(Exception):
    """A block gives values that no tap of the IR takes: it is no term, and must be gone into."""

    def __init__(self, module: ir.Module) -> None:
        super().__init__(module.block)
        self.module = module


class Blocks:
    """Calls of modules; `call` runs a function of the file (`Runtime.call`)."""

    call: Call

    def __init__(self, meter: Meter, expected: Expected, tensors: Tensors, state: State) -> None:
        self.meter, self.expected, self.terms = meter, expected, expected.terms
        self.tensors, self.state = tensors, state
        self.level = self.whole = expected.whole()
        self.training = False
        self._proved: dict[tuple[int, int], Effect] = {}

    def is_training(self) -> bool:
        """`self.training`: a block is proved once for both modes, so only the net may ask."""
        if self.level is not self.whole:
            raise self.meter.fault("a block asks whether it is in training")
        return self.training

    def module(self, at: At, args: tuple[Any, ...], words: dict[str, Any]) -> Any:
        """A call of a child: an op, a block of the level, or a container that is gone into."""
        module = at.module
        if words:
            raise self.meter.fault(f"{at.path} is called with keywords")
        if type(module) is Leaf:
            if module.kind.op.own_key:
                raise self.meter.fault(f"{at.path} is a parameter, and is called")
            return self.leaf(module, at.path, args)
        assert isinstance(module, Made)
        if module.cls is ZERO_PAD and len(args) == 1:
            return self.tensors.pad(args[0], module.attributes["sides"])
        for x in args:
            if type(x) is not Places:
                self.tensors.read(x)
        inner = self.level.calls.get(at.path)
        if inner is None:
            return self.forward(at, args)
        if len(args) != 1:
            raise self.meter.fault(f"{at.path} gets {len(args)} values, its block has one input")
        x = args[0]
        if x.shape not in inner:
            wanted = " or ".join(map(dims, inner))
            raise differs(at.path, f"{wanted} arriving", dims(x.shape), self.meter.line)
        return self.block(at, module, inner[x.shape], x)

    def leaf(self, leaf: Leaf, path: str, args: tuple[Any, ...]) -> Any:
        """An op at work, which the layer at this path must be."""
        self.meter.line = leaf.line  # what differs is mostly an argument there
        self.state.is_layer(leaf, path, self.level)
        return self.tensors.leaf(leaf.kind, path, *args)

    def gain(self, at: At, x: Any) -> Tensor:
        """A parameter of a module times a tensor."""
        if type(at.module) is not Leaf or not at.module.kind.op.own_key:
            raise self.meter.fault(f"{at.path or 'the net'} is a module, and is multiplied")
        found: Tensor = self.leaf(at.module, at.path, (x,))
        return found

    def forward(self, at: At, args: tuple[Any, ...]) -> Any:
        """A module's own `forward`, or that of nn.Sequential."""
        made = at.module
        assert isinstance(made, Made)
        own = made.cls.methods.get("forward")
        if own is not None:
            return self.call(own, (at, *args), {})
        if made.cls.base != "nn.Sequential" or len(args) != 1:
            what = f"{at.path or 'the net'} ({made.cls.name})"
            raise self.meter.fault(f"{what} is called with {len(args)} values")
        self.meter.enter(made.cls.name)
        x = args[0]
        for name, child in made.children.items():
            x = self.module(At(child, f"{at.path}.{name}" if at.path else name), (x,), {})
        self.meter.depth -= 1
        return x

    def block(self, at: At, made: Made, inner: ir.Module, x: Tensor) -> Tensor:
        """A block as one term, after its proof."""
        key = (id(made), id(inner))
        effect = self._proved.get(key)
        if effect is None:
            line = self.meter.line
            try:
                effect = self._proved[key] = self.prove(made, inner, x.shape)
            except Unproved as fault:
                raise fault.inside(at.path, made.cls.name) from None
            self.meter.line = line
        term = self.terms.number("call", (at.path, id(inner)), (x.term,))
        self.terms.lines.setdefault(term, self.meter.line)
        if effect.overwrites:
            self.tensors.overwrite(x)
        if effect.keeps_input:
            x.storage.kept = effect.keeps_input
        storage = x.storage if effect.returns_input else Storage(kept=effect.keeps_output)
        return Tensor(term, tuple(map(int, inner.output)), storage)

    def prove(self, made: Made, inner: ir.Module, arriving: Shape) -> Effect:
        """Prove one instance against one module of the IR."""
        outer = self.level
        self.level, end = self.expected.level(inner)
        storage = Storage()
        x = Tensor(self.terms.number("input", "", ()), arriving, storage)
        found = self.forward(At(made, ""), (x,))
        if isinstance(found, tuple) and found and isinstance(found[0], Tensor):
            raise ManyValues(inner)
        self.equal(found, end, "")
        self.state.holds(made, self.level)
        self.level = outer
        same = found.storage is storage
        return Effect(storage.version > 0, same, storage.kept, "" if same else found.storage.kept)

    def equal(self, found: Any, term: int, where: str) -> None:
        """Raise Unproved unless a value is the spec's term, at its deepest difference."""
        if not isinstance(found, Tensor):
            raise self.meter.fault(f"{where or 'a block'} gives {kind(found)}, and no tensor")
        self.tensors.read(found)
        if found.term == term:
            return
        mine, theirs = self.terms.difference(term, found.term)
        spec, module = self.terms.rows[mine], self.terms.rows[theirs]
        line = self.terms.lines.get(theirs, self.meter.line)
        span = self.terms.spans.get(mine)
        ops = spec.op != module.op and isinstance(spec.op, Op) and isinstance(module.op, Op)
        if ops and spec[1:] == module[1:]:  # one place, two ops
            shown = f"`{describe(spec.op)}`", f"`{describe(module.op)}`"
            raise differs(spec.path or where, *shown, line, span)
        raise differs(where, self.terms.shown(mine), self.terms.shown(theirs), line, span)
