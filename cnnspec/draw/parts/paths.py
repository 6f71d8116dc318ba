"""Lists of paths as one text: what a shape of a figure says of the layers that it shows."""

from __future__ import annotations

from collections.abc import Iterable

_APART = "\n"
"""Between two paths: a quoted label can have a blank, and none can have this."""


def listed(paths: Iterable[str]) -> str:
    """Paths as one text."""
    return _APART.join(paths)


def paths_in(text: str) -> list[str]:
    """The paths that a text lists."""
    return text.split(_APART) if text else []
