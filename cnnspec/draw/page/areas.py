"""Where the shapes of a scene lie; moving, scaling and cropping all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cnnspec.draw.page.fontwidths import text_width
from cnnspec.draw.page.scene import Area, Circle, Path, Rect, Scene, Shape, Text

_RIM = 1.0
"""What a crop leaves round the ink, in points: half of the thickest line."""


def area_of(shape: Shape) -> Area:
    """The room that a shape takes."""
    match shape:
        case Rect():
            return Area(shape.x, shape.y, shape.x + shape.width, shape.y + shape.height)
        case Circle():
            r = shape.radius
            return Area(shape.x - r, shape.y - r, shape.x + r, shape.y + r)
        case Path():
            xs = [x for _, at in shape.segments for x in at[::2]]
            ys = [y for _, at in shape.segments for y in at[1::2]]
            return Area(min(xs), min(ys), max(xs), max(ys))
        case Text():
            wide = text_width(shape.text, shape.size, shape.bold)
            top, low = shape.y - 0.73 * shape.size, shape.y + 0.21 * shape.size
            return Area(shape.left, top, shape.left + wide, low)


def move(scene: Scene, right: float, down: float) -> None:
    """Everything on the page by so much; the page grows with it."""
    scene.shapes = [_moved(shape, right, down, 1) for shape in scene.shapes]
    scene.width, scene.height = scene.width + right, scene.height + down


def widen(scene: Scene, axis: int, at: float, by: float) -> None:
    """Make room `by` points wide behind `at` across the page (axis 0) or down it (axis 1).

    What lies on both sides of it, a wire or the band behind a stage, is drawn out.  The key is a
    line of text of its own: it stays together.
    """

    def to(value: float) -> float:
        return value + by if value > at else value

    key = range(*scene.foot) if axis == 0 else ()
    scene.shapes = [
        shape if number in key else _parted(shape, axis, to)
        for number, shape in enumerate(scene.shapes)
    ]
    if axis:
        scene.height += by
    else:
        scene.width += by


def _parted(shape: Shape, axis: int, to: Callable[[float], float]) -> Shape:
    """A shape with one of its coordinates changed."""
    x, y = (to if axis == 0 else _same), (to if axis else _same)
    match shape:
        case Rect():
            left, top, right, bottom = area_of(shape)
            size = (x(right) - x(left), y(bottom) - y(top))
            return replace(shape, x=x(left), y=y(top), width=size[0], height=size[1])
        case Circle():
            return replace(shape, x=x(shape.x), y=y(shape.y))
        case Path():
            segments = tuple(
                (letter, tuple((y if at % 2 else x)(value) for at, value in enumerate(points)))
                for letter, points in shape.segments
            )
            return replace(shape, segments=segments)
        case Text():
            box = shape.box and Area(
                *(at(v) for at, v in zip((x, y, x, y), shape.box, strict=True))
            )
            return replace(shape, x=x(shape.x), y=y(shape.y), box=box)


def _same(value: float) -> float:
    return value


def scaled(scene: Scene, by: float) -> None:
    """Everything so many times larger."""
    scene.shapes = [_moved(shape, 0, 0, by) for shape in scene.shapes]
    scene.width, scene.height = scene.width * by, scene.height * by


def _moved(shape: Shape, right: float, down: float, by: float) -> Shape:
    def at(x: float, y: float) -> tuple[float, float]:
        return x * by + right, y * by + down

    match shape:
        case Rect():
            x, y = at(shape.x, shape.y)
            size = (shape.width * by, shape.height * by)
            return replace(
                shape, x=x, y=y, width=size[0], height=size[1], radius=shape.radius * by,
                line=shape.line * by,
            )  # fmt: skip
        case Circle():
            x, y = at(shape.x, shape.y)
            return replace(shape, x=x, y=y, radius=shape.radius * by)
        case Path():
            segments = tuple(
                (letter, tuple(v for x, y in zip(p[::2], p[1::2], strict=True) for v in at(x, y)))
                for letter, p in shape.segments
            )
            return replace(shape, segments=segments, line=shape.line * by)
        case Text():
            x, y = at(shape.x, shape.y)
            box = shape.box and Area(*at(*shape.box[:2]), *at(*shape.box[2:]))
            return replace(shape, x=x, y=y, size=shape.size * by, box=box)


def crop(scene: Scene) -> None:
    """Make the page as small as its ink."""
    areas = [area_of(shape) for shape in scene.shapes]
    if areas:
        move(scene, _RIM - min(a.left for a in areas), _RIM - min(a.top for a in areas))
        scene.width = max(area_of(shape).right for shape in scene.shapes) + _RIM
        scene.height = max(area_of(shape).bottom for shape in scene.shapes) + _RIM
