"""A placed and routed graph as shapes: wires with jumps and dots, boxes, tags of lanes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from math import inf

from cnnspec.draw.flow.audit import Stretch, crossing, stretches
from cnnspec.draw.flow.key import OPS, Riding
from cnnspec.draw.flow.labels import Places, taken_away
from cnnspec.draw.flow.quotient import Link, Quotient, Vertex, Wire
from cnnspec.draw.flow.route import Point, Way
from cnnspec.draw.flow.steps import Flow
from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import MIDDLE, text_width
from cnnspec.draw.page.pen import Pen, arrowhead, rounded
from cnnspec.draw.page.scene import Area, Circle, Data, Path, Segment, Text
from cnnspec.draw.parts.paths import listed

_JUMP, _NEAR = 2.0, 1.0
"""Half the width of an arch, and how far labels stay from it that are clear of other wires."""
_RADIUS = 3.0
_SIZES = 4.2
"""From the middle of a lane's tag of two lines to each of them."""
_TAG, _ABOVE = 6.0, 18.0
"""From the tag of a lane to the boxes, and the room of tags above them."""


class Sketch:
    """One graph with its ways; coordinates are moved to where it is drawn.

    `middles` are the heights of lanes by their level, or where they stand from left to right if
    they go down (`upright`); `entry` says at which layer the drawing of a card begins.
    """

    def __init__(
        self,
        flow: Flow,
        graph: Quotient,
        ways: Mapping[int, Way],
        middles: Mapping[int, float],
        riding: Riding,
        entry: Callable[[Vertex], str],
        *,
        upright: bool = False,
    ) -> None:
        self.flow, self.graph, self.riding, self.entry = flow, graph, riding, entry
        self.vertices, self.wires = graph.vertices, graph.wires
        self.ways = dict(ways)
        self.tags = _tags(graph, middles)
        """The middle of a lane, a line above or below it, and what stands there."""
        self.upright = upright
        self.left = self.top = 0.0
        """Where the tags of lanes begin."""
        self.bits: list[Stretch] = []
        self.kept: list[Area] = []
        """Where no label may stand."""
        self.width = inf
        """Of the page, beyond which no label stands if it can be."""
        self.clear = 0.0
        """How far the labels of wires stay from other wires, where they can."""

    def stand(self, left: float, top: float) -> None:
        """Move all ink, with the tags of lanes before it, to a corner."""
        x, y, _, _ = self.ink()
        self.left = left
        if self.upright:
            self.top = top
            self.move(left - x, top + _ABOVE - y)
            return
        self.move(left + self.tagged - x, top - y)

    @property
    def tagged(self) -> float:
        """How much room the tags of lanes take."""
        return max([text_width(text, measures.CAPTION) + _TAG for *_, text in self.tags], default=0)

    def ink(self) -> tuple[float, float, float, float]:
        """From where to where boxes and wires reach: left, top, right, bottom."""
        return ink(self.graph, self.ways)

    def move(self, right: float, down: float) -> None:
        """Move everything but where the tags begin."""
        for vertex in (*self.vertices, *self.graph.cards):
            vertex.x, vertex.y = vertex.x + right, vertex.y + down
        along = right if self.upright else down
        self.tags = [(middle + along, line, text) for middle, line, text in self.tags]
        self.ways = {
            key: replace(way, points=tuple((x + right, y + down) for x, y in way.points))
            for key, way in self.ways.items()
        }
        self.bits = stretches(self.ways.values())

    def paint(self, pen: Pen) -> None:
        """Wires with what stands beside them, then boxes."""
        self.pen, self.scene = pen, pen.scene
        for wire in self.wires:
            self._wire(wire, self.ways[id(wire)])
        self._numbers()
        for vertex in (*self.graph.cards, *self.vertices):
            assert vertex.body is not None
            vertex.body.paint(self.pen, vertex.x, vertex.y, self._source(vertex))

    def paint_tags(self, pen: Pen) -> None:
        """The size of the map on every lane."""
        for middle, line, text in self.tags:
            room = text_width(text, measures.CAPTION) + 0.1
            x, y = self.left, middle + line
            if self.upright:
                x, y = middle - room / 2, self.top + _ABOVE / 2 + line
            pen.name(x, y, text, size=measures.CAPTION, width=room, muted=True)

    def _source(self, vertex: Vertex) -> str:
        """The path of the layer whose value flows into a box."""
        found = [wire for wire in self.wires if wire.end is vertex]
        if found and found[0].ops:
            return self.flow.steps[found[0].ops[-1]].row.paths[-1]
        return self._ends(found[0])[0] if found else ""

    def _ends(self, wire: Wire) -> tuple[str, str]:
        """The paths of the layers at the ends of what a wire stands for; ops on it lie between."""
        links = [(link.source, link.target) for link in self._outer(wire)]
        sources = (self.flow.steps[source].row.paths[-1] for source, _ in links)
        if wire.end.kind == "output" and wire.end.port < 0:
            names = list(self.flow.outputs)
            return listed(sources), listed(names[link.slot] for link in wire.links)
        if wire.end.kind == "output":
            return listed(sources), ""
        return listed(sources), listed(self.flow.steps[at].row.paths[0] for _, at in links)

    def _outer(self, wire: Wire) -> list[Link]:
        """The edges that a wire draws: further ones of a value into a card are in its inside."""
        span = wire.end.span
        if wire.end.owner is not None:
            return wire.links[:1]
        if span is None:
            return wire.links
        before = [link for link in wire.links if link.target < span.first]
        if before or len(wire.links) == 1:
            return before or wire.links
        first = {link.source: link for link in reversed(wire.links)}
        entry = self.entry(wire.end)
        for link in wire.links:
            if self.flow.steps[link.target].row.paths[0] == entry:
                first[link.source] = link
        return list(first.values())[::-1]

    def _wire(self, wire: Wire, way: Way) -> None:
        src, dst = self._ends(wire)
        stands = tuple(path for step in wire.ops for path in self.flow.steps[step].row.paths)
        via = listed(stands)
        data: Data = (("src", src), ("dst", dst))
        data += (("via", via),) if via else ()
        data += (("output", dst),) if wire.end.kind == "output" and wire.end.port < 0 else ()
        data += _at_ports(wire)
        data += (("times", str(wire.times)),) if wire.times > 1 else ()
        colour = self.riding.colour(wire)
        line = OPS if wire.ops else measures.WIRE
        points = list(way.points)
        shape = self._jumping(points, way.net)
        with self.scene.group("wire", stands):
            dash = self.riding.places(wire)
            self.scene.add(
                Path(shape, stroke=colour, line=line, dash=dash, data=data, stands=stands)
            )
            self.scene.add(Path(arrowhead(points[-1], points[-2]), fill=colour))
        if way.branches:
            self.scene.add(Circle(*points[0], measures.DOT, colour))

    def _jumping(self, points: list[Point], net: int) -> tuple[Segment, ...]:
        """The line with a small arch over every wire that it crosses from side to side."""
        end = points[-1]
        before = points[-2]
        points = [*points[:-1], _back(end, before, measures.ARROW_LENGTH * 0.73)]
        return _segments(points, self._arches(points, net))

    def _arches(self, points: Sequence[Point], net: int) -> list[list[float]]:
        """Where each bit of a wire, if it is level, crosses others."""
        out = []
        for a, b in pairwise(points):
            own = stretches([Way((a, b), net, False)])[0]
            crossed = []
            if own.level:
                found = (crossing(own, bit) for bit in self.bits if bit.net != net)
                crossed = sorted({point[0] for point in found if point is not None})
                low, high = sorted((a[0], b[0]))
                crossed = [x for x in crossed if low + _JUMP < x < high - _JUMP]
            out.append(crossed if a[0] <= b[0] else crossed[::-1])
        return out

    def _jumps(self) -> Iterator[Area]:
        """The room of all arches."""
        near = _NEAR if self.clear else 0.0
        for way in self.ways.values():
            arches = self._arches(way.points, way.net)
            for (_, y), xs in zip(way.points, arches, strict=False):
                for x in xs:
                    yield Area(x - _JUMP - near, y - 2 * _JUMP - near, x + _JUMP + near, y)

    def _numbers(self) -> None:
        """Beside a wire the number of what rides on it, and how often its reader takes it."""
        places = Places(self.vertices, self.bits, self.width)
        places.taken += [*self._jumps(), *self.kept]
        for wire in self.wires:
            number = self.riding.number(wire)
            times = self.riding.times(wire)
            for text, colour in ((number, self.riding.colour(wire)), (times, "ink")):
                if text:
                    spot = places.find(self.ways[id(wire)].points, text, self.clear)
                    self._label(spot, text, colour)
        for end, before in taken_away(self.flow, self.wires, self.ways):
            self.pen.less(places.before(end, before))

    def _label(self, spot: Area, text: str, colour: str) -> None:
        y = spot.top + (0.38 + MIDDLE) * measures.CAPTION
        x = (spot.left + spot.right) / 2
        self.scene.add(Text(x, y, text, measures.CAPTION, True, colour, "middle"))


def _at_ports(wire: Wire) -> Data:
    """The ports that a wire begins and ends at, of a card or of what a stack holds.

    A wire comes `from` a card or goes `into` it; inside, it `enters` or `leaves` one of the stack.
    Each is the first layer of the stack, and the number of the port.
    """
    out: Data = ()
    for end, card, own in ((wire.start, "from", "enters"), (wire.end, "into", "leaves")):
        if end.port >= 0 and not (end.owner and end.owner.brief):
            first = ((end.owner or end).holds or ("",))[0]  # none in what a call holds
            out += ((card if end.owner else own, listed([first, str(end.port)])),)
    return out


def ink(graph: Quotient, ways: Mapping[int, Way]) -> tuple[float, float, float, float]:
    """From where to where boxes and wires reach: left, top, right, bottom."""
    points = [point for way in ways.values() for point in way.points]
    boxes = graph.boxes
    xs = [x for x, _ in points] + [x for box in boxes for x in (box.x, box.x + box.width)]
    ys = [y for _, y in points] + [y for box in boxes for y in (box.y, box.y + box.height)]
    return min(xs), min(ys), max(xs), max(ys)


def _back(end: Point, before: Point, way: float) -> Point:
    """The point so far before the end of a line."""
    length = abs(end[0] - before[0]) + abs(end[1] - before[1]) or 1
    part = min(way / length, 1)
    return end[0] + (before[0] - end[0]) * part, end[1] + (before[1] - end[1]) * part


def _segments(points: Sequence[Point], arches: Sequence[Sequence[float]]) -> tuple[Segment, ...]:
    """A rounded line, cut open for its arches."""
    plain = rounded(points, _RADIUS)
    flat = {round(points[at][1], 3): xs for at, xs in enumerate(arches) if xs}
    if not flat:
        return plain
    out: list[Segment] = []
    pen = points[0]
    for letter, at in plain:
        end = (at[-2], at[-1])
        xs = flat.get(round(end[1], 3), ()) if letter == "L" and end[1] == pen[1] else ()
        way = 1 if end[0] > pen[0] else -1
        for x in xs:
            if min(pen[0], end[0]) + _JUMP <= x <= max(pen[0], end[0]) - _JUMP:
                start, top = x - way * _JUMP, end[1] - 2 * _JUMP
                out.append(("L", (start, end[1])))
                out.append(("Q", (x, top, x + way * _JUMP, end[1])))
        out.append((letter, at))
        pen = end
    return tuple(out)


def _tags(graph: Quotient, middles: Mapping[int, float]) -> list[tuple[float, float, str]]:
    """The size of the map on every lane, at its middle, in one line or two."""
    found: dict[int, list[str]] = {}
    for vertex in graph.vertices:
        if vertex.kind in ("input", "output") or len(vertex.shape) != 3:
            continue
        _, high, wide = vertex.shape
        found.setdefault(vertex.level, []).append(f"{high}×{wide}")
    return [
        (y, line, text)
        for level, y in middles.items()
        for line, text in _lines(found.get(level, []))
    ]


def _lines(sizes: Sequence[str]) -> Sequence[tuple[float, str]]:
    """The size on a lane, or the first over the last where convolutions without padding shrink.

    They follow each other: a dash would be a range.
    """
    if not sizes or sizes[0] == sizes[-1]:
        return [(0, size) for size in sizes[:1]]
    return (-_SIZES, f"{sizes[0]},"), (_SIZES, sizes[-1])
