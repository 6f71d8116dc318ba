"""Colour: plain ANSI sequences, and when to use them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final, TextIO

from cnnspec.records import record

_CODES: Final = {
    "error": "1;31",
    "warning": "1;33",
    "bold": "1",
    "gutter": "34",
    "label": "36",
    "help": "32",
    "dim": "2",
}


@record(frozen=True)
class Style:
    """How text is painted, and how wide the terminal is; None when nothing should be wrapped."""

    colour: bool = False
    width: int | None = None

    def paint(self, text: str, name: str) -> str:
        """`text` in the colour `name`; unchanged where no colour is wanted."""
        return f"\x1b[{_CODES[name]}m{text}\x1b[0m" if self.colour and text and name else text


PLAIN: Final = Style()
"""No colour, no wrapping: for pipes and tests."""


def wants_colour(stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """NO_COLOR forbids, FORCE_COLOR asks, else a terminal that can do more than TERM=dumb."""
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR", "") not in ("", "0"):
        return True
    return environment.get("TERM") != "dumb" and stream.isatty()


def style_for(stream: TextIO) -> Style:
    """The style that suits a stream."""
    if not stream.isatty():
        return Style(wants_colour(stream))
    from shutil import get_terminal_size

    return Style(wants_colour(stream), max(get_terminal_size().columns, 40))
