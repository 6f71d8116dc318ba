"""The cheapest way of a wire over the grid (A*): short, with few bends, crossing few others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import NamedTuple

from cnnspec.draw.flow.mesh import HEAD, Cell, Grid
from cnnspec.draw.flow.ports import Port, Side

BEND, CROSSING, BRANCH = 9.0, 45.0, 6.0
"""What a corner, a crossing, and leaving from a wire instead of the box cost, in points of way."""
_FREE = 4
_GRID = 0.01
"""How far the grid's rounded lines may lie beside a port."""
_INTO: dict[Side, int] = {"left": 0, "right": 1, "top": 2, "bottom": 3}
"""Side of a box -> the direction in which a wire enters it: 0 right, 1 left, 2 down, 3 up."""
_OUT_OF: dict[Side, int] = {"right": 0, "left": 1, "bottom": 2, "top": 3}
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
    heap: list[tuple[float, int, float, int]] = field(default_factory=list)
    best: dict[int, float] = field(default_factory=dict)
    before: dict[int, int] = field(default_factory=dict)
    starts: dict[int, Port] = field(default_factory=dict)
    goals: dict[Cell, list[Port]] = field(default_factory=dict)
    guard: set[Cell] = field(default_factory=set)
    box: tuple[float, float, float, float] = (0, 0, 0, 0)

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
        points = [self.grid.point(cell) for cell in self.goals]
        xs, ys = [x for x, _ in points], [y for _, y in points]
        self.box = (min(xs), max(xs), min(ys), max(ys))
        for cell, port in sources:
            state = 5 * cell + _OUT_OF[port.side]
            if self._push(state, port.cost + (4 if own else 0), -1):
                self.starts[state] = port
        for cell in own:
            if cell in self.guard or cell in self.heads:
                continue
            self._push(5 * cell + _FREE, BRANCH, -1)
        return self._search()

    def _push(self, state: int, cost: float, before: int) -> bool:
        if cost >= self.best.get(state, 1e18):
            return False
        self.best[state], self.before[state] = cost, before
        x, y = self.grid.point(state // 5)
        left, right, top, bottom = self.box
        far = max(left - x, 0, x - right) + max(top - y, 0, y - bottom)
        heappush(self.heap, (cost + far, len(self.best), cost, state))
        return True

    def _search(self) -> Found:
        end, port, total = -1, None, 1e18
        while self.heap:
            bound, _, cost, state = heappop(self.heap)
            if bound >= total:
                break
            if cost > self.best[state]:
                continue
            self.steps -= 1
            if self.steps < 0:
                raise TooLong
            cell, direction = divmod(state, 5)
            for goal in self.goals.get(cell, ()):
                found = cost + self._arrive(cell, direction, goal)
                if found < total:
                    end, port, total = state, goal, found
            self._spread(cell, direction, cost, state)
        if port is None:
            raise NoWay
        return self._way(end, port, total)

    def _arrive(self, cell: Cell, direction: int, port: Port) -> float:
        """What it costs to go from a cell into a port."""
        into = _INTO[port.side]
        if direction == _BACK[into] or not self._lonely(cell):
            return 1e18
        return port.cost + (0 if direction in (into, _FREE) else BEND)

    def _spread(self, cell: Cell, direction: int, cost: float, state: int) -> None:
        """Go on from a cell to those beside it; written for speed, as most of a figure's time."""
        grid, net, best, heads = self.grid, self.net, self.best, self.heads
        before, heap = self.before, self.heap
        left, right, top, bottom = self.box
        level, upright = grid.level[cell], grid.upright[cell]
        crosses = (level and level != net) or (upright and upright != net)
        if crosses:
            if cell in self.guard:
                return
            level, upright = level == net or not level, upright == net or not upright
        back = _BACK[direction]
        across, down = grid.across, grid.down
        for ahead, there, stretch, way, x, y in grid.known[cell] or grid.steps(cell):
            if ahead == back:
                continue
            owner = across[stretch] if ahead < 2 else down[stretch]
            if owner and owner != net:
                continue
            if direction != ahead:
                if crosses:
                    continue
                reached = cost + (way + BEND if direction != _FREE else way)
            elif not crosses:
                reached = cost + way
            elif level if ahead < 2 else upright:
                reached = cost + (way + CROSSING)
            else:
                continue
            new = 5 * there + ahead
            if (new in best and reached >= best[new]) or there in heads:
                continue
            best[new], before[new] = reached, state
            aside = left - x if x < left else x - right if x > right else 0
            above = top - y if y < top else y - bottom if y > bottom else 0
            heappush(heap, (reached + (aside + above), len(best), reached, new))

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
