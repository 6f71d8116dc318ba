"""The functions of the language: numbers, lists and windows from values (L21, L32)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from cnnspec.diagnostics import fail
from cnnspec.elaborate.arithmetic import arithmetic, is_list, need_number, symbolic
from cnnspec.elaborate.limits import check_turns
from cnnspec.source import Span
from cnnspec.syntax import tree as t
from cnnspec.values import INT_MAX, Size, Value, Window, type_name


def _extreme(name: str, values: list[Value], span: Span) -> Value:
    items = list(values[0]) if len(values) == 1 and is_list(values[0]) else values
    if not items:
        raise fail("E0208", f"{name} of nothing", span)
    for item in items:
        need_number(item, name, span)
        if isinstance(item, Size) and len(items) > 1:
            raise symbolic(f"the {name}imum", item, span)
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
        came = ", ".join(map(type_name, values)) or "nothing"
        raise fail("E0208", f"{name} takes one list, and {came} came", span)
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


def _sum(name: str, values: list[Value], span: Span) -> Value:
    items = _listed(name, values, span)
    check_turns(len(items), span)
    total: Value = 0
    for item in items:
        need_number(item, name, span)
        total = arithmetic("+", total, item, span)
    return total


def _zip(name: str, values: list[Value], span: Span) -> tuple[Value, ...]:
    if len(values) < 2 or not all(map(is_list, values)):
        came = ", ".join(map(type_name, values)) or "nothing"
        raise fail("E0208", f"zip takes lists, `zip(a, b)`, and {came} came", span)
    lengths = [len(value) for value in values]
    if len(set(lengths)) > 1:
        came = " and ".join(map(str, lengths))
        raise fail("E0208", f"zip takes lists of one length, and {came} items came", span)
    check_turns(lengths[0], span)
    return tuple(zip(*values, strict=True))


def _exact(name: str, value: Any, span: Span) -> Fraction:
    """A number without a rounding of its own; an open size has none (L24)."""
    need_number(value, name, span)
    if isinstance(value, Size):
        raise symbolic("a rounded number", value, span)
    return Fraction(value)


def _whole(number: int, span: Span) -> int:
    if abs(number) > INT_MAX:
        raise fail("E0202", "the result is larger than 2^63-1", span)
    return number


def _ceil(name: str, values: list[Value], span: Span) -> int:
    if len(values) != 1:
        raise fail("E0208", f"ceil takes one number, and {len(values)} values came", span)
    return _whole(math.ceil(_exact(name, values[0], span)), span)


def _round(name: str, values: list[Value], span: Span) -> int:
    """To the nearest whole number, halves up; or to a multiple, as MobileNet's authors do."""
    number = _exact(name, values[0], span)
    if len(values) == 1:
        return _whole(math.floor(number + Fraction(1, 2)), span)
    step = values[1]
    if isinstance(step, Size):
        raise symbolic("a rounded number", step, span)
    if isinstance(step, bool) or not isinstance(step, int) or step < 1:
        raise fail("E0208", "round needs a whole number above 0 after `to=`", span)
    return _whole(multiple(number, step), span)


def multiple(number: Fraction | int, step: int) -> int:
    """The nearest multiple of `step`, halves up; at least `step`, and 90 % of the number.

    So the authors of MobileNet round widths: Sandler et al. 2018 in their reference code.
    """
    near = max(step, math.floor(Fraction(number) / step + Fraction(1, 2)) * step)
    return near + step if 10 * near < 9 * number else near


def check_arguments(name: str, args: Sequence[t.Arg], span: Span) -> None:
    """Refuse keywords, which only `round` has; raises SpecError E0208."""
    keywords = [arg.keyword for arg in args]
    if name == "round" and keywords not in ([None], [None, "to"]):
        raise fail("E0208", "round takes `round(x)` or `round(x, to=8)`", span)
    if name != "round" and any(keywords):
        raise fail("E0208", f"{name} takes no keywords", span)


FUNCTIONS: dict[str, Callable[[str, list[Value], Span], Value]] = {
    "min": _extreme,
    "max": _extreme,
    "range": _range,
    "len": _len,
    "enumerate": _enumerate,
    "kernel": _kernel,
    "sum": _sum,
    "ceil": _ceil,
    "round": _round,
    "zip": _zip,
}
"""Every function by its name."""
