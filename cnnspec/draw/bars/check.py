"""Whether a figure of bars is clear: no words over others or on a bar, no arrow through either."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, combinations, pairwise, product

from cnnspec.draw.page.areas import area_of
from cnnspec.draw.page.scene import Area, Path, Rect, Scene, Shape, Text

_SLACK, _HALF = 0.05, 0.3
"""How much areas may share, and half of the least width of a line."""


def clear(scene: Scene) -> bool:
    """Whether nothing in a scene stands over what it should not, or off its page."""
    return next(faults(scene), None) is None


def faults(scene: Scene) -> Iterator[str]:
    """What stands where it should not, in words."""
    texts = [(shape.text, area_of(shape)) for shape in scene.shapes if isinstance(shape, Text)]
    boxes = [
        (" ".join(shape.stands), area_of(shape))
        for shape in scene.shapes
        if isinstance(shape, Rect) and shape.stands
    ]
    lines = [bit for shape in scene.shapes for bit in _bits(shape)]
    page = Area(0, 0, scene.width, scene.height)
    yield from (f"{name} leaves the page" for name, at in texts + boxes if not _within(at, page))
    pairs = chain(combinations(texts, 2), *(product(a, b) for a, b in (
        (texts, boxes), (lines, boxes), (texts, lines),
    )))  # fmt: skip
    yield from (f"{one} stands on {two}" for (one, a), (two, b) in pairs if _meet(a, b))


def _bits(shape: Shape) -> Iterator[tuple[str, Area]]:
    """The straight stretches of an arrow, as thin areas."""
    if not (isinstance(shape, Path) and shape.data):
        return
    name = " to ".join(dict(shape.data)[end] for end in ("src", "dst"))
    points = [(at[-2], at[-1]) for _, at in shape.segments if at]
    for (x0, y0), (x1, y1) in pairwise(points):
        left, right = sorted((x0, x1))
        top, bottom = sorted((y0, y1))
        yield name, Area(left - _HALF, top - _HALF, right + _HALF, bottom + _HALF)


def _within(area: Area, page: Area) -> bool:
    across = page.left <= area.left and area.right <= page.right
    return across and page.top <= area.top and area.bottom <= page.bottom


def _meet(a: Area, b: Area) -> bool:
    wide = min(a.right, b.right) - max(a.left, b.left)
    return wide > _SLACK and min(a.bottom, b.bottom) - max(a.top, b.top) > _SLACK
