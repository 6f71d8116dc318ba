"""Frees a trace of what a framework needs to say and the language does not."""

from __future__ import annotations

from collections.abc import Callable

from cnnspec.importing.made import op
from cnnspec.importing.trace import Raw, Scope, Step, Trace, Value, scopes, steps
from cnnspec.ops.op import Op


def rewrite(trace: Trace) -> None:
    """Each pass once, in this order: the later ones count on the earlier."""
    for rule in RULES:
        rule(trace)


def consumers(root: Scope) -> dict[Value, list[Step]]:
    """Who reads each value."""
    found: dict[Value, list[Step]] = {}
    for step in steps(root):
        for value in step.inputs:
            found.setdefault(value, []).append(step)
    return found


def replace(trace: Trace, old: Value, new: Value) -> None:
    """Everybody reads `new` in the place of `old`."""
    for step in steps(trace.root):
        step.inputs = [new if value is old else value for value in step.inputs]
    for name, value in trace.outputs.items():
        if value is old:
            trace.outputs[name] = new


def remove(step: Step) -> None:
    """Take a step out of the tree; nobody must read it any more."""
    step.scope.body.remove(step)


# --- functions that are one op together --------------------------------------------------------


def _shuffles(trace: Trace) -> None:
    """`view`, exchange of the first two of five axes, `view` back: a channel shuffle."""
    readers = consumers(trace.root)
    for first in [*steps(trace.root)]:
        second = _only(readers, first.output)
        third = _only(readers, second.output) if second else None
        if second and third and _is_shuffle(first, second, third):
            groups = _shapes(first)[1][1]
            first.op = op("channel_shuffle", groups=groups)
            first.output = third.output
            first.output.maker = first
            remove(second)
            remove(third)


def _only(readers: dict[Value, list[Step]], value: Value) -> Step | None:
    found = readers.get(value, [])
    return found[0] if len(found) == 1 else None


def _shapes(step: Step) -> tuple[tuple[int, ...], tuple[int, ...]]:
    before, after = step.op.data if isinstance(step.op, Raw) else ((), ())
    return before, after  # type: ignore[return-value]


def _is_shuffle(first: Step, second: Step, third: Step) -> bool:
    names = [step.op.does if isinstance(step.op, Raw) else "" for step in (first, second, third)]
    if names != ["view", "axes", "view"] or second.op != Raw("axes", (0, 2, 1, 3, 4)):
        return False
    before, after = _shapes(first)
    return len(after) == 5 and _shapes(third)[1] == before and after[3:] == before[2:]


def _shares(trace: Trace) -> None:
    """A module that runs again is the op that it was."""
    made = {step.path: step for step in steps(trace.root) if step.stateful}
    for step in steps(trace.root):
        if step.shares in made:
            step.op = made[step.shares].op


# --- what computes nothing -----------------------------------------------------------------------


def _identities(trace: Trace) -> None:
    """They vanish, but for those that have a number in a sequence."""
    for step in [*steps(trace.root)]:
        if isinstance(step.op, Op) and _nothing(step) and not step.scope.numbered:
            replace(trace, step.output, step.inputs[0])
            remove(step)


def _nothing(step: Step) -> bool:
    assert isinstance(step.op, Op)
    again = step.op.flattens and len(step.inputs[0].shape) == 1
    return step.op.identity or again or (step.op.join and len(step.inputs) == 1)


def _last_identities(trace: Trace) -> None:
    """At the end of a sequence nobody needs the number of an identity."""
    for scope in scopes(trace.root):
        while scope.numbered and len(scope.body) > 1 and _is_identity(scope.body[-1]):
            step = scope.body[-1]
            assert isinstance(step, Step)
            replace(trace, step.output, step.inputs[0])
            remove(step)


def _is_identity(member: Step | Scope) -> bool:
    return isinstance(member, Step) and isinstance(member.op, Op) and member.op.identity


# --- joins ---------------------------------------------------------------------------------------


def _prefixes(trace: Trace) -> None:
    """concat(a, b, c) is concat(concat(a, b), c) where the inner one is there: DenseNet."""
    seen: dict[tuple[Value, ...], Value] = {}
    for step in steps(trace.root):
        if not (isinstance(step.op, Op) and step.op.stacks):
            continue
        came = tuple(step.inputs)
        seen.setdefault(came, step.output)
        for end in range(len(came) - 1, 1, -1):
            if came[:end] in seen:
                step.inputs = [seen[came[:end]], *came[end:]]
                break


def _hoists(trace: Trace) -> None:
    """A join of what arrives at a scope, and of nothing else, stands before the scope."""
    changed = True
    while changed:
        changed = any([_hoist(scope) for scope in [*scopes(trace.root)] if scope.parent])


def _hoist(scope: Scope) -> bool:
    made = {step.output for step in steps(scope)}
    for step in [one for one in scope.body if isinstance(one, Step)]:
        joins = isinstance(step.op, Op) and step.op.join and len(step.inputs) > 1
        if not joins or made.intersection(step.inputs):
            continue
        others = {v for one in steps(scope) if one is not step for v in one.inputs}
        if others.intersection(step.inputs):
            continue
        parent = scope.parent
        assert parent is not None
        remove(step)
        parent.body.insert(parent.body.index(scope), step)
        step.scope = parent
        return True
    return False


# --- scopes --------------------------------------------------------------------------------------


def _weightless(trace: Trace) -> None:
    """A module without weights is what it does, but for one with a number that does several."""
    for scope in [*scopes(trace.root)]:
        inside = [*steps(scope)]
        if scope.parent is None or any(step.stateful or step.shares for step in inside):
            continue
        if not scope.parent.numbered or len(inside) == 1:
            dissolve(scope)
        elif not inside:
            scope.parent.body.remove(scope)


def dissolve(scope: Scope) -> None:
    """Put what a scope does in its place."""
    parent = scope.parent
    assert parent is not None
    place = parent.body.index(scope)
    parent.body[place : place + 1] = scope.body
    for member in scope.body:
        if isinstance(member, Scope):
            member.parent = parent
        else:
            member.scope = parent
            member.path = member.path or (scope.path if parent.numbered else "")


RULES: tuple[Callable[[Trace], None], ...] = (
    _shuffles, _shares, _identities, _last_identities, _prefixes, _hoists, _weightless, _identities,
)  # fmt: skip
"""The passes in order."""
