"""Ranks: what stands equally far from the input on one line of the page, from the top down.

With `across` the ranks are columns from left to right; names stay upright.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf

from cnnspec.draw.flow.lanes import stand
from cnnspec.draw.flow.order import Entry, Ranked, settle
from cnnspec.draw.flow.pav import apart
from cnnspec.draw.flow.quotient import Quotient, Vertex

_APART, _PASSING, _BETWEEN, _TRACK = 9.0, 6.0, 9.5, 4.0
"""Between boxes of a rank, round wires that pass, from rank to rank, for every turn there."""
FOLD = 22.0
"""From line to line of a folded figure."""
_ROUNDS, _PINS = 20, 5
_PINNED = 1e5
_HALVINGS = 12
_WIDE = 2000
"""So many entries are placed in fewer rounds."""


Pull = tuple[float, Entry]
"""How much, and to what."""


class _Drawn:
    """Where the entries of a rank want to be, and how much; those drawn nowhere stay."""

    def __init__(self, pulls: Mapping[Entry, Sequence[Pull]], row: Sequence[Entry]) -> None:
        self.row = [(entry, pulls[entry], sum(by for by, _ in pulls[entry])) for entry in row]
        self.weights = [total or 0.1 for _, _, total in self.row]

    def places(self, x: Mapping[Entry, float]) -> tuple[list[float], list[float]]:
        """The places that are wanted where the neighbours stand now, and the weights of these."""
        wanted = []
        for entry, pulls, total in self.row:
            if len(pulls) == 1:
                by, other = pulls[0]
                wanted.append(by * x[other] / total)
            elif pulls:
                drawn = 0.0
                for by, other in pulls:
                    drawn += by * x[other]
                wanted.append(drawn / total)
            else:
                wanted.append(x[entry])
        return wanted, self.weights


@dataclass(slots=True)
class Ranks:
    """The measured vertices of a graph, which `made` gives their ranks, and where they stand."""

    graph: Quotient
    made: Ranked
    across: bool = False
    grow: float = 0
    between: float = _BETWEEN
    """From rank to rank."""
    vertices: dict[int, Vertex] = field(init=False)
    x: dict[Entry, float] = field(default_factory=dict)
    heads: dict[Entry, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.vertices = {vertex.index: vertex for vertex in self.graph.vertices}

    def place(self, room: float = inf) -> None:
        """Give every vertex its corner.

        `room` is the length of the page along the flow: longer figures are folded into lines.
        """
        if not self.x:
            self._order()
        self._stand(room)

    def wide(self) -> list[float]:
        """No less room do the boxes of each rank take across the flow."""
        real, boxes = self.made.real, self.vertices
        sizes = [
            [boxes[e[0]].height if self.across else boxes[e[0]].width for e in row if real[e]]
            for row in self.made.ranks
        ]
        return [sum(size) + _APART * max(len(size) - 1, 0) for size in sizes]

    def _order(self) -> None:
        """Where entries stand in their ranks."""
        settle(self.made)
        for row in self.made.ranks:
            at = 0.0
            for entry in row:
                at += self.size(entry) / 2
                self.x[entry] = at
                at += self.size(entry) / 2 + _APART
        self._balance()
        self._straighten()

    def size(self, entry: Entry) -> float:
        """The room that an entry takes in its rank."""
        vertex = self.vertices[entry[0]]
        if not self.made.real[entry]:
            return 4.0
        return vertex.height if self.across else vertex.width

    def _gaps(self, row: list[Entry]) -> list[float]:
        """From the middle of each entry of a rank to that of the next, at the least."""
        gaps = []
        for a, b in pairwise(row):
            boxes = self.made.real[a] or self.made.real[b]
            gaps.append(
                (self.size(a) + self.size(b)) / 2 + (_APART + 2 * self.grow if boxes else _PASSING)
            )
        return gaps

    def _balance(self) -> None:
        """Every entry to the mean of its neighbours: those above, those below, at last both."""
        made, x = self.made, self.x
        rounds = _ROUNDS if len(x) < _WIDE else 6
        above, below = self._pulls(made.above), self._pulls(made.below)
        both = {entry: above[entry] + below[entry] for entry in x}
        rows = [(row, self._gaps(row)) for row in made.ranks]
        drawn = [[_Drawn(pulls, row) for row in made.ranks] for pulls in (above, below, both)]
        for turn in range(rounds + 4):
            down = turn % 2 == 0
            wants = drawn[2 if turn >= rounds else 0 if down else 1]
            for at in range(1, len(rows)) if down else range(len(rows) - 2, -1, -1):
                row, gaps = rows[at]
                places, weights = wants[at].places(x)
                x.update(zip(row, apart(places, gaps, weights), strict=True))

    def _pulls(self, near: Mapping[Entry, Sequence[Entry]]) -> dict[Entry, list[Pull]]:
        """What each entry is drawn to on one side, and how much."""
        return {
            entry: [(self._pull(entry, other), other) for other in near.get(entry, ())]
            for entry in self.x
        }

    def _pull(self, entry: Entry, other: Entry) -> float:
        """How much a wire wants to be straight: one that passes most, then a chain."""
        if not self.made.real[entry] and not self.made.real[other]:
            return 8.0
        chain = len(self.made.below.get(other, ())) == 1
        return 3.0 if chain and len(self.made.above.get(other, ())) <= 1 else 1.0

    def _straighten(self) -> None:
        """A box stands exactly under what feeds it alone; heads give way to the trunk."""
        made = self.made
        for row in reversed(made.ranks):
            for entry in row:
                self.heads[entry] = self._head(entry)
        under = {}
        for row in made.ranks[1:]:
            for entry in row:
                source = self._over(entry)
                if source is not None:
                    under[entry] = source
        over = {source: entry for entry, source in under.items()}
        for turn in range(_PINS):
            ties = over if turn % 2 else under
            for row in made.ranks[-2::-1] if turn % 2 else made.ranks[1:]:
                wanted = {
                    entry: (self.x[ties[entry]], _PINNED) if entry in ties else (self.x[entry], 1.0)
                    for entry in row
                }
                places, weights = zip(*(wanted[entry] for entry in row), strict=True)
                self.x.update(zip(row, apart(places, self._gaps(row), weights), strict=True))

    def _head(self, entry: Entry) -> bool:
        """Whether an entry leads to nothing but further outputs."""
        vertex = self.vertices[entry[0]]
        if self.made.real[entry] and (vertex.training or vertex.kind == "output"):
            return vertex.training or vertex.name not in ("", "logits")
        below = self.made.below.get(entry, ())
        return bool(below) and all(self.heads[other] for other in below)

    def _heavy(self, entry: Entry) -> Entry | None:
        """Where the trunk goes on from an entry, where but one of its readers is no head."""
        below = self.made.below.get(entry, [])
        if len(below) == 1:
            return below[0]
        trunk = [other for other in below if not self.heads[other]]
        return trunk[0] if len(trunk) == 1 else None

    def _over(self, entry: Entry) -> Entry | None:
        """What an entry stands exactly under."""
        above = self.made.above.get(entry, [])
        sources = sorted((o for o in above if self._heavy(o) == entry), key=self.x.__getitem__)
        real = [source for source in sources if self.made.real[source]] or sources
        if not real:
            return None
        if len(above) % 2:
            return real[len(real) // 2]
        return min(real, key=lambda source: (abs(self.x[source] - self.x[entry]), self.x[source]))

    def _stand(self, room: float) -> None:
        """Ranks behind each other, folded into lines where the page is too short for them."""
        deep = [self.deep(row) for row in self.made.ranks]
        lines = fold(deep, [self._gap(at) for at in range(len(deep))], self.breaks(), room)
        away = 0.0
        for line in lines:
            low, high = self._reach(line)
            along = 0.0
            for at in line:
                along += self._gap(at) if at != line[0] else 0
                for entry in self.made.ranks[at]:
                    if self.made.real[entry]:
                        ends = (self.x[entry] - low + away, along + deep[at] / 2)
                        stand(self.vertices[entry[0]], *(ends[::-1] if self.across else ends))
                along += deep[at]
            away += high - low + FOLD + 4 * self.grow

    def deep(self, row: list[Entry]) -> float:
        """The room that a rank takes along the flow."""
        boxes = [self.vertices[entry[0]] for entry in row if self.made.real[entry]]
        return max((box.width if self.across else box.height for box in boxes), default=0.0)

    def _gap(self, rank: int) -> float:
        """The room before a rank for the wires into it."""
        return (self.between + _TRACK * min(self._turns(rank), 8) + 4 * self.grow) if rank else 0.0

    def _reach(self, line: range) -> tuple[float, float]:
        """From where to where the ranks of a line reach across the flow."""
        found = [entry for at in line for entry in self.made.ranks[at]]
        return (
            min(self.x[entry] - self.size(entry) / 2 for entry in found),
            max(self.x[entry] + self.size(entry) / 2 for entry in found),
        )

    def breaks(self) -> list[bool]:
        """Before which ranks a line may begin: where a single value passes."""
        passing = [
            sum(bool(self.made.below.get(entry)) for entry in row) for row in self.made.ranks
        ]
        return [False, *(count == 1 for count in passing[:-1])]

    def _turns(self, rank: int) -> int:
        """How many values turn aside on their way into a rank."""
        before = self.made.ranks[rank - 1]
        return sum(
            any(abs(self.x[entry] - self.x[other]) > 1 for other in self.made.below.get(entry, ()))
            for entry in before
        )


def fold(
    deep: Sequence[float], gaps: Sequence[float], breaks: Sequence[bool], room: float
) -> list[range]:
    """Ranks in as few lines as the room allows, and those as equal as can be."""
    lines = _lines(deep, gaps, breaks, room)
    low, high = max(deep), room
    if len(lines) == 1 or high == inf:
        return lines
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        found = _lines(deep, gaps, breaks, middle)
        if len(found) > len(lines):
            low = middle
        else:
            lines, high = found, middle
    return lines


def _lines(
    deep: Sequence[float], gaps: Sequence[float], breaks: Sequence[bool], room: float
) -> list[range]:
    """Each line as long as it can be before the last place to break."""
    lines: list[range] = []
    begin, last, length = 0, 0, 0.0
    at = 0
    while at < len(deep):
        length += deep[at] + (gaps[at] if at > begin else 0)
        if breaks[at]:
            last = at
        if length > room and last > begin:
            lines.append(range(begin, last))
            begin = at = last
            length = 0.0
            continue
        at += 1
    return [*lines, range(begin, len(deep))]
