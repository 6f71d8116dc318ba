"""How wide text is in the face that a figure is set in, so that no font is needed to measure it.

What the face lacks is measured in the font that it is drawn in, where one is at hand, and else
taken as wide as an ideograph: too much room is a smaller fault than too little.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from unicodedata import combining, east_asian_width

from cnnspec.draw.page.faces import ARIMO, Face, Other, unseen

MIDDLE = 0.358
"""A baseline lies this many times the size under the middle of the line."""

_SET_IN: ContextVar[tuple[Face, Other | None]] = ContextVar("set in", default=(ARIMO, None))
_WIDTHS: ContextVar[dict[tuple[str, bool], int]] = ContextVar("widths")
"""What was measured in the face that is set in; nothing is kept outside `using`."""


def face() -> Face:
    """The face that text is set in."""
    return _SET_IN.get()[0]


def other() -> Other | None:
    """The font of what the face lacks."""
    return _SET_IN.get()[1]


@contextmanager
def using(face: Face, other: Other | None = None) -> Iterator[None]:
    """Text inside is measured and written in a face, what it lacks in another font."""
    before, widths = _SET_IN.set((face, other)), _WIDTHS.set({})
    try:
        yield
    finally:
        _SET_IN.reset(before)
        _WIDTHS.reset(widths)


def elsewhere(char: str) -> bool:
    """Whether a character is drawn in the other font, not in the face."""
    face, other = _SET_IN.get()
    if other is None or char not in other.numbers:
        return False
    return (other.first and char not in other.missing) or char not in face.advances[0]


def families() -> str:
    """The families of the face for CSS and SVG, a font that was asked for first."""
    face, other = _SET_IN.get()
    return f"'{other.name}', {face.family}" if other is not None and other.first else face.family


def office() -> str:
    """What drawing programs call the face, or the font that was asked for."""
    face, other = _SET_IN.get()
    return other.name if other is not None and other.first else face.office


def advance(char: str, bold: bool = False) -> int:
    """The width of one character in 1/1000 of the size."""
    face, other = _SET_IN.get()
    if other is not None and elsewhere(char):
        return other.advances[bold][char]
    known = face.advances[bold].get(char)
    if known is not None:
        return known
    if combining(char) or unseen(char):
        return 0
    return 1000 if east_asian_width(char) in "WFA" else 834


def text_width(text: str, size: float, bold: bool = False) -> float:
    """The width of a line of text in points."""
    known = _WIDTHS.get({})
    if (text, bold) not in known:
        known[text, bold] = sum(advance(char, bold) for char in text)
    return known[text, bold] * size / 1000


def shorten(text: str, size: float, width: float, bold: bool = False) -> str:
    """Cut a name that is wider than `width` in the middle with …; what fits is left as it is."""
    if text_width(text, size, bold) <= width:
        return text
    for kept in range(len(text) - 1, 1, -1):
        head = (kept + 1) // 2
        cut = text[:head] + "…" + text[len(text) - (kept - head) :]
        if text_width(cut, size, bold) <= width:
            return cut
    return "…"
