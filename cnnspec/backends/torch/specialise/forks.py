"""Forks: arms that start from one value and meet in an op (L10)."""

from __future__ import annotations

from typing import Any, NamedTuple

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
from cnnspec.elaborate.scope import Scope
from cnnspec.ops import ops
from cnnspec.ops.op import Op, TorchInput
from cnnspec.syntax import tree as t


class Arm(NamedTuple):
    """One arm of a fork, walked."""

    items: list[Item]
    flow: Flow
    statement: t.Statement


class Forks(Levels):
    """Walks forks."""

    def join(self, layer: t.Layer, fork: t.Fork, cls: type[Op], scope: Scope) -> None:
        """The arms, then the op that they meet in."""
        if self.container:
            raise NeedsModule("a fork", fork.span)
        start, arms = self.flow, self.arms(fork, scope)
        optional = missing_last(arms)
        op = self.calls.op(cls, Values(), None, fork.name_span)
        name = self.named(layer, cls.name, scope)
        seen = self.observed.at(self.prefix, name, cls.name)
        flows = [arm.flow for arm in arms[: len(arms) - optional]]
        if not flows:
            raise BackendError("whether any arm of this fork exists is open", fork.span)
        after = shown(after_join(op, flows, seen), seen)
        inputs = [TorchInput(a.flow.channels, arriving_shape(a.flow, [])) for a in arms]
        sure = inputs[: len(arms) - optional]
        join = LayerItem(name, op, op.torch(*sure), start, after, fork.span)
        more = op.torch(*inputs[:2]).function if optional else ""
        self.append(ForkItem([arm.items for arm in arms], join, optional, more), name, after)

    def arm(self, statement: t.Statement, scope: Scope) -> None:
        self.run(t.Body(statement.span, (statement,)), scope)

    def made(self, statement: t.Statement) -> Arm:
        return Arm(self.items, self.flow, statement)

    def lone_arm(self, branch: t.If, condition: Any, fork: t.Fork) -> t.If:
        """An open `if` whose every way is one arm: whether there are more is structure."""
        one = _one_arm(branch)
        if one is None or (one.other is None and not ops()[fork.name].pairwise):
            what = "whether this arm exists is open"
            raise BackendError(what, branch.span, numbers=numbers_in(condition))
        return one


def missing_last(arms: list[Arm]) -> int:
    """How many arms may be missing: they stand last, and in a sum or product."""
    missing = [isinstance(a.statement, t.If) and a.statement.other is None for a in arms]
    for arm, gone, more in zip(arms, missing, missing[1:], strict=False):
        if gone and not more:
            raise BackendError("an arm behind one that may be missing", arm.statement.span)
    return sum(missing)


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
