"""Shapes as paths of lines and cubic curves, for PDF and PostScript, whose operators are alike."""

from __future__ import annotations

from cnnspec.draw.page.scene import Circle, Rect, Segment
from cnnspec.draw.writers.svg import number

_BEZIER = 0.5523
"""Control points of a cubic curve that is a quarter circle."""


def path(segments: tuple[Segment, ...]) -> str:
    """Path operators; a quadratic curve becomes the cubic one that it is."""
    words, here = [], (0.0, 0.0)
    for letter, at in segments:
        if letter == "Z":
            words.append("h")
            continue
        if letter == "Q":
            (x0, y0), (x1, y1, x, y) = here, at
            controls = (x0 + 2 * x1, y0 + 2 * y1, x + 2 * x1, y + 2 * y1)
            at = (*(value / 3 for value in controls), x, y)
        words.append(
            " ".join(map(number, at)) + {"M": " m", "L": " l", "Q": " c", "C": " c"}[letter]
        )
        here = (at[-2], at[-1])
    return " ".join(words)


def outline(rect: Rect) -> tuple[Segment, ...]:
    """A rectangle as a path; corners are quarter circles."""
    left, top, right, bottom = rect.x, rect.y, rect.x + rect.width, rect.y + rect.height
    r = min(rect.radius, rect.width / 2, rect.height / 2)
    k = r * (1 - _BEZIER)
    if not r:
        corners = ((left, top), (right, top), (right, bottom), (left, bottom))
        return (("M", corners[0]), *(("L", corner) for corner in corners[1:]), ("Z", ()))
    return (
        ("M", (left + r, top)),
        ("L", (right - r, top)),
        ("C", (right - k, top, right, top + k, right, top + r)),
        ("L", (right, bottom - r)),
        ("C", (right, bottom - k, right - k, bottom, right - r, bottom)),
        ("L", (left + r, bottom)),
        ("C", (left + k, bottom, left, bottom - k, left, bottom - r)),
        ("L", (left, top + r)),
        ("C", (left, top + k, left + k, top, left + r, top)),
        ("Z", ()),
    )


def disc(circle: Circle) -> tuple[Segment, ...]:
    """A disc as a path."""
    r = circle.radius
    return outline(Rect(circle.x - r, circle.y - r, 2 * r, 2 * r, radius=r))
