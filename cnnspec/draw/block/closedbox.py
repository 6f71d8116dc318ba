"""A block that is not opened: one box with what it holds and costs."""

from __future__ import annotations

from cnnspec.draw.block.box import Port
from cnnspec.draw.block.repeatbadge import badge, badge_width, cards
from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import shorten, text_width
from cnnspec.draw.page.pen import Pen
from cnnspec.draw.page.scene import Area
from cnnspec.draw.parts.parts import Frame, Part, walk

_HIGH, _LEAST, _MOST, _PAD, _LINE = 22.0, 90.0, 190.0, 5.0, 8.8


class ClosedBox:
    """Two lines in a frame; the name stands in the gutter."""

    forks = False

    def __init__(self, frame: Frame, width: float, fill: str) -> None:
        self.frame, self.fill = frame, fill
        self.left = self.right = width / 2
        if frame.count > 1:
            self.right += badge_width(frame.count) / 2 + 1
        self.height = _HIGH + 2 * measures.CARD * (frame.count > 1)

    def place(self, pen: Pen, x: float, y: float, src: str) -> Port:
        """Draw one box for the whole block; see `Box.place`."""
        with pen.scene.group("frame", self.frame.stands):
            front = Area(x - self.left, y, x + self.right, y + _HIGH)
            cards(pen, self.frame, front, self.fill)
            high = _LINE * (len(self.frame.notes) - 1)
            for line, note in enumerate(self.frame.notes):
                middle = y + (_HIGH - high) / 2 + line * _LINE
                stride = self.frame.strides if line == 0 else ""
                wide = text_width(f" {stride}", measures.CAPTION, bold=True) if stride else 0
                room = 2 * self.left - 4 - wide
                shown = shorten(note, measures.CAPTION, room)
                at = x - (text_width(shown, measures.CAPTION) + wide) / 2
                pen.caption(at, middle, note, width=room)
                if stride:
                    end = at + text_width(shown, measures.CAPTION) + wide
                    pen.name(end - wide + 2, middle, stride, size=measures.CAPTION, width=wide)
            if self.frame.count > 1:
                badge(pen, self.frame.count, front.right, y + _HIGH / 2)
        return Port(y, y + _HIGH, self.frame.path, self.frame.last)


def closed_width(parts: tuple[Part, ...]) -> float:
    """The width of the closed boxes of a figure: that of the widest."""
    notes = [
        f"{note} {part.strides}"
        for part in walk(parts)
        if isinstance(part, Frame)
        for note in part.notes
    ]
    widest = max((text_width(note, measures.CAPTION) for note in notes), default=0)
    return min(max(widest + 2 * _PAD, _LEAST), _MOST)
