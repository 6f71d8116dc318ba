"""What every box of a flow can do."""

from __future__ import annotations

from typing import Protocol

from cnnspec.draw.page.pen import Pen


class Body(Protocol):
    """A box that knows its size; `enters` and `leaves` are lines, from its top."""

    width: float
    height: float
    enters: float
    leaves: float

    def paint(self, pen: Pen, x: float, y: float, src: str) -> None:
        """Draw it with its corner at `x`, `y`; `src` is the path of what flows in."""
        ...
