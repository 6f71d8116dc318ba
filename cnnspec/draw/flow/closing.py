"""Which calls a rung of the ladder closes, or where it cuts what no call closes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import accumulate, pairwise

from cnnspec.draw.flow.calls import Span, clean, spans_of_stacks
from cnnspec.draw.flow.insides import Insides
from cnnspec.draw.flow.measure import Look
from cnnspec.draw.flow.rung import Rung
from cnnspec.draw.flow.stacks import Stack
from cnnspec.draw.flow.steps import Flow
from cnnspec.draw.flow.strands import strand

_SMALL = 60
"""Longer calls are not asked whether their inside is a knot."""


class Closing:
    """Closes the calls of one flow; `opened` paths stay open, `depth` is how deep others do."""

    def __init__(
        self,
        flow: Flow,
        level: list[int],
        insides: Insides,
        opened: Iterable[str],
        depth: int,
        stacks: Iterable[Stack] = (),
    ) -> None:
        self.flow, self.level, self.insides = flow, level, insides
        self.spans = insides.spans
        self.opened, self.depth = tuple(opened), depth
        self._known: dict[Rung, list[Span]] = {}
        inside = [self.spans[path] for path in self.opened if path in self.spans]
        self.stacks = [span for span in spans_of_stacks(stacks) if not any(map(span.holds, inside))]
        """What is one card, but for what holds a call that is to be shown open."""

    def within(self, stretch: range, rung: Rung) -> list[Span]:
        """The outermost calls in a stretch that a rung closes."""
        return [
            span
            for span in self.closed(rung._replace(stacked=False))
            if stretch[0] <= span.first and span.last <= stretch[-1]
        ]

    def strictly(self, around: Span, rung: Rung) -> list[Span]:
        """The outermost calls inside another one that a rung closes."""
        spans = [
            span
            for span in self.spans.values()
            if span.clean and around.holds(span) and len(span) < len(around)
            and self._closes(span, rung)
        ]  # fmt: skip
        return _outermost(spans)

    def knotted(self, span: Span) -> bool:
        """Whether the inside of a small call is no series-parallel graph."""
        return len(span) < _SMALL and self.insides.of(span.first, span.last) is None

    def closed(self, rung: Rung) -> list[Span]:
        """The outermost calls that a rung closes, each with all in it."""
        key = Rung(rung.close, Look(strip=rung.look.strip), layout=rung.layout, keep=rung.keep,
                   cut=rung.cut, stacked=rung.stacked, stem=rung.stem, laid=rung.laid)  # fmt: skip
        if key not in self._known:
            self._known[key] = self._outermost(rung)
        return self._known[key]

    def _outermost(self, rung: Rung) -> list[Span]:
        if rung.cut:
            return self._stretches(rung.cut)
        spans = [span for span in self.spans.values() if span.clean and self._closes(span, rung)]
        if rung.stacked:
            apart = (span for span in spans if not any(map(span.holds, self.stacks)))
            spans = [*apart, *self.stacks]
        return _outermost(spans)

    def _closes(self, span: Span, rung: Rung) -> bool:
        deep = self.depth and span.path.count(".") + 1 >= self.depth
        if not deep and span.height > rung.close and not (rung.look.strip and self._line(span)):
            return False
        if any((path + ".").startswith(span.path + ".") for path in self.opened):
            return False
        return not (rung.keep and self._kept(span, rung))

    def _line(self, span: Span) -> bool:
        """Whether a call is a sum of one line and a skip, whatever calls these are made of."""
        one = strand(self.insides.of(span.first, span.last)) if len(span) < _SMALL else None
        return one is not None and one.join is not None

    def _kept(self, span: Span, rung: Rung) -> bool:
        if rung.layout == "ranks":
            return self.knotted(span)
        inside = range(span.first, span.last + 1)
        rises = any(self.flow.steps[at].kind == "up" for at in inside)
        return rises and len({self.level[at] for at in inside}) > 1

    def _stretches(self, count: int) -> list[Span]:
        """About so many stretches of steps, inputs left out, cut where the fewest values pass.

        It is better still to cut no call in two: a reader knows what `block3` is, not half of it.
        """
        steps = [at for at, step in enumerate(self.flow.steps) if step.kind != "input"]
        size = max(-(-len(steps) // count), 1)
        passing, within = self._passing(), self._within()
        out: list[Span] = []
        begin = 0
        while begin < len(steps):
            wanted = begin + size
            near = range(wanted - size // 3, min(wanted + size // 3, len(steps) - 1) + 1)
            whole = wanted >= len(steps) or not near
            end = len(steps) if whole else min(
                near, key=lambda at: (within[steps[at]], passing[steps[at]], abs(at - wanted))
            )  # fmt: skip
            first, last = steps[begin], steps[end - 1]
            path = f"{first}–{last}"
            out.append(Span(path, first, last, clean=clean(self.flow, first, last)))
            begin = end
        return out

    def _passing(self) -> list[int]:
        """How many values made before each step are read at it or behind it."""
        steps = enumerate(self.flow.steps)
        return self._crossing((at, max(step.readers)) for at, step in steps if step.readers)

    def _within(self) -> list[int]:
        """How many calls each step is inside of that begin before it."""
        return self._crossing((span.first, span.last) for span in self.spans.values())

    def _crossing(self, spans: Iterable[tuple[int, int]]) -> list[int]:
        """How many of the spans, ends within, are cut in two before each step."""
        change = [0] * (len(self.flow.steps) + 1)
        for first, last in spans:
            change[first + 1] += 1
            change[last + 1] -= 1
        return list(accumulate(change))


def _outermost(spans: Iterable[Span]) -> list[Span]:
    """Those of the spans that lie in no other one."""
    out: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.first, -len(span), span.path.count("."))):
        if not out or span.first > out[-1].last:
            out.append(span)
    return out


def nests(spans: Iterable[Span]) -> bool:
    """Whether a block holds a smaller one of its kind."""
    blocks: dict[str, list[Span]] = defaultdict(list)
    for span in spans:
        if span.module is not None and span.module.block:
            blocks[span.module.block].append(span)
    return any(
        one.holds(other) and len(one) > len(other)
        for alike in blocks.values()
        for one, other in pairwise(alike)
    )
