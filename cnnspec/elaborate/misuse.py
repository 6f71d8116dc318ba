"""What errors of calls and statements say: the places that matter and what to type instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from cnnspec import foreign
from cnnspec.diagnostics import Label, SpecError, fail
from cnnspec.elaborate.signature import header
from cnnspec.records import MISSING
from cnnspec.source import Span
from cnnspec.spelling import closest
from cnnspec.values import Value, dims, show

if TYPE_CHECKING:
    from cnnspec.elaborate.scope import BlockValue, Scope
    from cnnspec.ops.arguments import ArgumentError
    from cnnspec.ops.op import Op
    from cnnspec.syntax import tree as t


def argument(expr: t.Expr, key: str) -> Span:
    """The keyword of a call such as `sgd(lr=0.1)`, else the whole of it."""
    args: Sequence[t.Arg] = getattr(expr, "args", ())
    return next((arg.span for arg in args if arg.keyword == key), expr.span)


_SAMPLES = {"channels": "64", "window": "3x3"}
"""What stands for an argument that is missing: it keeps the size of a map."""


def _completed(cls: type[Op], given: Mapping[str | int, Span], by_default: Iterable[str]) -> str:
    """The call as it was written with what is missing; "" where there is no sample of that."""
    from cnnspec.ops.arguments import signature

    names = signature(cls)
    words: list[str] = []
    for index, (name, (_, field)) in enumerate(names.items()):
        if index in given:
            words.append(given[index].text)
        elif field.default is MISSING and name not in given and name not in by_default:
            if name not in _SAMPLES:
                return ""
            sample = "2x2/2" if cls.kind == "pool" else _SAMPLES[name]
            words.append(sample if len(words) == index else f"{name}={sample}")
    words += [span.text for key, span in given.items() if isinstance(key, str)]
    if cls.kind == "conv" and "pad" not in {*given, *by_default}:
        words.append("pad=1")
    return f"{cls.name} {', '.join(words)}"


def such_as(
    cls: type[Op],
    error: ArgumentError,
    given: Mapping[str | int, Span] | None = None,
    by_default: Iterable[str] = (),
) -> tuple[str, ...]:
    """A call that works, where it shows what was wrong with this one.

    `given` are the places of the arguments that the call has, `by_default` those that a default
    gives it.
    """
    from cnnspec.ops import examples
    from cnnspec.ops.arguments import signature

    names, example = signature(cls), examples().get(cls.name, {}).get("example", "")
    if error.code == "E0107" and (fits := _completed(cls, given or {}, by_default)):
        return (f"such as `{fits}`",)
    if error.code == "E0105" and not names:
        return (f"write `{cls.name}` alone",)
    name = error.argument
    if isinstance(name, int) and name < len(names):
        name = list(names)[name]
    optional = isinstance(name, str) and name in names and names[name][1].default is not MISSING
    optional = optional and not (cls.beside and name == next(iter(names)))  # `crop 392x392`
    if not example or error.code == "E0106" or (optional and f"{name}=" not in example):
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


def block_default(block: BlockValue, call: t.Call) -> tuple[str, ...]:
    """What to write for `default unit groups=4` of a block: its parameters have the defaults."""
    params, name = block.block.params, block.name
    names = [p.name for p in params]
    meant = dict(zip(names, [a.value.span.text for a in call.args if not a.keyword], strict=False))
    meant |= {a.keyword: a.value.span.text for a in call.args if a.keyword in names}
    if not meant:
        return (f"a parameter can have a default of its own, where `{name}` is declared",)
    first = next(i for i, p in enumerate(params) if p.name in meant)
    line = block.block.name_span.line
    if any(p.default is None and p.name not in meant for p in params[first:]):
        given = ", ".join(f"{key}={text}" for key, text in meant.items())
        return (f"write `{given}` in each call of `{name}`",)
    written = header(name, params, meant)
    return (
        f"leave this line out, and write `block {written}` on line {line}: a parameter has its "
        "default there",
    )


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


def binding(block: BlockValue, arg: t.Arg, given: Iterable[str]) -> SpecError:
    """What is wrong with an argument that is to be bound: `basic(option="B")`."""
    params = block.params
    names, keyword = [p.name for p in params], arg.keyword
    notes = (header(block.name, params),)
    if keyword is None:
        named = next((n for n in names if n not in given), "")
        help = (f"write `{block.name}({named}={arg.span.brief()})`",) if named else ()
        message = "what is bound is named: a block with an argument set is no call of it"
        return fail("E0105", message, arg.span, notes=notes, help=help)
    if keyword in given or keyword in dict(block.bound):
        return fail("E0106", f"`{keyword}` is bound already", arg.span, notes=notes)
    message = f"{block.name} has no parameter `{keyword}`"
    note = foreign.meant("arguments", keyword, names)
    return fail("E0103", message, arg.span, note=note, notes=notes)


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


LONG = 8
"""A map so many times as long as high is rather a signal than an image."""


def three_sizes(sizes: Sequence[int]) -> tuple[str, ...]:
    """What to write for a shape of two sizes, or of too many."""
    if len(sizes) == 2:
        size = dims(tuple(sizes))
        image = f"channels come first: `1x{size}` for grey images, `3x{size}` for colour"
        if max(sizes) < LONG * min(sizes):
            return (image,)
        signal = (
            f"1-D maps are outside the language: `{sizes[0]}x1x{sizes[1]}` and windows such as "
        )
        return (f"{signal}`1x7` count alike", image)
    if len(sizes) == 4 and sizes[0] == 1:
        return (f"write `{dims(tuple(sizes[1:]))}`: the batch is never written",)
    return (
        "channels x height x width, or the features of a vector: the batch is never written, and "
        "3-D maps are outside the language",
    )


def second_arm(fork: t.Fork) -> tuple[str, ...]:
    """What to write for a fork of one arm."""
    arm = next(iter(fork.body.statements), None)
    flows = arm is not None and type(arm).__name__ == "Flow"
    text = arm.span.brief() if arm and flows else "conv 64, 3x3, pad=1"
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


def no_body(call: t.Call) -> SpecError:
    """E0116: a fork is called like a layer, perhaps with its arms as arguments."""
    from cnnspec.syntax import tree

    names: list[str] = []
    waiting: list[tree.Node] = [*call.children()]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, tree.Name):
            names.append(f"from {node.name}")
        elif isinstance(node, tree.ListOf | tree.Arg):
            waiting = [*node.children(), *waiting]
    arms = names if len(names) > 1 else ["conv 64, 3x3, pad=1", *(names or ["skip"])]
    arm = "each statement is an arm that starts from what arrives"
    help = (f"write `{call.name} {{ {'; '.join(arms)} }}`: {arm}",)
    message = f"`{call.name}` joins several arms and needs a body"
    return fail("E0116", message, call.span, help=help)


def labelled_skip(label: t.Label, origin: Span, inside: bool) -> tuple[str, ...]:
    """What to write for `a: skip`: the label stands before the layer whose output is meant."""
    if inside:
        return (
            "what arrives at a block has no label in it: `skip` in an `add { ... }` is what "
            "arrives there",
        )
    text = origin.brief()
    if text[:1].isdigit() or text.startswith("["):
        return (f"name the input: `input {label.span.text}: {text}`",)
    return (f"label the layer before: `{label.span.text}: {text}`",)


def setting(name: str, value: Value, known: Iterable[str]) -> tuple[str, ...]:
    """What to write for a `--set` of a parameter that a net does not have."""
    known = list(known)
    close = foreign.meant("arguments", name, known)
    meant = next((k for k in known if close == f"did you mean `{k}`?"), "")
    return (f"write `--set {meant}={show(value)}`",) if meant else ()


def input_meant(statement: t.Flow) -> bool:
    """Whether this is a net's `input`, mistyped or called otherwise: that was said."""
    name = getattr(statement.layers[0].form, "name", "")
    meant = foreign.op_of(name)
    return bool(closest(name, ["input"])) or (meant is not None and meant.entry == "input")
