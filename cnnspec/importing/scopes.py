"""Which module calls can be blocks: those that one value enters, and one leaves."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from cnnspec.importing.rewrite import dissolve
from cnnspec.importing.trace import Raw, Scope, Step, Trace, Value, relative, scopes, steps


def shape_scopes(trace: Trace) -> None:
    """Give every scope its input and outputs; those that no block can be become part of another."""
    _interfaces(trace)
    group_lists(trace)
    _run_again(trace)
    while True:
        _interfaces(trace)
        bad = [one for one in scopes(trace.root) if one.parent and not _fits(one)]
        for scope in bad:
            dissolve(scope)
        if not bad:
            return


def around(step: Step) -> Iterator[Scope]:
    """The scopes around a step, the innermost first."""
    scope: Scope | None = step.scope
    while scope is not None:
        yield scope
        scope = scope.parent


def _interfaces(trace: Trace) -> None:
    for scope in scopes(trace.root):
        scope.inputs, scope.outputs = [], []
    for step in steps(trace.root):
        own = [*around(step)]
        for value in step.inputs:
            made = [*around(value.maker)] if value.maker else []
            for scope in own:
                if scope not in made and value not in scope.inputs:
                    scope.inputs.append(value)
            _leaves(value, [scope for scope in made if scope not in own])
    for value in trace.outputs.values():
        _leaves(value, [*around(value.maker)] if value.maker else [])
    for scope in scopes(trace.root):
        _last_behind(scope)


def _leaves(value: Value, scopes_left: list[Scope]) -> None:
    for scope in scopes_left:
        if value not in scope.outputs:
            scope.outputs.append(value)


def _last_behind(scope: Scope) -> None:
    """What the last member makes flows on; the rest is read from outside by its path."""
    last = scope.body[-1] if scope.body else None
    end = last.outputs[-1] if isinstance(last, Scope) and last.outputs else None
    end = last.output if isinstance(last, Step) else end
    if end is not None and (end in scope.outputs or not scope.outputs):
        scope.outputs = [*(one for one in scope.outputs if one is not end), end]
    else:
        scope.outputs.append(Value(()))  # nothing that flows on: no block


def _fits(scope: Scope) -> bool:
    """Whether a scope can be a block or braces with a label; sets `numbered` where names differ."""
    if len(scope.inputs) != 1 or not scope.output.shape or _loses(scope):
        return False
    names = [relative(member.path, scope.path) for member in scope.body]
    if _counts(names) and (scope.numbered or _follow(scope.body)):
        scope.numbered = True
        return True
    scope.numbered = False
    return not any("." in name and name[:1].isdigit() for name in names)


def _loses(scope: Scope) -> bool:
    """Whether what nobody reads begins with what arrives, which has no label in a block."""
    made: dict[Value, Step | Scope] = {}
    for member in scope.body:
        gives = member.outputs if isinstance(member, Scope) else [member.output]
        made |= dict.fromkeys(gives, member)
    read: set[Step | Scope] = set()
    waiting = [*scope.outputs]
    while waiting:
        one = made.get(waiting.pop())
        if one is not None and one not in read:
            read.add(one)
            waiting += one.inputs
    return any(scope.input in member.inputs for member in scope.body if member not in read)


def _counts(names: list[str]) -> bool:
    return bool(names) and names == [str(place) for place in range(len(names))]


def _follow(members: list[Step | Scope]) -> bool:
    """Whether each member reads what the one before it gives, and nothing else."""
    pairs = pairwise(members)
    return all(after.inputs == [_end(before)] for before, after in pairs)


def _end(member: Step | Scope) -> Value:
    return member.output


def _run_again(trace: Trace) -> None:
    """A sequence that runs whole after its layers ran one by one is the same once more."""
    seen: dict[str, Scope] = {}
    for scope in [*scopes(trace.root)]:
        first = seen.setdefault(scope.path, scope)
        uses = [step for step in steps(scope) if step.shares]
        if not uses or scope.parent is None:
            continue
        if first is not scope and _members(first) == _members(scope) and len(scope.outputs) == 1:
            _share(scope)
        elif first is not scope or all(step.shares for step in steps(scope) if _keyed(step)):
            for step in steps(scope):
                step.path = step.path if step.stateful else ""
            dissolve(scope, numbered=False)


def _keyed(step: Step) -> bool:
    return step.stateful or bool(step.shares)


def _members(scope: Scope) -> list[str]:
    """The paths of what a scope consists of, wherever it ran first."""
    return [getattr(member, "shares", "") or member.path for member in scope.body]


def _share(scope: Scope) -> None:
    """Put one further use in the place of a scope."""
    parent = scope.parent
    assert parent is not None
    step = Step(Raw("share"), [scope.input], scope.output, parent, shares=scope.path)
    step.output.maker = step
    parent.body[parent.body.index(scope)] = step


def group_lists(trace: Trace) -> None:
    """`for layer in self.layers: x = layer(x)` is a sequence, `layers`, as nn.Sequential is."""
    for scope in [*scopes(trace.root)]:
        if scope.numbered:
            continue
        for name in dict.fromkeys(_list_of(member, scope) for member in scope.body):
            if name:
                _group(scope, name)


def _list_of(member: Step | Scope, scope: Scope) -> str:
    """The list that a member is the first of."""
    head, dot, number = relative(member.path, scope.path).rpartition(".")
    return head if dot and number == "0" and "." not in head else ""


def _group(scope: Scope, name: str) -> None:
    prefix = f"{scope.path}.{name}" if scope.path else name
    places = [place for place, one in enumerate(scope.body) if one.path.startswith(f"{prefix}.")]
    members = scope.body[places[0] : places[-1] + 1]
    names = [relative(member.path, prefix) for member in members]
    if len(members) < 2 or not _counts(names) or not _follow(members):
        return
    made = Scope(prefix, "", True, scope, body=members)
    scope.body[places[0] : places[-1] + 1] = [made]
    for member in members:
        if isinstance(member, Scope):
            member.parent = made
        else:
            member.scope = made
