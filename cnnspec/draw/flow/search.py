"""The cheapest way of a wire over the grid (A*): short, with few bends, crossing few others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from cnnspec.draw.flow.mesh import HEAD, Cell, Grid
from cnnspec.draw.flow.ports import Port, Side

BEND, CROSSING, BRANCH = 9.0, 45.0, 6.0
"""What a corner, a crossing, and leaving from a wire instead of the box cost, in points of way."""
_FREE = 4
_EAGER = 2.0
"""A search that makes for its goal counts what is left of the way so often."""
_SAME = 1e-6
"""Costs that differ by less are equal: sums of the same numbers in another order."""
_GRID = 0.01
"""How far the grid's rounded lines may lie beside a port."""
_INTO: dict[Side, int] = {"left": 0, "right": 1, "top": 2, "bottom": 3}
"""Side of a box -> the direction in which a wire enters it: 0 right, 1 left, 2 down, 3 up."""
_OUT_OF: dict[Side, int] = {"right": 0, "left": 1, "bottom": 2, "top": 3}
_ONE, _TWO = (2, 2, 0, 0), (3, 3, 1, 1)
_BACK = (1, 0, 3, 2, -1)


class NoWay(Exception):
    """No way is left for a wire; `spent` is how many cells a figure looked at to find that out."""

    spent = 0


class TooLong(NoWay):
    """The search looked at as many cells as it may."""


class Goal(NamedTuple):
    """A port to enter by, and the cell before it."""

    cell: Cell
    port: Port


@dataclass(slots=True)
class Found:
    """A way: its cells, the port that it leaves by (None: from the net's own wire), its cost."""

    cells: list[Cell]
    leaves: Port | None
    enters: Port
    cost: float


@dataclass(slots=True)
class Search:
    """One search for a net from ports and from cells of its own tree to the best goal."""

    grid: Grid
    net: int
    steps: int
    """How many cells may be looked at."""
    heads: set[Cell]
    """The cells that arrowheads of the net itself cover."""
    patience: int
    """After so many cells it makes for its goal; its way is not always the cheapest then."""
    heap: list[tuple[float, int, float, int]] = field(default_factory=list)
    best: dict[int, float] = field(default_factory=dict)
    before: dict[int, int] = field(default_factory=dict)
    starts: dict[int, Port] = field(default_factory=dict)
    goals: dict[Cell, list[Port]] = field(default_factory=dict)
    guard: set[Cell] = field(default_factory=set)
    aside: list[float] = field(default_factory=list)
    above: list[float] = field(default_factory=list)

    def run(self, sources: Iterable[Goal], tree: Iterable[Cell], goals: Iterable[Goal]) -> Found:
        """The cheapest way; raises NoWay."""
        own = dict.fromkeys(tree)
        for goal in goals:
            if not own.keys().isdisjoint(guarded(self.grid, goal.port, goal.cell)):
                continue
            self.goals.setdefault(goal.cell, []).append(goal.port)
            self.guard.update(guarded(self.grid, goal.port, goal.cell))
        if not self.goals:
            raise NoWay
        self._aim()
        for cell, port in sources:
            state = 5 * cell + _OUT_OF[port.side]
            if self._push(state, port.cost + (4 if own else 0)):
                self.starts[state] = port
        for cell in own:
            if cell in self.guard or cell in self.heads:
                continue
            self._push(5 * cell + _FREE, BRANCH)
        return self._search()

    def _aim(self) -> None:
        """How far the lines lie from the box of all goals, which no way is shorter than."""
        points = [self.grid.point(cell) for cell in self.goals]
        xs, ys = [x for x, _ in points], [y for _, y in points]
        left, right, top, bottom = min(xs), max(xs), min(ys), max(ys)
        self.aside = [max(left - x, 0, x - right) for x in self.grid.xs]
        self.above = [max(top - y, 0, y - bottom) for y in self.grid.ys]

    def _push(self, state: int, cost: float) -> bool:
        """Begin at a state."""
        if cost >= self.best.get(state, 1e18):
            return False
        self.best[state], self.before[state] = cost, -1
        column, row = divmod(state // 5, self.grid.deep)
        far = self.aside[column] + self.above[row]
        heappush(self.heap, (cost + far, len(self.best), cost, state))
        return True

    def _search(self) -> Found:
        """From the states begun at to the cheapest goal: most of a figure's time is spent here."""
        grid, net, best, before = self.grid, self.net, self.best, self.before
        heap, heads, guard, goals = self.heap, self.heads, self.guard, self.goals
        aside, above, taken = self.aside, self.above, grid.taken
        known, level, upright = grid.known, grid.level, grid.upright
        far = best.get
        own = (0, net)
        entering = min(port.cost for ports in goals.values() for port in ports)
        end, port, total, steps = -1, None, 1e18, self.steps
        hurry, eager = steps - self.patience, 1.0
        while heap:
            bound, _, cost, state = heappop(heap)
            if bound + entering >= total:
                break
            if cost > best[state]:
                continue
            cell, direction = divmod(state, 5)
            across, down = level[cell], upright[cell]
            crosses = (across and across != net) or (down and down != net)
            if not crosses and direction != _FREE:
                least, free = cost - _SAME, state - direction
                if (
                    far(free + _ONE[direction], 1e18) + BEND < least
                    or far(free + _TWO[direction], 1e18) + BEND < least
                    or far(free + _FREE, 1e18) < least
                ):
                    continue  # whoever turns here goes everywhere for less
            steps -= 1
            if steps < 0:
                self.steps = steps
                raise TooLong
            if steps == hurry:
                eager = _EAGER
                heap[:] = [(c + eager * (b - c), n, c, at) for b, n, c, at in heap]
                heapify(heap)
            if cell in goals:
                for goal in goals[cell]:
                    found = cost + self._arrive(cell, direction, goal)
                    if found < total:
                        end, port, total = state, goal, found
            if crosses:
                if cell in guard:
                    continue
                straight = (
                    (across == net or not across) if direction < 2 else (down == net or not down)
                )
                if not straight and direction != _FREE:
                    continue
            back = _BACK[direction]
            for ahead, new, there, stretch, way, column, row in known[cell] or grid.steps(cell):
                owner = taken[stretch]
                if ahead == back or (owner and owner != net):
                    continue
                if ahead == direction:
                    reached = cost + (way + CROSSING) if crosses else cost + way
                elif crosses:
                    continue
                else:
                    reached = cost + (way + BEND if direction != _FREE else way)
                if reached >= far(new, 1e18) or there in heads:
                    continue
                turned = new - ahead
                if (
                    (
                        far(turned + _ONE[ahead], 1e18) + BEND < reached - _SAME
                        or far(turned + _TWO[ahead], 1e18) + BEND < reached - _SAME
                    )
                    and level[there] in own
                    and upright[there] in own
                ):
                    continue
                best[new], before[new] = reached, state
                heappush(
                    heap, (reached + eager * (aside[column] + above[row]), len(best), reached, new)
                )
        self.steps = steps
        if port is None:
            raise NoWay
        return self._way(end, port, total)

    def _arrive(self, cell: Cell, direction: int, port: Port) -> float:
        """What it costs to go from a cell into a port."""
        into = _INTO[port.side]
        if direction == _BACK[into] or not self._lonely(cell):
            return 1e18
        return port.cost + (0 if direction in (into, _FREE) else BEND)

    def _lonely(self, cell: Cell) -> bool:
        """Whether no other net runs through a cell."""
        own = (0, self.net)
        return self.grid.level[cell] in own and self.grid.upright[cell] in own

    def _way(self, state: int, port: Port, cost: float) -> Found:
        cells = []
        at = state
        while True:
            cells.append(at // 5)
            if self.before[at] < 0:
                break
            at = self.before[at]
        return Found(cells[::-1], self.starts.get(at), port, cost)


def guarded(grid: Grid, port: Port, cell: Cell) -> list[Cell]:
    """The cells that an arrowhead at a port covers."""
    step = {"left": -grid.deep, "right": grid.deep, "top": -1, "bottom": 1}[port.side]
    out = []
    at, size = cell, len(grid.xs) * grid.deep
    while 0 <= at < size:
        x, y = grid.point(at)
        aside, above = abs(x - port.x), abs(y - port.y)
        if aside + above > HEAD or min(aside, above) > _GRID:
            break
        out.append(at)
        at += step
    return out
