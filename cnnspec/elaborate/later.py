"""Modules that only errors need, imported when the first error is made: most checks make none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["fitting", "foreign", "misuse"]


class _Later:
    """Stands for a module of this package until something of it is asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        from importlib import import_module

        return getattr(import_module(f"cnnspec.elaborate.{self._name}"), attribute)


if TYPE_CHECKING:
    from cnnspec.elaborate import fitting, foreign, misuse
else:
    fitting, foreign, misuse = map(_Later, __all__)
