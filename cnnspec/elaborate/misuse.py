"""What errors of names and calls say: the places that matter and what to type instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING
from typing import TYPE_CHECKING

from cnnspec.diagnostics import Label, SpecError, did_you_mean, fail
from cnnspec.source import Span
from cnnspec.values import dims, show

if TYPE_CHECKING:
    from cnnspec.elaborate.scope import Scope
    from cnnspec.ops.arguments import ArgumentError
    from cnnspec.ops.op import Op
    from cnnspec.syntax import tree as t


def argument(expr: t.Expr, key: str) -> Span:
    """The keyword of a call such as `sgd(lr=0.1)`, else the whole of it."""
    args: Sequence[t.Arg] = getattr(expr, "args", ())
    return next((arg.span for arg in args if arg.keyword == key), expr.span)


def such_as(cls: type[Op], error: ArgumentError) -> tuple[str, ...]:
    """A call that works, where it shows what was wrong with this one."""
    from cnnspec.ops import examples
    from cnnspec.ops.arguments import signature

    names, example = signature(cls), examples()[cls.name]["example"]
    if error.code == "E0105" and not names:
        return (f"write `{cls.name}` alone",)
    name = error.argument
    if isinstance(name, int) and name < len(names):
        name = list(names)[name]
    optional = isinstance(name, str) and name in names and names[name][1].default is not MISSING
    if error.code == "E0106" or (optional and f"{name}=" not in example):
        return ()
    return (f"such as `{example}`",)


def not_callable(name: str, kind: str, span: Span, declared: Span | None) -> SpecError:
    """E0104: a name that is neither an op nor a block where one is called."""
    message = f"`{name}` is {kind}, not an op or a block"
    help = f"values are arguments, as in `conv {name}, 3x3`"
    if kind == "a net":
        help = f"a net is called by a variant, `net wide = {name}(...)`; a `block` stands in a flow"
    labels = [Label(declared, "declared here")] if declared else []
    return fail("E0104", message, span, labels=labels, help=(help,))


def keyword_first(
    arg: t.Arg, spans: Mapping[str | int, Span], known: Sequence[str] | None
) -> SpecError:
    """E0111: after a keyword every argument needs one."""
    first = next(span for key, span in spans.items() if isinstance(key, str))
    left = [name for name in (known or ())[sum(isinstance(k, int) for k in spans) :]]
    name = next((name for name in left if name not in spans), None)
    return fail(
        "E0111",
        "a positional argument after a keyword",
        arg.span,
        note=f"write `{name}={arg.span.text}`, or put it first" if name else "put it first",
        labels=(Label(first, "the keyword"),),
    )


def given_twice(name: str, first: Span, span: Span) -> SpecError:
    """E0106: one parameter gets two values."""
    return fail("E0106", f"`{name}` is given twice", span, labels=(Label(first, "first here"),))


_PLACES = {
    "input": "a net has the input: a block works on whatever arrives",
    "output": "a net has outputs: a block ends in one shape",
    "aux": "a net has auxiliary heads: a block ends in one shape",
    "claim": "claims stand in the body of a net",
    "recipe": "a recipe is named in the body of a net",
}


def misplaced(word: str, where: str, span: Span) -> SpecError:
    """E0112: a statement of a net inside a block or fork."""
    help = _PLACES.get(word)
    message = f"`{word}` cannot stand in {where}"
    return fail("E0112", message, span, help=(help,) if help else ())


def three_sizes(sizes: Sequence[int]) -> tuple[str, ...]:
    """What to write for a shape of two sizes, or of too many."""
    if len(sizes) == 2:
        size = dims(tuple(sizes))
        return (f"channels come first: `1x{size}` for grey images, `3x{size}` for colour",)
    return ("channels x height x width, or the features of a vector; the batch is never written",)


def second_arm(fork: t.Fork) -> tuple[str, ...]:
    """What to write for a fork of one arm."""
    arm = next(iter(fork.body.statements), None)
    plain = arm is not None and type(arm).__name__ == "Flow"
    text = arm.span.brief() if arm and plain else "conv 64, 3x3, pad=1"
    return (f"each statement is an arm, `skip` what arrives: `{fork.name} {{ {text}; skip }}`",)


def where(expr: t.Expr, scope: Scope) -> tuple[str, ...]:
    """The values of the names in a condition: `c = 30, groups = 4`."""
    from cnnspec.syntax import tree

    found: dict[str, str] = {}
    waiting: list[tree.Node] = [expr]
    while waiting:
        node = waiting.pop()
        if isinstance(node, tree.Name):
            value = scope.find(node.name)
            if isinstance(value, bool | int | float | str | tuple):
                found.setdefault(node.name, show(value))
        waiting += reversed([*node.children()])
    return (f"here {', '.join(f'{k} = {v}' for k, v in found.items())}",) if found else ()


def training_only(name: str, made: Span | None, span: Span) -> SpecError:
    """E0119: the network at inference has no auxiliary heads."""
    labels = [Label(made, "this `aux` is left out at inference")] if made else []
    return fail("E0119", f"`{name}` exists in training only", span, labels=labels)


def shared_fork(path: str, kind: str, span: Span) -> SpecError:
    """E0119: `share` of a fork, which is no layer with weights of its own."""
    return fail(
        "E0119",
        f"`{path}` is where the arms of this {kind} meet: it has no weights to share",
        span,
        help=(f"put its arms into labelled braces: `{path}: {{ {kind} {{ ... }} }}`",),
    )


def no_label(name: str, made: Span, span: Span) -> SpecError:
    """E0119: an automatic name changes when a line is added above."""
    return fail(
        "E0119",
        f"`{name}` is an automatic name: only a layer with a label can be continued from",
        span,
        labels=(Label(made, "this layer has no label"),),
        help=(f"write `{name}: {made.brief()}` there: its path stays the same",),
    )


def no_layer(
    path: str, known: Iterable[str], span: Span, where: str = "", *, block: bool = False
) -> SpecError:
    """E0118: `from` or `share` names a layer that is not there, or not yet."""
    known = list(known)
    return fail(
        "E0118",
        f"there is no layer `{path}` before this one{where}",
        span,
        note=did_you_mean(path, known),
        notes=(f"layers so far: {', '.join(known[:12])}{' ...' * (len(known) > 12)}",)
        if known
        else ("no layer here has a label yet",),
        help=("a block sees only its own labels",) if block else (),
    )
