"""A figure laid out for a page of a given shape: `--aspect 16:9` for slides.

A figure is set on pages of that shape and enlarged to the page asked for: the smallest that it fits
gives the largest type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Final

from cnnspec.draw.errors import DrawError, OptionError
from cnnspec.draw.options import Direction, Options, fitting
from cnnspec.draw.page.areas import crop, move, scaled
from cnnspec.draw.page.scene import Scene

SLIDE: Final = 960.0
"""The width in points of a slide of PowerPoint and LibreOffice, 13 1/3 in."""
_LEAST, _MOST, _STEPS = 1 / 3, 1.0, 4
"""The narrowest and the widest page that a figure is laid out on, in parts of the page asked for,
and how many steps lie between: type becomes at most three times as large, and never smaller."""
_FILLED = 0.6
"""A figure that takes more of its page is not tried in another direction."""
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
    search = _Search(options, make, ways)
    pages = [*_pages(search.width)]
    best = search.whole(pages[-1])
    low, high = 0, len(pages) - 1
    while best is not None and low < high:  # the first page that it fits: larger ones fit too
        middle = (low + high) // 2
        scene = search.whole(pages[middle])
        low, high = (middle + 1, high) if scene is None else (low, middle)
        best = scene or best
    return _set(best or search.closed(pages[-1]), search.width, search.aspect, options)


class _Search:
    """Lays a figure out on pages of a shape."""

    def __init__(self, options: Options, make: Make, ways: tuple[Direction, ...]) -> None:
        self.options, self.make, self.ways = options, make, ways
        self.aspect, self.width = options["aspect"], options.get("width") or SLIDE

    def whole(self, page: float) -> Scene | None:
        """The figure as it was asked for that can be enlarged most; None where none fits.

        Another direction is tried where the first does not fit, or leaves much of the page free.
        """
        found: list[Scene] = []
        for way in self.ways:
            scene = fitting(_on(self.options, page, self.aspect, way), self.make)
            if scene is not None and self._fits(scene, page):
                found.append(scene)
                if self._filled(scene) > _FILLED:
                    break
        return max(found, key=self._enlarged, default=None)

    def closed(self, page: float) -> Scene:
        """What is left where nothing fits as it was asked for; raises DrawError."""
        found: list[Scene] = []
        failed = DrawError("nothing to draw")
        for way in self.ways:
            try:
                found.append(self.make(_on(self.options, page, self.aspect, way)))
            except OptionError:
                raise
            except DrawError as error:
                failed = error
        if not found:
            raise failed
        return max(found, key=self._enlarged)

    def _fits(self, scene: Scene, page: float) -> bool:
        """Whether a figure is whole and on its page; styles but block know no height."""
        high = page / self.aspect
        return not scene.note and scene.width <= page + 1 and scene.height <= high + 1

    def _enlarged(self, scene: Scene) -> float:
        return _enlarged(scene, self.width, self.aspect)

    def _filled(self, scene: Scene) -> float:
        """The part of the page that the figure takes."""
        area = scene.width * scene.height * self._enlarged(scene) ** 2
        return area / (self.width**2 / self.aspect)


def _pages(width: float) -> Iterator[float]:
    """The widths that are tried, from small to large."""
    ratio = (_MOST / _LEAST) ** (1 / _STEPS)
    return (width * _LEAST * ratio**step for step in range(_STEPS + 1))


def _on(options: Options, page: float, aspect: float, way: Direction) -> Options:
    given: Options = {**options, "width": page, "height": page / aspect}
    if way != "auto":
        given["direction"] = way
    return given


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
