"""Series-parallel trees (Valdes, Tarjan and Lawler 1982): what today's rows and forks can show.

A stretch of steps with one value flowing in and one out is reduced edge by edge; what is left as a
single edge is a tree of steps in series and arms in parallel, and anything else is a knot.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from cnnspec.draw.flow.steps import Flow

_MOST = 4000
"""More steps than a box ever shows are not reduced."""


@dataclass(frozen=True, slots=True)
class Parallel:
    """Arms from one value that meet; an empty arm is the value itself."""

    arms: tuple[Series, ...]


Series = tuple["int | Parallel", ...]
"""Steps by their number, and arms, one after the other."""


def series_parallel(
    flow: Flow, first: int, last: int, bridged: Mapping[int, tuple[int, ...]] | None = None
) -> Series | None:
    """The tree of the steps `first` to `last`; None for a knot.

    A call that stands for itself is its last step, which reads what `bridged` says; its other
    steps read nothing.
    """
    bridged = bridged or {}
    if last - first >= _MOST:
        return None
    reducer = _Reducer()
    source = 2 * first - 1
    for at in range(first, last + 1):
        feeds = bridged.get(at, flow.steps[at].feeds)
        if not feeds and at in bridged:
            continue
        reducer.add(2 * at, 2 * at + 1, (at,))
        for feed in feeds:
            reducer.add(2 * feed + 1 if feed >= first else source, 2 * at, ())
    return reducer.reduce(source, 2 * last + 1)


@dataclass(slots=True)
class _Reducer:
    """Edges with what stands on them: step `n` runs from vertex `2n` to `2n + 1`."""

    edges: dict[int, tuple[int, int, Series]] = field(default_factory=dict)
    outs: dict[int, dict[int, None]] = field(default_factory=lambda: defaultdict(dict))
    ins: dict[int, dict[int, None]] = field(default_factory=lambda: defaultdict(dict))
    made: int = 0

    def add(self, start: int, end: int, said: Series) -> None:
        self.edges[self.made] = (start, end, said)
        self.outs[start][self.made] = self.ins[end][self.made] = None
        self.made += 1

    def take(self, edge: int) -> tuple[int, int, Series]:
        start, end, said = self.edges.pop(edge)
        del self.outs[start][edge], self.ins[end][edge]
        return start, end, said

    def reduce(self, source: int, sink: int) -> Series | None:
        waiting = list(dict.fromkeys([*self.outs, *self.ins]))
        while waiting:
            at = waiting.pop()
            waiting += self._parallel(at)
            if at not in (source, sink):
                waiting += self._series(at)
        if len(self.edges) != 1:
            return None
        ((_, _, said),) = self.edges.values()
        return said

    def _parallel(self, at: int) -> list[int]:
        """Make edges from one vertex to another one edge with arms."""
        ends: dict[int, list[int]] = defaultdict(list)
        for edge in self.outs[at]:
            ends[self.edges[edge][1]].append(edge)
        changed = []
        for end, edges in ends.items():
            if len(edges) > 1:
                arms = [arm for edge in edges for arm in _arms(self.take(edge)[2])]
                self.add(at, end, (Parallel(tuple(arms)),))
                changed += [at, end]
        return changed

    def _series(self, at: int) -> list[int]:
        """Make the only edge into a vertex and the only one out of it one."""
        if len(self.ins[at]) != 1 or len(self.outs[at]) != 1:
            return []
        start, _, before = self.take(next(iter(self.ins[at])))
        _, end, behind = self.take(next(iter(self.outs[at])))
        self.add(start, end, before + behind)
        return [start, end]


def _arms(said: Series) -> tuple[Series, ...]:
    """The arms of an edge that is nothing but arms, else the edge as one arm."""
    match said:
        case (Parallel(arms),):
            return arms
    return (said,)
