"""Frees a trace of what a framework needs to say and the language does not."""

from __future__ import annotations

from collections.abc import Callable

from cnnspec.importing.flow import consumers, only, remove, replace
from cnnspec.importing.made import op
from cnnspec.importing.merge import channels_last, means, padded, shuffles
from cnnspec.importing.trace import Scope, Step, Trace, Value, scopes, steps
from cnnspec.ops.op import Op


def rewrite(trace: Trace) -> None:
    """Each pass once, in this order: the later ones count on the earlier."""
    for rule in RULES:
        rule(trace)


# --- what a module does with its own tensors -------------------------------------------------


def _shares(trace: Trace) -> None:
    """A module that runs again is the op that it was."""
    made = {step.path: step for step in steps(trace.root) if step.stateful}
    for step in steps(trace.root):
        if step.shares in made:
            step.op = made[step.shares].op


def _own_tensors(trace: Trace) -> None:
    """A module that is a layer and more, with one key, is what it does: timm's BatchNormAct2d."""
    for scope in [*scopes(trace.root)]:
        if scope.parent and any(step.path == scope.path for step in steps(scope) if step.stateful):
            for step in steps(scope):
                step.path = step.path if step.stateful else ""
            trace.wider.add(scope.path)
            dissolve(scope, numbered=False)


# --- what computes nothing -----------------------------------------------------------------------


def _drops_nothing(trace: Trace) -> None:
    """A dropout of nothing, which a model has where its rate is an argument, is an identity.

    A path that is dropped never is the first of a row of rates.
    """
    for step in steps(trace.root):
        kind = step.op.name if isinstance(step.op, Op) else ""
        if kind.startswith("dropout") and getattr(step.op, "p", None) == 0:
            step.op = op("skip")


def _identities(trace: Trace) -> None:
    """They vanish, but for those that have a number in a sequence."""
    for step in [*steps(trace.root)]:
        counted = step.scope.numbered and step.path.rpartition(".")[2].isdigit()
        if isinstance(step.op, Op) and _nothing(step) and not counted:
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


def _chains(trace: Trace) -> None:
    """`a + b + c` is one sum of three, and so is a product: what PyTorch takes two by two."""
    readers = consumers(trace.root)
    ends = {*trace.outputs.values()}
    for step in [*steps(trace.root)]:
        first = step.inputs[0].maker if step.inputs else None
        if first is None or first.op != step.op or first.scope is not step.scope:
            continue
        chained = isinstance(step.op, Op) and step.op.pairwise
        alike = first.output.shape == step.output.shape
        if chained and alike and step.inputs[0] not in ends and only(readers, step.inputs[0]):
            step.inputs = [*first.inputs, *step.inputs[1:]]
            remove(first)


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


def dissolve(scope: Scope, *, numbered: bool = True) -> None:
    """Put what a scope does in its place, where it has its number if it is `numbered`."""
    parent = scope.parent
    assert parent is not None
    place = parent.body.index(scope)
    parent.body[place : place + 1] = scope.body
    for member in scope.body:
        if isinstance(member, Scope):
            member.parent = parent
        else:
            member.scope = parent
            member.path = member.path or (scope.path if numbered and parent.numbered else "")


RULES: tuple[Callable[[Trace], None], ...] = (
    shuffles, means, padded, channels_last, _shares, _own_tensors, _drops_nothing, _identities,
    _last_identities, _chains, _prefixes, _hoists, _weightless, _identities,
)  # fmt: skip
"""The passes in order."""
