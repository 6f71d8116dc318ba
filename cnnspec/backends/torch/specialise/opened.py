"""The walk with open numbers: what it carries from statement to statement beside its level."""

from __future__ import annotations

from typing import Any, Self

from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.program.flow import Flow, Name
from cnnspec.backends.torch.program.items import AssignItem
from cnnspec.backends.torch.python.names import safe
from cnnspec.backends.torch.python.symbols import UNKNOWN, Code, Var, expand, variables
from cnnspec.backends.torch.specialise.conditions import Facts
from cnnspec.backends.torch.specialise.numbering import OpenNames
from cnnspec.backends.torch.specialise.observe import Observed
from cnnspec.backends.torch.specialise.state import Classes, State
from cnnspec.backends.torch.specialise.values import OpenEvaluator
from cnnspec.elaborate.scope import Scope
from cnnspec.elaborate.walk import Walk
from cnnspec.syntax import tree as t


class OpenWalk(State, Walk[Name]):
    """A walk of one body whose numbers may be open; `walk.Walker` says what it makes."""

    evaluator: OpenEvaluator
    names: OpenNames

    def __init__(self, plans: Classes, observed: Observed, flow: Flow, kind: str) -> None:
        State.__init__(self, plans, observed, flow, kind)
        Walk.__init__(self, plans.evaluator, plans.calls)
        self.facts: Facts = ()
        self.unrolling = 0
        """In how many loops that are written out the statement in hand stands."""
        self.carried = "in_channels"
        """The variable that holds the channels where a loop or `if` changes them."""
        self.careful = False
        """Whether every loop and `if` has a running variable of its own, and every `let` a local:
        wanted where a value is read when its variable holds another (see `order.py`)."""
        self.around: tuple[OpenWalk, Scope] | None = None
        """The level around a class made of braces or a `seq`: its labels are seen too."""

    @property
    def flowing(self) -> Flow:
        """What flows here."""
        return self.flow

    @flowing.setter
    def flowing(self, flow: Flow) -> None:
        self.flow = flow

    def inner(self, *, looping: bool = False) -> Self:
        """A walk of an arm or a loop's body, at the same level."""
        again = type(self)(self.plans, self.observed, self.flow, self.kind)
        again.names = self.names.copy(looping=looping)
        again.prefix, again.facts, again.unrolling = self.prefix, self.facts, self.unrolling
        again.carried, again.careful, again.labels = self.carried, self.careful, self.labels
        again.locals, again.wanted, again.shared = self.locals, self.wanted, self.shared
        again.around, again.imports = self.around, self.imports
        again.owner, again.folded, again.within = self.owner, self.folded, self.within
        return again

    def saved(self) -> tuple[Any, ...]:
        """What a walk of further statements changes."""
        names, labels = self.names.copy(), self.labels.saved()
        return self.flow, list(self.items), names, labels, self.unrolling

    def restore(self, saved: tuple[Any, ...]) -> None:
        """Go back to what was saved."""
        self.flow, items, self.names, labels, self.unrolling = saved
        self.items[:] = items
        self.labels.restore(labels)

    # --- variables of the constructor ---

    def local(self, statement: object, name: str) -> str:
        """Python's name of a `let`, which no other `let` or parameter of the class has."""
        if statement not in self.locals:
            word = safe(name)
            while word in self.locals.values():
                word += "_"
            self.locals[statement] = word
        return self.locals[statement]

    def running(self, statement: t.Statement) -> str:
        """The variable that a loop or conditional changes: in a careful walk one of its own."""
        if not self.careful:
            return self.carried
        return self.local(("running", id(statement)), "width")

    def is_running(self, value: Var) -> bool:
        """Whether a variable is one that loops and conditionals change."""
        return value.name in ("in_channels", self.carried) or value.version > 0

    def now(self, running: str, closed: Code) -> Var:
        """A running variable from here on; `closed` is what it holds, where that is known."""
        meaning = UNKNOWN if closed is None else closed
        return Var(running, meaning, next(self.plans.versions))

    def carry(self, running: str) -> None:
        """Put the channels into a running variable, unless they are in it."""
        self.carried = running
        self.update(running)

    def update(self, running: str) -> None:
        """At the end of a turn or arm: what it made of the running variable."""
        channels = self.flow.channels
        if channels != Var(running):
            if "?" in variables(channels):
                what = "the channels that arrive here have no expression in the parameters"
                raise BackendError(what, None, "assert the shape before it: `=> 64x8x8`")
            now = self.now(running, expand(channels))
            self.items.append(AssignItem(running, channels, now.version))
            self.flow = Flow(now, self.flow.closed, self.flow.size, self.flow.scale)
