"""The ops of the language, one file each, found by discovery."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

from cnnspec.ops.op import REGISTRY, Op

_SHARED = {"__init__", "op", "arguments", "sliding"}


@cache
def ops() -> dict[str, type[Op]]:
    """Every op by its name in the language."""
    for file in sorted(Path(__file__).parent.glob("*.py")):
        if file.stem not in _SHARED:
            import_module(f"cnnspec.ops.{file.stem}")
    return dict(sorted(REGISTRY.items()))
