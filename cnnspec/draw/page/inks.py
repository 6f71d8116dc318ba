"""The ink of words that stand on a fill of their own: what is dark in theme grey takes white."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Final

from cnnspec.draw.page.areas import area_of
from cnnspec.draw.page.scene import Area, Scene, Text

_INKS: Final = {"pool": "pool-ink", "linear": "linear-ink"}
"""The fill under a word, and the role of the word."""


_STRIPE: Final = 64.0
"""Fills are looked for in stripes of the page so high, so that a long figure takes no longer."""


def ink(scene: Scene) -> None:
    """Give the words on some fills the ink of these, whatever drew them."""
    grounds: dict[int, list[tuple[Area, str]]] = defaultdict(list)
    for at, shape in enumerate(scene.shapes):
        if not isinstance(shape, Text):
            if shape.fill:
                area = area_of(shape)
                for stripe in range(int(area.top // _STRIPE), int(area.bottom // _STRIPE) + 1):
                    grounds[stripe].append((area, shape.fill))
            continue
        if shape.fill != "ink":
            continue
        middle = area_of(shape)
        x, y = (middle.left + middle.right) / 2, (middle.top + middle.bottom) / 2
        beside = reversed(grounds[int(y // _STRIPE)])
        under = next((fill for area, fill in beside if _holds(area, x, y)), "")
        if under in _INKS:
            scene.shapes[at] = replace(shape, fill=_INKS[under])


def _holds(area: Area, x: float, y: float) -> bool:
    return area.left <= x <= area.right and area.top <= y <= area.bottom
