"""Operations on values: exact to 2^63-1, finite reals, no surprises from Python (L21, S5)."""

from __future__ import annotations

import math
from typing import Any

from cnnspec.diagnostics import SpecError, fail
from cnnspec.source import Span
from cnnspec.values import INT_MAX, Dims, Size, Value, Window, type_name


class Poison:
    """The value of a `let` or parameter whose expression was wrong."""


def is_list(value: Value) -> bool:
    """Whether a value is a list of the language: a tuple that is no window, or a range."""
    return type(value) in (tuple, range)


def symbolic(what: str, size: Size, span: Span) -> Exception:
    """The error for something that a symbolic size would decide (L24)."""
    return fail(
        "E0204",
        f"{what} cannot depend on `{size.symbol}`, which stays open ({int(size)} is for counts)",
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
        raise fail("E0203", "division by zero", span, notes=(_said(operator, left, right),))
    try:
        result = _compute(operator, int(left) if isinstance(left, Size) else left, right, span)
    except OverflowError:
        result = math.inf
    size = next((n for n in (left, right) if isinstance(n, Size)), None)
    if isinstance(result, float):
        if size is not None:
            raise symbolic("a real number", size, span)
        if not math.isfinite(result):
            notes = (_said(operator, left, right),)
            raise fail("E0202", "the result is beyond the largest real", span, notes=notes)
        return result
    if abs(result) > INT_MAX:
        raise _too_large(left, operator, right, span)
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


def _said(operator: str, left: Any, right: Any) -> str:
    numbers = (f"{n:_}" if isinstance(n, int) else str(n) for n in (left, right))
    return f" {operator} ".join(numbers)


def _too_large(left: Any, operator: str, right: Any, span: Span) -> SpecError:
    notes = (_said(operator, left, right),)
    return fail("E0202", "the result is larger than 2^63-1", span, notes=notes)


def _power(base: Any, exponent: Any, span: Span) -> Any:
    if base == 0 and exponent < 0:
        raise fail("E0203", "division by zero", span, notes=(_said("^", base, exponent),))
    if isinstance(base, int) and isinstance(exponent, int):
        if exponent >= 64 and abs(base) > 1:
            raise _too_large(base, "^", exponent, span)
        return base**exponent
    result = base**exponent
    if isinstance(result, complex):
        raise fail("E0202", "a root of a negative number is no real", span)
    return result


def need_number(value: Value, operator: str, span: Span) -> None:
    """Refuse what is no number; `operator` names what needs one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise fail("E0201", f"`{operator}` needs numbers, and {type_name(value)} came", span)


def window(kernel: Dims | Window, stride: Value, span: Span) -> Window:
    """`3x3/2`, `3x5/2x1`: a kernel with its stride (L7)."""
    if isinstance(kernel, Window) and kernel.written:
        help = "a window is rows x columns / stride: `3x3/2`, or `3x5/2x1`"
        raise fail("E0209", f"{kernel} has a stride already", span, help=(help,))
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
