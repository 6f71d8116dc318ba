"""Loops: written out where rounds are few and known, else Python's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.program.flow import Flow, Size
from cnnspec.backends.torch.program.items import Item, LoopItem, named
from cnnspec.backends.torch.python.lists import Turns, holds_sym, numbers_in
from cnnspec.backends.torch.python.names import safe
from cnnspec.backends.torch.python.symbols import Code, Function, Sym, Var, same, variables
from cnnspec.backends.torch.specialise.branches import Branches
from cnnspec.backends.torch.specialise.folding import hanging_on
from cnnspec.backends.torch.specialise.observe import pattern_of
from cnnspec.backends.torch.specialise.shapes import effect
from cnnspec.elaborate.control import turn_scope
from cnnspec.elaborate.scope import Scope
from cnnspec.nesting import UNROLLED
from cnnspec.syntax import tree as t


class Loops(Branches):
    """Walks loops."""

    def rounds(self, loop: t.For | t.Repeat, scope: Scope, fork: t.Fork | None) -> Iterator[Scope]:
        """Written out where rounds are few and known, and in a fork; else a Python loop."""
        turns = self.turns(loop, scope)
        if fork is not None and turns.entries is None:
            what = "an open number of arms"
            raise BackendError(what, loop.span, numbers=numbers_in(turns))
        if fork is None and (turns.entries is None or not self.written_out(turns)):
            before = self.saved()
            self.open_loop(loop, turns, scope)
            if turns.entries is None or self.container or not self.taps_into(before):
                return
            self.restore(before)
        written_out = fork is None
        self.unrolling += written_out
        for entry in turns.entries or ():
            yield turn_scope(loop, entry, scope)
        self.unrolling -= written_out

    def taps_into(self, before: tuple[Any, ...]) -> bool:
        """Whether a tap reads a layer of the loop just walked: then each needs its own name."""
        items = self.items[len(before[1]) :]
        patterns = [pattern_of(None, i.name) for i in named(items)]
        return any(p.fullmatch(path[0]) for path in self.wanted for p in patterns)

    def turns(self, statement: t.For | t.Repeat, scope: Scope) -> Turns:
        if isinstance(statement, t.For):
            return self.evaluator.turns(statement.iterable, scope, self.arriving)
        count = self.evaluator.whole(statement.count, scope, self.arriving)
        entries = None if isinstance(count, Sym) else tuple(range(count))
        return Turns(Function("range", (count,)), count, entries)

    def written_out(self, turns: Turns) -> bool:
        """Whether to unroll: always without a Python spelling; else 8 rounds of a `forward`."""
        if turns.over is None or (self.folded.unrolled and turns.entries is not None):
            return True
        few = turns.entries is not None and len(turns.entries) <= UNROLLED
        open_list = holds_sym(turns.entries)
        return few and not (self.container and (open_list or len(turns.entries or ()) > 2))

    def open_loop(self, statement: t.For | t.Repeat, turns: Turns, scope: Scope) -> None:
        """A Python loop; what cannot be written in it hangs on the numbers that it runs over."""
        numbers = numbers_in((turns.over, turns.count))
        with hanging_on(numbers, rolled=turns.entries is not None):
            self.loop_item(statement, turns, scope)

    def loop_item(self, statement: t.For | t.Repeat, turns: Turns, scope: Scope) -> None:
        """A Python loop; channels that change from turn to turn are a running variable."""
        inner_scope = scope.inner()
        names = statement.names if isinstance(statement, t.For) else ()
        words = [self.turning(name, scope) for name in names] or [self.turning("i", scope)]
        inner_scope.values.update(dict(zip(names or ("repeat",), map(Var, words), strict=False)))
        before, running, turned = self.flow, self.running(statement), None
        body = self.turn(statement.body, inner_scope, probing=True)
        added = self.names.added(body.names)
        rounds = self.names.deeper(self.earlier(added, turns, words[0]), body.names)
        if same(body.flow.channels, before.channels):
            body = self.turn(statement.body, inner_scope, rounds)
        if not same(body.flow.channels, before.channels):
            self.carry(running)
            first = self.now(running, Var(running))
            self.flow = Flow(first, Var(running), before.size, before.scale)
            body = self.turn(statement.body, inner_scope, rounds)
            made = body.flow.closed
            body.update(running)
            closed = effect(before.closed, made, Var(running), turns.count, set(words))
            last = self.now(running, closed)
            turned = (running, first.version, last.version)
            channels: Code = closed if type(closed) is int else last
        else:
            channels, closed = before.channels, before.closed
        scale = before.scale if body.flow.scale == before.scale else None
        size = before.size if body.flow.size == before.size else None
        index = words[0] if reads_index(body.items, words[0]) else ""
        shown = tuple(words) if names or index else ("_",)
        self.items.append(LoopItem(shown, turns.over, body.items, index, turns.count, turned))
        example = before.example if body.flow.example == before.example else None
        self.flow = Flow(channels, closed, self.size_after(body, size), scale, example)
        self.names.unclear |= body.names.unclear
        self.names.given.join(body.names.given)
        self.names.repeat(added, turns.count)
        if self.names.seq:
            self.names.count = None

    def earlier(self, added: dict[str, int], turns: Turns, word: str) -> dict[str, Code]:
        """What the rounds before one have added to the number of each kind."""
        start = turns.start
        return {} if start is None else {k: n * (Var(word) - start) for k, n in added.items()}

    def turning(self, name: str, scope: Scope) -> str:
        """Python's name of a loop variable: none that is in use where the loop stands."""
        used = {v.name for s in scope.chain() for v in s.values.values() if isinstance(v, Var)}
        word = safe(name)
        while word in used or word in self.locals.values():
            word += "_"
        return word

    def turn(
        self,
        body: t.Body,
        scope: Scope,
        rounds: dict[str, Code] | None = None,
        *,
        probing: bool = False,
    ) -> Self:
        """One turn of a loop, from the flow as it is."""
        again = self.inner(looping=True)
        again.names.probing = again.names.probing or probing
        again.names.rounds = rounds or {}
        copied = Scope(scope.outer, dict(scope.values), dict(scope.rules))
        again.run(body, copied)
        return again

    def size_after(self, body: Self, size: Size) -> Size:
        return () if body.flow.vector else size


def reads_index(items: list[Item], word: str) -> bool:
    """Whether the name of a layer is made with a loop's variable."""
    return any(word in variables(part) for item in named(items) for part in item.name.parts)
