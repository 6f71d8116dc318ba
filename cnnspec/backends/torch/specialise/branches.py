"""Conditionals: decided ones splice their statements, the others stay an `if` (L11)."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from cnnspec.backends.torch.errors import BackendError, Unclear
from cnnspec.backends.torch.program.flow import Flow
from cnnspec.backends.torch.program.items import IfItem
from cnnspec.backends.torch.python.lists import numbers_in
from cnnspec.backends.torch.python.symbols import Code, Either, expand
from cnnspec.backends.torch.specialise.conditions import Facts, decide, learn, merge
from cnnspec.backends.torch.specialise.folding import hanging_on
from cnnspec.backends.torch.specialise.opened import OpenWalk
from cnnspec.elaborate.arms import is_identity
from cnnspec.elaborate.control import Rest, Spliced
from cnnspec.elaborate.scope import Scope
from cnnspec.ops import ops
from cnnspec.syntax import tree as t

Arm = tuple[Code | None, t.Body, Facts]
"""A condition (None for `else`), what runs under it, and what is known there."""


class OpenIf(t.If):
    """An `if` whose condition has no answer, with the statements behind it in its body."""

    rest: Rest


def undecided(
    walk: OpenWalk, branch: t.If, condition: Any, scope: Scope, rest: Rest, fork: t.Fork | None
) -> Generator[Spliced, None, bool]:
    """It stays an `if`: an arm in a fork, else for `with_rest` to walk."""
    if fork is not None:
        yield lone_arm(branch, condition, fork, numbered=walk.names.seq), scope
        return False
    way = (branch.span, branch.doc, branch.condition, branch.body, branch.other)
    yield OpenIf(*way, rest), scope
    return True


def with_rest(walk: OpenWalk, statement: OpenIf, scope: Scope) -> None:
    """Open `if`s that follow each other, and what stands between and behind them.

    Where an `if` decides the numbers behind it, the rest of the body stands in its arms: the
    innermost that can say it is taken.  A loop and no recursion: a body may have hundreds.
    """
    tried: list[tuple[Any, ...]] = []
    following: OpenIf | None = statement
    try:
        while following is not None:
            values, rules = dict(scope.values), dict(scope.rules)
            tried.append((following, walk.saved(), values, rules))
            open_if(walk, following, scope)
            following = next_open(walk, following.rest, scope)
    except Unclear as error:
        unclear = error
    else:
        return
    for before, saved, values, rules in reversed(tried):
        walk.restore(saved)
        scope.values, scope.rules = values, rules
        if before.rest:
            try:
                open_if(walk, before, scope, before.rest)
            except Unclear as error:
                unclear = error
            else:
                return
    raise unclear


def next_open(walk: OpenWalk, rest: Rest, scope: Scope) -> OpenIf | None:
    """Walk statements up to the next open `if` among them, which has the others behind it."""
    for statement, inner in walk.splice(rest, scope):
        if isinstance(statement, OpenIf) and inner is scope:
            return statement
        walk.guarded(statement, inner)
    return None


def open_if(walk: OpenWalk, statement: t.If, scope: Scope, rest: Rest = ()) -> None:
    """Its arms; without `else` and with a rest the last one is the rest alone."""
    arms: list[Arm] = []
    running = walk.running(statement)
    branch: t.Body | t.If | None = statement
    facts = walk.facts
    while isinstance(branch, t.If):
        value = walk.evaluator.truth(branch.condition, scope, walk.arriving)
        condition = decide(value, facts)
        if condition is True:
            branch = branch.body
            break
        if condition is not False:
            arms.append((condition, walk.way(branch.body), learn(facts, condition, True)))
            facts = learn(facts, condition, False)
        branch = branch.other
    if branch is not None:
        arms.append((None, walk.way(branch), facts))
    elif rest:
        arms.append((None, t.Body(statement.span, ()), facts))
    if_item(walk, arms, scope, rest, running)


def if_item(walk: OpenWalk, arms: list[Arm], scope: Scope, rest: Rest, running: str) -> None:
    """An undecided conditional; without `else` its last arm is the identity."""
    walked = walk_arms(walk, arms, scope, rest)
    channels = merged([w.flow.channels for w in walked], arms)
    carries = walk.container or walk.names.looping
    joined = None
    if carries and _undecided(channels) and channels != walk.flow.channels:
        walk.carry(running)
        walked = walk_arms(walk, arms, scope, rest)
        for arm in walked:
            arm.update(running)
        closed = merged([expand(w.flow.closed) for w in walked], arms)
        channels = walk.now(running, closed)
        joined = (running, channels.version)
    else:
        closed = merged([expand(w.flow.closed) for w in walked], arms)
    scale = merged([w.flow.scale for w in walked], arms)
    sizes = {w.flow.size for w in walked}
    walk.names.merge([w.names for w in walked], numbers_in(tuple(c for c, _, _ in arms)))
    written = [(c, w.items) for (c, _, _), w in zip(arms, walked, strict=False)]
    walk.items.append(IfItem(written, joined))
    size = sizes.pop() if len(sizes) == 1 else None
    walk.flow = Flow(channels, closed, size, scale)


def walk_arms(walk: OpenWalk, arms: list[Arm], scope: Scope, rest: Rest) -> list[OpenWalk]:
    """Each arm from the same place; the identity last where there is no `else`."""
    walked = []
    for _, body, facts in arms:
        arm = walk.inner()
        arm.facts = facts
        with hanging_on(numbers_in(tuple(c for c, _, _ in arms))):
            arm.run(body, scope.inner())
            again = Scope(scope.outer, dict(scope.values), dict(scope.rules))
            arm.run(t.Body(body.span, rest), again)
        walked.append(arm)
    return walked if arms[-1][0] is None else [*walked, walk.inner()]


def merged(values: list[Code], arms: list[Arm]) -> Code:
    """One expression for what the arms give."""
    result = values[-1]
    conditions = [c for c, _, _ in arms if c is not None]
    for condition, value in reversed(list(zip(conditions, values, strict=False))):
        result = merge(value, condition, result)
    return result


def _undecided(channels: Code) -> bool:
    return isinstance(channels, Either) or channels is None


def lone_arm(branch: t.If, condition: Any, fork: t.Fork, *, numbered: bool) -> t.If:
    """An open `if` whose every way is one arm: whether there are more is structure.

    In a `seq` the number of what follows hangs on it: one arm alone is no child (L34).
    """
    one = _one_arm(branch)
    kept = ops()[fork.name].pairwise and not numbered
    if one is None or (one.other is None and not kept):
        what = "whether this arm exists is open"
        raise BackendError(what, branch.span, numbers=numbers_in(condition))
    return one


def _one_arm(statement: t.If) -> t.If | None:
    """An `if` whose every way is one arm, as a statement of that arm; an identity is no layer."""
    other: t.Body | t.If | None
    match statement.other:
        case None:
            other = None
        case t.If():
            other = _one_arm(statement.other)
        case _:
            other = _way(statement.other)
    body = _way(statement.body)
    if body is None or (other is None and statement.other is not None):
        return None
    if isinstance(other, t.If) and other.other is None:
        return None
    return t.If(statement.span, "", statement.condition, body, other)


def _way(body: t.Body) -> t.Body | None:
    """A way of an `if` that is one arm."""
    arms = [s for s in body.statements if not isinstance(s, t.Let | t.Default | t.Require)]
    if len(arms) != 1 or not isinstance(arms[0], t.Flow):
        return None
    kept = tuple(s for s in body.statements if not is_identity(s))
    return t.Body(body.span, kept)
