"""What one output pixel of an op sees of the map before: the step of the receptive field."""

from __future__ import annotations

from typing import NamedTuple


class Pixel(NamedTuple):
    """The pixel floor((factor * y + shift) / divisor) of the map before, for output pixel y."""

    factor: int = 1
    shift: int = 0
    divisor: int = 1


class Taps(NamedTuple):
    """The first and the last pixel of the map before that one output pixel sees, along an axis.

    A window's start at `stride * y - padding`. Where a map grows, several output pixels begin in
    one pixel: the divisor is their number.
    """

    first: Pixel = Pixel()
    last: Pixel = Pixel()

    @property
    def most(self) -> int:
        """How many pixels lie between them at most, themselves among them."""
        return -(-(self.last.shift - self.first.shift) // self.first.divisor) + 1


class Reach(NamedTuple):
    """What one output pixel sees, along rows and columns; None is the whole map."""

    axes: tuple[Taps, Taps] | None = (Taps(), Taps())

    @property
    def kernel(self) -> tuple[int, int] | None:
        """The rows and columns that an output pixel sees at most, gaps of a dilation counted."""
        return None if self.axes is None else (self.axes[0].most, self.axes[1].most)


def window_reach(kernel: tuple[int, int], stride: tuple[int, int], start: tuple[int, int]) -> Reach:
    """What a sliding window sees: its span, its stride, and the padding at top and left."""
    rows, columns = (
        Taps(Pixel(s, -p), Pixel(s, k - 1 - p))
        for k, s, p in zip(kernel, stride, start, strict=True)
    )
    return Reach((rows, columns))
