"""Expressions to values (L21): exact integers, finite reals, no side effects, always an end."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from cnnspec.diagnostics import did_you_mean, fail
from cnnspec.elaborate.limits import Limits, check_turns
from cnnspec.elaborate.records import RECORDS
from cnnspec.elaborate.scope import Missing, Scope
from cnnspec.source import Span
from cnnspec.syntax import tree as t
from cnnspec.values import INT_MAX, SAME, Dims, Record, Shape, Size, Value, Window, type_name


class Poisoned(Exception):
    """A value depends on something already reported; say nothing more."""


class Evaluator:
    """Evaluates expressions in a scope; `arriving` is what `in` means (L13)."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.rules: dict[type, Callable[[Any, Scope, Shape | None], Value]] = {
            t.Literal: lambda e, s, a: e.value,
            t.Name: self.name,
            t.Incoming: self.incoming,
            t.ListOf: lambda e, s, a: tuple(self.value(x, s, a) for x in e.items),
            t.Attr: self.attr,
            t.Index: self.index,
            t.Apply: self.apply,
            t.Unary: self.unary,
            t.Chain: self.chain,
            t.Power: self.power,
            t.Compare: self.compare,
            t.Logic: self.logic,
            t.Choose: self.choose,
        }

    def value(self, expr: t.Expr, scope: Scope, arriving: Shape | None = None) -> Value:
        """Evaluate; raises SpecError at the place of a defect, Poisoned after a reported one."""
        self.limits.add_expression(expr.span)
        return self.rules[type(expr)](expr, scope, arriving)

    def name(self, expr: t.Name, scope: Scope, arriving: Shape | None) -> Value:
        value = scope.find(expr.name)
        if value is Missing:
            if expr.name == "same":
                return SAME
            raise fail(
                "E0101",
                f"there is nothing called `{expr.name}`",
                expr.span,
                note=did_you_mean(expr.name, scope.names()),
            )
        if isinstance(value, Poison):
            raise Poisoned
        return value

    def incoming(self, expr: t.Incoming, scope: Scope, arriving: Shape | None) -> Value:
        raise fail(
            "E0206",
            "`in` alone is no value",
            expr.span,
            help=("`in.channels`, `in.height` and `in.width` are the shape that arrives",),
        )

    def attr(self, expr: t.Attr, scope: Scope, arriving: Shape | None) -> Value:
        if not isinstance(expr.of, t.Incoming):
            of = type_name(self.value(expr.of, scope, arriving))
            raise fail("E0207", f"{of} has no `.{expr.name}`", expr.span)
        if expr.name not in _AXES:
            meant = did_you_mean(expr.name, _AXES)
            raise fail("E0207", f"`in` has no `.{expr.name}`", expr.span, note=meant)
        if arriving is None:
            raise Poisoned
        axis = _AXES[expr.name]
        if axis >= len(arriving):
            message = f"a vector of {arriving[0]} arrives here: it has no {expr.name}"
            raise fail("E0207", message, expr.span)
        return arriving[axis]

    def index(self, expr: t.Index, scope: Scope, arriving: Shape | None) -> Value:
        items = self.value(expr.of, scope, arriving)
        if not is_list(items):
            raise fail("E0201", f"{type_name(items)} cannot be indexed", expr.of.span)
        at = self.whole(expr.index, scope, arriving)
        if not 0 <= at < len(items):
            raise fail(
                "E0205", f"index {at} of a list of {len(items)}: it counts from 0", expr.index.span
            )
        return items[at]

    def apply(self, expr: t.Apply, scope: Scope, arriving: Shape | None) -> Value:
        if not isinstance(expr.function, t.Name):
            raise fail("E0208", "this is no function", expr.function.span)
        name = expr.function.name
        if name in _FUNCTIONS:
            if any(arg.keyword for arg in expr.args):
                raise fail("E0208", f"{name} takes no keywords", expr.span)
            values = [self.value(arg.value, scope, arriving) for arg in expr.args]
            return _FUNCTIONS[name](name, values, expr.span)
        if name in RECORDS:
            return self.record(name, expr.args, scope, arriving)
        raise fail(
            "E0102",
            f"there is no function called `{name}`",
            expr.function.span,
            note=did_you_mean(name, [*_FUNCTIONS, *RECORDS]),
        )

    def record(
        self, name: str, args: tuple[t.Arg, ...], scope: Scope, arriving: Shape | None
    ) -> Record:
        positional, keywords = [], {}
        for arg in args:
            value = self.value(arg.value, scope, arriving)
            if arg.keyword is None:
                positional.append(value)
            elif arg.keyword in keywords:
                raise fail("E0106", f"{name} gets `{arg.keyword}` twice", arg.span)
            else:
                keywords[arg.keyword] = value
        return Record(name, tuple(positional), tuple(keywords.items()))

    def unary(self, expr: t.Unary, scope: Scope, arriving: Shape | None) -> Value:
        if expr.operator == "not":
            return not self.truth(expr.operand, scope, arriving)
        value = self.value(expr.operand, scope, arriving)
        _need_number(value, "-", expr.operand.span)
        return -value

    def chain(self, expr: t.Chain, scope: Scope, arriving: Shape | None) -> Value:
        value = self.value(expr.first, scope, arriving)
        for operator, operand in expr.rest:
            other = self.value(operand, scope, arriving)
            if operator == "/" and isinstance(value, Dims | Window):
                value = _window(value, other, operand.span)
                continue
            for side, span in ((value, expr.first.span), (other, operand.span)):
                _need_number(side, operator, span)
            value = arithmetic(operator, value, other, operand.span)
        return value

    def power(self, expr: t.Power, scope: Scope, arriving: Shape | None) -> Value:
        base = self.value(expr.base, scope, arriving)
        exponent = self.value(expr.exponent, scope, arriving)
        _need_number(base, "^", expr.base.span)
        _need_number(exponent, "^", expr.exponent.span)
        return arithmetic("^", base, exponent, expr.span)

    def compare(self, expr: t.Compare, scope: Scope, arriving: Shape | None) -> bool:
        left = self.value(expr.left, scope, arriving)
        right = self.value(expr.right, scope, arriving)
        for side, span in ((left, expr.left.span), (right, expr.right.span)):
            if isinstance(side, Size):
                raise symbolic("a condition", side, span)
        if expr.operator == "==":
            return equal(left, right)
        if expr.operator == "!=":
            return not equal(left, right)
        _need_number(left, expr.operator, expr.left.span)
        _need_number(right, expr.operator, expr.right.span)
        return compare(expr.operator, left, right)

    def logic(self, expr: t.Logic, scope: Scope, arriving: Shape | None) -> bool:
        stop = expr.operator == "or"
        for operand in expr.operands:
            if self.truth(operand, scope, arriving) is stop:
                return stop
        return not stop

    def choose(self, expr: t.Choose, scope: Scope, arriving: Shape | None) -> Value:
        taken = expr.then if self.truth(expr.condition, scope, arriving) else expr.other
        return self.value(taken, scope, arriving)

    # --- values of one type ---

    def truth(self, expr: t.Expr, scope: Scope, arriving: Shape | None) -> bool:
        """A condition: only `true` and `false` will do."""
        value = self.value(expr, scope, arriving)
        if not isinstance(value, bool):
            message = f"a condition is true or false, and {type_name(value)} came"
            raise fail("E0201", message, expr.span)
        return value

    def whole(self, expr: t.Expr, scope: Scope, arriving: Shape | None) -> int:
        """A whole number that no symbolic size decides."""
        value = self.value(expr, scope, arriving)
        if isinstance(value, bool) or not isinstance(value, int):
            raise fail("E0201", f"a whole number is needed, and {type_name(value)} came", expr.span)
        if isinstance(value, Size):
            raise symbolic("a count", value, expr.span)
        return value

    def items(self, expr: t.Expr, scope: Scope, arriving: Shape | None) -> Iterable[Value]:
        """A finite list to loop over."""
        value = self.value(expr, scope, arriving)
        if not is_list(value):
            raise fail("E0201", f"a list is needed, and {type_name(value)} came", expr.span)
        check_turns(len(value), expr.span)
        items: Iterable[Value] = value
        return items


class Poison:
    """The value of a `let` or parameter whose expression was wrong."""


_AXES = {"channels": 0, "height": 1, "width": 2}


def is_list(value: Value) -> bool:
    """Whether a value is a list of the language: a tuple that is no window, or a range."""
    return type(value) in (tuple, range)


def symbolic(what: str, size: Size, span: Span) -> Exception:
    """The error for something that a symbolic size would decide (L24)."""
    return fail(
        "E0204",
        f"{what} cannot depend on `{size.symbol}`: it stays open, {int(size)} only serves for counts",
        span,
        help=(f"write `input` without `{size.symbol}=` to fix the size",),
    )


def equal(left: Value, right: Value) -> bool:
    """Equality without Python's `True == 1`."""
    if isinstance(left, bool) is not isinstance(right, bool):
        return False
    return bool(left == right)


def compare(operator: str, left: Any, right: Any) -> bool:
    """One ordering comparison of numbers."""
    match operator:
        case "<":
            return bool(left < right)
        case "<=":
            return bool(left <= right)
        case ">":
            return bool(left > right)
        case _:
            return bool(left >= right)


def arithmetic(operator: str, left: Any, right: Any, span: Span) -> Value:
    """One operation on numbers; the result is exact to 2^63-1 or a finite real (S5)."""
    if operator in ("/", "//", "%") and right == 0:
        raise fail("E0203", "division by zero", span)
    try:
        result = _compute(operator, int(left) if isinstance(left, Size) else left, right, span)
    except OverflowError:
        result = math.inf
    if isinstance(result, float):
        if not math.isfinite(result):
            raise fail("E0202", "this is beyond the largest real", span)
        return result
    if abs(result) > INT_MAX:
        raise fail("E0202", "this is larger than 2^63-1", span)
    size = next((n for n in (left, right) if isinstance(n, Size)), None)
    return Size(result, size.symbol) if size is not None else result


def _compute(operator: str, left: Any, right: Any, span: Span) -> Any:
    right = int(right) if isinstance(right, Size) else right
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return left / right
        case "//":
            return left // right
        case "%":
            return left % right
        case _:
            return _power(left, right, span)


def _power(base: Any, exponent: Any, span: Span) -> Any:
    if base == 0 and exponent < 0:
        raise fail("E0203", "division by zero", span)
    if isinstance(base, int) and isinstance(exponent, int):
        if exponent >= 64 and abs(base) > 1:
            raise fail("E0202", "this is larger than 2^63-1", span)
        return base**exponent
    result = base**exponent
    if isinstance(result, complex):
        raise fail("E0202", "a root of a negative number is no real", span)
    return result


def _need_number(value: Value, operator: str, span: Span) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise fail("E0201", f"`{operator}` needs numbers, and {type_name(value)} came", span)


def _window(kernel: Dims | Window, stride: Value, span: Span) -> Window:
    """`3x3/2`, `3x5/2x1`: a kernel with its stride (L7)."""
    if isinstance(kernel, Window) and kernel.written:
        raise fail("E0209", f"{kernel} has a stride already", span)
    size = kernel.kernel if isinstance(kernel, Window) else kernel.sizes
    if len(size) != 2:
        raise fail("E0209", f"{kernel} is no window: it has {len(size)} sizes", span)
    if isinstance(stride, Dims) and len(stride.sizes) == 2:
        rows, columns = stride.sizes
    elif isinstance(stride, int) and not isinstance(stride, bool):
        rows = columns = stride
    else:
        raise fail("E0209", f"a stride is a number or 2x1, and {type_name(stride)} came", span)
    return Window((size[0], size[1]), (rows, columns), written=True)


# --- functions --------------------------------------------------------------------------------


def _extreme(name: str, values: list[Value], span: Span) -> Value:
    items = list(values[0]) if len(values) == 1 and is_list(values[0]) else values
    if not items:
        raise fail("E0208", f"{name} of nothing", span)
    for item in items:
        _need_number(item, name, span)
    return min(items) if name == "min" else max(items)


def _range(name: str, values: list[Value], span: Span) -> range:
    if not 1 <= len(values) <= 2:
        raise fail("E0208", "range takes `range(n)` or `range(from, to)`", span)
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int):
            raise fail("E0201", f"range needs whole numbers, and {type_name(value)} came", span)
        if isinstance(value, Size):
            raise symbolic("a range", value, span)
    return range(*values)


def _listed(name: str, values: list[Value], span: Span) -> Any:
    if len(values) != 1 or not is_list(values[0]):
        raise fail("E0208", f"{name} takes one list", span)
    return values[0]


def _len(name: str, values: list[Value], span: Span) -> int:
    return len(_listed(name, values, span))


def _enumerate(name: str, values: list[Value], span: Span) -> tuple[Value, ...]:
    items = _listed(name, values, span)
    check_turns(len(items), span)
    return tuple(enumerate(items))


def _kernel(name: str, values: list[Value], span: Span) -> Window:
    if len(values) != 2 or any(isinstance(v, bool) or not isinstance(v, int) for v in values):
        raise fail("E0208", "kernel takes a height and a width: `kernel(1, n)`", span)
    return Window((values[0], values[1]))


_FUNCTIONS: dict[str, Callable[[str, list[Value], Span], Value]] = {
    "min": _extreme,
    "max": _extreme,
    "range": _range,
    "len": _len,
    "enumerate": _enumerate,
    "kernel": _kernel,
}
