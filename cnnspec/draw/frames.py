"""Frames round blocks, with the cards and the badge of a repeat."""

from __future__ import annotations

from cnnspec.draw import grid
from cnnspec.draw.boxes import Box, Port, RowBox, StackBox, badge_width
from cnnspec.draw.labels import words
from cnnspec.draw.pen import Pen
from cnnspec.draw.scene import Area, Rect
from cnnspec.draw.skips import SkipBox
from cnnspec.draw.tree import Frame


class FrameBox:
    """A block drawn once; `left` and `right` may be widened to those of its neighbours."""

    forks = False

    def __init__(self, frame: Frame, inside: Box) -> None:
        self.frame, self.inside = frame, inside
        self.above = grid.FRAME_TOP - (grid.FORK if inside.forks else 0)
        self.left = inside.left + grid.FRAME_LEFT
        self.right = inside.right + grid.FRAME_RIGHT
        self.free = _free_row(inside)
        if self.cards and self.free is None:
            self.right = max(self.right, inside.right + badge_width(frame.count) / 2 + 4)
        self.height = self.above + inside.height + grid.FRAME_BOTTOM + 2 * grid.CARD * self.cards

    @property
    def cards(self) -> bool:
        """Whether the frame stands for more than one block."""
        return self.frame.count > 1

    @property
    def middle(self) -> float:
        """From the top to the middle of the front card."""
        return (self.height - 2 * grid.CARD * self.cards) / 2

    def place(self, pen: Pen, x: float, y: float, src: str) -> Port:
        front = Area(x - self.left, y, x + self.right, y + 2 * self.middle)
        for away in (2, 1, 0) if self.cards else (0,):
            self._card(pen, front, away * grid.CARD)
        port = self.inside.place(pen, x, y + self.above, src)
        if self.cards:
            at = y + self.middle if self.free is None else y + self.above + self.free
            self._badge(pen, front.right - 1, at)
        return port

    def _card(self, pen: Pen, front: Area, away: float) -> None:
        frame = self.frame
        line, data = (grid.BAND_LINE, ()) if away else (grid.BOX_LINE, (
            ("group", frame.path), ("last", frame.last), ("count", str(frame.count)),
        ))
        size = (front.right - front.left, front.bottom - front.top, grid.FRAME_RADIUS)
        at = (front.left + away, front.top + away)
        pen.scene.add(Rect(*at, *size, "background", "frame-line", line, data=data))

    def _badge(self, pen: Pen, x: float, y: float) -> None:
        width, count = badge_width(self.frame.count), self.frame.count
        area = Area(x - width / 2, y - 6, x + width / 2, y + 6)
        pen.box(area, "badge", "background", radius=6, line=0.9)
        label = words(f"×{count}", bold=True)
        pen.label((x, y), label, grid.BADGE, area, fill="badge-ink")

    @property
    def caption(self) -> str:
        """`block 1` or `blocks 2–6`, by the place in the stage."""
        first, count = self.frame.first, self.frame.count
        return f"blocks {first}–{first + count - 1}" if count > 1 else f"block {first}"


def _free_row(inside: Box) -> float | None:
    """From the top of the inside to the middle of its last row without an activation cell."""
    found, y = None, 0.0
    if isinstance(inside, SkipBox):
        found = _free_row(inside.trunk)
        return None if found is None else found + grid.FORK
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
