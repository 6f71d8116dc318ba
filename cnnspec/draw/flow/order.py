"""The order of what stands in a rank: barycentre sweeps over boxes and the wires that pass them."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cnnspec.draw.flow.quotient import Quotient
from cnnspec.draw.flow.turns import alone, turned

_SWEEPS = 10
_SEARCHED = 300
"""Ranks together of more entries than this times ten are swept less often."""

Entry = tuple[int, int]
"""The index of a vertex and its rank; of a wire that passes, that of its source and the rank."""


@dataclass(slots=True)
class Ranked:
    """Entries rank by rank, with the entries above and below each; one trunk for all readers."""

    ranks: list[list[Entry]]
    real: dict[Entry, bool] = field(default_factory=dict)
    above: dict[Entry, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    below: dict[Entry, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    settled: bool = False
    """Whether the ranks are in their order."""
    places: Mapping[Entry, int] = field(default_factory=dict)
    """The outputs that an author wants in an order, and their places in it."""


def ranked(graph: Quotient) -> Ranked:
    """Every vertex as near to the input as can be, then pulled down where that shortens wires."""
    rank = _longest(graph)
    _, out = graph.ends()
    last = max(rank.values())
    rank |= dict.fromkeys(graph.places, last)  # in one rank, so that an order is one on the page
    made = Ranked([[] for _ in range(last + 1)])
    made.places = {(index, last): place for index, place in graph.places.items()}
    for vertex in graph.vertices:
        entry = (vertex.index, rank[vertex.index])
        made.ranks[entry[1]].append(entry)
        made.real[entry] = True
    for vertex in graph.vertices:
        ends = [wire.end.index for wire in out[vertex.index]]
        _trunk(made, (vertex.index, rank[vertex.index]), sorted({(rank[end], end) for end in ends}))
    return made


def _trunk(made: Ranked, at: Entry, ends: list[tuple[int, int]]) -> None:
    """The way of a value past the ranks down to its farthest reader."""
    source = at[0]
    for row in range(at[1], ends[-1][0] if ends else at[1]):
        for rank, end in ends:
            if rank == row + 1:
                made.below[at].append((end, rank))
                made.above[end, rank].append(at)
        if ends[-1][0] > row + 1:
            passing = (source, row + 1)
            made.ranks[row + 1].append(passing)
            made.real[passing] = False
            made.below[at].append(passing)
            made.above[passing].append(at)
            at = passing


def _longest(graph: Quotient) -> dict[int, int]:
    into, out = graph.ends()
    rank: dict[int, int] = {}
    for vertex in graph.vertices:
        sources = into[vertex.index]
        rank[vertex.index] = max((rank[wire.start.index] + 1 for wire in sources), default=0)
    for _ in range(2):
        for vertex in reversed(graph.vertices):
            readers = out[vertex.index]
            if readers and len(readers) >= len(into[vertex.index]):
                lowest = min(rank[wire.end.index] for wire in readers) - 1
                rank[vertex.index] = max(rank[vertex.index], lowest)
    return rank


def settle(made: Ranked) -> None:
    """Order every rank so that few wires cross; ties stay in order of execution."""
    if made.settled:
        return
    made.settled = True
    position: dict[Entry, int] = {}
    for row in made.ranks:
        position.update((entry, at) for at, entry in enumerate(row))
    best, kept = _crossings(made, position), [list(row) for row in made.ranks]
    size = sum(map(len, made.ranks))
    for sweep in range(_SWEEPS if size < 10 * _SEARCHED else 3):
        if not best:
            break
        down = sweep % 2 == 0
        rows = made.ranks[1:] if down else made.ranks[-2::-1]
        near = made.above if down else made.below
        for row in rows:
            row.sort(key=_barycentre(position, near))
            position.update((entry, at) for at, entry in enumerate(row))
        found = _crossings(made, position)
        if found < best:
            best, kept = found, [list(row) for row in made.ranks]
    made.ranks = kept
    if made.places:
        _turn(made)


def _turn(made: Ranked) -> None:
    """Exchange outputs, and what leads to one of them alone, as their author wants them."""
    entries = (entry for row in reversed(made.ranks) for entry in row)
    leads = alone(entries, made.below, made.places)
    made.ranks = [turned(row, leads) for row in made.ranks]


def _barycentre(
    position: dict[Entry, int], near: dict[Entry, list[Entry]]
) -> Callable[[Entry], tuple[float, int]]:
    def key(entry: Entry) -> tuple[float, int]:
        at = [position[other] for other in near.get(entry, ())]
        return (sum(at) / len(at) if at else position[entry]), position[entry]

    return key


def _crossings(made: Ranked, position: dict[Entry, int]) -> int:
    """How many pairs of wires between neighbouring ranks cross."""
    found = 0
    for row in made.ranks[:-1]:
        ends: list[int] = []
        for entry in row:
            below = sorted(position[other] for other in made.below.get(entry, ()))
            found += sum(len(ends) - bisect_right(ends, at) for at in below)
            for at in below:
                insort(ends, at)
    return found
