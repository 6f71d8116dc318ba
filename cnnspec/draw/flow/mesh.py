"""The sparse grid that wires run on: lines of ports, borders of boxes and tracks between them.

What may run where is written into the grid, so no wire enters a box, none runs on another's track
or nearer to it than `NEAR`, and wires meet only crossing at right angles.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise

from cnnspec.draw.flow.quotient import Vertex

OFF, TRACK, NEAR = 4.0, 4.5, 3.4
"""From a box to the nearest wire along it, from track to track, the least between wires."""
HEAD = 7.0
"""The last stretch of a wire, with its arrowhead, that nothing crosses or leaves."""
_TRACKS = 7
_ROOM = 26.0
"""Room for tracks round all boxes."""

Cell = int
"""A crossing of two lines: the number of its upright line times the lines across, plus that one."""


Step = tuple[int, int, Cell, int, float, int, int]
"""Direction (0 right, 1 left, 2 down, 3 up), five times the next cell and that, the next cell, the
stretch between, its length, the lines on which the next cell lies."""


class Grid:
    """Lines, what is blocked, and which net owns each stretch and each crossing (0: none)."""

    def __init__(
        self, vertices: Sequence[Vertex], xs: Iterable[float], ys: Iterable[float]
    ) -> None:
        at_x, at_y = set(map(_round, xs)), set(map(_round, ys))
        for vertex in vertices:
            at_x |= {_round(vertex.x - OFF), _round(vertex.x + vertex.width + OFF)}
            at_y |= {_round(vertex.y - OFF), _round(vertex.y + vertex.height + OFF)}
        self.xs, self.ys = _lines(at_x), _lines(at_y)
        self.deep = len(self.ys)
        self.column = {x: at for at, x in enumerate(self.xs)}
        self.row = {y: at for at, y in enumerate(self.ys)}
        size = len(self.xs) * self.deep
        self.blocked_across, self.blocked_down = bytearray(size), bytearray(size)
        self.wide, self.high = ([b - a for a, b in pairwise(at)] for at in (self.xs, self.ys))
        self._near_x, self._near_y = _near(self.xs), _near(self.ys)
        for at in range(self.deep):
            self.blocked_across[(len(self.xs) - 1) * self.deep + at] = 1
        for at in range(len(self.xs)):
            self.blocked_down[at * self.deep + self.deep - 1] = 1
        for vertex in vertices:
            self._block(vertex)
        self.size = size
        self.known: list[Sequence[Step] | None] = [None] * size
        self.clear()

    def clear(self) -> None:
        """Forget all wires."""
        self.taken = [0] * (2 * self.size)
        """The net on the stretch from a cell to the right, `size` on that down; -1 next to some."""
        self.level, self.upright = [0] * self.size, [0] * self.size
        """The net that runs through a cell from side to side, and up and down."""

    def cell(self, x: float, y: float) -> Cell:
        """The crossing at a point of the grid."""
        return self.column[_round(x)] * self.deep + self.row[_round(y)]

    def point(self, cell: Cell) -> tuple[float, float]:
        """Where a crossing lies."""
        return self.xs[cell // self.deep], self.ys[cell % self.deep]

    def steps(self, cell: Cell) -> Sequence[Step]:
        """The ways from a cell to those beside it that no box blocks."""
        found = self.known[cell]
        if found is None:
            found = self.known[cell] = self._beside(cell)
        return found

    def _beside(self, cell: Cell) -> list[Step]:
        column, row = divmod(cell, self.deep)
        across, down, size = self.blocked_across, self.blocked_down, self.size
        out: list[Step] = []
        if not across[cell]:
            there = cell + self.deep
            out.append((0, 5 * there, there, cell, self.wide[column], column + 1, row))
        if column and not across[there := cell - self.deep]:
            out.append((1, 5 * there + 1, there, there, self.wide[column - 1], column - 1, row))
        if not down[cell]:
            there = cell + 1
            out.append((2, 5 * there + 2, there, size + cell, self.high[row], column, row + 1))
        if row and not down[there := cell - 1]:
            out.append((3, 5 * there + 3, there, size + there, self.high[row - 1], column, row - 1))
        return out

    def _block(self, vertex: Vertex) -> None:
        left = bisect_left(self.xs, vertex.x - OFF - 0.01)
        right = bisect_right(self.xs, vertex.x + vertex.width + OFF + 0.01) - 1
        top = bisect_left(self.ys, vertex.y - OFF - 0.01)
        bottom = bisect_right(self.ys, vertex.y + vertex.height + OFF + 0.01) - 1
        for column in range(left, right + 1):
            for row in range(top, bottom + 1):
                cell = column * self.deep + row
                if top < row < bottom and column < right:
                    self.blocked_across[cell] = 1
                if left < column < right and row < bottom:
                    self.blocked_down[cell] = 1

    def own(self, net: int, cells: Sequence[Cell], ends: tuple[bool, bool]) -> None:
        """A wire of a net along cells; `ends` says whether its first and last bit are upright."""
        for a, b in pairwise(cells):
            if abs(a - b) == 1:
                self._own_down(net, min(a, b))
            else:
                self._own_across(net, min(a, b))
            for cell in (a, b):
                lines = self.upright if abs(a - b) == 1 else self.level
                lines[cell] = net
        for cell, upright in zip((cells[0], cells[-1]), ends, strict=True):
            (self.upright if upright else self.level)[cell] = net

    def close(self, net: int, cells: Iterable[Cell]) -> None:
        """Let no other net cross at these cells."""
        for cell in cells:
            self.level[cell] = self.upright[cell] = net

    def _own_across(self, net: int, cell: Cell) -> None:
        self.taken[cell] = net
        first = cell - cell % self.deep
        for other in self._near_y[cell % self.deep]:
            beside = first + other
            self.taken[beside] = net if self.taken[beside] in (0, net) else -1

    def _own_down(self, net: int, cell: Cell) -> None:
        column, row = divmod(cell, self.deep)
        self.taken[self.size + cell] = net
        for other in self._near_x[column]:
            beside = self.size + other * self.deep + row
            self.taken[beside] = net if self.taken[beside] in (0, net) else -1


def _round(value: float) -> float:
    return round(value, 2)


def _lines(known: Iterable[float]) -> list[float]:
    """The lines given, and tracks in the gaps between them and round all."""
    base = sorted(known)
    ends = [base[0] - _ROOM, *base, base[-1] + _ROOM]
    out = set(base)
    for low, high in pairwise(ends):
        count = min(int((high - low) / TRACK) - 1, _TRACKS)
        if count >= 1:
            step = (high - low) / (count + 1)
            out |= {_round(low + step * (at + 1)) for at in range(count)}
    return sorted(out)


def _near(lines: Sequence[float]) -> list[list[int]]:
    """For every line those so near to it that two nets may not run on both."""
    out = []
    for at, line in enumerate(lines):
        low, high = bisect_right(lines, line - NEAR), bisect_left(lines, line + NEAR)
        out.append([other for other in range(low, high) if other != at])
    return out
