"""Lanes: a row of the page for every resolution, columns by the way along the flow.

A wire on a lane costs one column, a wire between lanes none.  That alone stands an encoder in one
column down and its decoder in one column up: the U is no case of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

from cnnspec.draw.flow.pav import apart
from cnnspec.draw.flow.quotient import Quotient, Vertex, Wire
from cnnspec.draw.flow.turns import alone, turned

_BESIDE, _UNDER, _BETWEEN, _SNUG = 12.0, 9.0, 9.0, 8.0
"""From column to column, from box to box in a slot, from lane to lane, and the least of these."""
_TAG = 32.0
"""The least width of a lane that goes down, for the size of its maps above it."""
_TURNS = 4.0
"""What wires that turn between two lanes add to the room there."""
_TRACK = 2.6
"""What every further wire between columns or lanes adds."""
_MOST = 12


@dataclass(slots=True)
class Lanes:
    """The measured vertices of a graph, and where they come to stand."""

    graph: Quotient
    grow: float = 0
    stem: list[Vertex] = field(default_factory=list)
    tail: list[Vertex] = field(default_factory=list)
    """The chains that the figure begins and ends with, where they have lines of their own."""
    snug: bool = False
    """Whether lanes stand as close as their boxes and wires let them."""
    upright: bool = False
    """Whether lanes are columns and the flow goes down: both axes of the page change places."""
    column: dict[int, int] = field(default_factory=dict)
    into: dict[int, list[Wire]] = field(default_factory=dict)
    out: dict[int, list[Wire]] = field(default_factory=dict)
    middles: dict[int, float] = field(default_factory=dict)
    """Level -> the height on the page where its tag stands."""
    apart: set[int] = field(default_factory=set)
    """The vertices of the stem and the tail."""
    tall: set[tuple[int, int]] = field(default_factory=set)
    """The columns and lanes of cards that stand in several lanes, where nothing else does."""

    def place(self) -> None:
        """Give every vertex its lane and its corner."""
        if self.upright:
            self._turn()
        self._place()
        if self.upright:
            self._turn()

    def _turn(self) -> None:
        """Let the axes of the page change places."""
        for vertex in self.graph.vertices:
            x, y = vertex.centre
            vertex.width, vertex.height = vertex.height, vertex.width
            stand(vertex, y, x)

    def _place(self) -> None:
        self.into, self.out = self.graph.ends()
        self._inputs_on_lanes()
        self._apart()
        self._columns()
        slots = self._slots()
        lefts = self._lefts()
        own = self._places_apart(lefts)
        heights = {level: self._heights(row) for level, row in slots.items()}
        tops = self._tops(heights)
        for level, places in heights.items():
            for vertex, y in places:
                column = self.column[vertex.index]
                left, wide = own.get(vertex.index) or lefts[column]
                stand(vertex, left + wide / 2, tops[level] + y + vertex.height / 2)
                if vertex.kind == "input":
                    leaves = vertex.y + self._leaves(vertex)
                    vertex.y += round(2 * leaves) / 2 - leaves
            ys = [y for _, y in places]
            low = max(y + vertex.height for vertex, y in places)
            self.middles[level] = tops[level] + (min(ys) + low) / 2
        for card in self.graph.cards:
            _around(card, [port for port in self.graph.vertices if port.owner is card])

    def _inputs_on_lanes(self) -> None:
        for vertex in self.graph.vertices:
            if vertex.kind == "input" and self.out[vertex.index]:
                ends = [wire.end.level for wire in self.out[vertex.index] if not wire.ops]
                vertex.level = min(ends, default=vertex.level)

    def _columns(self) -> None:
        column = self.column
        taken: set[tuple[int, int]] = set()
        for line in (self.stem, self.tail):
            column.update((vertex.index, at) for at, vertex in enumerate(line))
        for vertices in self._together():
            if vertices[0].index in column:
                continue
            at = max(self._behind(vertex, taken) for vertex in vertices)
            lanes = {vertex.level for vertex in vertices}
            while self._stands_in(at, lanes, taken if vertices[0].owner else self.tall):
                at += 1
            column.update((vertex.index, at) for vertex in vertices)
            taken |= {(at, lane) for lane in lanes}
            if vertices[0].owner:
                self.tall |= {(at, lane) for lane in lanes}
        for vertex in self.graph.vertices:
            if vertex.kind == "input" and self.out[vertex.index] and vertex.index not in self.apart:
                ends = [wire.end for wire in self.out[vertex.index]]
                same = [column[end.index] for end in ends if end.level == vertex.level]
                column[vertex.index] = min(same) - 1 if same else min(column[e.index] for e in ends)
        self._heads_late()
        first = min(at for index, at in column.items() if index not in self.apart)
        for index in column.keys() - self.apart:
            column[index] -= first

    def _together(self) -> Iterator[list[Vertex]]:
        """The vertices in order, the ports of a card at once."""
        for _, found in groupby(self.graph.vertices, lambda one: (one.owner or one).index):
            yield list(found)

    def _behind(self, vertex: Vertex, taken: set[tuple[int, int]]) -> int:
        """The first column behind all that a vertex reads; a port is on the side of its card."""
        wires = self.into[vertex.index]
        behind = vertex.kind in ("output", "port") or (vertex.kind == "join" and len(wires) > 2)
        steps = (
            self.column[wire.start.index]
            + (behind or wire.start.owner is not None or wire.start.level == vertex.level)
            for wire in wires
            if wire.start not in self.stem
        )
        found = max(steps, default=0)
        if wires and all(wire.start.level > vertex.level for wire in wires):
            before = (column for column, on in taken if on == vertex.level)
            found = max(found, max(before, default=-1) + 1)
        return found

    @staticmethod
    def _stands_in(column: int, lanes: set[int], taken: set[tuple[int, int]]) -> bool:
        return any((column, lane) in taken for lane in lanes)

    def _heads_late(self) -> None:
        """Outputs of several levels stand on one line, and what leads to them alone beside it."""
        outputs = [vertex for vertex in self.graph.vertices if vertex.kind == "output"]
        if len({vertex.level for vertex in outputs}) < 2:
            return
        last = max(self.column.values())
        heads: set[int] = set()
        for vertex in reversed(self.graph.vertices):
            ends = [wire.end for wire in self.out[vertex.index]]
            if vertex.kind == "output":
                self.column[vertex.index] = last
            elif (
                vertex.owner
                or not ends
                or any(e.index not in heads or e.level != vertex.level for e in ends)
                or (self.snug and self._comes_down(vertex))
            ):
                continue
            else:
                before = min(self.column[end.index] for end in ends) - 1
                while (before, vertex.level) in self.tall:
                    before -= 1
                self.column[vertex.index] = max(self.column[vertex.index], before)
            heads.add(vertex.index)

    def _comes_down(self, vertex: Vertex) -> bool:
        """Whether a box is the last of a trunk that goes down lane by lane."""
        return any(wire.start.level != vertex.level for wire in self.into[vertex.index])

    def _slots(self) -> dict[int, dict[int, list[Vertex]]]:
        """Level -> column -> what stands there, in order of execution."""
        slots: dict[int, dict[int, list[Vertex]]] = defaultdict(lambda: defaultdict(list))
        for vertex in self.graph.vertices:
            slots[vertex.level][self.column[vertex.index]].append(vertex)
        return {level: slots[level] for level in sorted(slots)}

    def _lefts(self) -> list[tuple[float, float]]:
        """Left edge and width of every column."""
        count = max(at for index, at in self.column.items() if index not in self.apart) + 1
        wide, turns = [0.0] * count, [0] * count
        for vertex in self.graph.vertices:
            column = self.column[vertex.index]
            if vertex.index in self.apart:
                continue
            wide[column] = max(wide[column], vertex.width)
        for wire in self.graph.wires:
            if wire.start.level != wire.end.level:
                turns[self.column[wire.end.index]] += 1
        out, x = [], 0.0
        for at in range(count):
            more = min(max(turns[at] - 1, 0), _MOST) * (_TRACK + self.grow)
            x += (_BESIDE + 3 * self.grow if at else 0) + more
            out.append((x, wide[at]))
            x += wide[at]
        return out

    def _apart(self) -> None:
        """Lines of their own for the chains at both ends, above and below the lanes."""
        levels = [vertex.level for vertex in self.graph.vertices]
        for line, level in ((self.stem, min(levels) - 1), (self.tail, max(levels) + 1)):
            self.apart |= {vertex.index for vertex in line}
            for vertex in line:
                vertex.level = level

    def _places_apart(self, lefts: list[tuple[float, float]]) -> dict[int, tuple[float, float]]:
        """Left edge and width of the boxes on lines of their own; the last ends with the lanes."""
        found: dict[int, tuple[float, float]] = {}
        right = max(left + wide for left, wide in lefts)
        between = _BESIDE + 3 * self.grow
        for line in (self.stem, self.tail):
            long = sum(vertex.width + between for vertex in line) - between
            x = max(right - long, 0.0) if line is self.tail else 0.0
            for vertex in line:
                found[vertex.index] = x, vertex.width
                x += vertex.width + between
        return found

    def _heights(self, row: dict[int, list[Vertex]]) -> list[tuple[Vertex, float]]:
        """The places of a lane: every box on the line of what feeds it, from left to right."""
        y: dict[int, float] = {}
        turns = self._turns()
        for column in sorted(row):
            wanted = [(self._wanted(vertex, y), vertex) for vertex in row[column]]
            wanted.sort(key=lambda pair: (pair[0] + self._enters(pair[1]), pair[1].index))
            vertices = turned([vertex for _, vertex in wanted], turns)
            gaps = [vertex.height + _UNDER + self.grow for vertex in vertices[:-1]]
            found = apart([want for want, _ in wanted], gaps, [1.0] * len(wanted))
            y.update((v.index, at) for v, at in zip(vertices, found, strict=True))
        for column in row:
            for vertex in row[column]:
                ends = [w.end for w in self.out[vertex.index] if w.end.level == vertex.level]
                if vertex.kind == "input" and ends and len(row[column]) == 1:
                    y[vertex.index] = (
                        y[ends[0].index] + self._enters(ends[0]) - self._leaves(vertex)
                    )
        return [(vertex, y[vertex.index]) for column in row for vertex in row[column]]

    def _turns(self) -> dict[Vertex, int]:
        """What leads to one output alone, and the place that its author wants for that one."""
        of = {vertex.index: vertex for vertex in self.graph.vertices}
        below = {v: [wire.end for wire in self.out[v.index]] for v in of.values()}
        places = {of[index]: place for index, place in self.graph.places.items()}
        return alone(reversed(self.graph.vertices), below, places) if places else {}

    def _wanted(self, vertex: Vertex, y: dict[int, float]) -> float:
        sources = [wire.start for wire in self.into[vertex.index] if wire.start.index in y]
        if not sources:
            return -(self._enters(vertex) if not self.into[vertex.index] else self._leaves(vertex))
        lines = [y[source.index] + self._leaves(source) for source in sources]
        return sum(lines) / len(lines) - self._enters(vertex)

    def _tops(self, heights: dict[int, list[tuple[Vertex, float]]]) -> dict[int, float]:
        """Where the zero line of every lane lies."""
        order = list(heights)
        rank = {level: at for at, level in enumerate(order)}
        between = [0] * len(order)
        for wire in self.graph.wires:
            low, high = sorted((rank[wire.start.level], rank[wire.end.level]))
            away = abs(self.column[wire.start.index] - self.column[wire.end.index])
            if low == high and away > 1 and not (self.snug and self._bare(wire)):
                between[low] += 1
            straight = not away and high - low == 1
            for at in range(low, high):
                between[at] += not straight
        tops, y = {}, 0.0
        for at, level in enumerate(order):
            top = min(place for _, place in heights[level])
            low_end = max(place + vertex.height for vertex, place in heights[level])
            tops[level] = y - top
            more = min(between[at], _MOST) * (_TRACK + self.grow) + (_TURNS if between[at] else 0)
            y += (
                max(low_end - top, _TAG if self.upright else 0)
                + (_SNUG if self.snug else _BETWEEN)
                + more
                + 3 * self.grow
            )
        return tops

    def _enters(self, vertex: Vertex) -> float:
        return vertex.body.enters if vertex.body and not self.upright else vertex.height / 2

    def _leaves(self, vertex: Vertex) -> float:
        return vertex.body.leaves if vertex.body and not self.upright else vertex.height / 2

    def _bare(self, wire: Wire) -> bool:
        """Whether nothing stands between the ends of a wire on their lane."""
        begin, end = sorted((self.column[wire.start.index], self.column[wire.end.index]))
        return not any(
            begin < self.column[vertex.index] < end
            for vertex in self.graph.vertices
            if vertex.level == wire.start.level
        )


def ends_of(graph: Quotient) -> tuple[list[Vertex], list[Vertex]]:
    """What stands in series behind the only input up to the first fork, and before the output."""
    into, out = graph.ends()

    def line(kind: str, *, ahead: bool) -> list[Vertex]:
        found = [vertex for vertex in graph.vertices if vertex.kind == kind]
        while len(found) > 0:
            on, back = (out, into) if ahead else (into, out)
            wires = on[found[-1].index]
            after = wires[0].end if ahead else wires[0].start
            boxes = after.kind in ("step", "card", "cell") and len(back[after.index]) == 1
            if len(wires) != 1 or not boxes or (ahead and wires[0].ops):
                break
            found.append(after)
        return found if ahead else found[::-1]

    ends = []
    for kind, ahead in (("input", True), ("output", False)):
        alone = sum(vertex.kind == kind for vertex in graph.vertices) == 1
        ends.append(line(kind, ahead=ahead) if alone else [])
    stem, tail = ends
    return (stem if len(stem) > 1 else []), (tail if len(tail) > 1 else [])


def _around(card: Vertex, ports: list[Vertex]) -> None:
    """Make a card as high as its ports."""
    card.x, card.y = ports[0].x, min(port.y for port in ports)
    card.height = max(port.y + port.height for port in ports) - card.y


def stand(vertex: Vertex, x: float, y: float) -> None:
    """Put a vertex round a middle on the grid of half points, so that wires do not kink."""
    vertex.x = round(2 * x) / 2 - vertex.width / 2
    vertex.y = round(2 * y) / 2 - vertex.height / 2
