"""Makes nodes of the syntax tree that were never written: all at one place that is none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cnnspec.importing.items import At, Unit
from cnnspec.importing.labels import is_name
from cnnspec.source import Source, Span
from cnnspec.syntax import tree as t
from cnnspec.values import Dims, Keyword, Padding, Window, dims

NOWHERE = Span(Source("<import>", ""), 0, 0)


def literal(value: Any) -> t.Expr:
    """A value as the language spells it."""
    match value:
        case Window():
            return window(value.kernel, *map(literal, dict.fromkeys(value.stride)))
        case Padding():
            return _padding(value)
        case Unit():
            return t.Name(NOWHERE, value.word)
        case At():
            return value_path(value.path)
        case Keyword():
            return t.Name(NOWHERE, str(value))
        case Dims():
            return _sizes(value.sizes)
        case tuple() | list():
            return t.ListOf(NOWHERE, tuple(map(literal, value)))
        case str():
            return t.Literal(NOWHERE, value, f'"{value}"')
        case float() if (rest := _complement(value)) is not None:
            return t.Chain(NOWHERE, literal(1), [("-", literal(rest))])
    return t.Literal(NOWHERE, value, _spelt(value))


LONG = 12
"""Letters of a number that no person has written."""


def _complement(value: float) -> float | None:
    """The short number that a long one is what is left of 1 without: `1 - 0.9997`; else None."""
    if len(repr(value)) <= LONG:
        return None
    return next((x for d in range(1, 7) if 1 - (x := round(1 - value, d)) == value), None)


def _spelt(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        text = repr(value).removesuffix(".0")  # the shortest that is this number to the last bit
        return text.replace("e-0", "e-").replace("e+", "e")
    return str(value)


def _sizes(sizes: Sequence[int]) -> t.Expr:
    return t.Literal(NOWHERE, tuple(sizes), dims(tuple(sizes)))


def _padding(pad: Padding) -> t.Expr:
    if not pad.symmetric:
        return literal(tuple(pad))
    return literal(pad.top) if pad.top == pad.left else _sizes((pad.top, pad.left))


def pair(value: tuple[int, int]) -> t.Expr:
    """Rows and columns: `7`, where they are alike, or `7x5`."""
    return literal(value[0]) if value[0] == value[1] else _sizes(value)


def window(kernel: tuple[int, int], *strides: t.Expr) -> t.Expr:
    """`3x3`, `3x3/2`, `3x3/stride`, `3x3/2x1`."""
    size = _sizes(kernel)
    if len(strides) == 2:
        both = dims(tuple(s.value for s in strides if isinstance(s, t.Literal)))
        return t.Chain(NOWHERE, size, [("/", t.Literal(NOWHERE, both, both))])
    if not strides or is_number(strides[0], 1):
        return size
    return t.Chain(NOWHERE, size, [("/", strides[0])])


def name(text: str) -> t.Name:
    """A name."""
    return t.Name(NOWHERE, text)


def is_number(node: t.Expr, number: int) -> bool:
    """Whether an expression is just this number."""
    return isinstance(node, t.Literal) and type(node.value) is int and node.value == number


def product(left: t.Expr, right: t.Expr) -> t.Expr:
    """`left * right`, computed where both are numbers."""
    if is_number(left, 1):
        return right
    if is_number(right, 1):
        return left
    if isinstance(left, t.Literal) and isinstance(right, t.Literal):
        return literal(left.value * right.value)
    return t.Chain(NOWHERE, left, [("*", right)])


def quotient(left: t.Expr, right: t.Expr) -> t.Expr:
    """`left // right`, computed where both are numbers."""
    if isinstance(left, t.Literal) and isinstance(right, t.Literal):
        return literal(left.value // right.value)
    return t.Chain(NOWHERE, left, [("//", right)])


def total(left: t.Expr, right: t.Expr) -> t.Expr:
    """`left + right`, without a zero on the left."""
    if isinstance(left, t.Literal) and left.value == 0:
        return right
    if isinstance(right, t.Literal) and right.value == 0:
        return left
    return t.Chain(NOWHERE, left, [("+", right)])


def less_one(of: t.Expr) -> t.Expr:
    """`of - 1`."""
    if isinstance(of, t.Literal):
        return literal(of.value - 1)
    return t.Chain(NOWHERE, of, [("-", literal(1))])


def incoming() -> t.Expr:
    """`in.channels`."""
    return t.Attr(NOWHERE, t.Incoming(NOWHERE), "channels")


def applied(function: str, *args: t.Expr) -> t.Expr:
    """`range(1, n)`."""
    return t.Apply(NOWHERE, name(function), tuple(t.Arg(NOWHERE, None, a) for a in args))


def call(
    word: str, args: Iterable[tuple[str | None, t.Expr]] = (), *, bare: bool = False
) -> t.Call:
    """An op or a block with arguments, by place where the keyword is None."""
    given = tuple(t.Arg(NOWHERE, keyword, value) for keyword, value in args)
    return t.Call(NOWHERE, word, NOWHERE, given, bare)


def body(statements: Iterable[t.Statement]) -> t.Body:
    """What stands between braces."""
    return t.Body(NOWHERE, tuple(statements))


def layer(form: t.Form, label: str | t.Template = "") -> t.Layer:
    """A link of a chain."""
    return t.Layer(NOWHERE, t.Label(NOWHERE, label) if label else None, form)


def flow(layers: Sequence[t.Layer], shape: t.ShapeExpr | None = None) -> t.Flow:
    """A chain as a statement."""
    return t.Flow(NOWHERE, "", tuple(layers), shape)


def let(word: str, value: t.Expr) -> t.Let:
    """`let word = value`."""
    return t.Let(NOWHERE, "", word, NOWHERE, value)


def shape(sizes: Sequence[t.Expr]) -> t.ShapeExpr:
    """`=> 64x112x112`."""
    nothing = (None,) * len(sizes)
    return t.ShapeExpr(NOWHERE, tuple(sizes), nothing, nothing)


def loop(names: Sequence[str], over: t.Expr, statements: Iterable[t.Statement]) -> t.For:
    """`for a, b in list { ... }`."""
    return t.For(NOWHERE, "", tuple(names), NOWHERE, over, body(statements))


def repeat(count: t.Expr, statements: Iterable[t.Statement]) -> t.Repeat:
    """`repeat n { ... }`."""
    return t.Repeat(NOWHERE, "", count, body(statements))


def path(text: str) -> t.Path:
    """`backbone.layer1[0]` from `backbone.layer1.0`."""
    parts: list[Any] = []
    for word in text.split("."):
        parts.append(literal(int(word)) if word.isdigit() and parts else word)
    return t.Path(NOWHERE, tuple(parts))


def value_path(text: str) -> t.Expr:
    """The same as an argument: `down[0].pool`."""
    first, *rest = text.split(".")
    found: t.Expr = name(first) if is_name(first) else literal(first)
    for word in rest:
        if word.isdigit() or not is_name(word):
            found = t.Index(NOWHERE, found, literal(int(word) if word.isdigit() else word))
        else:
            found = t.Attr(NOWHERE, found, word)
    return found
