"""Values and expressions as trees of Python, and their text: `flat` alone spaces and brackets."""

from __future__ import annotations

import ast
from typing import Any

from cnnspec.backends.torch.python.flat import flat


class Expression:
    """Something other than a plain value that Python can say.

    No ABC: whether a value is one is asked at every step, and `abc` makes that ten times as long.
    """

    def tree(self) -> ast.expr:
        """What Python says."""
        raise NotImplementedError


def tree(value: Any) -> ast.expr:
    """The tree of a value or expression."""
    if isinstance(value, Expression):
        return value.tree()
    if isinstance(value, tuple):
        return ast.Tuple([tree(part) for part in value])
    if is_negative(value):
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)


def named(word: str) -> ast.expr:
    """`depth`, `self.depth`."""
    holder, _, last = word.rpartition(".")
    return ast.Attribute(named(holder), last) if holder else ast.Name(last)


def write(value: Any) -> str:
    """The Python text of a value or expression."""
    return flat(tree(value))


def is_negative(value: Any) -> bool:
    """Whether a plain number is written with a sign, which binds less than an atom."""
    return isinstance(value, int | float) and value < 0


def negated(asked: str) -> str:
    """The opposite of a condition that is text already."""
    plain = asked.replace(".", "_").isidentifier()
    return f"not {asked}" if plain else f"not ({asked})"
