"""Modules that only errors or figures need, imported then: most checks meet neither."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["fitting", "foreign", "misuse", "rewrite", "sheets", "unfound"]


class _Later:
    """Stands for a module until something of it is asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        from importlib import import_module

        return getattr(import_module(f"cnnspec.{self._name}"), attribute)


if TYPE_CHECKING:
    from cnnspec import foreign
    from cnnspec.elaborate import fitting, misuse, rewrite, sheets, unfound
else:
    foreign = _Later("foreign")
    fitting, misuse, rewrite, sheets, unfound = (
        _Later(f"elaborate.{name}")
        for name in ("fitting", "misuse", "rewrite", "sheets", "unfound")
    )
