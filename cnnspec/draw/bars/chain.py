"""The one line of maps that a net is, what is copied from one place of it to another, its heads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from cnnspec.draw.flow.steps import Flow

_MOST, _ENDS = 150, 6
"""More steps, or more outputs, than any page holds as bars."""


class Side(NamedTuple):
    """A way beside the line: from the step `source` through `ops` into the join `end`."""

    source: int
    ops: tuple[int, ...]
    end: int


class Head(NamedTuple):
    """What gives a further output: the steps behind the step `source` of the line."""

    source: int
    ops: tuple[int, ...]


@dataclass(slots=True)
class Chain:
    """The steps of a net in one line, from its input to an output, and all that is beside it.

    `places` are pools with those who take the places of their maxima.
    """

    main: list[int]
    sides: list[Side] = field(default_factory=list)
    heads: list[Head] = field(default_factory=list)
    places: list[tuple[int, int]] = field(default_factory=list)


class Reads:
    """Who reads whose values in a flow; who takes places of maxima alone reads none."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.feeds: list[tuple[int, ...]] = []
        self.places: list[tuple[int, int]] = []
        for at, step in enumerate(flow.steps):
            marks = step.row.layer.op.places
            self.feeds.append(step.feeds[:1] if marks else step.feeds)
            self.places += [(source, at) for source in step.feeds[1:] if marks]
        self.count = Counter(source for feeds in self.feeds for source in feeds)
        self.count.update(flow.outputs.values())

    def alone(self, at: int) -> bool:
        """Whether one reader is all that a step has."""
        return self.count[at] == 1

    def arm(self, at: int) -> tuple[tuple[int, ...], int]:
        """The steps in series up to `at` that nothing else reads, and what feeds the first."""
        found: list[int] = []
        while self.alone(at) and len(self.feeds[at]) == 1:
            found.append(at)
            (at,) = self.feeds[at]
        return tuple(found[::-1]), at


def chain_of(flow: Flow, reads: Reads) -> Chain | None:
    """The line that a flow is; None where it is none, or where a bar could not show a value."""
    if not _drawable(flow):
        return None
    ends = list(dict.fromkeys(flow.outputs.values()))
    lines = [found for end in ends if (found := _line(reads, end)) is not None]
    if len(lines) < len(ends) or not lines:
        return None
    chain = max(lines, key=lambda line: len(line.main))
    known = {*chain.main, *(op for side in chain.sides for op in side.ops)}
    on = set(chain.main)
    for end in ends:
        ops, source = reads.arm(end) if end not in on else ((), end)
        if source not in on or known & {*ops} - on:
            return None
        chain.heads += [Head(source, ops)] if ops else []
        known.update(ops)
    chain.places = reads.places
    return chain if len(known) == len(flow.steps) else None


def _drawable(flow: Flow) -> bool:
    """Whether every value is a map of one size, and nothing stands for training alone."""
    steps = flow.steps
    if not 1 < len(steps) <= _MOST or not 1 <= len(flow.outputs) <= _ENDS or flow.aux:
        return False
    plain = all(len(s.shape) == 3 and not s.training and not s.row.shares for s in steps)
    return plain and sum(step.kind == "input" for step in steps) == 1


def _line(reads: Reads, end: int) -> Chain | None:
    """The line back from an output; at a join it comes from what was computed last."""
    chain, at = Chain([end]), end
    while feeds := reads.feeds[at]:
        if len(feeds) > 2:
            return None
        if len(feeds) == 2:
            main = _later(reads, feeds)
            ops, source = reads.arm(feeds[1 - main])
            chain.sides.append(Side(source, ops, at))
            at = feeds[main]
        else:
            (at,) = feeds
        chain.main.append(at)
    chain.main.reverse()
    chain.sides.reverse()
    line = set(chain.main)
    return chain if all(side.source in line for side in chain.sides) else None


def _later(reads: Reads, feeds: Sequence[int]) -> int:
    """Which of two arms begins later, or is the longer one."""
    arms = [reads.arm(feed) for feed in feeds]
    return max((0, 1), key=lambda at: (arms[at][1], len(arms[at][0])))
