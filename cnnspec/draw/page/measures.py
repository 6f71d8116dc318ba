"""The measures that every figure is set on, in points, and the columns of its cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ROW: Final = 11.0
LINE: Final = 7.8
"""From one line of a two-line box to the next; such a box is this much higher than a row."""
GAP: Final = 6.0
"""Between rows of a block."""
SPACE: Final = 7.5
"""Between frames, bands and rows on the trunk."""
FRAME_TOP, FRAME_BOTTOM, FRAME_LEFT, FRAME_RIGHT = 8.0, 4.5, 6.0, 11.0
FORK: Final = 4.8
"""From a fork's dot down to the first row behind it."""
CARD: Final = 2.0
"""How far each of the two cards behind a repeated frame looks out."""
BAND: Final = 4.0
LANE, NEXT_LANE, BESIDE_LANE = 12.0, 9.0, 9.0
"""The first skip's way from the cells, each further one's, and a skip's box's."""
INSET: Final = 3.5
"""Least room between a label and the side of its cell."""


@dataclass(frozen=True, slots=True)
class Room:
    """What may be closer on a page of many columns: label to cell, lane to cells, cells to
    frame, column to column.
    """

    inset: float = INSET
    beside: float = BESIDE_LANE
    left: float = FRAME_LEFT
    right: float = FRAME_RIGHT
    fold: float = 14.0


ROOM, SNUG = Room(), Room(2.2, 4.5, 4.0, 6.5, 10.5)

LABEL, SMALL, CAPTION, NAME, BADGE = 6.5, 6.2, 6.3, 7.0, 8.0
"""Sizes of type: ops, ops on a skip, captions and shapes, names, badges."""

BOX_LINE, BAND_LINE, RULE, WIRE, SKIP = 0.6, 0.5, 0.5, 0.75, 0.9
BOX_RADIUS, FRAME_RADIUS, BAND_RADIUS, WIRE_RADIUS = 1.4, 3.0, 4.0, 5.0
ARROW_LENGTH, ARROW_HALF, ARROW_NOTCH, DOT = 3.3, 1.39, 0.78, 1.3

PAGE_HEIGHT: Final = 610.0
ONE_COLUMN, TWO_COLUMNS = 244.8, 495.0
"""Widths of print: one column and two."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Widths of the cells that stand under each other, left to right; unused ones are 0.

    The axis is the middle of `main` and `norm`.
    """

    lead_norm: float = 0
    lead_act: float = 0
    main: float = 0
    norm: float = 0
    act: float = 0

    @property
    def half(self) -> float:
        """From the axis to either side of `main` and `norm`."""
        return (self.main + self.norm) / 2

    @property
    def left(self) -> float:
        """From the axis to the left side of all columns."""
        return self.half + self.lead_act + self.lead_norm

    @property
    def right(self) -> float:
        """From the axis to the right side of all columns."""
        return self.half + self.act
