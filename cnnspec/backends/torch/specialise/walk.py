"""Bodies to items: each block body is walked once, with the channels that arrive unknown.

It is the walk of the elaborator (`cnnspec.elaborate.control`) with open numbers: an undecided `if`
stays an `if` and an open loop stays a loop.
"""

from __future__ import annotations

from typing import Any, NoReturn

from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.program.flow import Flow
from cnnspec.backends.torch.program.items import AssignItem, OutputItem, TapItem
from cnnspec.backends.torch.python.lists import numbers_in
from cnnspec.backends.torch.python.symbols import Sym, Var, expand
from cnnspec.backends.torch.specialise.observe import Observed
from cnnspec.backends.torch.specialise.state import Classes
from cnnspec.backends.torch.specialise.taps import Taps
from cnnspec.diagnostics import SpecError
from cnnspec.elaborate.scope import Scope
from cnnspec.ops.arguments import ArgumentError
from cnnspec.ops.op import OpError
from cnnspec.syntax import tree as t
from cnnspec.values import Value


class Walker(Taps):
    """Walks one body, carrying what flows and collecting items."""

    caught = (SpecError, OpError, ArgumentError, BackendError)

    def __init__(self, plans: Classes, observed: Observed, flow: Flow, kind: str) -> None:
        super().__init__(plans, observed, flow, kind)
        self.handlers |= {
            t.Flow: self.walk_flow,
            t.Output: self.output,
            t.Input: self.input,
        }

    def failed(self, error: Exception, written: t.Node, scope: Scope) -> NoReturn:
        """What goes wrong in a statement or layer has a place.

        The elaborator has checked what the calls of this net reach, with every number known; an
        arm that none of them takes is walked here for the first time.
        """
        match error:
            case BackendError():
                error.stand_at(written.span)
                raise error
            case SpecError():
                raise BackendError(_UNSEEN + error.diagnostic.message, written.span) from error
            case OpError() | ArgumentError():
                raise BackendError(_UNSEEN + error.message, written.span) from error
        raise error

    def misplaced(self, statement: t.Statement) -> None:
        """Claims and recipes leave no code."""

    def require(self, statement: t.Require, scope: Scope) -> None:
        """What `require` checked leaves no code."""

    def input(self, statement: t.Input, scope: Scope) -> None:
        """Where the image enters: every number of its shape is known."""
        name = statement.name or "image"
        sizes = [self.evaluator.value(n, scope, self.arriving) for n in statement.shape.sizes]
        if any(isinstance(n, Sym) for n in sizes):
            what = "the size of the input is open"
            raise BackendError(what, statement.span, numbers=numbers_in(tuple(sizes)))
        seen = tuple(map(int, sizes))
        if not self.ends:
            (seen,) = self.observed.inputs()
        flow = Flow(seen[0], seen[0], seen[1:], None, seen)
        if self.ends:
            self.tapped.add((name,))
            self.items.append(TapItem((name,), flow, statement.span))
        self.flow = self.ends[name] = flow

    def kept(self, statement: t.Let, value: Value) -> Value:
        """An open value becomes a local variable of the same name."""
        if not isinstance(value, Sym) or self.unrolling:
            return value
        if isinstance(value, Var) and not (self.careful and self.is_running(value)):
            return value
        name = self.local(statement, statement.name)
        now = self.now(name, expand(value))
        self.items.append(AssignItem(name, value, now.version))
        return now

    def asserted(self, statement: t.Flow, scope: Scope, before: Any) -> None:
        """`=> 512x7x7` gives channels that a loop has left open."""
        assert statement.asserted is not None
        channels = self.evaluator.value(statement.asserted.sizes[0], scope, self.arriving)
        lost = expand(self.flow.channels) is None
        if lost and not isinstance(channels, Sym):
            self.flow = Flow(channels, channels, self.flow.size, self.flow.scale)
        elif self.flow.closed is None:
            self.flow = Flow(self.flow.channels, channels, self.flow.size, self.flow.scale)

    def branch(self, statement: t.Output) -> OutputItem:
        kind: Any = statement.kind
        return OutputItem(kind, statement.name, self.items, self.flow, statement.span)


_UNSEEN = "with open numbers, or in an arm that no call takes: "
