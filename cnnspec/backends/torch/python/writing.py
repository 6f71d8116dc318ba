"""Values and expressions as Python text, spaced and bracketed as ruff format leaves them."""

from __future__ import annotations

from typing import Any

from cnnspec.backends.torch.python.literals import write_plain

LEVELS = {
    "if": 0, "or": 1, "and": 2, "not": 3,
    "==": 4, "!=": 4, "<": 4, "<=": 4, ">": 4, ">=": 4,
    "+": 5, "-": 5, "*": 6, "/": 6, "//": 6, "%": 6, "neg": 7, "**": 8,
}  # fmt: skip
"""How tightly each operator of Python binds."""

ATOM = 9
"""What never needs brackets: a name, a call, a number."""


class Expression:
    """Something other than a plain value that has a Python text.

    No ABC: whether a value is one is asked at every step, and `abc` makes that ten times as long.
    """

    def written(self) -> tuple[str, int]:
        """Text, and how tightly its outermost operator binds."""
        raise NotImplementedError


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


def negated(asked: str) -> str:
    """The opposite of a condition that is text already."""
    plain = asked.replace(".", "_").isidentifier()
    return f"not {asked}" if plain else f"not ({asked})"
