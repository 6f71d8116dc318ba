"""A scene as things to move about: boxes with what they say, connectors between them, the rest.

Formats of drawing programs are written from these; a scene's shapes are for the eye alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from cnnspec.draw.page.fontwidths import text_width
from cnnspec.draw.page.scene import (
    Area,
    Circle,
    Group,
    Path,
    Paths,
    Rect,
    Scene,
    Segment,
    Shape,
    Text,
)
from cnnspec.draw.parts.paths import paths_in

Point = tuple[float, float]
_OFF = 4.0
"""A label is a shape's own when its middle is at most half as far off that of the shape."""

Form = Literal["rectangle", "ellipse", "polygon", "text"]


@dataclass(slots=True)
class Solid:
    """A shape with what stands on it; `corners` are those of a polygon.

    `texts` are its label, whole lines in order; `paths` is what it stands for.
    """

    form: Form
    area: Area
    fill: str = ""
    stroke: str = ""
    line: float = 0
    dash: bool = False
    radius: float = 0
    corners: tuple[Point, ...] = ()
    texts: list[list[Text]] = field(default_factory=list)
    paths: Paths = ()


@dataclass(slots=True)
class Connector:
    """A line through points; `ends` are the paths of the layers at its ends, where it has any."""

    points: list[Point]
    stroke: str
    line: float
    dash: bool
    arrow: bool
    ends: tuple[str, str] = ("", "")


@dataclass(slots=True)
class Bundle:
    """Things that are moved together."""

    parts: list[Thing]
    paths: Paths = ()
    name: str = ""


Thing = Solid | Connector | Bundle


def things(scene: Scene) -> list[Thing]:
    """What a drawing program gets, back to front."""
    groups = sorted(scene.groups, key=lambda group: (group.first, -group.last))
    return _between(scene, groups, 0, len(scene.shapes))


def around(thing: Thing) -> Area:
    """The room that a thing takes."""
    match thing:
        case Solid():
            return thing.area
        case Connector():
            xs, ys = zip(*thing.points, strict=True)
            return Area(min(xs), min(ys), max(xs), max(ys))
        case Bundle():
            lefts, tops, rights, bottoms = zip(*map(around, thing.parts), strict=True)
            return Area(min(lefts), min(tops), max(rights), max(bottoms))


def said(solid: Solid) -> str:
    """The label of a shape as plain text, line by line."""
    return "\n".join(" ".join(text.text for text in line) for line in solid.texts)


def _between(scene: Scene, groups: list[Group], first: int, last: int) -> list[Thing]:
    """The things among some shapes, whose groups are `groups`."""
    out: list[Thing] = []
    at = first
    while groups:
        group, inner = groups[0], [one for one in groups[1:] if one.first < groups[0].last]
        out += _loose(scene.shapes[at : group.first])
        shapes = scene.shapes[group.first : group.last]
        if group.kind == "wire":
            out += _wire(shapes)
        else:
            parts = _between(scene, inner, group.first, group.last)
            out.append(Bundle(parts, group.paths, group.paths[0] if group.paths else ""))
        at, groups = group.last, groups[1 + len(inner) :]
    return out + _loose(scene.shapes[at:last])


def _wire(shapes: Sequence[Shape]) -> Iterator[Connector]:
    """A line and the arrowhead that ends it."""
    line, *head = shapes
    if not isinstance(line, Path):
        return
    data = dict(line.data)
    points = corners(line.segments)
    tip = head[0] if head and isinstance(head[0], Path) else None
    if tip is not None:
        points[-1] = _end(tip.segments[0])
    ends = (data.get("src", ""), data.get("dst", ""))
    source, target = ([*paths_in(end), ""][0] for end in ends)
    source = "" if {"from", "enters"} & data.keys() else source  # a port is no layer's box
    target = "" if {"into", "leaves"} & data.keys() else target
    yield Connector(points, line.stroke, line.line, line.dash, tip is not None, (source, target))


def _loose(shapes: Sequence[Shape]) -> list[Thing]:
    """Shapes of no group, or those of a box: labels stand on the solid whose middle they are in."""
    out: list[Thing] = []
    for shape in shapes:
        match shape:
            case Text() if shape.joined and out:
                _going_on(out).texts[-1].append(shape)
            case Text():
                out.append(Solid("text", _area([shape]), texts=[[shape]], paths=shape.stands))
            case Path() if not shape.fill:
                paint = (shape.stroke, shape.line, shape.dash, False)
                out += [Connector(corners(way), *paint) for way in _strokes(shape.segments)]
            case _:
                out.append(_solid(shape))
    return _labelled(out)


def _going_on(out: Sequence[Thing]) -> Solid:
    """The text that was added last."""
    return next(t for t in reversed(out) if isinstance(t, Solid) and t.form == "text")


def _labelled(found: Sequence[Thing]) -> list[Thing]:
    """The same with texts in the middle of a shape made its label."""
    out: list[Thing] = []
    for thing in found:
        if isinstance(thing, Solid) and thing.form == "text":
            (label,) = thing.texts
            thing.area = _area(label)
            thing.texts = [
                [text for text in label if text.y == y] for y in dict.fromkeys(t.y for t in label)
            ]
            holder = _holder(out, thing.area)
            if holder is not None:
                holder.texts = thing.texts
                continue
        out.append(thing)
    return out


def _holder(out: Sequence[Thing], label: Area) -> Solid | None:
    """The smallest shape without a label in whose middle an area lies."""
    found = [
        thing
        for thing in out
        if isinstance(thing, Solid) and thing.form != "text" and not thing.texts
        if _central(thing.area, label)
    ]
    return min(found, key=lambda solid: _room(solid.area), default=None)


def _central(around: Area, inner: Area) -> bool:
    beside = around.left + around.right - inner.left - inner.right
    over = around.top + around.bottom - inner.top - inner.bottom
    fits = around.left <= inner.left + 1 and inner.right - 1 <= around.right
    return fits and abs(beside) < _OFF and abs(over) < _OFF


def _area(label: Sequence[Text]) -> Area:
    """The room that a label takes."""
    lines = [(text, text_width(text.text, text.size, text.bold)) for text in label]
    size = label[0].size
    return Area(
        min(text.left for text, _ in lines),
        min(text.y for text, _ in lines) - 0.85 * size,
        max(text.left + wide for text, wide in lines),
        max(text.y for text, _ in lines) + 0.35 * size,
    )


def _room(area: Area) -> float:
    return (area.right - area.left) * (area.bottom - area.top)


def _lines(labels: Sequence[list[Text]]) -> Iterator[list[Text]]:
    """The texts of labels line by line."""
    for label in labels:
        for y in dict.fromkeys(text.y for text in label):
            yield [text for text in label if text.y == y]


def _solid(shape: Rect | Path | Circle) -> Solid:
    match shape:
        case Circle():
            x, y, r = shape.x, shape.y, shape.radius
            return Solid("ellipse", Area(x - r, y - r, x + r, y + r), shape.fill)
        case Rect():
            right, bottom = shape.x + shape.width, shape.y + shape.height
            area = Area(shape.x, shape.y, right, bottom)
            paint = (shape.fill, shape.stroke, shape.line, shape.dash, shape.radius)
            return Solid("rectangle", area, *paint, paths=shape.stands)
        case Path():
            points = tuple(corners(shape.segments))
            xs, ys = zip(*points, strict=True)
            area = Area(min(xs), min(ys), max(xs), max(ys))
            paint = (shape.fill, shape.stroke, shape.line, shape.dash, 0)
            level = set(points) <= {(x, y) for x in area[::2] for y in area[1::2]}
            form: Form = "rectangle" if level and len(set(points)) == 4 else "polygon"
            return Solid(form, area, *paint, points, paths=shape.stands)


def corners(segments: Sequence[Segment]) -> list[Point]:
    """The corners of a line or an outline: roundings are made sharp, arches over wires flat."""
    out: list[Point] = []
    for letter, at in segments:
        if letter == "Z":
            _close(out)
            continue
        end = (at[-2], at[-1])
        if letter == "Q" and abs(out[-1][0] - end[0]) > 0.01 < abs(out[-1][1] - end[1]):
            _add(out, (at[0], at[1]))
        _add(out, end)
    return out


def _end(segment: Segment) -> Point:
    return segment[1][-2], segment[1][-1]


def _strokes(segments: Sequence[Segment]) -> list[list[Segment]]:
    """The lines of a path, each from where the pen is set down."""
    out: list[list[Segment]] = []
    for segment in segments:
        out += [[]] if segment[0] == "M" else []
        out[-1].append(segment)
    return out


def _close(out: list[Point]) -> None:
    """Drop points that an outline begins and ends with, but no corner is."""
    if len(out) > 2 and _near(out[0], out[-1]):
        out.pop()
    if len(out) > 2 and _passes(out[-1], out[0], out[1]):
        out.pop(0)


def _near(a: Point, b: Point) -> bool:
    return abs(a[0] - b[0]) + abs(a[1] - b[1]) < 0.01


def _add(out: list[Point], point: Point) -> None:
    """Append a point, without those that then lie on the way between their neighbours."""
    if out and _near(out[-1], point):
        return
    while len(out) > 1 and _passes(out[-2], out[-1], point):
        out.pop()
    out.append(point)


def _passes(a: Point, b: Point, c: Point) -> bool:
    """Whether the way from `a` to `c` goes straight on at `b`."""
    first, then = (b[0] - a[0], b[1] - a[1]), (c[0] - b[0], c[1] - b[1])
    bends = first[0] * then[1] - first[1] * then[0]
    return abs(bends) < 0.05 and first[0] * then[0] + first[1] * then[1] >= 0
