"""The signs of joins, drawn in strokes: no face must have them, and they are alike in each."""

from __future__ import annotations

from typing import Final

from cnnspec.draw.page.scene import Segment

_STROKES: Final[dict[str, tuple[Segment, ...]]] = {
    "+": (("M", (-3, 0)), ("L", (3, 0)), ("M", (0, -3)), ("L", (0, 3))),
    "×": (("M", (-2.2, -2.2)), ("L", (2.2, 2.2)), ("M", (2.2, -2.2)), ("L", (-2.2, 2.2))),
    "−": (("M", (-3, 0)), ("L", (3, 0))),
    "∨": (("M", (-2.6, -2.4)), ("L", (0, 2.6)), ("L", (2.6, -2.4))),
    "µ": (
        ("M", (-2.2, 3.7)),
        ("L", (-2.2, -2.4)),
        ("M", (-2.2, 0.3)),
        ("Q", (-2.2, 1.9, -0.4, 1.9)),
        ("Q", (1.4, 1.9, 1.4, 0.3)),
        ("M", (1.4, -2.4)),
        ("L", (1.4, 1.0)),
        ("Q", (1.4, 1.9, 2.6, 1.8)),
    ),
}
"""The strokes of each sign around its middle, in points."""

MEANS: Final = {"−": "difference", "µ": "mean", "∨": "maximum"}
"""What the key says of a sign that not everybody knows."""


def strokes(sign: str, at: tuple[float, float], scale: float = 1) -> tuple[Segment, ...]:
    """The strokes of a sign with its middle there."""
    return tuple(
        (letter, tuple(n * scale + at[index % 2] for index, n in enumerate(ends)))
        for letter, ends in _STROKES[sign]
    )
