"""What a walk carries from statement to statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from cnnspec.backends.torch.conditions import Facts
from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.items import ContainerItem, Flow, Item, LayerItem, Name
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


class State:
    """What a walk of one body carries: the flow, the names of its level, and the items so far.

    `kind` is `seq` or `chain` for an nn.Sequential, `module` or `net` where there is a `forward`.
    """

    def __init__(self, plans: Plans, observed: Observed, flow: Flow, kind: str) -> None:
        self.plans, self.observed, self.flow, self.kind = plans, observed, flow, kind
        self.evaluator, self.calls = plans.evaluator, plans.calls
        self.names = Names(kind == "seq")
        self.prefix: Name | None = None
        self.items: list[Item] = []
        self.facts: Facts = ()
        self.unrolling = 0
        self.carried = "in_channels"
        self.locals: dict[object, str] = {}
        """Python's name of every parameter and `let` of the class: no two are the same."""
        self.ends: dict[str, Flow] = {}
        self.containers: dict[str, ContainerItem] = {}
        self.layers: dict[str, LayerItem] = {}
        self.tapped: set[tuple[str, ...]] = set()

    @property
    def container(self) -> bool:
        """Whether the body becomes an nn.Sequential."""
        return self.kind in ("seq", "chain")

    @property
    def arriving(self) -> Any:
        """What `in` means here."""
        return _Arriving(self.flow)

    def inner(self, *, looping: bool = False) -> Self:
        """A walker for an arm or a loop's body, at the same level."""
        again = type(self)(self.plans, self.observed, self.flow, self.kind)
        again.names = self.names.copy(looping=looping)
        again.prefix, again.facts, again.unrolling = self.prefix, self.facts, self.unrolling
        again.carried, again.ends, again.tapped = self.carried, self.ends, self.tapped
        again.containers, again.locals = self.containers, self.locals
        again.layers = self.layers
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
        for statement in body.statements:
            self.statement(statement, scope)

    def statement(self, statement: t.Statement, scope: Scope) -> None:
        """Walk one statement."""
        raise NotImplementedError


class _Arriving(tuple):  # type: ignore[type-arg]
    """What `in` means: channels as an expression, height and width where they are numbers."""

    def __new__(cls, flow: Flow) -> _Arriving:
        size = flow.size if flow.size is not None else (None, None)
        return super().__new__(cls, (flow.channels, *size))

    def __getitem__(self, index: Any) -> Any:
        value = super().__getitem__(index)
        if value is None:
            raise BackendError("the height or width that arrives here has no expression")
        return value
