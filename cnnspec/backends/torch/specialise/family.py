"""The net itself: which of its parameters stay, its walk, and the function that builds it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.program.flow import Flow, Result
from cnnspec.backends.torch.program.items import (
    AssignItem,
    CallItem,
    ClassPlan,
    ContainerItem,
    IfItem,
    Item,
    LayerItem,
    LoopItem,
    OutputItem,
    calls,
)
from cnnspec.backends.torch.python.names import safe
from cnnspec.backends.torch.python.writing import write
from cnnspec.backends.torch.specialise.classes import Plans, in_order
from cnnspec.backends.torch.specialise.folding import Folding, blaming
from cnnspec.backends.torch.specialise.instances import begun
from cnnspec.backends.torch.specialise.observe import Observed, known, modules_of
from cnnspec.backends.torch.specialise.parameters import Bound, classify
from cnnspec.backends.torch.specialise.state import State
from cnnspec.backends.torch.specialise.walk import Walker
from cnnspec.elaborate.calls import Values
from cnnspec.elaborate.scope import BlockValue
from cnnspec.source import Span
from cnnspec.syntax import tree as t

if TYPE_CHECKING:
    from cnnspec.elaborate.workspace import Elaborated


@dataclass
class Family:
    """The plan of a net, the classes it needs, and how its function calls it."""

    plan: ClassPlan
    plans: list[ClassPlan]
    arguments: list[str]
    """The arguments of the class in the factory."""
    parameters: list[str]
    """The parameters of the factory."""


def walk_net(elaborated: Elaborated, folding: Folding) -> Family:
    """Walk a net's body and every block that it reaches."""
    net, family = elaborated.net, elaborated.family
    plans = Plans(modules_of(net), _blocks(elaborated), folding)
    bound = _bind(plans, elaborated)
    shape = tuple(int(n) for n in net.inputs[0].shape)
    start = Flow(shape[0], shape[0], shape[1:], None, shape)
    walker = _walked(elaborated, plans, bound, start)
    mark_heads(walker.items)
    leaves = walker.flow
    if net.logits is not None:
        leaves = replace(leaves, example=tuple(map(int, net.logits)))
    result = Result(leaves.closed, None)
    plan = ClassPlan(
        family.name, "net", family.doc, bound.params, [*bound.locals, *walker.items],
        result, start, leaves, family, family, bound.folded, walker.labels.tapped,
        found=walker.labels.found,
    )  # fmt: skip
    arguments, parameters = _factory(elaborated, bound)
    called = reached(plan.items)
    made = [p for p in plans.found.values() if id(p) in called]
    return Family(plan, made, arguments, parameters)


def _walked(elaborated: Elaborated, plans: Plans, bound: Bound, start: Flow) -> State:
    """The items of a net's body: of the spec's statements, or as the IR has them."""
    net, family = elaborated.net, elaborated.family
    observed, names = Observed([net.body]), dict(bound.scope.values)

    def walk(careful: bool) -> Walker:
        bound.scope.values, bound.scope.rules = dict(names), {}
        walker = Walker(plans, observed, start, "net")
        walker.careful, walker.locals = careful, bound.names()
        walker.owner, walker.folded = family, plans.folding.of(family)
        walker.run(family.body, bound.scope)
        return walker

    with blaming(family):
        if not plans.folding.of(family).instance:
            return in_order(walk)
        reader = begun(plans, net.body, "net", family)
        reader.labels.ends |= {entry.name: known(entry.shape) for entry in net.inputs}
        reader.items_of(net.body.items)
    return reader


def _blocks(elaborated: Elaborated) -> dict[Span, BlockValue]:
    """Every block that the net's files declare, by its place."""
    values = [v for unit in elaborated.unit.closure() for v in unit.scope.values.values()]
    return {value.block.span: value for value in values if isinstance(value, BlockValue)}


def reached(items: Iterable[Item]) -> set[int]:
    """The classes that items call, and those that these call, by identity."""
    found: set[int] = set()
    waiting = [*items]
    while waiting:
        plans = {id(item.plan): item.plan for item in calls(waiting)}
        waiting = [item for key, plan in plans.items() if key not in found for item in plan.items]
        found |= {*plans}
    return found


def _bind(plans: Plans, elaborated: Elaborated) -> Bound:
    """Parameters of the net by the values that it has: numbers and lists of numbers stay."""
    family, declared = elaborated.family, elaborated.declaration
    kinds = {name: classify([value]) for name, value in elaborated.args.items()}
    folded = plans.folding.of(family)
    kinds = {
        name: kind if kind in ("int", "float", "list") and not folded.covers(name) else "fold"
        for name, kind in kinds.items()
    }
    values = Values()
    if isinstance(declared, t.Variant):
        values = plans.calls.values(declared.args, elaborated.unit.scope, None)
        names = [p.name for p in family.params]
        given = names[: len(values.positional)]
        values.positional = [elaborated.args[name] for name in given]
        values.keywords = {name: elaborated.args[name] for name in values.keywords}
    scope = elaborated.family_unit.scope.inner()
    span = declared.name_span
    return plans.binder.bind(family.name, family.params, values, kinds, scope, None, span)


def _factory(elaborated: Elaborated, bound: Bound) -> tuple[list[str], list[str]]:
    """`ResNet((3, 4, 6, 3), classes)` and `classes: int = 1000`."""
    arguments, parameters = [], []
    given = {name: value for name, value in _given(bound)}
    by_keyword = False
    keywords = {name for name, _ in bound.args if name}
    for param in bound.params:
        free = [v for k, v in elaborated.free.items() if safe(k) == param.name]
        if param.name in given:
            text = write(given[param.name])
            by_keyword = by_keyword or param.name in keywords
        else:
            text = param.name
            parameters.append(f"{param.name}: {param.annotation} = {write(free[0])}")
        arguments.append(f"{param.name}={text}" if by_keyword else text)
    return arguments, parameters


def _given(bound: Bound) -> list[tuple[str, object]]:
    """The parameters that the variant's call gives, with their values."""
    names = [p.name for p in bound.params]
    found, position = [], 0
    for name, value in bound.args:
        found.append((name or names[position], value))
        position += not name
    return found


def mark_heads(items: list[Item]) -> None:
    """The softmax or sigmoid that ends an output is not written (L16)."""
    mark_last([item for item in items if not isinstance(item, OutputItem)])
    for item in items:
        if isinstance(item, OutputItem):
            mark_last(item.items)


def mark_last(items: list[Item]) -> None:
    """Leave the head out at the end of a row of items, also where braces or an `if` end it."""
    row = [item for item in items if not isinstance(item, AssignItem)]
    last = row[-1] if row else None
    match last:
        case LayerItem() if last.op.head:
            last.head = True
        case ContainerItem():
            mark_last(last.items)
            last.items[:] = [item for item in last.items if not is_head(item)]
        case CallItem() if last.plan.inline:
            if sum(call.plan is last.plan for call in calls(items)) > 1:
                refuse_head(last.plan.items, "which of several equal braces it stands in")
            mark_last(last.plan.items)
            if last.plan.kind in ("seq", "chain"):
                kept = [item for item in last.plan.items if not is_head(item)]
                last.plan.items[:] = kept
        case IfItem():
            other: list[Item] = []
            missing = [other] if last.arms[-1][0] is not None else []
            for arm in [*(arm for _, arm in last.arms), *missing]:
                mark_last(arm)
                if not any(not isinstance(item, AssignItem) for item in arm):
                    refuse_head(row[:-1], "an open `if`")
        case LoopItem():
            refuse_head(last.items, "an open loop")


def is_head(item: Item) -> bool:
    """Whether an item is a softmax or sigmoid that is not written."""
    return isinstance(item, LayerItem) and item.head


def refuse_head(items: Sequence[Item], where: str) -> None:
    """A softmax or sigmoid that is the end in some turns or cases only has no form."""
    last = items[-1] if items else None
    if isinstance(last, LayerItem) and last.op.head:
        what = f"whether this `{last.op.name}` ends the net hangs on {where}"
        raise BackendError(what, last.span, "leave it to the loss")
