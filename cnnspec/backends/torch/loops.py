"""Loops: written out where rounds are few and known, else Python's."""

from __future__ import annotations

from typing import Any, Self

from cnnspec.backends.torch.branches import Branches
from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.evaluate import Turns, holds_sym
from cnnspec.backends.torch.flow import effect
from cnnspec.backends.torch.items import Flow, LoopItem
from cnnspec.backends.torch.naming import safe
from cnnspec.backends.torch.symbols import UNKNOWN, Code, Sym, Var
from cnnspec.elaborate.scope import Scope
from cnnspec.syntax import tree as t
from cnnspec.values import Value

UNROLLED = 8
"""Rounds of a loop that are written out where the flow is code, not a container."""


class Loops(Branches):
    """Walks loops."""

    def loop(self, statement: t.For | t.Repeat, scope: Scope) -> None:
        """Written out where rounds are few and known, else a Python loop."""
        turns = self.turns(statement, scope)
        if turns.entries is not None and self.written_out(turns):
            self.unroll(statement, turns.entries, scope)
        elif self.container and turns.text:
            self.open_loop(statement, turns, scope)
        else:
            message = f"a loop of {turns.count} rounds outside a `seq` or labelled braces"
            raise BackendError(message, statement.span, "put it into `label: seq { }`")

    def turns(self, statement: t.For | t.Repeat, scope: Scope) -> Turns:
        if isinstance(statement, t.For):
            return self.evaluator.turns(statement.iterable, scope, self.arriving)
        count = self.evaluator.value(statement.count, scope, self.arriving)
        entries = None if isinstance(count, Sym) else tuple(range(count))
        return Turns(f"range({count})", count, entries)

    def written_out(self, turns: Turns) -> bool:
        """Whether to unroll: always without a Python spelling; else 8 rounds of a `forward`."""
        if not turns.text:
            return True
        few = turns.entries is not None and len(turns.entries) <= UNROLLED
        open_list = holds_sym(turns.entries)
        return few and not (self.container and (open_list or len(turns.entries or ()) > 2))

    def unroll(self, statement: t.For | t.Repeat, entries: tuple[Value, ...], scope: Scope) -> None:
        self.unrolling += 1
        for entry in entries:
            inner = scope.inner()
            if isinstance(statement, t.For):
                inner.values.update(apart(statement.names, entry))
            self.run(statement.body, inner)
        self.unrolling -= 1

    def open_loop(self, statement: t.For | t.Repeat, turns: Turns, scope: Scope) -> None:
        """A Python loop; channels that change from turn to turn are a running variable."""
        inner_scope = scope.inner()
        words = ["_"]
        if isinstance(statement, t.For):
            words = [self.turning(name, scope) for name in statement.names]
        if isinstance(statement, t.For):
            entries: Any = tuple(Var(w) for w in words)
            inner_scope.values.update(dict(zip(statement.names, entries, strict=True)))
        head = f"for {', '.join(words)} in {turns.text}"
        before = self.flow
        body = self.turn(statement.body, inner_scope)
        if body.flow.channels != before.channels:
            self.carry(before.channels)
            fixed = Flow(Var(self.carried), Var(self.carried), before.size, before.scale)
            self.flow = fixed
            body = self.turn(statement.body, inner_scope)
            made = body.flow.closed
            body.update()
            closed = effect(before.closed, made, Var(self.carried), turns.count, set(words))
            channels: Code = Var(self.carried, UNKNOWN if closed is None else closed)
        else:
            channels, closed = before.channels, before.closed
        scale = before.scale if body.flow.scale == before.scale else None
        size = before.size if body.flow.size == before.size else None
        self.items.append(LoopItem(head, body.items))
        self.flow = Flow(channels, closed, self.size_after(body, size), scale)
        self.names.merge([self.names, body.names])
        if self.names.seq:
            self.names.count = None

    def turning(self, name: str, scope: Scope) -> str:
        """Python's name of a loop variable: none that is in use where the loop stands."""
        used = {v.name for s in scope.chain() for v in s.values.values() if isinstance(v, Var)}
        word = safe(name)
        while word in used or word in self.locals.values():
            word += "_"
        return word

    def turn(self, body: t.Body, scope: Scope) -> Self:
        """One turn of a loop, from the flow as it is."""
        again = self.inner(looping=True)
        copied = Scope(scope.outer, dict(scope.values), dict(scope.rules))
        again.run(body, copied)
        return again

    def size_after(self, body: Self, size: tuple[int, ...] | None) -> tuple[int, ...] | None:
        return () if body.flow.vector else size


def apart(names: tuple[str, ...], entry: Value) -> dict[str, Value]:
    """`for i, n in ...`: the parts of one turn."""
    return {names[0]: entry} if len(names) == 1 else dict(zip(names, entry, strict=True))
