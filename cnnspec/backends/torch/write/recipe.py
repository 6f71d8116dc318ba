"""The recipe as a dict literal: plain data, rule M7."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnnspec.backends.torch.python.literals import write_plain


def literal(value: Any) -> str:
    """The Python text of plain data."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{literal(k)}: {literal(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(literal, value)) + "]"
    return write_plain(value)


def assignment(recipe: Mapping[str, object]) -> str:
    """`RECIPE: dict[str, object] = {...}`, one key a line."""
    inner = "".join(f"{literal(k)}: {literal(v)}, " for k, v in recipe.items()).rstrip()
    return f"RECIPE: dict[str, object] = {{{inner}}}"
