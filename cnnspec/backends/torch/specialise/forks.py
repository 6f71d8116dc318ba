"""Forks: arms that start from one value and meet in an op (L10)."""

from __future__ import annotations

from typing import NamedTuple

from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.program.flow import Flow, Name
from cnnspec.backends.torch.program.items import ForkItem, Item, LayerItem, TapItem
from cnnspec.backends.torch.python.lists import holds_sym, numbers_in
from cnnspec.backends.torch.python.names import ARRIVES
from cnnspec.backends.torch.specialise import taps
from cnnspec.backends.torch.specialise.observe import size_of
from cnnspec.backends.torch.specialise.opened import OpenWalk
from cnnspec.backends.torch.specialise.shapes import after_join, arriving_shape
from cnnspec.backends.torch.specialise.state import shown
from cnnspec.elaborate.calls import Values
from cnnspec.elaborate.scope import Scope
from cnnspec.elaborate.walk import Written
from cnnspec.ir import PLACES
from cnnspec.ops.op import Op, TorchInput
from cnnspec.records import fields
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


def meets(walk: OpenWalk, name: Name, op: Op, path: t.Path, written: Written, scope: Scope) -> None:
    """An op of what flows and of what stands at a path: a fork with an empty arm (L39)."""
    walk.needs_forward("a second value", written.call)
    if op.places:
        pool = taps.pool(walk, path, scope)
        if pool is None:
            raise BackendError("this pool stands where nothing can be read", path.span)
        if any(holds_sym(getattr(pool.op, f.name)) for f in fields(pool.op)):
            numbers = numbers_in(tuple(getattr(pool.op, f.name) for f in fields(pool.op)))
            raise BackendError("the window of this pool is open", path.span, numbers=numbers)
        op = op.met(pool.op)
        path = t.Path(path.span, (*path.parts, PLACES))
    words = walk.words(path, scope)
    there = taps.reached(walk, words, path, scope)
    walk.labels.tapped.add(words)
    start = walk.flow
    seen = walk.observed.at(walk.prefix, name, op.name)
    pairs = walk.observed.pairs(walk.prefix, name)
    forms = {
        op.torch(TorchInput(start.channels, x), TorchInput(there.channels, y)) for x, y in pairs
    }
    if len(forms) != 1:
        raise BackendError("the sizes at this op differ between calls", path.span, numbers=ARRIVES)
    gives = Flow(start.channels, start.closed, size_of([s[1] for s in seen]), None)
    item = LayerItem(name, op, forms.pop(), start, shown(gives, seen), written.call)
    walk.append(ForkItem([[], [TapItem(words, there, path.span)]], item), name, item.after)


def missing_last(arms: list[Arm]) -> int:
    """How many arms may be missing: they stand last, and in a sum or product."""
    missing = [isinstance(a.statement, t.If) and a.statement.other is None for a in arms]
    for arm, gone, more in zip(arms, missing, missing[1:], strict=False):
        if gone and not more:
            raise BackendError("an arm behind one that may be missing", arm.statement.span)
    return sum(missing)
