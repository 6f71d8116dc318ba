"""What a walk carries from statement to statement."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Self

from cnnspec.backends.torch.conditions import Facts
from cnnspec.backends.torch.errors import Unclear
from cnnspec.backends.torch.folding import OPEN, Owner
from cnnspec.backends.torch.items import (
    CallItem,
    ContainerItem,
    Flow,
    Import,
    Item,
    LayerItem,
    Name,
    Words,
)
from cnnspec.backends.torch.naming import Names, safe
from cnnspec.backends.torch.observe import Observed
from cnnspec.elaborate.scope import Scope
from cnnspec.source import Span
from cnnspec.syntax import tree as t

if TYPE_CHECKING:
    from cnnspec.backends.torch.plan import Plans


class NeedsModule(Exception):
    """A chain cannot say this: the body needs a `forward`."""

    def __init__(self, what: str, span: Span) -> None:
        super().__init__(what)
        self.what, self.span = what, span


class State(ABC):
    """What a walk of one body carries: the flow, the names of its level, and the items so far.

    `kind` is `seq` or `chain` for an nn.Sequential; `module`, `numbered` (an nn.ModuleDict of
    numbered children) or `net` where there is a `forward`.
    """

    def __init__(self, plans: Plans, observed: Observed, flow: Flow, kind: str) -> None:
        self.plans, self.observed, self.flow, self.kind = plans, observed, flow, kind
        self.start = flow
        self.evaluator, self.calls = plans.evaluator, plans.calls
        self.owner: Owner | None = None
        """The block or net whose body is walked."""
        self.folded = OPEN
        """What of this body is written as its value."""
        self.names = Names(kind in ("seq", "numbered"))
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
        self.originals: dict[str, Words] = {}
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

    def inner(self, *, looping: bool = False) -> Self:
        """A walker for an arm or a loop's body, at the same level."""
        again = type(self)(self.plans, self.observed, self.flow, self.kind)
        again.names = self.names.copy(looping=looping)
        again.prefix, again.facts, again.unrolling = self.prefix, self.facts, self.unrolling
        again.carried, again.ends, again.tapped = self.carried, self.ends, self.tapped
        again.careful = self.careful
        again.within, again.locals, again.wanted = self.within, self.locals, self.wanted
        again.around, again.imports, again.layers = self.around, self.imports, self.layers
        again.owner, again.folded, again.originals = self.owner, self.folded, self.originals
        return again

    def local(self, statement: object, name: str) -> str:
        """Python's name of a `let`, which no other `let` or parameter of the class has."""
        if statement not in self.locals:
            word = safe(name)
            while word in self.locals.values():
                word += "_"
            self.locals[statement] = word
        return self.locals[statement]

    def run(self, body: t.Body, scope: Scope) -> None:
        """Walk every statement of a body."""
        self.sequence(body.statements, scope)

    def sequence(self, statements: tuple[t.Statement, ...], scope: Scope) -> None:
        """Walk statements; where an `if` decides the numbers behind it, the rest is in its arms."""
        for place, statement in enumerate(statements):
            rest = statements[place + 1 :]
            if not isinstance(statement, t.If) or not rest:
                self.statement(statement, scope)
                continue
            before, values, rules = self.saved(), dict(scope.values), dict(scope.rules)
            try:
                self.statement(statement, scope)
                self.sequence(rest, scope)
            except Unclear:
                self.restore(before)
                scope.values, scope.rules = values, rules
                self.conditional(statement, scope, rest)
            return

    def saved(self) -> tuple[Any, ...]:
        """What a walk of further statements changes."""
        return (
            self.flow, list(self.items), self.names.copy(), dict(self.ends), dict(self.within),
            set(self.tapped),
        )  # fmt: skip

    def restore(self, saved: tuple[Any, ...]) -> None:
        """Go back to what was saved."""
        self.flow, items, self.names, ends, within, tapped = saved
        self.items[:] = items
        for mine, old in ((self.ends, ends), (self.within, within)):
            mine.clear()
            mine.update(old)
        self.tapped.clear()
        self.tapped.update(tapped)

    @abstractmethod
    def conditional(
        self, statement: t.If, scope: Scope, rest: tuple[t.Statement, ...] = ()
    ) -> None:
        """Walk an `if`: `branches.py`."""

    @abstractmethod
    def statement(self, statement: t.Statement, scope: Scope) -> None:
        """Walk one statement."""
