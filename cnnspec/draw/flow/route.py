"""All wires of a figure: nets one after the other, then each once more with the others in place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass

from cnnspec.draw.flow.mesh import OFF, Cell, Grid
from cnnspec.draw.flow.ports import Mode, Port, Ports
from cnnspec.draw.flow.quotient import Quotient, Vertex, Wire
from cnnspec.draw.flow.search import Found, Goal, NoWay, Search, guarded

Point = tuple[float, float]

BUDGET = 250_000
"""How many cells are looked at for a figure before it is closed further."""
_PATIENT, _HASTY, _SPENT = 8000, 2000, 30_000
"""How many cells a wire may look at before it makes for its goal; fewer in a figure that has looked
at so many."""
_RIPPED = 40
"""Figures of more nets are not routed a second time."""


@dataclass(frozen=True, slots=True)
class Way:
    """The corners of a wire; `branches` says that it begins on another wire of its net."""

    points: tuple[Point, ...]
    net: int
    branches: bool


@dataclass(slots=True, eq=False)
class _Net:
    """Wires that may share their way: one value with the same ops on it."""

    number: int
    wires: list[Wire]
    found: dict[int, Found]

    @property
    def cost(self) -> float:
        return sum(one.cost for one in self.found.values())

    @property
    def reach(self) -> float:
        """How far its farthest reader is."""
        return max(_far(wire) for wire in self.wires)


def _far(wire: Wire) -> float:
    (x, y), (a, b) = wire.start.centre, wire.end.centre
    return abs(x - a) + abs(y - b)


def _turns(wire: Wire) -> tuple[bool, float]:
    """Whether a wire has to turn, and how far it goes."""
    (x, y), (a, b) = wire.start.centre, wire.end.centre
    return x != a and y != b, _far(wire)


def geometry(graph: Quotient, mode: Mode) -> Hashable:
    """Equal for graphs whose wires have the same ways: all that a router looks at."""
    place = {vertex.index: at for at, vertex in enumerate(graph.vertices)}
    cards = {card.index: at for at, card in enumerate(graph.cards)}
    boxes = tuple(
        (
            one.kind, one.x, one.y, one.width, one.height, one.level,
            (one.body.enters, one.body.leaves) if one.body else None,
            cards[one.owner.index] if one.owner else -1,
        )
        for one in (*graph.vertices, *graph.cards)
    )  # fmt: skip
    nets: dict[object, int] = {}
    wires = tuple(
        (place[wire.start.index], place[wire.end.index], nets.setdefault(wire.net, len(nets)))
        for wire in graph.wires
    )
    return mode, boxes, wires


class Router:
    """Routes the wires of placed vertices."""

    def __init__(self, graph: Quotient, mode: Mode, budget: int = BUDGET) -> None:
        self.ports = Ports(graph.vertices, graph.wires, mode)
        self.most = self.budget = budget
        places = [port for vertex in graph.vertices for port in self.ports.places(vertex)]
        self.grid = Grid(graph.boxes, (port.x for port in places), (port.y for port in places))
        groups: dict[object, list[Wire]] = defaultdict(list)
        for wire in graph.wires:
            groups[wire.net].append(wire)
        self.nets = [_Net(at, wires, {}) for at, wires in enumerate(groups.values(), 1)]
        self.taken: dict[tuple[int, float, float], tuple[int, bool]] = {}

    def run(self) -> dict[int, Way]:
        """The ways of all wires by `id`; raises NoWay when one finds none."""
        order = sorted(self.nets, key=lambda net: (net.reach, net.number))
        for net in order:
            self._route(net)
        if len(order) <= _RIPPED:
            self._again({net.number: at for at, net in enumerate(order)})
        return {
            id(wire): self._way(net, net.found[id(wire)]) for net in self.nets for wire in net.wires
        }

    def _again(self, turn: dict[int, int]) -> None:
        """Route every net once more where the others lie now; keep what is cheaper.

        More lies in the way of a net than in its first `turn`, so that a single wire finds nothing
        cheaper before one that came earlier has another way; of several, the first may go elsewhere
        at the same cost.
        """
        moved = len(turn)
        for net in sorted(self.nets, key=lambda net: (-net.cost, net.number)):
            if turn[net.number] < moved and len(net.wires) == 1:
                continue
            before, cost = net.found, net.cost
            self._lay(net)
            try:
                self._route(net)
            except NoWay:
                net.found = {}
            if net.found and net.cost < cost:
                moved = turn[net.number]
                continue
            self._lay(net)
            net.found = before
            self._own(net)

    def _lay(self, without: _Net) -> None:
        """Write all nets but one into the grid anew."""
        self.grid.clear()
        self.taken.clear()
        without.found = {}
        for net in self.nets:
            self._own(net)

    def _own(self, net: _Net) -> None:
        for wire in net.wires:
            if id(wire) in net.found:
                self._keep(net, wire, net.found[id(wire)])

    def _route(self, net: _Net) -> None:
        """Straight wires and near readers first; later ones may leave from the net's own wires."""
        net.found = {}
        tree: dict[Cell, None] = {}
        heads: set[Cell] = set()
        for wire in sorted(net.wires, key=_turns):
            sources = self._goals(wire, net, leaving=True)
            patience = _PATIENT if self.most - self.budget < _SPENT else _HASTY
            search = Search(self.grid, net.number, self.budget, heads, patience)
            found = search.run(sources, tree, self._goals(wire, net, leaving=False))
            self.budget = search.steps
            net.found[id(wire)] = found
            self._keep(net, wire, found)
            heads.update(guarded(self.grid, found.enters, found.cells[-1]))
            tree.update(dict.fromkeys(found.cells))

    def _goals(self, wire: Wire, net: _Net, *, leaving: bool) -> list[Goal]:
        vertex = wire.start if leaving else wire.end
        ports = self.ports.leaving(wire) if leaving else self.ports.entering(wire)
        mine = (net.number, leaving)
        return [
            Goal(self.grid.cell(*_before(port)), port)
            for port in ports
            if self.taken.get((vertex.index, port.x, port.y), mine) == mine
        ]

    def _keep(self, net: _Net, wire: Wire, found: Found) -> None:
        begin, end = found.leaves, found.enters
        if begin is not None:
            self._take(wire.start, begin, (net.number, True))
        self._take(wire.end, end, (net.number, False))
        first = _upright(begin) if begin else self._first(found.cells, end)
        self.grid.own(net.number, found.cells, (first, _upright(end)))
        self.grid.close(net.number, guarded(self.grid, end, found.cells[-1]))

    def _take(self, vertex: Vertex, port: Port, mine: tuple[int, bool]) -> None:
        self.taken[vertex.index, port.x, port.y] = mine

    def _first(self, cells: list[Cell], end: Port) -> bool:
        return abs(cells[0] - cells[1]) == 1 if len(cells) > 1 else _upright(end)

    def _way(self, net: _Net, found: Found) -> Way:
        points = [self.grid.point(cell) for cell in found.cells]
        if found.leaves is not None:
            points.insert(0, (found.leaves.x, found.leaves.y))
        points.append((found.enters.x, found.enters.y))
        return Way(tuple(corners(points)), net.number, found.leaves is None)


def _before(port: Port) -> Point:
    """Where the grid begins in front of a port."""
    by = {"left": (-OFF, 0.0), "right": (OFF, 0.0), "top": (0.0, -OFF), "bottom": (0.0, OFF)}
    return port.x + by[port.side][0], port.y + by[port.side][1]


def _upright(port: Port) -> bool:
    return port.side in ("top", "bottom")


def corners(points: list[Point]) -> list[Point]:
    """A way without the points that lie between two others on one line."""
    out = [points[0]]
    for point in points[1:]:
        if point == out[-1]:
            continue
        if len(out) > 1 and _straight(out[-2], out[-1], point):
            out.pop()
        out.append(point)
    return out


def _straight(a: Point, b: Point, c: Point) -> bool:
    return any(abs(a[k] - b[k]) < 1e-6 and abs(b[k] - c[k]) < 1e-6 for k in (0, 1))
