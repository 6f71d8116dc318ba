"""Layers: ops with the followers of their defaults, blocks, inner levels (L9, L18, L19)."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from typing import Any

from cnnspec.backends.torch.errors import Unclear
from cnnspec.backends.torch.program.attributes import needs_attribute
from cnnspec.backends.torch.program.flow import Flow, Name, Result, Words
from cnnspec.backends.torch.program.items import (
    CallItem,
    ContainerItem,
    Item,
    LayerItem,
    Plan,
    is_plain,
)
from cnnspec.backends.torch.python.names import ARRIVES
from cnnspec.backends.torch.python.symbols import LOST, Sym, Var, expand, lost_in
from cnnspec.backends.torch.specialise.loops import Loops
from cnnspec.backends.torch.specialise.observe import Seen, size_of
from cnnspec.backends.torch.specialise.parameters import Bound
from cnnspec.backends.torch.specialise.places import Place
from cnnspec.backends.torch.specialise.shapes import after_op, arriving_shape
from cnnspec.backends.torch.specialise.state import NeedsModule
from cnnspec.elaborate.scope import BlockValue, Rule, Scope
from cnnspec.elaborate.walk import counted
from cnnspec.ops.op import Op, TorchInput
from cnnspec.source import Span
from cnnspec.syntax import tree as t


class Layers(Loops):
    """Walks chains."""

    # --- names ---

    def number(self, part: t.Expr, scope: Scope) -> Any:
        value = self.evaluator.value(part, scope, self.arriving)
        if not isinstance(value, Sym):
            return counted(value, part.span)
        whole = expand(value)  # `forward` does not see the constructor's locals
        return value if whole is None else whole

    def spelt(self, parts: list[Any]) -> Name:
        name = Name(tuple(parts))
        return Name((name.fixed,)) if name.fixed is not None else name

    def dotted(self, name: Name) -> list[str]:
        return name.words

    def index(self, part: t.Expr, scope: Scope) -> str:
        """What is open in a path stands in braces: `layer{i}`."""
        value = self.evaluator.value(part, scope, self.arriving)
        return Name((value,)).text if isinstance(value, Sym) else str(value)

    # --- ops ---

    def leaf(
        self,
        name: Name,
        op: Op,
        span: Span,
        spans: dict[str | int, Span],
        rule: Rule | None = None,
        follows: Span | None = None,
    ) -> None:
        seen = self.observed.at(self.prefix, name, op.name)
        arrives = TorchInput(self.flow.channels, arriving_shape(self.flow, seen), self.flow.size)
        form = op.torch(arrives)
        if self.kind == "seq" and form.pad is not None:
            raise NeedsModule("unequal padding", span)
        after = shown(after_op(op, self.flow, seen, span), seen)
        item = LayerItem(name, op, form, self.flow, after, span)
        if self.container or needs_attribute(item):
            self.numbered(name, span)
        self.append(item, name, after)

    def numbered(self, name: Name, span: Span) -> None:
        """Refuse a layer whose automatic number nothing gives: an `if` above it may be at fault."""
        if self.names.probing:
            return
        if name.unclear or (self.kind == "numbered" and Var("_") in name.parts):
            kind = f"`{name.parts[0]}`" if name.unclear else "layer"
            what = f"the number of this {kind} {name.unclear or 'among others'} is open"
            raise Unclear(what, span, "label it", name.numbers)
        if "." in (name.fixed or "") and self.container:
            raise NeedsModule("a dotted label", span)
        word = name.parts[0]
        if self.kind == "seq" and isinstance(word, str) and not word.isdigit():
            raise NeedsModule("a label among numbers", span)

    def append(self, item: Item, name: Name, after: Flow) -> None:
        """Add an item that has a path; the flow goes on from it."""
        self.items.append(item)
        self.flow = after
        if name.fixed is not None:
            self.ends[name.fixed] = after
            if isinstance(item, LayerItem):
                self.layers[name.fixed] = item

    def skip(self, layer: t.Layer, call: t.Call, cls: type[Op], scope: Scope) -> None:
        """An identity in an `if` that no call takes: a layer as others are."""
        self.op(layer, call, cls, scope)

    def block(self, layer: t.Layer, call: t.Call, block: BlockValue, scope: Scope) -> None:
        """A call of a block: a class, and the arguments that stay."""
        name, values = self.called_with(layer, call, block, scope)
        self.numbered(name, call.span)
        place = self.place(call.span, name)
        plan, bound = self.plans.call(block, values, self.exported(name), place)
        self.called(name, plan, bound, call.span, ())

    def place(self, span: Span, name: Name) -> Place:
        """Where a call stands, with the modules that the IR has there."""
        return Place(self.flow, self.arriving, span, self.observed.called(self.prefix, name))

    def path(self, name: Name) -> Words | None:
        """The words of a name from the body's own level; None where it is open."""
        parts = (self.prefix.fixed, name.fixed) if self.prefix else (name.fixed,)
        return None if None in parts else tuple(".".join(map(str, parts)).split("."))

    def exported(self, name: Name) -> tuple[Words, ...]:
        """What taps read inside of a call, from here or from where this body is called.

        Taps into a further use of its layers read the same.
        """
        path = self.path(name) or ("?",)
        uses = [path, *((use,) for use in self.observed.uses.get(".".join(path), ()))]
        inside = {w[len(p) :] for p in uses for w in self.wanted if w[: len(p)] == p}
        return tuple(sorted(words for words in inside if words))

    def called(
        self, name: Name, plan: Plan, bound: Bound, span: Span, imports: tuple[Words, ...]
    ) -> None:
        """Put the call of a class into the flow."""
        before = self.flow
        sizes = (before.channels, *(before.size or (LOST, LOST)))
        given = {**dict(zip(ARRIVES, sizes, strict=True)), **bound.inside}
        seen = self.observed.at(self.prefix, name, "")
        after = shown(_after(plan, before, plan.result.of(given), seen), seen)
        item = CallItem(name, plan, tuple(bound.args), before, after, span, given, imports)
        self.append(item, name, after)
        self.within[name.fixed or "?"] = item

    def group(self, group: t.Group, scope: Scope) -> None:
        self.run(group.body, scope.inner())

    def nested(self, layer: t.Layer, body: t.Body, scope: Scope, *, seq: bool) -> None:
        """An inline `seq` or labelled braces: a container, or a class where that cannot say it."""
        name = self.named(layer, "seq", scope)
        self.numbered(name, layer.span)
        inner = type(self)(self.plans, self.observed, self.flow, "seq" if seq else "chain")
        inner.prefix = Name((*self.prefix.parts, ".", *name.parts)) if self.prefix else name
        inner.facts, inner.unrolling, inner.careful = self.facts, 0, self.careful
        inner.wanted, inner.locals = self.wanted, self.locals
        inner.owner, inner.folded = self.owner, self.folded
        if self.kind in ("module", "numbered") or self.carried != "in_channels":
            inner.carried = self.local("carried", "width")
        try:
            inner.run(body, scope.inner())
        except (NeedsModule, Unclear):
            self.level(layer, body, scope, name)
            return
        listed = seq and all(map(is_plain, inner.items))
        if not listed and (self.container or name.fixed is None or "." in name.fixed):
            self.level(layer, body, scope, name, row=True)  # statements of its own fill it
            return
        after = shown(inner.flow, self.observed.at(self.prefix, name, ""))
        item = ContainerItem(name, inner.items, seq, after, layer.span)
        self.append(item, name, after)
        self.within[name.fixed or "?"] = item

    @abstractmethod
    def level(
        self, layer: t.Layer, body: t.Body, scope: Scope, name: Name, *, row: bool = False
    ) -> None:
        """Braces as a class: `levels.py`."""


def _after(plan: Plan, before: Flow, gives: Result, seen: list[Seen]) -> Flow:
    """What flows after a block's call."""
    size, scale = size_of([s[1] for s in seen]), None
    if size is None:
        size = gives.size if seen else before.size
    if plan.leaves.vector:
        size = ()
    elif gives.scale is not None and before.scale is not None:
        scale = before.scale * gives.scale
    channels = lost_in(plan.owner) if gives.channels is None else gives.channels
    return Flow(channels, expand(channels), size, scale)


def shown(flow: Flow, seen: list[Seen]) -> Flow:
    """The flow with the shape seen at this place, where every call agrees."""
    shapes = {shape for _, shape in seen}
    return replace(flow, example=shapes.pop()) if len(shapes) == 1 else flow
