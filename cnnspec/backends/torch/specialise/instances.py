"""Modules of the IR to items: what a class is written from where its body cannot stay open.

The elaborator has decided everything here: names, shapes, arms, rounds.  Nothing is computed again;
a module of the IR becomes one class without parameters, and blocks that it calls stay open where
their own bodies can.
"""

from __future__ import annotations

from collections.abc import Iterable

from cnnspec import ir
from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.program.flow import Flow, Import, Name, Words
from cnnspec.backends.torch.program.items import (
    CallItem,
    ClassPlan,
    ForkItem,
    Item,
    LayerItem,
    OutputItem,
    SharedItem,
    TapItem,
    find,
)
from cnnspec.backends.torch.specialise.folding import Owner, blaming
from cnnspec.backends.torch.specialise.observe import Observed, known, plain
from cnnspec.backends.torch.specialise.sites import CallSite
from cnnspec.backends.torch.specialise.state import Classes, NeedsModule, State
from cnnspec.elaborate.calls import Values
from cnnspec.ops.op import TorchInput
from cnnspec.source import Span
from cnnspec.syntax import tree as t
from cnnspec.values import Shape, key


class Instance(State):
    """Reads one module of the IR into items; everything that flows is known."""

    def __init__(self, plans: Classes, observed: Observed, flow: Flow, kind: str) -> None:
        super().__init__(plans, observed, flow, kind)
        self.outer: Instance | None = None
        """The level around a class made of braces or a `seq`: its labels are seen too."""

    def items_of(self, items: Iterable[ir.Item]) -> None:
        """Read items one after another."""
        for item in items:
            self.read(item)

    def read(self, item: ir.Item) -> None:
        """Read one item; the flow goes on from it."""
        match item:
            case ir.Layer():
                self.layer_of(item)
            case ir.Call():
                self.call_of(item)
            case ir.Fork():
                self.fork_of(item)
            case ir.Group():
                self.items_of(item.items)
            case ir.Tap():
                self.tap_of(item)
            case ir.Shared():
                self.shared_of(item)
            case ir.Branch():
                self.branch_of(item)

    def layer_of(self, layer: ir.Layer) -> None:
        """An op in the flow."""
        form = layer.op.torch(TorchInput(self.flow.channels, plain(layer.inputs[0])))
        self.put(Name((layer.name,)), layer.op, form, known(layer.shape), layer.span)

    # --- levels ---

    def call_of(self, call: ir.Call) -> None:
        """A block, an inline `seq` or labelled braces."""
        name = Name((call.name,))
        self.numbered(name, call.span)
        if not call.module.block:
            self.level_of(call, name)
            return
        block = self.plans.blocks[call.module.span]
        site = CallSite(self.flow, plain(call.module.input), call.span, [call.module])
        values = written(block.block, call.module)
        plan, bound = self.plans.call(block, values, self.exported(name), site)
        self.called(name, plan, bound, call.span, ())

    def level_of(self, call: ir.Call, name: Name) -> None:
        """A container where its layers are a row, else a class of its own."""
        module = call.module
        inner = self.inside(name, "seq" if module.seq else "chain")
        try:
            inner.items_of(module.items)
        except NeedsModule:
            self.class_of(call, name)
            return
        if not self.contains(name, inner, known(module.output), call.span, seq=module.seq):
            self.class_of(call, name)

    def class_of(self, call: ir.Call, name: Name) -> None:
        """Braces or a `seq` as a class; `forward` is given what it taps around itself."""
        declared = self.plans.declared_for(call)
        plan = instance(self.plans, call.module, declared, self.exported(name), outer=self)
        if plan.imports and self.container:
            raise NeedsModule("a tap to a label around it", call.span)
        for words, wanted in plan.imports.items():
            self.value_at(words, wanted.up - 1, wanted.flow.example or (), call.span)
        self.labels.tapped.update(plan.imports)
        after = known(call.module.output)
        item = CallItem(name, plan, (), self.flow, after, call.span, {}, tuple(plan.imports))
        self.append(item, name, after)

    # --- forks and outputs ---

    def fork_of(self, fork: ir.Fork) -> None:
        """Arms from one value."""
        self.needs_forward("a fork", fork.join.span)
        start, outer = self.flow, self.items
        arms: list[list[Item]] = []
        for arm in fork.arms:
            self.flow, self.items = start, []
            self.items_of(arm)
            arms.append(self.items)
        self.flow, self.items = start, outer
        join, after = fork.join, known(fork.join.shape)
        inputs = [TorchInput(int(s[0]), plain(s)) for s in join.inputs]
        name = Name((join.name,))
        item = LayerItem(name, join.op, join.op.torch(*inputs), start, after, join.span)
        self.append(ForkItem(arms, item), name, after)

    def branch_of(self, branch: ir.Branch) -> None:
        """`output` and `aux` leave the flow and do not change it (L15)."""
        before, outer = self.flow, self.items
        self.items = []
        self.items_of(branch.items)
        items, after = self.items, self.flow
        self.items, self.flow = outer, before
        self.labels.ends.setdefault(branch.name, after)
        self.items.append(OutputItem(branch.kind, branch.name, items, after, branch.span))

    # --- taps ---

    def tap_of(self, tap: ir.Tap) -> None:
        """`from path`: the flow goes on from an earlier layer, here or around."""
        self.needs_forward("a tap", tap.span)
        words = tuple(tap.read.split("."))
        flow = self.value_at(words, tap.up, tap.shape, tap.span)
        if not tap.up:
            self.labels.tapped.add(words)
        self.items.append(TapItem(words, flow, tap.span))
        self.flow = flow

    def value_at(self, words: Words, up: int, shape: Shape, span: Span) -> Flow:
        """What flows at a path; one of a level around becomes an argument of `forward`."""
        flow = known(shape)
        if up and words not in self.imports:
            if self.outer is None:
                raise NeedsModule("a tap to a label around it", span)
            self.outer.value_at(words, up - 1, shape, span)
            self.imports[words] = Import(self.free_variable(words), t.Path(span, words), flow, up)
        return flow

    def shared_of(self, shared: ir.Shared) -> None:
        """`share path`: the same layers once more."""
        self.needs_forward("`share`", shared.span)
        words, item, name = tuple(shared.path.split(".")), shared.item, Name((shared.name,))
        stateless = (
            isinstance(item, ir.Layer)
            and item.op.torch(TorchInput(self.flow.channels, plain(item.inputs[0]))).function
        )
        if isinstance(item, ir.Layer) and stateless:
            self.layer_of(ir.Layer(shared.name, item.op, item.inputs, item.shape, shared.span))
            return
        after = known(item.shape if isinstance(item, ir.Layer) else item.module.output)
        again = find(self.items, words)
        self.append(SharedItem(name, words, after, shared.span, again), name, after)
        if again is not None and not isinstance(again, LayerItem):
            self.labels.within[shared.name] = again


def written(block: t.Block, module: ir.Module) -> Values:
    """The arguments of a call as a person writes them: those that are the default are left out."""
    values = Values()
    for place, (param, (name, value)) in enumerate(zip(block.params, module.args, strict=True)):
        if isinstance(param.default, t.Literal) and key(param.default.value) == key(value):
            continue
        if place < POSITIONAL and len(values.positional) == place:
            values.positional.append(value)
        else:
            values.keywords[name] = value
    return values


POSITIONAL = 2
"""Arguments that a call writes without their names."""


def instance(
    plans: Classes,
    module: ir.Module,
    declared: t.Block,
    exports: tuple[Words, ...],
    outer: Instance | None = None,
) -> ClassPlan:
    """The class of one module of the IR; made when it is first wanted."""
    memory = (id(module), exports)
    if memory not in plans.found:
        plans.found[memory] = _made(plans, module, declared, exports, outer)
    return plans.found[memory]


def _made(
    plans: Classes,
    module: ir.Module,
    declared: t.Block,
    exports: tuple[Words, ...],
    outer: Instance | None,
) -> ClassPlan:
    """A row of layers where one can say it, else a module with a `forward`."""
    owner = outer.owner if outer and outer.owner else declared
    row, whole = ("seq", "numbered") if module.seq else ("chain", "module")
    needs: NeedsModule | None = None
    for kind in [row, whole] if module.seq or not exports else [whole]:
        reader = begun(plans, module, kind, owner)
        reader.outer = outer
        reader.want(exports)
        try:
            with blaming(owner):
                reader.items_of(module.items)
        except NeedsModule as needed:
            needs = needed
            continue
        return plans.instance(reader, module, declared, exports)
    assert needs is not None
    if outer is not None:  # the level around must be a class too
        raise needs
    raise BackendError(f"{needs.what} has no form here", needs.span)


def begun(plans: Classes, module: ir.Module, kind: str, owner: Owner) -> Instance:
    """A reader that stands at the beginning of a module."""
    reader = Instance(plans, Observed([module]), known(module.input), kind)
    reader.owner, reader.folded = owner, plans.folding.of(owner)
    return reader
