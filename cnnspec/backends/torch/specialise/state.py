"""One level of a class in the making, and what a walk asks of the classes of the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, Self, TypeVar

from cnnspec import ir
from cnnspec.backends.torch.errors import Unclear
from cnnspec.backends.torch.program.attributes import needs_attribute
from cnnspec.backends.torch.program.flow import Flow, Import, Name, Result, Words
from cnnspec.backends.torch.program.items import (
    CallItem,
    ClassPlan,
    ContainerItem,
    Item,
    LayerItem,
)
from cnnspec.backends.torch.python.names import ARRIVES, variable
from cnnspec.backends.torch.python.symbols import LOST, Var, expand, lost_in
from cnnspec.backends.torch.specialise.folding import OPEN, Folding, Owner
from cnnspec.backends.torch.specialise.labels import Labels
from cnnspec.backends.torch.specialise.numbering import OpenNames
from cnnspec.backends.torch.specialise.observe import Observed, Seen, Wanted, size_of
from cnnspec.backends.torch.specialise.parameters import Bound
from cnnspec.backends.torch.specialise.sites import CallSite
from cnnspec.backends.torch.specialise.values import OpenEvaluator
from cnnspec.elaborate.calls import Calls, Values
from cnnspec.elaborate.scope import BlockValue, Scope
from cnnspec.ops.op import Op, TorchForm
from cnnspec.source import Span
from cnnspec.syntax import tree as t


class NeedsModule(Exception):
    """A chain cannot say this: the body needs a `forward`."""

    def __init__(self, what: str, span: Span) -> None:
        super().__init__(what)
        self.what, self.span = what, span


Exports = tuple[Words, ...]
"""Paths in a class that taps around it read."""


W = TypeVar("W")


@dataclass(frozen=True)
class Braces(Generic[W]):
    """Braces or a `seq` that become a class: where they stand, and what the IR has for them."""

    site: CallSite
    walker: W
    scope: Scope
    modules: list[ir.Module]
    row: bool
    """Whether layers in a row can say it."""


class Classes(Protocol):
    """The classes of a file, as a walk asks for them; `plan.Plans` makes them."""

    evaluator: OpenEvaluator
    calls: Calls
    blocks: dict[Span, BlockValue]
    folding: Folding
    versions: Iterator[int]
    found: dict[object, ClassPlan]

    def call(
        self, block: BlockValue, values: Values, exports: Exports, site: CallSite
    ) -> tuple[ClassPlan, Bound]:
        """The class of a block's call, and its arguments."""

    def declared(
        self, layer: t.Layer, body: t.Body, names: tuple[str, ...], rules: str, path: str
    ) -> t.Block:
        """Braces as a block with the names that they read as parameters."""

    def level(
        self, declared: t.Block, values: Values, exports: Exports, level: Braces[Any]
    ) -> tuple[ClassPlan, Bound]:
        """The class of braces or a `seq` that need a `forward`."""

    def declared_for(self, call: ir.Call) -> t.Block:
        """An inner level of the IR as a block without parameters."""

    def instance(
        self, reader: State, module: ir.Module, declared: t.Block, exports: Exports
    ) -> ClassPlan:
        """The class of a module of the IR, from what was read of it."""


class State:
    """One level in the making: what flows, the names that it gives, and the items so far.

    `kind` is `seq` or `chain` for an nn.Sequential; `module`, `numbered` (an nn.ModuleDict of
    numbered children) or `net` where there is a `forward`.
    """

    def __init__(self, plans: Classes, observed: Observed, flow: Flow, kind: str) -> None:
        self.plans, self.observed, self.flow, self.kind = plans, observed, flow, kind
        self.start = flow
        self.owner: Owner | None = None
        """The block or net whose body is walked."""
        self.folded = OPEN
        """What of this body is written as its value."""
        self.names: OpenNames = OpenNames(kind in ("seq", "numbered"))
        self.prefix: Name | None = None
        self.items: list[Item] = []
        self.locals: dict[object, str] = {}
        """Python's name of every parameter and `let` of the class: no two are the same."""
        self.labels = Labels()
        self.shared: dict[str, str] = {}
        """Name of a use of shared layers -> the path of their weights."""
        self.wanted: Wanted = dict(observed.taps)
        """Paths that a tap reads, here or, for a class, where it is called; and its levels."""
        self.imports: dict[Words, Import] = {}

    def want(self, exports: Exports) -> None:
        """Paths that are read where this body is called."""
        self.wanted = self.wanted | {words: {*self.wanted.get(words, ()), ()} for words in exports}

    @property
    def container(self) -> bool:
        """Whether the body becomes an nn.Sequential."""
        return self.kind in ("seq", "chain")

    @property
    def arriving(self) -> Any:
        """What `in` means here: a height or width is None where it has no expression."""
        size = self.flow.size if self.flow.size is not None else (None, None)
        return (self.flow.channels, *size)

    def needs_forward(self, what: str, span: Span) -> None:
        """Refuse in a row of layers what only a `forward` can say."""
        if self.container:
            raise NeedsModule(what, span)

    def put(self, name: Name, op: Op, form: TorchForm, after: Flow, span: Span) -> None:
        """An op in the flow, by what PyTorch calls it."""
        if self.kind == "seq" and form.pad is not None:
            raise NeedsModule("unequal padding", span)
        if form.own:
            self.needs_forward("a parameter of the module itself", span)
        item = LayerItem(name, op, form, self.flow, after, span)
        if (*(self.path(name) or "?"), ir.PLACES) in self.wanted:
            self.needs_forward("a pool of two values", span)
            item.form, item.places = with_places(form), True
        if self.container or needs_attribute(item):
            self.numbered(name, span)
        self.append(item, name, after)

    def free_variable(self, words: Iterable[str]) -> str:
        """What `forward` calls a value that it is given from around."""
        word = variable(tuple(words))
        while word in {i.variable for i in self.imports.values()}:
            word += "_"
        return word

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
        self.labels.enter(name, item, after)

    def site(self, span: Span, name: Name) -> CallSite:
        """Where a call stands, with the modules that the IR has there."""
        return CallSite(self.flow, self.arriving, span, self.observed.called(self.prefix, name))

    def path(self, name: Name) -> Words | None:
        """The words of a name from the body's own level; None where it is open."""
        parts = (self.prefix.fixed, name.fixed) if self.prefix else (name.fixed,)
        return None if None in parts else tuple(".".join(map(str, parts)).split("."))

    def exported(self, name: Name) -> tuple[Words, ...]:
        """What taps read inside of a call, from here or from where this body is called.

        What a tap inside of it reads there does not leave it.

        Taps into a further use of its layers read the same.
        """
        path = self.path(name) or ("?",)
        uses = [path, *((use,) for use in self.observed.uses.get(".".join(path), ()))]
        inside = {
            words[len(p) :]
            for p in uses
            for words, levels in self.wanted.items()
            if words[: len(p)] == p and any(level[: len(p)] != p for level in levels)
        }
        return tuple(sorted(words for words in inside if words))

    def called(
        self, name: Name, plan: ClassPlan, bound: Bound, span: Span, imports: tuple[Words, ...]
    ) -> None:
        """Put the call of a class into the flow."""
        before = self.flow
        sizes = (before.channels, *(before.size or (LOST, LOST)))
        given = {**dict(zip(ARRIVES, sizes, strict=True)), **bound.inside}
        seen = self.observed.at(self.prefix, name, "")
        after = shown(_after(plan, before, plan.result.of(given), seen), seen)
        item = CallItem(name, plan, tuple(bound.args), before, after, span, given, imports)
        self.append(item, name, after)

    def inside(self, name: Name, kind: str) -> Self:
        """The level of a container at this level."""
        inner = type(self)(self.plans, self.observed, self.flow, kind)
        inner.prefix = Name((*self.prefix.parts, ".", *name.parts)) if self.prefix else name
        inner.wanted, inner.locals = self.wanted, self.locals
        inner.owner, inner.folded = self.owner, self.folded
        return inner

    def contains(self, name: Name, inner: State, after: Flow, span: Span, *, seq: bool) -> bool:
        """Put an inline `seq` or labelled braces into the flow as a container.

        False where they must be a class: statements fill them, and the level around is a row of
        layers, which has none, or their name is open or a path.
        """
        item = ContainerItem(name, inner.items, seq, after, span)
        if not item.listed and (self.container or name.fixed is None or "." in name.fixed):
            return False
        self.append(item, name, after)
        return True


def with_places(form: TorchForm) -> TorchForm:
    """A pool as PyTorch says it where the places of its maxima are wanted too."""
    words, text = ("return_indices", True), f"{form.function[:-1]}, return_indices=True)"
    return replace(form, keywords=(*form.keywords, words), function=text if form.function else "")


def _after(plan: ClassPlan, before: Flow, gives: Result, seen: list[Seen]) -> Flow:
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
