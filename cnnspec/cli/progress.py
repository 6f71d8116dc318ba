"""Progress of long work, on standard error while it is a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

T = TypeVar("T")

FEW = 20
"""Fewer are done before anybody looks for progress, and rich takes a tenth of a second to load."""


def tracked(items: Sequence[T], what: str) -> Iterator[T]:
    """The items, with a bar that is gone when they are; nothing of it goes into a file or a pipe.

    Who draws no other output meanwhile: the bar rewrites its own line.
    """
    if len(items) < FEW or not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    yield from track(items, description=what, console=console, transient=True, total=len(items))
