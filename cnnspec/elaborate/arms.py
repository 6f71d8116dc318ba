"""W0211: statements in the body of a fork that were probably to be one arm (L10, L11)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from cnnspec.diagnostics import Diagnostic
from cnnspec.source import Span
from cnnspec.syntax import tree as t

IsActivation = Callable[[str], bool]
"""Whether a name calls an activation where the fork stands."""


def is_identity(statement: t.Statement) -> bool:
    """Whether an arm passes on what arrives: `skip` or `{ }`, alone and without a label (L10)."""
    if not isinstance(statement, t.Flow) or statement.asserted is not None:
        return False
    (layer, *more) = statement.layers
    if more or layer.label is not None:
        return False
    form = layer.form
    if isinstance(form, t.Group):
        return not form.body.statements
    return isinstance(form, t.Call) and form.name == "skip" and not form.args


def written(statements: Iterable[t.Statement]) -> int:
    """How many arms a fork could have by its text: the most of each `if`; a loop makes several.

    One that is written with several, and left with one, is that arm (L34).
    """
    count = 0
    for statement in statements:
        if isinstance(statement, t.Flow):
            count += 1
        elif isinstance(statement, t.If):
            count += max(written(body.statements) for body in _bodies(statement))
        elif isinstance(statement, t.For | t.Repeat):
            count += 2 * bool(written(statement.body.statements))
    return count


def warnings(fork: t.Fork, is_activation: IsActivation) -> Iterator[Diagnostic]:
    """What a fork has to say: at most one warning of a loop, else one of an activation."""
    statements = fork.body.statements
    loop = next((loop for loop in _loops(statements) if _arms(loop.body.statements) > 1), None)
    if loop is not None:
        yield _several(loop)
        return
    works = [s for s in _flows(statements) if _may_go_on(s)]
    lone = [s for s in works if _is_lone(s, is_activation)]
    if lone and len(lone) < len(works):
        yield _alone(lone[-1], works)


def _several(loop: t.For | t.Repeat) -> Diagnostic:
    head = Span(loop.span.source, loop.span.start, loop.body.span.start)
    head = Span(head.source, head.start, head.start + len(head.text.rstrip()))
    inside = loop.body.span.text[1:-1].strip()
    inside = inside if len(inside) <= 40 and "\n" not in inside else "..."
    return Diagnostic(
        "W0211",
        f"every turn of this loop makes {_arms(loop.body.statements)} arms: each statement is one",
        head,
        help=(
            f"one arm of all turns: `{{ {head.brief()} {{ {inside} }} }}`",
            f"an arm for each turn: `{head.brief()} {{ {{ {inside} }} }}`",
            "where each statement is meant as an arm, put each in braces",
        ),
    )


def _alone(lone: t.Flow, works: list[t.Flow]) -> Diagnostic:
    """An activation alone, with the statement before it that it was probably to follow."""
    at = works.index(lone)
    pair = works[at - 1 : at + 1] if at else works[:2]
    one = "; ".join(flow.span.brief(30) for flow in pair)
    return Diagnostic(
        "W0211",
        f"this {_name(lone)} is an arm of its own: it sees what arrives at the fork",
        lone.span,
        help=(f"one arm: `{{ {one} }}`; where it is meant, write `{{ {lone.span.brief()} }}`",),
    )


def _loops(statements: Iterable[t.Statement]) -> Iterator[t.For | t.Repeat]:
    """The loops that make arms of a fork, those in others and in `if`s included."""
    for statement in statements:
        if isinstance(statement, t.For | t.Repeat):
            yield statement
        for body in _bodies(statement):
            yield from _loops(body.statements)


def _flows(statements: Iterable[t.Statement]) -> Iterator[t.Flow]:
    """The statements that make arms of a fork."""
    for statement in statements:
        if isinstance(statement, t.Flow):
            yield statement
        for body in _bodies(statement):
            yield from _flows(body.statements)


def _bodies(statement: t.Statement) -> Iterator[t.Body]:
    if isinstance(statement, t.For | t.Repeat):
        yield statement.body
    branch: t.If | t.Body | None = statement if isinstance(statement, t.If) else None
    while isinstance(branch, t.If):
        yield branch.body
        branch = branch.other
    if branch is not None:
        yield branch


def _arms(statements: Iterable[t.Statement]) -> int:
    """How many arms one turn of a loop makes itself: the most of each `if`, braces not counted."""
    count = 0
    for statement in statements:
        if isinstance(statement, t.Flow):
            count += not is_identity(statement) and not _is_braced(statement)
        elif isinstance(statement, t.If):
            count += max(_arms(body.statements) for body in _bodies(statement))
    return count


def _only(flow: t.Flow) -> t.Call | t.Group | None:
    """The call or the braces that are the whole of a statement."""
    form = flow.layers[0].form
    return form if len(flow.layers) == 1 and isinstance(form, t.Call | t.Group) else None


def _may_go_on(flow: t.Flow) -> bool:
    """Whether the statements around could be one chain with this: no `skip`, `from` or braces."""
    return not (is_identity(flow) or _is_braced(flow) or isinstance(flow.layers[0].form, t.From))


def _is_braced(flow: t.Flow) -> bool:
    return isinstance(_only(flow), t.Group)


def _is_lone(flow: t.Flow, is_activation: IsActivation) -> bool:
    return is_activation(_name(flow))


def _name(flow: t.Flow) -> str:
    """What a statement of one call calls; "" of others."""
    form = _only(flow)
    return form.name if isinstance(form, t.Call) else ""
