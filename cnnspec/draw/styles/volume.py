"""What one layer gives, as a box in oblique view."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import text_width
from cnnspec.draw.page.pen import Point
from cnnspec.draw.styles.stream import Stop

RIGHT, UP = 0.36, 0.22
"""How far the depth goes to the right and up."""
_VECTOR, _THICK, _LEAST = 7.0, 2.0, 1.6
"""A vector's width, how far its depth goes to the right, and the least width of a map."""
_SIGN = 8.0
"""The width of the circle of a join that has a sign."""


class Volume:
    """What a stop gives; `sign` is the circle of a join, `kind` decides the colour.

    `feeds` are the indices of the volumes that it is made from.
    """

    def __init__(self, stop: Stop, kind: str, said: Sequence[str]) -> None:
        self.stop, self.kind, self.said = stop, kind, list(said)
        self.shape, self.feeds, self.via = stop.shape, stop.feeds, stop.via
        self.paths = (*stop.joint, *stop.paths)
        self.sign = stop.row.layer.op.sign if stop.row else ""
        self.x = self.width = self.high = self.depth = 0.0
        self.window: tuple[int, int] | None = None

    @property
    def is_input(self) -> bool:
        """Whether no layer gives it."""
        return self.stop.row is None

    @property
    def is_map(self) -> bool:
        """Whether it is a box with height and width."""
        return len(self.shape) == 3 and not self.sign

    @property
    def is_vector(self) -> bool:
        """Whether it is a bar."""
        return len(self.shape) == 1 and not self.sign

    @property
    def joint(self) -> bool:
        """Whether a concat has its place where the volume begins."""
        return bool(self.stop.joint)

    def scale(self, size: float, channel: float, vector: float) -> None:
        """Edges in proportion to the roots of the shape."""
        if self.sign:
            self.width = self.high = _SIGN
        elif self.is_map:
            channels, rows, columns = self.shape
            self.width = max(channel * sqrt(channels), _LEAST)
            self.high, self.depth = size * sqrt(rows), size * sqrt(columns)
        else:
            self.width, self.high = _VECTOR, vector * sqrt(self.shape[0])
            self.depth = _THICK / RIGHT

    @property
    def rise(self) -> float:
        """How far its depth goes up."""
        return UP * self.depth

    @property
    def reach(self) -> float:
        """Its whole width, the depth included."""
        return self.width + RIGHT * self.depth

    @property
    def right(self) -> float:
        """Where it ends."""
        return self.x + self.reach

    def at(self, u: float, v: float, middle: float) -> Point:
        """The point of the right face, `u` into the depth and `v` down."""
        top = middle - (self.high - self.rise) / 2
        x = self.x + self.width + u * RIGHT * self.depth
        return x, top - u * self.rise + v * self.high

    def crown(self, part: float, middle: float) -> Point:
        """A point of the edge that is highest, `part` of the way along it: where arcs are tied."""
        x, y = self.at(1, 0, middle)
        return x - self.width * (1 - part), y

    def bottom(self, left: float, right: float, middle: float) -> float:
        """The lowest point of it between two places; -inf where it has none."""
        if right < self.x or left > self.right:
            return float("-inf")
        lean = max(left - self.x - self.width, 0) / (RIGHT * self.depth or 1)
        return self.at(lean, 1, middle)[1]

    @property
    def label(self) -> float:
        """The width of the widest line under it."""
        widths = (text_width(text, measures.CAPTION, at == 0) for at, text in enumerate(self.said))
        return max(widths, default=0)
