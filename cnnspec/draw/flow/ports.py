"""Where wires may meet a box, and which of these places they like."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from cnnspec.draw.flow.quotient import Vertex, Wire

Mode = Literal["down", "right", "lanes", "upright"]
"""Where ranks go, or lanes beside the flow: from left to right, or from the top down."""
Side = Literal["top", "bottom", "left", "right"]

OPPOSITE: dict[Side, Side] = {"top": "bottom", "bottom": "top", "left": "right", "right": "left"}
_TURNED: dict[Side, Side] = {"top": "left", "left": "top", "bottom": "right", "right": "bottom"}
"""A side of a box in lanes that go down, as it were in lanes to the right."""
_PITCH = 5.0
"""From port to port on a side."""
_FURTHER = 1.5
"""What every port costs that is farther from the middle of its side."""
_OFF_LINE = 24.0
"""A place on a side that is not on the line of the row where the value enters or leaves."""
_WRONG = 70.0
"""A side that is not in the direction of the flow."""


class Port(NamedTuple):
    """A place on the border of a box, and what it costs to use it."""

    x: float
    y: float
    side: Side
    cost: float


class Ports:
    """The places of all boxes of a figure."""

    def __init__(self, vertices: list[Vertex], wires: list[Wire], mode: Mode) -> None:
        self.mode, self.turned = mode, mode == "upright"
        self.lanes = mode in ("lanes", "upright")
        self.into: dict[int, set[object]] = {vertex.index: set() for vertex in vertices}
        self.out: dict[int, set[object]] = {vertex.index: set() for vertex in vertices}
        self.along = {w.start.index for w in wires if w.start.level == w.end.level}
        """What is read on its own lane: that wire goes straight on."""
        self.fed: dict[int, list[Wire]] = {vertex.index: [] for vertex in vertices}
        for wire in wires:
            self.into[wire.end.index].add(wire.net)
            self.out[wire.start.index].add(wire.net)
            self.fed[wire.end.index].append(wire)

    def places(self, vertex: Vertex) -> list[Port]:
        """Every place of a box, the middle of each side first."""
        if vertex.owner is not None:
            line = _line(vertex)
            more = [line + _PITCH * at for at in range(len(self.out[vertex.index]))] or [line]
            right = [Port(*_on(vertex, "right", y), "right", 9 * (y != line)) for y in more]
            return [Port(*_on(vertex, "left", line), "left", 0), *right]
        return [
            Port(*_on(vertex, side, at), side, _FURTHER * far)
            for side in ("top", "bottom", "left", "right")
            for far, at in enumerate(self._along(vertex, side))
        ]  # fmt: skip

    def leaving(self, wire: Wire) -> Iterator[Port]:
        """The places that a wire may leave by."""
        for port in self.places(wire.start):
            cost = self._leave(wire, port)
            if cost is not None:
                yield port._replace(cost=cost)

    def entering(self, wire: Wire) -> Iterator[Port]:
        """The places that a wire may enter by."""
        for port in self.places(wire.end):
            cost = self._enter(wire, port)
            if cost is not None:
                yield port._replace(cost=cost)

    def _along(self, vertex: Vertex, side: Side) -> list[float]:
        upright = side in ("left", "right")
        low, size = (vertex.y, vertex.height) if upright else (vertex.x, vertex.width)
        if vertex.kind == "join" and vertex.width < 12:
            return _spread(low, low + size, 1)
        if vertex.kind in ("input", "output") and not self.lanes:
            return _spread(low, low + size, 1)
        count = max(len(self.into[vertex.index]), len(self.out[vertex.index]), 1)
        if not self.lanes:
            return _spread(low, low + size, count + (count > 1))
        if upright == self.turned:
            return _spread(low, low + size, max(count + 1, 3))
        lines = self._lines(vertex)
        more = _spread(low, low + size, min(count, 5))
        return lines + [y for y in more if all(abs(y - line) > 3 for line in lines)]

    def _lines(self, vertex: Vertex) -> list[float]:
        """The lines on which wires on the lane enter and leave."""
        if self.turned:
            return [round(2 * (vertex.x + vertex.width / 2)) / 2]
        if vertex.body is None:
            return [vertex.y + vertex.height / 2]
        enters, leaves = (
            round(2 * (vertex.y + line)) / 2 for line in (vertex.body.enters, vertex.body.leaves)
        )
        return [enters] if abs(enters - leaves) <= 3 else [enters, leaves]

    def _leave(self, wire: Wire, port: Port) -> float | None:
        if self.lanes:
            return self._lane_cost(wire, port, leaving=True)
        ahead: Side = "bottom" if self.mode == "down" else "right"
        if port.side == OPPOSITE[ahead]:
            return None
        return port.cost + (0 if port.side == ahead else _WRONG)

    def _enter(self, wire: Wire, port: Port) -> float | None:
        if self.lanes:
            return self._lane_cost(wire, port, leaving=False)
        behind: Side = "top" if self.mode == "down" else "left"
        if port.side == OPPOSITE[behind]:
            return None
        wrong = 8.0 if wire.end.kind == "join" else _WRONG
        return port.cost + (0 if port.side == behind else wrong)

    def _lane_cost(self, wire: Wire, port: Port, *, leaving: bool) -> float | None:
        vertex = wire.start if leaving else wire.end
        if vertex.owner is not None:
            return port.cost if port.side == ("right" if leaving else "left") else None
        cost, side = port.cost, _TURNED[port.side] if self.turned else port.side
        if side in ("left", "right"):
            lines = self._lines(vertex)
            line = lines[-1 if leaving else 0]
            on = abs((port.x if self.turned else port.y) - line) < 0.1
            if leaving and wire.start.level != wire.end.level and vertex.index in self.along:
                on = not on  # the line is for the wire that goes straight on
            cost = 0.0 if on else _OFF_LINE + port.cost
        if wire.start.level == wire.end.level:
            sides = (
                ("right", "bottom", "top", "left")
                if leaving
                else ("left", "top", "bottom", "right")
            )
            return cost + dict(zip(sides, (0, 20, 22, 200), strict=True))[side]
        return cost + self._between_lanes(wire, side, leaving=leaving)

    def _between_lanes(self, wire: Wire, side: Side, *, leaving: bool) -> float:
        """A wire to another lane leaves towards it, and beside what came in on that side."""
        down = wire.end.level > wire.start.level
        good: Side = "bottom" if down == leaving else "top"
        if side == OPPOSITE[good]:
            return 60
        if side == good:
            return 30 if leaving and self._taken(wire.start, side) else 0
        right = 36 if wire.start.index in self.along else 5
        return (right if side == "right" else 60) if leaving else (26 if side == "left" else 60)

    def _taken(self, vertex: Vertex, side: Side) -> bool:
        """Whether a wire from another lane comes in on that side."""
        other = [wire.start for wire in self.fed[vertex.index]]
        return any(
            start.level != vertex.level and (start.level < vertex.level) == (side == "top")
            for start in other
        )


def _line(port: Vertex) -> float:
    """The height on which values enter and leave a port."""
    return round(2 * (port.y + (port.body.enters if port.body else port.height / 2))) / 2


def _on(vertex: Vertex, side: Side, at: float) -> tuple[float, float]:
    match side:
        case "top":
            return at, vertex.y
        case "bottom":
            return at, vertex.y + vertex.height
        case "left":
            return vertex.x, at
    return vertex.x + vertex.width, at


def _spread(low: float, high: float, count: int) -> list[float]:
    """So many places on a side, the middle first, as far as there is room."""
    middle = round(low + high) / 2
    out = [middle]
    step = 1
    while len(out) < count and middle + _PITCH * step <= high - 1.5:
        out += [middle + _PITCH * step, middle - _PITCH * step]
        step += 1
    return out[: max(count, 1)]
