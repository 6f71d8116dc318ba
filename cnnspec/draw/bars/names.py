"""What inputs, outputs and sizes of maps are called in a figure of bars."""

from __future__ import annotations

from collections.abc import Mapping

from cnnspec.draw.bars.hops import Bar, Bars
from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import text_width

_WORDS = 54.0
"""A name is broken into lines of at most this width."""


def size_text(bar: Bar) -> str:
    """The size of a map: `256²`, or `352×480`."""
    _, high, wide = bar.shape
    return f"{high}²" if high == wide else f"{high}×{wide}"


def said_of(bars: Bars, bar: Bar, labels: Mapping[str, str]) -> list[tuple[str, bool]]:
    """The lines of an output's name, and its shape, which is muted; none for other maps."""
    if not bar.names:
        return []
    paths = [path for at in bar.steps for path in bars.flow.steps[at].row.paths]
    given = (labels[path] for path in (bar.names[0], *paths) if path in labels)
    lines = [(line, False) for line in broken(next(given, bar.names[0]))]
    return [*lines, (f"{bar.shape[0]}×{size_text(bar)}", True)]


def room_of(bars: Bars, labels: Mapping[str, str]) -> dict[int, float]:
    """How wide the names of outputs are, by their bars."""
    return {
        id(bar): max(text_width(line, measures.LABEL) for line, _ in said_of(bars, bar, labels))
        for bar in bars.all
        if bar.names
    }


def broken(text: str) -> list[str]:
    """A name in lines, broken at its blanks."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, measures.LABEL) <= _WORDS:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines or [text]
