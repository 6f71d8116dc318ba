"""Lanes: a row of the page for every resolution, columns by the way along the flow.

A wire on a lane costs one column, a wire between lanes none.  That alone stands an encoder in one
column down and its decoder in one column up: the U is no case of its own.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from cnnspec.draw.flow.pav import apart
from cnnspec.draw.flow.quotient import Quotient, Vertex, Wire

_BESIDE, _UNDER, _BETWEEN = 12.0, 9.0, 9.0
"""From column to column, from box to box in a slot, from lane to lane."""
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
    column: dict[int, int] = field(default_factory=dict)
    into: dict[int, list[Wire]] = field(default_factory=dict)
    out: dict[int, list[Wire]] = field(default_factory=dict)
    middles: dict[int, float] = field(default_factory=dict)
    """Level -> the height on the page where its tag stands."""

    def place(self) -> None:
        """Give every vertex its lane and its corner."""
        self.into, self.out = self.graph.ends()
        self._inputs_on_lanes()
        self._columns()
        slots = self._slots()
        lefts = self._lefts()
        heights = {level: self._heights(row) for level, row in slots.items()}
        tops = self._tops(heights)
        for level, places in heights.items():
            for vertex, y in places:
                left, wide = lefts[self.column[vertex.index]]
                stand(vertex, left + wide / 2, tops[level] + y + vertex.height / 2)
            ys = [y for _, y in places]
            low = max(y + vertex.height for vertex, y in places)
            self.middles[level] = tops[level] + (min(ys) + low) / 2

    def _inputs_on_lanes(self) -> None:
        for vertex in self.graph.vertices:
            if vertex.kind == "input" and self.out[vertex.index]:
                ends = [wire.end.level for wire in self.out[vertex.index] if not wire.ops]
                vertex.level = min(ends, default=vertex.level)

    def _columns(self) -> None:
        column = self.column
        taken: set[tuple[int, int]] = set()
        for vertex in self.graph.vertices:
            wires = self.into[vertex.index]
            behind = vertex.kind == "output" or (vertex.kind == "join" and len(wires) > 2)
            steps = (
                column[wire.start.index] + (behind or wire.start.level == vertex.level)
                for wire in wires
            )
            column[vertex.index] = max(steps, default=0)
            if wires and all(wire.start.level > vertex.level for wire in wires):
                before = (c for c, on in taken if on == vertex.level)
                column[vertex.index] = max(column[vertex.index], max(before, default=-1) + 1)
            taken.add((column[vertex.index], vertex.level))
        for vertex in self.graph.vertices:
            if vertex.kind == "input" and self.out[vertex.index]:
                ends = [wire.end for wire in self.out[vertex.index]]
                same = [column[end.index] for end in ends if end.level == vertex.level]
                column[vertex.index] = min(same) - 1 if same else min(column[e.index] for e in ends)
        self._heads_late()
        first = min(column.values())
        for index in column:
            column[index] -= first

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
            elif not ends or any(e.index not in heads or e.level != vertex.level for e in ends):
                continue
            else:
                before = min(self.column[end.index] for end in ends) - 1
                self.column[vertex.index] = max(self.column[vertex.index], before)
            heads.add(vertex.index)

    def _slots(self) -> dict[int, dict[int, list[Vertex]]]:
        """Level -> column -> what stands there, in order of execution."""
        slots: dict[int, dict[int, list[Vertex]]] = defaultdict(lambda: defaultdict(list))
        for vertex in self.graph.vertices:
            slots[vertex.level][self.column[vertex.index]].append(vertex)
        return {level: slots[level] for level in sorted(slots)}

    def _lefts(self) -> list[tuple[float, float]]:
        """Left edge and width of every column."""
        count = max(self.column.values()) + 1
        wide, turns = [0.0] * count, [0] * count
        for vertex in self.graph.vertices:
            column = self.column[vertex.index]
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

    def _heights(self, row: dict[int, list[Vertex]]) -> list[tuple[Vertex, float]]:
        """The places of a lane: every box on the line of what feeds it, from left to right."""
        y: dict[int, float] = {}
        for column in sorted(row):
            wanted = [(self._wanted(vertex, y), vertex) for vertex in row[column]]
            wanted.sort(key=lambda pair: (pair[0] + _enters(pair[1]), pair[1].index))
            vertices = [vertex for _, vertex in wanted]
            gaps = [vertex.height + _UNDER + self.grow for vertex in vertices[:-1]]
            found = apart([want for want, _ in wanted], gaps, [1.0] * len(wanted))
            y.update((v.index, at) for v, at in zip(vertices, found, strict=True))
        for column in row:
            for vertex in row[column]:
                ends = [w.end for w in self.out[vertex.index] if w.end.level == vertex.level]
                if vertex.kind == "input" and ends and len(row[column]) == 1:
                    y[vertex.index] = y[ends[0].index] + _enters(ends[0]) - _leaves(vertex)
        return [(vertex, y[vertex.index]) for column in row for vertex in row[column]]

    def _wanted(self, vertex: Vertex, y: dict[int, float]) -> float:
        sources = [wire.start for wire in self.into[vertex.index] if wire.start.index in y]
        if not sources:
            return -(_enters(vertex) if not self.into[vertex.index] else _leaves(vertex))
        lines = [y[source.index] + _leaves(source) for source in sources]
        return sum(lines) / len(lines) - _enters(vertex)

    def _tops(self, heights: dict[int, list[tuple[Vertex, float]]]) -> dict[int, float]:
        """Where the zero line of every lane lies."""
        order = list(heights)
        rank = {level: at for at, level in enumerate(order)}
        between = [0] * len(order)
        for wire in self.graph.wires:
            low, high = sorted((rank[wire.start.level], rank[wire.end.level]))
            away = abs(self.column[wire.start.index] - self.column[wire.end.index])
            if low == high and away > 1:
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
            y += low_end - top + _BETWEEN + more + 3 * self.grow
        return tops


def _enters(vertex: Vertex) -> float:
    return vertex.body.enters if vertex.body else vertex.height / 2


def _leaves(vertex: Vertex) -> float:
    return vertex.body.leaves if vertex.body else vertex.height / 2


def stand(vertex: Vertex, x: float, y: float) -> None:
    """Put a vertex round a middle on the grid of half points, so that wires do not kink."""
    vertex.x = round(2 * x) / 2 - vertex.width / 2
    vertex.y = round(2 * y) / 2 - vertex.height / 2
