"""Bodies to items: each block body is walked once, with the channels that arrive unknown.

It mirrors `cnnspec.elaborate.body`, which walks the same statements with every number known; here
an undecided `if` stays an `if` and an open loop stays a loop.
"""

from __future__ import annotations

from typing import Any

from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.program.flow import Flow
from cnnspec.backends.torch.program.items import AssignItem, OutputItem, TapItem
from cnnspec.backends.torch.python.lists import numbers_in
from cnnspec.backends.torch.python.symbols import Sym, Var, expand
from cnnspec.backends.torch.specialise.taps import Taps
from cnnspec.diagnostics import SpecError
from cnnspec.elaborate.outgoing import outgoing
from cnnspec.elaborate.scope import Scope
from cnnspec.elaborate.statements import declare_default
from cnnspec.ops.arguments import ArgumentError
from cnnspec.ops.op import OpError
from cnnspec.syntax import tree as t


class Walker(Taps):
    """Walks one body, carrying what flows and collecting items."""

    def statement(self, statement: t.Statement, scope: Scope) -> None:
        """Walk one statement; what goes wrong in it has a place.

        The elaborator has checked what the calls of this net reach, with every number known; an
        arm that none of them takes is walked here for the first time.
        """
        try:
            self.walk(statement, scope)
        except SpecError as error:
            raise BackendError(_UNSEEN + error.diagnostic.message, statement.span) from error
        except (OpError, ArgumentError) as error:
            raise BackendError(_UNSEEN + error.message, statement.span) from error
        except BackendError as error:
            error.stand_at(statement.span)
            raise

    def walk(self, statement: t.Statement, scope: Scope) -> None:
        """Claims, recipes and what `require` checked leave no code."""
        match statement:
            case t.Let():
                self.let(statement, scope)
            case t.Default():
                declare_default(self.calls, statement, scope, "scope")
            case t.If():
                self.conditional(statement, scope)
            case t.For() | t.Repeat():
                self.loop(statement, scope)
            case t.Flow():
                self.chain(statement.layers, scope)
                self.assertion(statement.asserted, scope)
            case t.Output():
                self.output(statement, scope)
            case t.Input():
                self.input(statement, scope)

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

    def let(self, statement: t.Let, scope: Scope) -> None:
        """An open value becomes a local variable of the same name."""
        value = self.evaluator.value(statement.value, scope, self.arriving)
        scope.values[statement.name] = value
        if not isinstance(value, Sym) or self.unrolling:
            return
        if isinstance(value, Var) and not (self.careful and self.is_running(value)):
            return
        name = self.local(statement, statement.name)
        now = self.now(name, expand(value))
        scope.values[statement.name] = now
        self.items.append(AssignItem(name, value, now.version))

    def assertion(self, asserted: t.ShapeExpr | None, scope: Scope) -> None:
        """`=> 512x7x7` gives channels that a loop has left open."""
        if asserted is None:
            return
        channels = self.evaluator.value(asserted.sizes[0], scope, self.arriving)
        lost = expand(self.flow.channels) is None
        if lost and not isinstance(channels, Sym):
            self.flow = Flow(channels, channels, self.flow.size, self.flow.scale)
        elif self.flow.closed is None:
            self.flow = Flow(self.flow.channels, channels, self.flow.size, self.flow.scale)

    def output(self, statement: t.Output, scope: Scope) -> None:
        """`output` and `aux` leave the flow and do not change it (L15)."""
        before, outer = self.flow, self.items
        self.items = []
        tap, carrier = outgoing(statement)
        self.chain(tap, scope)
        if carrier is not None:
            self.chain((carrier,), scope)
        items, after = self.items, self.flow
        self.items, self.flow = outer, before
        kind: Any = statement.kind
        self.items.append(OutputItem(kind, statement.name, items, after, statement.span))


_UNSEEN = "with open numbers, or in an arm that no call takes: "
