"""Forks: arms that start from one value and meet in an op (L10)."""

from __future__ import annotations

from typing import Any

from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.program.flow import Flow
from cnnspec.backends.torch.program.items import ForkItem, Item, LayerItem
from cnnspec.backends.torch.python.lists import numbers_in
from cnnspec.backends.torch.specialise.layers import shown
from cnnspec.backends.torch.specialise.levels import Levels
from cnnspec.backends.torch.specialise.shapes import after_join, arriving_shape
from cnnspec.backends.torch.specialise.state import NeedsModule
from cnnspec.elaborate.arms import is_identity
from cnnspec.elaborate.calls import Values
from cnnspec.elaborate.scope import BlockValue, Scope
from cnnspec.ops.op import Op, TorchInput
from cnnspec.syntax import tree as t


class Forks(Levels):
    """Walks forks."""

    def fork(self, layer: t.Layer, fork: t.Fork, scope: Scope) -> None:
        """Each statement is an arm from what arrives (L10)."""
        if self.container:
            raise NeedsModule("a fork", fork.span)
        cls = self.calls.callee(fork.name, fork.name_span, scope)
        assert not isinstance(cls, BlockValue)
        start, outer = self.flow, self.items
        arms: list[tuple[list[Item], Flow]] = []
        optional = 0
        for statement, inner in self.splice(fork.body.statements, scope.inner(), fork):
            optional = self.optional(statement, optional, inner, cls)
            self.flow, self.items = start, []
            if not is_identity(statement):
                self.sequence((statement,), inner)
            arms.append((self.items, self.flow))
            self.flow, self.items = start, outer
        op = self.calls.op(cls, Values(), None, fork.name_span)
        name = self.named(layer, cls.name, scope)
        seen = self.observed.at(self.prefix, name, cls.name)
        flows = [flow for _, flow in arms[: len(arms) - optional]]
        if not flows:
            raise BackendError("whether any arm of this fork exists is open", fork.span)
        after = shown(after_join(op, flows, seen), seen)
        inputs = [TorchInput(f.channels, arriving_shape(f, [])) for _, f in arms]
        sure = inputs[: len(arms) - optional]
        join = LayerItem(name, op, op.torch(*sure), start, after, fork.span)
        more = op.torch(*inputs[:2]).function if optional else ""
        item = ForkItem([items for items, _ in arms], join, optional, more)
        self.append(item, name, after)

    def optional(self, statement: t.Statement, before: int, scope: Scope, join: type[Op]) -> int:
        """How many arms up to this one may be missing: they stand last, and in a sum or product."""
        missing = isinstance(statement, t.If) and statement.other is None
        if missing and join.pairwise:
            return before + 1
        if isinstance(statement, t.If) and missing:
            condition = self.evaluator.value(statement.condition, scope, self.arriving)
            what = "whether this arm exists is open"
            raise BackendError(what, statement.span, numbers=numbers_in(condition))
        if before:
            raise BackendError("an arm behind one that may be missing", statement.span)
        return 0

    def lone_arm(self, branch: t.If, condition: Any) -> t.If:
        """An open `if` whose every way is one arm: whether there are more is structure."""
        if (one := _one_arm(branch)) is not None:
            return one
        what = "whether this arm exists is open"
        raise BackendError(what, branch.span, numbers=numbers_in(condition))


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
