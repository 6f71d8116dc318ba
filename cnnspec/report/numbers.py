"""Numbers and shapes as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnspec.values import dims

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cnnspec.values import Shape

_UNITS = (("G", 10**9), ("M", 10**6), ("K", 10**3))


def short(number: int) -> str:
    """Four digits and a unit: 415,848 is `415.8 K`."""
    for unit, scale in _UNITS:
        if number >= scale * 0.99995:
            value = number / scale
            whole = len(str(int(value + 0.0005)))
            return f"{value:,.{max(4 - whole, 0)}f} {unit}"
    return f"{number}"


def counted(number: int, thing: str) -> str:
    """A number with its noun: `1 claim`, `2 claims`."""
    return f"{number:,} {thing}" + ("" if number == 1 else "s")


def figure(value: object) -> str:
    """A measured value: integers grouped, shapes with x, reals with what they need."""
    if isinstance(value, tuple | list):
        return dims(tuple(value))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{int(value):,}" if value == int(value) else f"{value:,.6g}"


def shapes(many: Iterable[Shape]) -> str:
    """Several shapes in one cell."""
    return ", ".join(dims(shape) for shape in many)
