"""The functions of the language: min, max, range, len, enumerate, kernel (L21)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnnspec.diagnostics import fail
from cnnspec.elaborate.arithmetic import is_list, need_number, symbolic
from cnnspec.elaborate.limits import check_turns
from cnnspec.source import Span
from cnnspec.values import Size, Value, Window, type_name


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


FUNCTIONS: dict[str, Callable[[str, list[Value], Span], Value]] = {
    "min": _extreme,
    "max": _extreme,
    "range": _range,
    "len": _len,
    "enumerate": _enumerate,
    "kernel": _kernel,
}
"""Every function by its name."""
