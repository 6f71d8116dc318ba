"""Values and expressions as Python text, spaced and bracketed as ruff format leaves them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

LEVELS = {
    "if": 0, "or": 1, "and": 2, "not": 3,
    "==": 4, "!=": 4, "<": 4, "<=": 4, ">": 4, ">=": 4,
    "+": 5, "-": 5, "*": 6, "/": 6, "//": 6, "%": 6, "neg": 7, "**": 8,
}  # fmt: skip
"""How tightly each operator of Python binds."""

ATOM = 9
"""What never needs brackets: a name, a call, a number."""


class Expression(ABC):
    """Something other than a plain value that has a Python text."""

    @abstractmethod
    def written(self) -> tuple[str, int]:
        """Text, and how tightly its outermost operator binds."""


def write(value: Any) -> str:
    """The Python text of a value or expression."""
    return bound(value)[0]


def bound(value: Any) -> tuple[str, int]:
    """Text, and how tightly its outermost operator binds."""
    if isinstance(value, Expression):
        return value.written()
    if isinstance(value, tuple):
        inner = ", ".join(map(write, value))
        return (f"({inner},)" if len(value) == 1 else f"({inner})"), ATOM
    return write_plain(value), LEVELS["neg"] if is_negative(value) else ATOM


def is_negative(value: Any) -> bool:
    """Whether a plain number is written with a sign, which binds less than an atom."""
    return isinstance(value, int | float) and value < 0


def within(value: Any, level: int) -> str:
    """Text as an operand: in brackets where it binds less tightly than `level`."""
    text, own = bound(value)
    return text if own >= level else f"({text})"


def write_plain(value: Any) -> str:
    """A plain value as Python writes it: `64_000`, `1e-4`, `"imagenet"`."""
    if isinstance(value, bool) or value is None:
        return repr(value)
    if isinstance(value, int):
        return f"{value:_}" if abs(value) >= 10_000 else str(value)
    if isinstance(value, float):
        return write_float(value)
    assert isinstance(value, str), f"no Python form of {value!r}"
    return write_string(value)


def write_float(value: float) -> str:
    """A float as ruff format leaves it: `0.1`, `1e-4`, `5e-4`."""
    text = repr(value)
    if "e" not in text and (value == 0 or abs(value) >= 1e-3):
        return text
    mantissa, _, exponent = f"{value:.16e}".partition("e")
    short = next(t for n in range(17) if float(t := f"{value:.{n}e}") == value)
    mantissa, _, exponent = short.partition("e")
    return f"{mantissa}e{int(exponent)}"


def write_string(text: str) -> str:
    """A string literal, in double quotes where `repr` allows."""
    plain = repr(text)
    if plain.startswith("'") and '"' not in text:
        return f'"{plain[1:-1]}"'
    return plain


def negated(asked: str) -> str:
    """The opposite of a condition that is text already."""
    plain = asked.replace(".", "_").isidentifier()
    return f"not {asked}" if plain else f"not ({asked})"
