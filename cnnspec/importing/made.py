"""Ops by name, for what is recognised by more than one call."""

from __future__ import annotations

from typing import Any

from cnnspec.ops import ops
from cnnspec.ops.op import Op


def op(name: str, **arguments: Any) -> Op:
    """The op of a name with its arguments."""
    kind: Any = ops()[name]
    made: Op = kind(**arguments)
    return made
