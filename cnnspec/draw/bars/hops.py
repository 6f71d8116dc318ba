"""Bars and what leads from one to another: which steps give a map of their own, which ride."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from cnnspec.draw.bars.chain import Chain, Reads
from cnnspec.draw.flow.steps import Flow, Step
from cnnspec.values import Shape

Way = Literal["along", "fall", "rise", "across", "vault", "hook", "over"]
"""How an arrow runs: on its row to the next bar, to a lower or a higher row; a copy over what is
below, or then over the first bars of its row too; under the bars of its row; down to a bar of the
next row.
"""
FEW, MANY = 2, 4
"""The most steps on the way up to a join: they have no bars of their own."""


@dataclass(slots=True, eq=False)
class Bar:
    """A map: the steps that give it, the last of which it is the value of.

    `parts` are the channels that a concat puts together, the copied ones first, or last where they
    come `late`; `sum` is the sign of another join.  Its place is in points.
    """

    steps: list[int]
    shape: Shape
    row: int
    names: list[str] = field(default_factory=list)
    """The outputs that it is."""
    parts: tuple[int, ...] = ()
    late: bool = False
    sum: str = ""
    head: bool = False
    x: float = 0
    y: float = 0
    height: float = 0
    widths: tuple[float, ...] = (0.0,)
    """Of each part that it has."""

    @property
    def width(self) -> float:
        """That of all its parts."""
        return sum(self.widths)

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height

    @property
    def centre(self) -> float:
        """The middle of its width."""
        return self.x + self.width / 2

    @property
    def middle(self) -> float:
        """The middle of its height."""
        return self.y + self.height / 2


@dataclass(slots=True, eq=False)
class Hop:
    """An arrow between bars; the steps `ops` ride on it, those of the bar it ends at do too."""

    start: Bar
    end: Bar
    ops: tuple[int, ...]
    way: Way
    main: bool = True
    bent: bool = False
    depth: int = 0
    """How many other hooks lie above it."""
    first: Bar | None = None
    """The first of the bars that a vault goes over."""


@dataclass(slots=True)
class Bars:
    """All bars, those of the line in order, and all hops; `runs` are bars in a row on a row."""

    flow: Flow
    line: list[Bar]
    hops: list[Hop]
    heads: list[list[Bar]] = field(default_factory=list)
    places: list[tuple[Hop, Hop, int, int]] = field(default_factory=list)
    """The hops that carry a pool and who takes its places, and their steps."""
    runs: list[list[Bar]] = field(default_factory=list)

    @property
    def all(self) -> list[Bar]:
        """The bars of the line, then those of heads."""
        return [*self.line, *(bar for head in self.heads for bar in head)]

    def run(self, bar: Bar) -> list[Bar]:
        """The bars of the line that stand on a row one after another, with one of them."""
        return next(run for run in self.runs if bar in run)

    def into(self, bar: Bar) -> Hop | None:
        """The hop of the line, or of a head, that ends at a bar."""
        return next((hop for hop in self.hops if hop.main and hop.end is bar), None)


class Builder:
    """Makes the bars of a chain."""

    def __init__(
        self, flow: Flow, level: Sequence[int], chain: Chain, reads: Reads, riders: int = FEW
    ) -> None:
        self.flow, self.level, self.chain, self.reads = flow, level, chain, reads
        self.riders = riders
        rows = sorted({level[at] for at in chain.main})
        self.row = {of: at for at, of in enumerate(rows)}
        self.tapped = set(flow.outputs.values())
        self.bar_of: dict[int, Bar] = {}
        self.joins = {side.end: side for side in chain.sides}

    def build(self) -> Bars:
        """The bars of the line, and the hops from each to the next."""
        bars = Bars(self.flow, [], [])
        riding: list[int] = []
        for number, at in enumerate(self.chain.main):
            if bars.line and not riding and self._goes_on(bars.line[-1], at):
                self._add(bars.line[-1], at)
            elif self._rides(number, bars.line):
                riding.append(at)
            else:
                bar = self._bar(at)
                if bars.line:
                    way = _way(bars.line[-1], bar)
                    bars.hops.append(Hop(bars.line[-1], bar, tuple(riding), way))
                bars.line.append(bar)
                riding = []
        for bar in bars.line:
            if not bars.runs or bars.runs[-1][-1].row != bar.row:
                bars.runs.append([])
            bars.runs[-1].append(bar)
        return bars

    def _bar(self, at: int) -> Bar:
        step = self.flow.steps[at]
        bar = Bar([], step.shape, self.row.get(self.level[at], -1))
        if (side := self.joins.get(at)) is not None:
            op, sizes = step.row.layer.op, [shape[0] for shape in step.row.layer.inputs]
            copied = self.reads.feeds[at].index(side.ops[-1] if side.ops else side.source)
            bar.parts = (sizes[copied], sizes[1 - copied]) if op.stacks else ()
            bar.sum = op.sign
        self._add(bar, at)
        return bar

    def _add(self, bar: Bar, at: int) -> None:
        bar.steps.append(at)
        self.bar_of[at] = bar

    def _still(self, at: int) -> bool:
        """Whether a step leaves its map the size that it has: dropout, a norm alone."""
        step, feeds = self.flow.steps[at], self.reads.feeds[at]
        same = len(feeds) == 1 and self.flow.steps[feeds[0]].shape == step.shape
        return same and step.kind == "cell" and not step.row.layer.op.places

    def _goes_on(self, bar: Bar, at: int) -> bool:
        """Whether a step can be one with those that give the bar before it."""
        last = bar.steps[-1]
        plain = self.flow.steps[last].kind not in ("input", "join")
        return plain and self._still(at) and self.reads.alone(last) and last not in self.tapped

    def _rides(self, number: int, before: Sequence[Bar]) -> bool:
        """Whether a step has no bar: its map is at once joined, or changed again."""
        main = self.chain.main
        at, after = main[number], main[number + 1 :]
        plain = self.flow.steps[at].kind not in ("input", "join")
        if not (after and plain and self.reads.alone(at)) or at in self.tapped:
            return False
        if after[0] in self.joins or self._still(at):
            return True
        rises = self.level[at] < self.level[before[-1].steps[-1]]
        return rises and self._up_to_a_join(main[number : number + self.riders + 1])

    def _up_to_a_join(self, steps: Sequence[int]) -> bool:
        """Whether steps lead to a join, one after another, on the level of the first."""
        for at in steps:
            if at in self.joins:
                return True
            if not self.reads.alone(at) or self.level[at] != self.level[steps[0]]:
                return False
        return False


def _way(start: Bar, end: Bar) -> Way:
    if start.row == end.row:
        return "along"
    return "fall" if end.row > start.row else "rise"


def step_of(flow: Flow, bar: Bar) -> Step:
    """The step that a bar is the value of."""
    return flow.steps[bar.steps[-1]]
