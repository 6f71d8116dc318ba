"""Drawing into a scene: labels, wires with arrowheads, cells of a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from math import copysign, hypot

from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import MIDDLE, shorten, text_width
from cnnspec.draw.page.labels import Label, label_width, runs
from cnnspec.draw.page.scene import Area, Circle, Data, Path, Paths, Rect, Scene, Segment, Text
from cnnspec.draw.page.signs import strokes
from cnnspec.draw.parts.parts import Part, Row

Point = tuple[float, float]


_RING = 1.3
"""From the outline of a join to the ring in it."""


class Pen:
    """Puts shapes of one look into a scene."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.taps: dict[str, tuple[float, float]] = {}
        """Path of a part -> the point behind it where a head can leave."""
        self.counts: Mapping[Part, str] = {}
        """What parts cost, where the figure says so."""

    def name(
        self,
        x: float,
        middle: float,
        text: str,
        *,
        size: float,
        width: float,
        muted: bool = False,
        full: str = "",
        stands: Paths = (),
    ) -> None:
        """A name or caption from `x`, cut in the middle when it is wider than `width`.

        `full` is the whole name where `text` leaves out some of it.
        """
        shown = shorten(text, size, width, bold=not muted)
        fill = "muted" if muted else "ink"
        box = Area(x, middle - size, x + width + 0.01, middle + size)
        baseline, full = middle + MIDDLE * size, full or text
        self.scene.add(
            Text(x, baseline, shown, size, not muted, fill, box=box, full=full, stands=stands)
        )

    def caption(self, x: float, middle: float, text: str, *, width: float) -> None:
        """A caption in ink, for ground that is not the page's."""
        shown = shorten(text, measures.CAPTION, width)
        box = Area(x, middle - measures.CAPTION, x + width + 0.01, middle + measures.CAPTION)
        baseline = middle + MIDDLE * measures.CAPTION
        self.scene.add(Text(x, baseline, shown, measures.CAPTION, box=box, full=text))

    def label(
        self,
        middle: Point,
        label: Label,
        size: float,
        box: Area,
        fill: str = "ink",
        *,
        joined: bool = False,
    ) -> None:
        """A label centred on a point; runs of two weights are set one after the other.

        `joined`: it is a further line of the label before.
        """
        (x, y), parts = middle, runs(label)
        baseline = y + MIDDLE * size
        if len(parts) == 1:
            only = parts[0]
            weight = only.bold
            self.scene.add(
                Text(x, baseline, only.text, size, weight, fill, "middle", box, joined=joined)
            )
            return
        x -= label_width(label, size) / 2
        for index, run in enumerate(parts):
            more, shown = joined or index > 0, run.text.rstrip()
            self.scene.add(Text(x, baseline, shown, size, run.bold, fill, box=box, joined=more))
            x += text_width(run.text, size, run.bold)

    def lines(self, middle: Point, lines: Sequence[Label], size: float, box: Area) -> None:
        """One or more labels centred over each other."""
        x, y = middle
        top = y - measures.LINE * (len(lines) - 1) / 2
        for index, line in enumerate(lines):
            self.label((x, top + index * measures.LINE), line, size, box, joined=index > 0)

    def wire(
        self,
        points: Sequence[Point],
        *,
        arrow: bool = True,
        head: float = 1.0,
        line: float = measures.WIRE,
        colour: str = "wire",
        dash: bool = False,
        data: Data = (),
        stands: Paths = (),
    ) -> None:
        """A line through `points` with rounded corners; an arrowhead ends at the last one.

        `head` is the arrowhead's size, 1 for the usual one.
        """
        way = list(points)
        if arrow:
            way[-1] = _towards(way[-1], way[-2], measures.ARROW_LENGTH * head * 0.73)
        segments = rounded(way, measures.WIRE_RADIUS)
        with self.scene.group("wire", stands):
            self.scene.add(
                Path(segments, stroke=colour, line=line, dash=dash, data=data, stands=stands)
            )
            if arrow:
                self.scene.add(Path(arrowhead(points[-1], points[-2], head), fill=colour))

    def row(self, row: Row) -> AbstractContextManager[None]:
        """What is drawn inside is the box of a row."""
        return self.scene.group("box", row.paths, row.layer.span.line)

    def dot(self, at: Point) -> None:
        """A fork."""
        self.scene.add(Circle(*at, measures.DOT, "wire"))

    def box(self, area: Area, fill: str, stroke: str, *, radius: float, line: float) -> None:
        """A filled, outlined rectangle."""
        left, top, right, bottom = area
        self.scene.add(Rect(left, top, right - left, bottom - top, radius, fill, stroke, line))

    def circle(
        self,
        area: Area,
        *,
        ring: bool = False,
        data: tuple[tuple[str, str], ...] = (),
        stands: Paths = (),
    ) -> None:
        """The outline of a join; a `ring` in it says that more is fused to it than a sign says."""
        x, y, right, bottom = area
        for gap in (0.0, _RING) if ring else (0.0,):
            size = (right - x - 2 * gap, bottom - y - 2 * gap, (bottom - y) / 2 - gap)
            paint = ("", "wire", measures.RULE) if gap else ("background", "wire", measures.WIRE)
            own = () if gap else data
            self.scene.add(Rect(x + gap, y + gap, *size, *paint, data=own, stands=stands))

    def sign(self, at: Point, sign: str) -> None:
        """The sign of a join: `+`, `×`, `−`, `µ` for the mean, `∨` for the larger."""
        self.scene.add(Path(strokes(sign, at), stroke="ink", line=1))

    def less(self, at: Point) -> None:
        """A small minus beside the arm that a difference takes away."""
        self.scene.add(Path(strokes("−", at, 0.5), stroke="ink", line=0.8))


def _towards(start: Point, end: Point, way: float) -> Point:
    """The point `way` from `start` in the direction of `end`."""
    length = hypot(end[0] - start[0], end[1] - start[1]) or 1
    return (
        start[0] + (end[0] - start[0]) * way / length,
        start[1] + (end[1] - start[1]) * way / length,
    )


def rounded(points: Sequence[Point], radius: float) -> tuple[Segment, ...]:
    """A line through points, its corners rounded as far as the sides allow."""
    out: list[Segment] = [("M", points[0])]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        room = min(_distance(before, corner), _distance(corner, after)) / 2
        bend = min(radius, room)
        out.append(("L", _towards(corner, before, bend)))
        out.append(("Q", (*corner, *_towards(corner, after, bend))))
    out.append(("L", points[-1]))
    return tuple(out)


def _distance(a: Point, b: Point) -> float:
    return hypot(b[0] - a[0], b[1] - a[1])


def arrowhead(tip: Point, before: Point, scale: float = 1.0) -> tuple[Segment, ...]:
    """A notched head on an upright or level line that comes from `before`."""
    (x, y), length, half = tip, measures.ARROW_LENGTH * scale, measures.ARROW_HALF * scale
    notch = length * measures.ARROW_NOTCH
    if abs(x - before[0]) < abs(y - before[1]):
        d = copysign(1, y - before[1])
        outline = ((x - half, y - d * length), (x, y - d * notch), (x + half, y - d * length))
    else:
        d = copysign(1, x - before[0])
        outline = ((x - d * length, y - half), (x - d * notch, y), (x - d * length, y + half))
    return (("M", tip), *(("L", point) for point in outline), ("Z", ()))


def cell_path(area: Area, radius: float, *, first: bool, last: bool) -> tuple[Segment, ...]:
    """The outline of a cell; the first and the last of a row have the row's corners."""
    left, top, right, bottom = area
    a, b = radius * first, radius * last
    segments: list[Segment] = [("M", (left + a, top)), ("L", (right - b, top))]
    if last:
        segments += [("Q", (right, top, right, top + b)), ("L", (right, bottom - b))]
        segments += [("Q", (right, bottom, right - b, bottom))]
    else:
        segments += [("L", (right, bottom))]
    segments += [("L", (left + a, bottom))]
    if first:
        segments += [("Q", (left, bottom, left, bottom - a)), ("L", (left, top + a))]
        segments += [("Q", (left, top, left + a, top))]
    return (*segments, ("Z", ()))
