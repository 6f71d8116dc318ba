"""Counters that make every elaboration end (L22, S5)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from cnnspec.diagnostics import fail
from cnnspec.records import record
from cnnspec.source import Span

LAYERS_MAX = 100_000
TURNS_MAX = 100_000
EXPRESSIONS_MAX = 1_000_000
TOO_MUCH = f"more than {EXPRESSIONS_MAX:,} expressions evaluated and turns of loops"
CALLS_MAX = 64
"""How deep blocks may call blocks."""
FRAMES = 10_000
"""Frames of Python for walks of what was elaborated: some tens a level of calls and braces."""
ELABORATED = 3_000
"""Frames for elaborating it: what is deeper is refused, so that everything else has room."""


@contextmanager
def deeper(frames: int = FRAMES) -> Iterator[None]:
    """Room for CALLS_MAX levels of blocks: whoever walks a tree of them goes as deep as it is."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(frames)
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


@record
class Limits:
    """What one net has used up so far."""

    layers: int = 0
    expressions: int = 0

    def add_layers(self, count: int, span: Span) -> None:
        """Count layers of the net, those of a remembered call included."""
        self.layers += count
        if self.layers > LAYERS_MAX:
            raise LimitReached(f"more than {LAYERS_MAX:,} layers", span)

    def add_expression(self, span: Span) -> None:
        """Count one evaluated expression, or one turn of a loop: its body may evaluate none."""
        self.expressions += 1
        if self.expressions > EXPRESSIONS_MAX:
            raise LimitReached(TOO_MUCH, span)

    def foresee(self, turns: int, layers: int, expressions: int, span: Span) -> None:
        """Refuse what is to make at least so many layers, and to evaluate so much.

        `turns` are those of a loop, 0 for anything else.
        """
        if self.layers + layers > LAYERS_MAX:
            what = f"these {turns:,} turns make" if turns else "this makes"
            what = f"more than {LAYERS_MAX:,} layers: {what} at least {layers:,}"
            raise LimitReached(what + _after(self.layers), span)
        if self.expressions + expressions > EXPRESSIONS_MAX:
            what = f"these {turns:,} turns take" if turns else "this takes"
            what = f"{TOO_MUCH}: {what} at least {expressions:,}"
            raise LimitReached(what + _after(self.expressions), span)


def _after(count: int) -> str:
    return f", after {count:,} before them" if count else ""


class LimitReached(Exception):
    """A net is larger than a limit; nothing more of it is elaborated."""

    def __init__(self, message: str, span: Span) -> None:
        super().__init__(message)
        self.diagnostic = fail("E0019", f"too large: {message}", span).diagnostic


def check_turns(turns: int, span: Span) -> None:
    """Refuse a loop of too many turns before it begins."""
    if turns > TURNS_MAX:
        raise LimitReached(f"a loop of {turns:,} turns, and {TURNS_MAX:,} are the most", span)
