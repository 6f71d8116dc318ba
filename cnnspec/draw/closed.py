"""A block that is not opened: one box with what it holds and costs."""

from __future__ import annotations

from cnnspec.draw import grid
from cnnspec.draw.boxes import Port
from cnnspec.draw.cards import badge, badge_width, cards
from cnnspec.draw.metrics import shorten, text_width
from cnnspec.draw.pen import Pen
from cnnspec.draw.scene import Area
from cnnspec.draw.tree import Frame, Part, walk

_HIGH, _LEAST, _MOST, _PAD = 22.0, 90.0, 150.0, 5.0


class ClosedBox:
    """Two lines in a frame; the name stands in the gutter."""

    forks = False

    def __init__(self, frame: Frame, width: float) -> None:
        self.frame = frame
        self.left = self.right = width / 2
        if frame.count > 1:
            self.right += badge_width(frame.count) / 2 + 1
        self.height = _HIGH + 2 * grid.CARD * (frame.count > 1)

    def place(self, pen: Pen, x: float, y: float, src: str) -> Port:
        front = Area(x - self.left, y, x + self.right, y + _HIGH)
        cards(pen, self.frame, front)
        for line, note in enumerate(self.frame.notes):
            middle = y + 6.6 + line * 8.8
            room = 2 * self.left - 4
            shown = shorten(note, grid.CAPTION, room)
            at = x - text_width(shown, grid.CAPTION) / 2
            pen.name(at, middle, note, size=grid.CAPTION, width=room, muted=True)
        if self.frame.count > 1:
            badge(pen, self.frame.count, front.right, y + _HIGH / 2)
        return Port(y, y + _HIGH, self.frame.path, self.frame.last)


def closed_width(parts: tuple[Part, ...]) -> float:
    """The width of the closed boxes of a figure: that of the widest."""
    notes = [note for part in walk(parts) if isinstance(part, Frame) for note in part.notes]
    widest = max((text_width(note, grid.CAPTION) for note in notes), default=0)
    return min(max(widest + 2 * _PAD, _LEAST), _MOST)
