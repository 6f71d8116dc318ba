"""A placed and routed figure as a scene: wires with jumps and dots, boxes, tags of lanes, key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from cnnspec.draw.block.key import footer, key_width
from cnnspec.draw.block.look import Sheet
from cnnspec.draw.flow.audit import crossing, stretches
from cnnspec.draw.flow.bodies import Framed
from cnnspec.draw.flow.drawing import Drawing
from cnnspec.draw.flow.key import OPS, Riding, entries
from cnnspec.draw.flow.labels import Places, taken_away
from cnnspec.draw.flow.quotient import Link, Vertex, Wire
from cnnspec.draw.flow.route import Point, Way
from cnnspec.draw.flow.steps import Flow
from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import MIDDLE, text_width
from cnnspec.draw.page.pen import Pen, arrowhead, rounded
from cnnspec.draw.page.scene import Area, Circle, Data, Path, Scene, Segment, Text
from cnnspec.draw.parts.parts import Plan, convs
from cnnspec.draw.parts.paths import listed

MARGIN = 5.0
_JUMP = 2.0
_RADIUS = 3.0
_SIZES = 4.2
"""From the middle of a lane's tag of two lines to each of them."""
_TAG = 6.0
"""From the tag of a lane to the boxes."""


class Painter:
    """Paints one drawing; coordinates are moved so that all ink lies on the page."""

    def __init__(self, plan: Plan, flow: Flow, drawing: Drawing, sheet: Sheet, room: float) -> None:
        self.room = room
        self.plan, self.flow, self.drawing, self.sheet = plan, flow, drawing, sheet
        self.vertices, self.wires = drawing.graph.vertices, drawing.graph.wires
        self.tags = _tags(drawing)
        said = f"{plan.name} drawn at level {plan.level}; {plan.total}."
        self.scene = Scene(0, 0, f"{plan.name}, {plan.level} level", said)
        self.pen = Pen(self.scene)
        self.riding = Riding(flow, self.wires)
        self.ways = self._move()
        self.bits = stretches(self.ways.values())

    def paint(self, least: float) -> Scene:
        """The figure on a page at least `least` points wide."""
        right, low = (far + MARGIN for far in self._reach())
        strip, parts = self.drawing.rung.look.strip, self.drawing.parts
        leads = any(vertex.leads for vertex in self.vertices)
        said = list(entries(self.riding, parts, self.sheet, strip, leads))
        width = max(right, least, key_width([self.plan.total, *(text for text, _ in said)]))
        self._centre((width - right) / 2)
        self.drawing.ways = self.ways
        for wire in self.wires:
            self._wire(wire, self.ways[id(wire)])
        self._numbers()
        for vertex in self.vertices:
            assert vertex.body is not None
            vertex.body.paint(self.pen, vertex.x, vertex.y, self._source(vertex))
        for inset in self.insets:
            inset.body.paint(self.pen, inset.x, inset.y, inset.source)
        for y, text in self.tags:
            room = text_width(text, measures.CAPTION) + 0.1
            self.pen.name(self.left, y, text, size=measures.CAPTION, width=room, muted=True)
        self.scene.width = width
        self.scene.height = footer(self.pen, self.plan, self.sheet, width, low, entries=said)
        self.scene.unseen = self.flow.unseen
        self.scene.shades = self.sheet.levels if any(True for _ in convs(tuple(parts))) else ()
        return self.scene

    def _reach(self) -> tuple[float, float]:
        """How far the ink reaches to the right and down; insets are put beside or under it."""
        points = [point for way in self.ways.values() for point in way.points]
        right = max([v.x + v.width for v in self.vertices] + [x for x, _ in points])
        low = max([v.y + v.height for v in self.vertices] + [y for _, y in points])
        self.insets = self.drawing.insets.shown
        room = self.room - 2 * MARGIN
        wide, deep = self.drawing.insets.arrange((right - MARGIN, low - MARGIN), room)
        for inset in self.insets:
            inset.x, inset.y = inset.x + MARGIN, inset.y + MARGIN
        return MARGIN + wide, MARGIN + deep

    def _move(self) -> dict[int, Way]:
        """Everything by so much that its least coordinates are the margin's."""
        ways = self.drawing.ways
        points = [point for way in ways.values() for point in way.points]
        left = min([v.x for v in self.vertices] + [x for x, _ in points])
        top = min([v.y for v in self.vertices] + [y for _, y in points])
        tag = max([text_width(text, measures.CAPTION) + _TAG for _, text in self.tags], default=0)
        self.left = MARGIN
        return self._shifted(ways, MARGIN + tag - left, MARGIN - top)

    def _shifted(self, ways: dict[int, Way], right: float, down: float) -> dict[int, Way]:
        for vertex in self.vertices:
            vertex.x, vertex.y = vertex.x + right, vertex.y + down
        self.tags = [(y + down, text) for y, text in self.tags]
        return {
            key: replace(way, points=tuple((x + right, y + down) for x, y in way.points))
            for key, way in ways.items()
        }

    def _centre(self, right: float) -> None:
        """Put what is narrower than the page in its middle."""
        if right > 0:
            self.left += right
            for inset in self.insets:
                inset.x += right
            self.ways = self._shifted(self.ways, right, 0)
            self.bits = stretches(self.ways.values())

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
        if wire.end.kind == "output":
            names = list(self.flow.outputs)
            return listed(sources), listed(names[link.slot] for link in wire.links)
        return listed(sources), listed(self.flow.steps[at].row.paths[0] for _, at in links)

    def _outer(self, wire: Wire) -> list[Link]:
        """The edges that a wire draws: further ones of a value into a card are in its inside."""
        span = wire.end.span
        if span is None:
            return wire.links
        before = [link for link in wire.links if link.target < span.first]
        if before or len(wire.links) == 1:
            return before or wire.links
        first = {link.source: link for link in reversed(wire.links)}
        entry = self._entry(wire.end)
        for link in wire.links:
            if self.flow.steps[link.target].row.paths[0] == entry:
                first[link.source] = link
        return list(first.values())[::-1]

    def _entry(self, card: Vertex) -> str:
        """The layer at which the drawing of a card begins, in its frame or in its inset."""
        drawn = (inset.body for inset in self.insets if inset.body.vertex.steps == card.steps)
        body = next(drawn, card.body)
        return body.entry() if isinstance(body, Framed) else ""

    def _wire(self, wire: Wire, way: Way) -> None:
        src, dst = self._ends(wire)
        stands = tuple(path for step in wire.ops for path in self.flow.steps[step].row.paths)
        via = listed(stands)
        data: Data = (("src", src), ("dst", dst))
        data += (("via", via),) if via else ()
        data += (("output", dst),) if wire.end.kind == "output" else ()
        data += (("times", str(wire.times)),) if wire.times > 1 else ()
        colour = self.riding.colour(wire)
        line = OPS if wire.ops else measures.WIRE
        points = list(way.points)
        shape = self._jumping(points, way.net)
        with self.scene.group("wire", stands):
            self.scene.add(Path(shape, stroke=colour, line=line, data=data, stands=stands))
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
        for way in self.ways.values():
            arches = self._arches(way.points, way.net)
            for (_, y), xs in zip(way.points, arches, strict=False):
                for x in xs:
                    yield Area(x - _JUMP, y - 2 * _JUMP, x + _JUMP, y)

    def _numbers(self) -> None:
        """Beside a wire the number of what rides on it, and how often its reader takes it."""
        places = Places(self.vertices, self.bits)
        places.taken += self._jumps()
        for wire in self.wires:
            number = self.riding.number(wire)
            times = f"×{wire.times}" if wire.times > 1 else ""
            for text, colour in ((number, self.riding.colour(wire)), (times, "ink")):
                if text:
                    spot = places.find(self.ways[id(wire)].points, text)
                    self._label(spot, text, colour)
        for end, before in taken_away(self.flow, self.wires, self.ways):
            self.pen.less(places.before(end, before))

    def _label(self, spot: Area, text: str, colour: str) -> None:
        y = spot.top + (0.38 + MIDDLE) * measures.CAPTION
        x = (spot.left + spot.right) / 2
        self.scene.add(Text(x, y, text, measures.CAPTION, True, colour, "middle"))


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


def _tags(drawing: Drawing) -> list[tuple[float, str]]:
    """The size of the map on every lane, at the height of its middle."""
    found: dict[int, list[str]] = {}
    for vertex in drawing.graph.vertices:
        if vertex.kind in ("input", "output") or len(vertex.shape) != 3:
            continue
        _, high, wide = vertex.shape
        found.setdefault(vertex.level, []).append(f"{high}×{wide}")
    return [
        (y + line, text)
        for level, y in drawing.middles.items()
        for line, text in _lines(found.get(level, []))
    ]


def _lines(sizes: Sequence[str]) -> Sequence[tuple[float, str]]:
    """The size on a lane, or the first over the last where convolutions without padding shrink."""
    if not sizes or sizes[0] == sizes[-1]:
        return [(0, size) for size in sizes[:1]]
    return (-_SIZES, f"{sizes[0]} –"), (_SIZES, sizes[-1])
