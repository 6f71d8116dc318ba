"""The frame of a block, and the cards and the badge that say how often it is repeated."""

from __future__ import annotations

from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import text_width
from cnnspec.draw.page.labels import words
from cnnspec.draw.page.pen import Pen
from cnnspec.draw.page.scene import Area, Data, Rect
from cnnspec.draw.parts.parts import Frame


def cards(pen: Pen, frame: Frame, front: Area, fill: str = "background") -> None:
    """The frame, in front of two cards when it stands for several blocks."""
    for away in (2, 1, 0) if frame.count > 1 else (0,):
        shift = away * measures.CARD
        size = (front.right - front.left, front.bottom - front.top, measures.FRAME_RADIUS)
        at = (front.left + shift, front.top + shift)
        line = measures.BAND_LINE if away else measures.BOX_LINE
        data, stands = ((), ()) if away else (_data(frame), frame.stands)
        card = Rect(*at, *size, fill, "frame-line", line, data=data, stands=stands)
        pen.scene.add(card)


def _data(frame: Frame) -> Data:
    return ("group", frame.path), ("last", frame.last), ("count", str(frame.count))


def badge(pen: Pen, count: int, right: float, middle: float) -> None:
    """The pill on a frame's right edge, inside the band that the frame stands in."""
    width = badge_width(count)
    x = min(right - 1, right + 8 - width / 2)
    area = Area(x - width / 2, middle - 6, x + width / 2, middle + 6)
    pen.box(area, "badge", "background", radius=6, line=0.9)
    pen.label((x, middle), words(f"×{count}", bold=True), measures.BADGE, area, fill="badge-ink")


def badge_width(count: int) -> float:
    """The width of the pill."""
    return text_width(f"×{count}", measures.BADGE, bold=True) + 7
