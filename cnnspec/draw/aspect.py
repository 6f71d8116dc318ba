"""A figure laid out for a page of a given shape: `--aspect 16:9` for slides.

A figure is set on pages of that shape, from small to large, and enlarged to the page asked for: the
first page that it fits gives the largest type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Final

from cnnspec.draw.errors import DrawError, OptionError
from cnnspec.draw.options import Direction, Options
from cnnspec.draw.page.areas import crop, move, scaled
from cnnspec.draw.page.scene import Scene

SLIDE: Final = 960.0
"""The width in points of a slide of PowerPoint and LibreOffice, 13 1/3 in."""
_LEAST, _MOST, _STEPS = 1 / 3, 1.08, 4
"""The narrowest and the widest page that a figure is laid out on, in parts of the page asked for,
and how many pages lie between: type becomes at most three times and hardly ever less large."""
_EDGE = 6.0
"""What stays free round the figure."""

Make = Callable[[Options], Scene]
"""What lays a figure out."""


def shaped(options: Options, make: Make, ways: tuple[Direction, ...]) -> Scene:
    """The figure on a page `options["width"]` wide and as high as its aspect says.

    `ways` are the directions that are tried where none is asked for.  What fits no page in type of
    a size to be read is closed as on any page, and the note says so.  Raises DrawError where the
    style has no place for a net.
    """
    aspect, width = options["aspect"], options.get("width") or SLIDE
    best: Scene | None = None
    failed = DrawError("nothing to draw")
    for page in _pages(width):
        found: list[Scene] = []
        for way in ways:
            try:
                found.append(make(_on(options, page, aspect, way)))
            except OptionError:
                raise
            except DrawError as error:
                failed = error
        whole = [scene for scene in found if not scene.note and _inside(scene, page, aspect)]
        if whole or found:
            best = max(whole or found, key=lambda scene: _enlarged(scene, width, aspect))
        if whole:
            break
    if best is None:
        raise failed
    return _set(best, width, aspect, options)


def _pages(width: float) -> Iterator[float]:
    """The widths that are tried, from small to large."""
    ratio = (_MOST / _LEAST) ** (1 / _STEPS)
    return (width * _LEAST * ratio**step for step in range(_STEPS + 1))


def _on(options: Options, page: float, aspect: float, way: Direction) -> Options:
    given: Options = {**options, "width": page, "height": page / aspect}
    if way != "auto":
        given["direction"] = way
    return given


def _inside(scene: Scene, page: float, aspect: float) -> bool:
    """Whether a figure is no larger than its page; styles but block know no height."""
    return scene.width <= page + 1 and scene.height <= page / aspect + 1


def _enlarged(scene: Scene, width: float, aspect: float) -> float:
    """How many times a figure can be enlarged, at most."""
    high = width / aspect
    return min((width - 2 * _EDGE) / scene.width, (high - 2 * _EDGE) / scene.height, 1 / _LEAST)


def _set(scene: Scene, width: float, aspect: float, options: Options) -> Scene:
    """The figure in the middle of the page, as large as it can be."""
    crop(scene)
    scaled(scene, _enlarged(scene, width, aspect))
    high = width / aspect
    move(scene, (width - scene.width) / 2, (high - scene.height) / 2)
    scene.width, scene.height = width, high
    if scene.note.startswith("drawn at level") and ":" in scene.note:
        drawn, asked = scene.note.partition(":")[0], options.get("level", "block")
        shape = Fraction(aspect).limit_denominator(100)
        scene.note = (
            f"{drawn}: at level {asked} its type would be too small on a page "
            f"{shape.numerator}:{shape.denominator}"
        )
    return scene
