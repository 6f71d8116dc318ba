"""Forks: arms that start from one value and meet in an op (L10)."""

from __future__ import annotations

from typing import NamedTuple

from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.program.flow import Flow
from cnnspec.backends.torch.program.items import ForkItem, Item, LayerItem
from cnnspec.backends.torch.specialise.opened import OpenWalk
from cnnspec.backends.torch.specialise.shapes import after_join, arriving_shape
from cnnspec.backends.torch.specialise.state import shown
from cnnspec.elaborate.calls import Values
from cnnspec.elaborate.scope import Scope
from cnnspec.ops.op import Op, TorchInput
from cnnspec.syntax import tree as t


class Arm(NamedTuple):
    """One arm of a fork, walked."""

    items: list[Item]
    flow: Flow
    statement: t.Statement


def join(walk: OpenWalk, layer: t.Layer, fork: t.Fork, cls: type[Op], scope: Scope) -> None:
    """The arms, then the op that they meet in."""
    walk.needs_forward("a fork", fork.span)
    start, arms = walk.flow, walk.arms(fork, scope)
    optional = missing_last(arms)
    if len(arms) == 1 and not optional:
        walk.lone(layer, cls, arms[0], scope)
        return
    op = walk.calls.op(cls, Values(), None, fork.name_span)
    name = walk.named(layer, cls.name, scope)
    seen = walk.observed.at(walk.prefix, name, cls.name)
    flows = [arm.flow for arm in arms[: len(arms) - optional]]
    if not flows:
        raise BackendError("whether any arm of this fork exists is open", fork.span)
    after = shown(after_join(op, flows, seen), seen)
    inputs = [TorchInput(a.flow.channels, arriving_shape(a.flow, [])) for a in arms]
    sure = inputs[: len(arms) - optional]
    join = LayerItem(name, op, op.torch(*sure), start, after, fork.span)
    more = op.torch(*inputs[:2]).function if optional else ""
    walk.append(ForkItem([arm.items for arm in arms], join, optional, more), name, after)


def missing_last(arms: list[Arm]) -> int:
    """How many arms may be missing: they stand last, and in a sum or product."""
    missing = [isinstance(a.statement, t.If) and a.statement.other is None for a in arms]
    for arm, gone, more in zip(arms, missing, missing[1:], strict=False):
        if gone and not more:
            raise BackendError("an arm behind one that may be missing", arm.statement.span)
    return sum(missing)
