"""A second value by its path: `crop to=up1`, `unpool down[0].pool` (L39)."""

from __future__ import annotations

from cnnspec.diagnostics import fail
from cnnspec.ops.arguments import signature
from cnnspec.ops.op import Op
from cnnspec.syntax import labels
from cnnspec.syntax import tree as t
from cnnspec.syntax.expressions import parse_expression

Parts = tuple[str | t.Template | t.Expr, ...]


def argument(cls: type[Op], call: t.Call) -> t.Arg | None:
    """The argument of a call that is a path, if the op takes one and the call gives it."""
    if not cls.beside or not call.args:
        return None
    place = list(signature(cls)).index(cls.beside)
    by_place = [arg for arg in call.args if arg.keyword is None]
    named = next((arg for arg in call.args if arg.keyword == cls.beside), None)
    return named or (by_place[place] if place < len(by_place) else None)


def path(arg: t.Arg, cls: type[Op]) -> t.Path:
    """An argument as the path that it writes. Raises SpecError."""
    found = parts(arg.value)
    if found is None:
        what = f"{cls.name} needs the label of a layer for `{cls.beside}`"
        word = f"{arg.keyword}=" if arg.keyword else ""
        help = (f"a path as after `from`: `{cls.name} {word}stem`",)
        raise fail("E0108", f"{what}, and `{arg.value.span.brief()}` came", arg.span, help=help)
    return t.Path(arg.value.span, found)


def parts(expr: t.Node) -> Parts | None:
    """The words, templates and indices of an expression that is a path; None for any other."""
    match expr:
        case t.Name():
            return (expr.name,)
        case t.Template():
            return (expr,)
        case t.Literal(value=str()):
            return (labels.quoted(expr.span, parse_expression),)
        case t.Literal(value=int(), text=text) if text.isdigit():
            return (text,)
        case t.Attr():
            before = parts(expr.of)
            return before and (*before, expr.name)
        case t.Index(index=t.Template() | t.Literal(value=str())):
            before, word = parts(expr.of), parts(expr.index)
            return before and word and (*before, *word)
        case t.Index():
            before = parts(expr.of)
            return before and (*before, expr.index)
    return None
