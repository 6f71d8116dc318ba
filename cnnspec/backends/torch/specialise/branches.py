"""Conditionals: decided ones splice their statements, the others stay an `if` (L11)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Generator
from typing import Any, Self

from cnnspec.backends.torch.errors import BackendError, Unclear
from cnnspec.backends.torch.program.flow import Flow
from cnnspec.backends.torch.program.items import AssignItem, IfItem
from cnnspec.backends.torch.python.lists import numbers_in
from cnnspec.backends.torch.python.symbols import UNKNOWN, Code, Either, Var, expand, variables
from cnnspec.backends.torch.specialise.conditions import Facts, decide, learn, merge
from cnnspec.backends.torch.specialise.folding import hanging_on
from cnnspec.backends.torch.specialise.state import State
from cnnspec.elaborate.control import Rest, Spliced
from cnnspec.elaborate.scope import Scope
from cnnspec.syntax import tree as t

Arm = tuple[Code | None, t.Body, Facts]
"""A condition (None for `else`), what runs under it, and what is known there."""


class Branches(State):
    """Walks conditionals."""

    def truth(self, condition: t.Expr, scope: Scope) -> Any:
        return decide(super().truth(condition, scope), self.facts)

    def undecided(
        self, branch: t.If, condition: Any, scope: Scope, rest: Rest, fork: t.Fork | None
    ) -> Generator[Spliced, None, bool]:
        """It stays an `if`; where it decides the numbers behind it, the rest is in its arms."""
        if fork is not None:
            yield self.lone_arm(branch, condition, fork), scope
            return False
        before, values, rules = self.saved(), dict(scope.values), dict(scope.rules)
        try:
            self.open_if(branch, scope)
            self.run(t.Body(branch.span, rest), scope)
        except Unclear:
            if not rest:
                raise
            self.restore(before)
            scope.values, scope.rules = values, rules
            self.open_if(branch, scope, rest)
        return True

    @abstractmethod
    def lone_arm(self, branch: t.If, condition: Any, fork: t.Fork) -> t.If:
        """An `if` in a fork that is one arm: `forks.py`."""

    def open_if(self, statement: t.If, scope: Scope, rest: Rest = ()) -> None:
        """Its arms; without `else` and with a rest the last one is the rest alone."""
        arms: list[Arm] = []
        running = self.running(statement)
        branch: t.Body | t.If | None = statement
        facts = self.facts
        while isinstance(branch, t.If):
            value = self.evaluator.truth(branch.condition, scope, self.arriving)
            condition = decide(value, facts)
            if condition is True:
                branch = branch.body
                break
            if condition is not False:
                arms.append((condition, branch.body, learn(facts, condition, True)))
                facts = learn(facts, condition, False)
            branch = branch.other
        if branch is not None:
            arms.append((None, branch, facts))
        elif rest:
            arms.append((None, t.Body(statement.span, ()), facts))
        self.if_item(arms, scope, rest, running)

    def if_item(self, arms: list[Arm], scope: Scope, rest: Rest, running: str) -> None:
        """An undecided conditional; without `else` its last arm is the identity."""
        walked = self.walk_arms(arms, scope, rest)
        channels = self.merged([w.flow.channels for w in walked], arms)
        carries = self.container or self.names.looping
        joined = None
        if carries and _undecided(channels) and channels != self.flow.channels:
            self.carry(running)
            walked = self.walk_arms(arms, scope, rest)
            for arm in walked:
                arm.update(running)
            closed = self.merged([expand(w.flow.closed) for w in walked], arms)
            channels = self.now(running, closed)
            joined = (running, channels.version)
        else:
            closed = self.merged([expand(w.flow.closed) for w in walked], arms)
        scale = self.merged([w.flow.scale for w in walked], arms)
        sizes = {w.flow.size for w in walked}
        self.names.merge([w.names for w in walked], numbers_in(tuple(c for c, _, _ in arms)))
        written = [(c, w.items) for (c, _, _), w in zip(arms, walked, strict=False)]
        self.items.append(IfItem(written, joined))
        size = sizes.pop() if len(sizes) == 1 else None
        self.flow = Flow(channels, closed, size, scale)

    def walk_arms(self, arms: list[Arm], scope: Scope, rest: Rest) -> list[Self]:
        """Each arm from the same place; the identity last where there is no `else`."""
        walked = []
        for _, body, facts in arms:
            arm = self.inner()
            arm.facts = facts
            with hanging_on(numbers_in(tuple(c for c, _, _ in arms))):
                arm.run(body, scope.inner())
                again = Scope(scope.outer, dict(scope.values), dict(scope.rules))
                arm.run(t.Body(body.span, rest), again)
            walked.append(arm)
        return walked if arms[-1][0] is None else [*walked, self.inner()]

    def merged(self, values: list[Code], arms: list[Arm]) -> Code:
        """One expression for what the arms give."""
        result = values[-1]
        conditions = [c for c, _, _ in arms if c is not None]
        for condition, value in reversed(list(zip(conditions, values, strict=False))):
            result = merge(value, condition, result)
        return result

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


def _undecided(channels: Code) -> bool:
    return isinstance(channels, Either) or channels is None
