"""What a walk carries from statement to statement."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol, Self

from cnnspec import ir
from cnnspec.backends.torch.program.flow import Flow, Import, Name, Words
from cnnspec.backends.torch.program.items import CallItem, ContainerItem, Item, LayerItem, Plan
from cnnspec.backends.torch.python.names import safe
from cnnspec.backends.torch.specialise.conditions import Facts
from cnnspec.backends.torch.specialise.folding import OPEN, Folding, Owner
from cnnspec.backends.torch.specialise.numbering import Names
from cnnspec.backends.torch.specialise.observe import Observed
from cnnspec.backends.torch.specialise.parameters import Bound
from cnnspec.backends.torch.specialise.places import Place
from cnnspec.backends.torch.specialise.values import OpenEvaluator
from cnnspec.elaborate.calls import Calls, Values
from cnnspec.elaborate.scope import BlockValue, Scope
from cnnspec.elaborate.walk import Walk
from cnnspec.source import Span
from cnnspec.syntax import tree as t


class NeedsModule(Exception):
    """A chain cannot say this: the body needs a `forward`."""

    def __init__(self, what: str, span: Span) -> None:
        super().__init__(what)
        self.what, self.span = what, span


Exports = tuple[Words, ...]
"""Paths in a class that taps around it read."""


@dataclass(frozen=True)
class Level:
    """Braces or a `seq` that become a class: where they stand, and what the IR has for them."""

    place: Place
    walker: State
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
    found: dict[object, Plan]

    def call(
        self, block: BlockValue, values: Values, exports: Exports, place: Place
    ) -> tuple[Plan, Bound]:
        """The class of a block's call, and its arguments."""

    def declared(
        self, layer: t.Layer, body: t.Body, names: tuple[str, ...], rules: str, path: str
    ) -> t.Block:
        """Braces as a block with the names that they read as parameters."""

    def level(
        self, declared: t.Block, values: Values, exports: Exports, level: Level
    ) -> tuple[Plan, Bound]:
        """The class of braces or a `seq` that need a `forward`."""

    def declared_for(self, call: ir.Call) -> t.Block:
        """An inner level of the IR as a block without parameters."""

    def instance(
        self, reader: State, module: ir.Module, declared: t.Block, exports: Exports
    ) -> Plan:
        """The class of a module of the IR, from what was read of it."""


class State(Walk[Name]):
    """What a walk of one body carries: the flow, the names of its level, and the items so far.

    `kind` is `seq` or `chain` for an nn.Sequential; `module`, `numbered` (an nn.ModuleDict of
    numbered children) or `net` where there is a `forward`.
    """

    evaluator: OpenEvaluator
    names: Names

    def __init__(self, plans: Classes, observed: Observed, flow: Flow, kind: str) -> None:
        super().__init__(plans.evaluator, plans.calls)
        self.plans, self.observed, self.flow, self.kind = plans, observed, flow, kind
        self.start = flow
        self.owner: Owner | None = None
        """The block or net whose body is walked."""
        self.folded = OPEN
        """What of this body is written as its value."""
        self.names: Names = Names(kind in ("seq", "numbered"))
        self.prefix: Name | None = None
        self.items: list[Item] = []
        self.facts: Facts = ()
        self.unrolling = 0
        self.carried = "in_channels"
        self.careful = False
        """Whether every loop and `if` has a running variable of its own, and every `let` a local:
        wanted where a value is read when its variable holds another (see `order.py`)."""
        self.locals: dict[object, str] = {}
        """Python's name of every parameter and `let` of the class: no two are the same."""
        self.ends: dict[str, Flow] = {}
        self.shared: dict[str, str] = {}
        """Name of a use of shared layers -> the path of their weights."""
        self.within: dict[str, ContainerItem | CallItem] = {}
        """What a tap may look into, by its name."""
        self.layers: dict[str, LayerItem] = {}
        self.tapped: set[Words] = set()
        self.wanted = observed.taps
        """Paths that a tap reads, here or, for a class, where it is called."""
        self.around: tuple[State, Scope] | None = None
        """The level around a class made of braces or a `seq`: its labels are seen too."""
        self.imports: dict[Words, Import] = {}

    @property
    def container(self) -> bool:
        """Whether the body becomes an nn.Sequential."""
        return self.kind in ("seq", "chain")

    @property
    def arriving(self) -> Any:
        """What `in` means here: a height or width is None where it has no expression."""
        size = self.flow.size if self.flow.size is not None else (None, None)
        return (self.flow.channels, *size)

    @property
    def flowing(self) -> Flow:
        """What flows here."""
        return self.flow

    @flowing.setter
    def flowing(self, flow: Flow) -> None:
        self.flow = flow

    def inner(self, *, looping: bool = False) -> Self:
        """A walker for an arm or a loop's body, at the same level."""
        again = type(self)(self.plans, self.observed, self.flow, self.kind)
        again.names = self.names.copy(looping=looping)
        again.prefix, again.facts, again.unrolling = self.prefix, self.facts, self.unrolling
        again.carried, again.ends, again.tapped = self.carried, self.ends, self.tapped
        again.careful = self.careful
        again.within, again.locals, again.wanted = self.within, self.locals, self.wanted
        again.around, again.imports, again.layers = self.around, self.imports, self.layers
        again.owner, again.folded, again.shared = self.owner, self.folded, self.shared
        return again

    def local(self, statement: object, name: str) -> str:
        """Python's name of a `let`, which no other `let` or parameter of the class has."""
        if statement not in self.locals:
            word = safe(name)
            while word in self.locals.values():
                word += "_"
            self.locals[statement] = word
        return self.locals[statement]

    def saved(self) -> tuple[Any, ...]:
        """What a walk of further statements changes."""
        return (
            self.flow, list(self.items), self.names.copy(), dict(self.ends), dict(self.within),
            set(self.tapped), self.unrolling,
        )  # fmt: skip

    def restore(self, saved: tuple[Any, ...]) -> None:
        """Go back to what was saved."""
        self.flow, items, self.names, ends, within, tapped, self.unrolling = saved
        self.items[:] = items
        for mine, old in ((self.ends, ends), (self.within, within)):
            mine.clear()
            mine.update(old)
        self.tapped.clear()
        self.tapped.update(tapped)

    @abstractmethod
    def found(self, words: Words, span: Span) -> Flow:
        """What flows at a path of this level: `taps.py`."""

    @abstractmethod
    def reached(self, words: Words, path: t.Path, scope: Scope) -> Flow:
        """What flows at a path, here or around: `taps.py`."""
