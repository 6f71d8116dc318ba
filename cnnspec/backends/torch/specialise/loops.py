"""Loops: written out where rounds are few and known, else Python's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.program.flow import Flow
from cnnspec.backends.torch.program.items import Item, LoopItem, named
from cnnspec.backends.torch.python.lists import Turns, holds_sym, numbers_in
from cnnspec.backends.torch.python.names import safe
from cnnspec.backends.torch.python.symbols import Code, Function, Sym, Var, same, variables
from cnnspec.backends.torch.specialise.folding import hanging_on
from cnnspec.backends.torch.specialise.observe import pattern_of
from cnnspec.backends.torch.specialise.opened import OpenWalk
from cnnspec.backends.torch.specialise.shapes import effect
from cnnspec.elaborate.control import turn_scope
from cnnspec.elaborate.scope import Scope
from cnnspec.nesting import UNROLLED
from cnnspec.syntax import tree as t


def rounds(
    walk: OpenWalk, loop: t.For | t.Repeat, scope: Scope, fork: t.Fork | None
) -> Iterator[Scope]:
    """Written out where rounds are few and known, and in a fork; else a Python loop."""
    turns = turns_of(walk, loop, scope)
    if fork is not None and turns.entries is None:
        what = "an open number of arms"
        raise BackendError(what, loop.span, numbers=numbers_in(turns))
    if fork is None and (turns.entries is None or not written_out(walk, turns)):
        before = walk.saved()
        open_loop(walk, loop, turns, scope)
        if turns.entries is None or walk.container or not taps_into(walk, before):
            return
        walk.restore(before)
    unrolled = fork is None
    walk.unrolling += unrolled
    for entry in turns.entries or ():
        yield turn_scope(loop, entry, scope)
    walk.unrolling -= unrolled


def taps_into(walk: OpenWalk, before: tuple[Any, ...]) -> bool:
    """Whether a tap reads a layer of the loop just walked: then each needs its own name."""
    items = walk.items[len(before[1]) :]
    patterns = [pattern_of(None, i.name) for i in named(items)]
    return any(p.fullmatch(path[0]) for path in walk.wanted for p in patterns)


def turns_of(walk: OpenWalk, statement: t.For | t.Repeat, scope: Scope) -> Turns:
    """What a loop runs over."""
    if isinstance(statement, t.For):
        return walk.evaluator.turns(statement.iterable, scope, walk.arriving)
    count = walk.evaluator.whole(statement.count, scope, walk.arriving)
    entries = None if isinstance(count, Sym) else tuple(range(count))
    return Turns(Function("range", (count,)), count, entries)


def written_out(walk: OpenWalk, turns: Turns) -> bool:
    """Whether to unroll: always without a Python spelling; else 8 rounds of a `forward`."""
    if turns.over is None or (walk.folded.unrolled and turns.entries is not None):
        return True
    few = turns.entries is not None and len(turns.entries) <= UNROLLED
    open_list = holds_sym(turns.entries)
    return few and not (walk.container and (open_list or len(turns.entries or ()) > 2))


def open_loop(walk: OpenWalk, statement: t.For | t.Repeat, turns: Turns, scope: Scope) -> None:
    """A Python loop; what cannot be written in it hangs on the numbers that it runs over."""
    numbers = numbers_in((turns.over, turns.count))
    with hanging_on(numbers, rolled=turns.entries is not None):
        loop_item(walk, statement, turns, scope)


def loop_item(walk: OpenWalk, statement: t.For | t.Repeat, turns: Turns, scope: Scope) -> None:
    """A Python loop; channels that change from turn to turn are a running variable."""
    inner_scope = scope.inner()
    names = statement.names if isinstance(statement, t.For) else ()
    words = [turning(walk, name, scope) for name in names] or [turning(walk, "i", scope)]
    inner_scope.values.update(dict(zip(names or ("repeat",), map(Var, words), strict=False)))
    before, running, turned = walk.flow, walk.running(statement), None
    body = turn(walk, statement.body, inner_scope, probing=True)
    added = walk.names.added(body.names)
    rounds = walk.names.deeper(earlier(added, turns, words[0]), body.names)
    if same(body.flow.channels, before.channels):
        body = turn(walk, statement.body, inner_scope, rounds)
    if not same(body.flow.channels, before.channels):
        walk.carry(running)
        first = walk.now(running, Var(running))
        walk.flow = Flow(first, Var(running), before.size, before.scale)
        body = turn(walk, statement.body, inner_scope, rounds)
        made = body.flow.closed
        body.update(running)
        closed = effect(before.closed, made, Var(running), turns.count, set(words))
        last = walk.now(running, closed)
        turned = (running, first.version, last.version)
        channels: Code = closed if type(closed) is int else last
    else:
        channels, closed = before.channels, before.closed
    scale = before.scale if body.flow.scale == before.scale else None
    size = before.size if body.flow.size == before.size else None
    index = words[0] if reads_index(body.items, words[0]) else ""
    shown = tuple(words) if names or index else ("_",)
    walk.items.append(LoopItem(shown, turns.over, body.items, index, turns.count, turned))
    example = before.example if body.flow.example == before.example else None
    walk.flow = Flow(channels, closed, () if body.flow.vector else size, scale, example)
    walk.names.unclear |= body.names.unclear
    walk.names.given.join(body.names.given)
    walk.names.repeat(added, turns.count)
    if walk.names.seq:
        walk.names.count = None


def earlier(added: dict[str, int], turns: Turns, word: str) -> dict[str, Code]:
    """What the rounds before one have added to the number of each kind."""
    start = turns.start
    return {} if start is None else {k: n * (Var(word) - start) for k, n in added.items()}


def turning(walk: OpenWalk, name: str, scope: Scope) -> str:
    """Python's name of a loop variable: none that is in use where the loop stands."""
    used = {v.name for s in scope.chain() for v in s.values.values() if isinstance(v, Var)}
    word = safe(name)
    while word in used or word in walk.locals.values():
        word += "_"
    return word


def turn(
    walk: OpenWalk,
    body: t.Body,
    scope: Scope,
    rounds: dict[str, Code] | None = None,
    *,
    probing: bool = False,
) -> OpenWalk:
    """One turn of a loop, from the flow as it is."""
    again = walk.inner(looping=True)
    again.names.probing = again.names.probing or probing
    again.names.rounds = rounds or {}
    copied = Scope(scope.outer, dict(scope.values), dict(scope.rules))
    again.run(body, copied)
    return again


def reads_index(items: list[Item], word: str) -> bool:
    """Whether the name of a layer is made with a loop's variable."""
    return any(word in variables(part) for item in named(items) for part in item.name.parts)
