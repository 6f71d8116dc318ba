"""Frames round blocks, with the cards and the badge of a repeat."""

from __future__ import annotations

from collections.abc import Iterable

from cnnspec.draw.block.box import Box, Port, RowBox, StackBox
from cnnspec.draw.block.repeatbadge import badge, badge_width, cards
from cnnspec.draw.block.skipbox import SkipBox
from cnnspec.draw.page import measures
from cnnspec.draw.page.pen import Pen
from cnnspec.draw.page.scene import Area
from cnnspec.draw.parts.parts import Frame


class FrameBox:
    """A block drawn once; `left` and `right` may be widened to those of its neighbours."""

    forks = False

    def __init__(self, frame: Frame, inside: Box, room: measures.Room = measures.ROOM) -> None:
        self.frame, self.inside = frame, inside
        self.above = measures.FRAME_TOP - (measures.FORK if inside.forks else 0)
        self.left = inside.left + room.left
        self.right = inside.right + room.right
        self.free = _free_row(inside)
        if self.cards and self.free is None:
            self.right = max(self.right, inside.right + badge_width(frame.count) / 2 + 4)
        self.height = (
            self.above + inside.height + measures.FRAME_BOTTOM + 2 * measures.CARD * self.cards
        )

    @property
    def cards(self) -> bool:
        """Whether the frame stands for more than one block."""
        return self.frame.count > 1

    @property
    def middle(self) -> float:
        """From the top to the middle of the front card."""
        return (self.height - 2 * measures.CARD * self.cards) / 2

    def place(self, pen: Pen, x: float, y: float, src: str) -> Port:
        """Draw the frame, what is in it, and the cards of a repeat; see `Box.place`."""
        front = Area(x - self.left, y, x + self.right, y + 2 * self.middle)
        with pen.scene.group("frame", self.frame.stands):
            cards(pen, self.frame, front)
            port = self.inside.place(pen, x, y + self.above, src)
            if self.cards:
                at = y + self.middle if self.free is None else y + self.above + self.free
                badge(pen, self.frame.count, front.right, at)
        return port


def align(boxes: Iterable[Box]) -> None:
    """Make frames under each other of one width."""
    frames = [box for box in boxes if isinstance(box, FrameBox)]
    for frame in frames:
        frame.left = max(other.left for other in frames)
        frame.right = max(other.right for other in frames)


def _free_row(inside: Box) -> float | None:
    """From the top of the inside to the middle of its last row without an activation cell."""
    found, y = None, 0.0
    if isinstance(inside, SkipBox):
        found = _free_row(inside.trunk) if inside.trunk else None
        return None if found is None else found + inside.above
    if not isinstance(inside, StackBox):
        return None
    for box in inside.boxes:
        if isinstance(box, RowBox) and box.cells_end:
            found = y + box.height / 2
        elif isinstance(box, SkipBox | StackBox):
            deeper = _free_row(box)
            found = found if deeper is None else y + deeper
        y += box.height + inside.gap
    return found
