"""The inside of a closed stretch as the parts that rows, forks and frames are drawn from.

The parts are made from the graph itself, so a wire inside a box is an edge of the net.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise, takewhile

from cnnspec.draw.flow.calls import Likeness, Span, clean
from cnnspec.draw.flow.sp import Parallel, Series, series_parallel
from cnnspec.draw.flow.steps import Flow
from cnnspec.draw.parts.contents import stride_of
from cnnspec.draw.parts.forkkind import gate_arm
from cnnspec.draw.parts.parts import Chain, Feed, Frame, Part, Row, Split
from cnnspec.ir import Fork

_STAGE = 2
"""So many blocks are a stage."""


class Insides:
    """Makes the parts of stretches; each is looked at once."""

    def __init__(self, flow: Flow, spans: dict[str, Span], likeness: Likeness) -> None:
        self.flow, self.spans, self.likeness = flow, spans, likeness
        self._known: dict[Hashable, tuple[Part, ...] | None] = {}
        self._ordered: list[Span] = []
        self._stages: dict[tuple[int, int], tuple[Part, ...] | None] = {}

    def of(self, first: int, last: int, inner: Sequence[Span] = ()) -> tuple[Part, ...] | None:
        """The parts of the steps `first` to `last`; None where they are a knot.

        The calls `inner` stand there as closed frames.
        """
        key = (first, last, tuple(span.first for span in inner))
        if key not in self._known:
            closed = {span.last: span for span in inner}
            tree = series_parallel(self.flow, first, last, _bridged(self.flow, inner))
            self._known[key] = None if tree is None else self._parts(tree, closed)
        return self._known[key]

    def shown(self, first: int, last: int, inner: Sequence[Span] = ()) -> tuple[Part, ...] | None:
        """The parts of a stretch; those of a knot under each other, with wires beside them."""
        found = self.of(first, last, inner)
        if found is not None or not clean(self.flow, first, last):
            return found
        closed, bridged = {span.last: span for span in inner}, _bridged(self.flow, inner)
        kept = [at for at in range(first, last + 1) if bridged.get(at, (0,))]
        place = {at: number for number, at in enumerate(kept)}
        parts = [
            self.closed([closed[at]]) if at in closed else self.flow.steps[at].row for at in kept
        ]
        feeds = tuple(
            tuple(Feed(place.get(source, -1), self.flow.steps[source].row.paths[-1])
                  for source in bridged.get(at, self.flow.steps[at].feeds))
            for at in kept
        )  # fmt: skip
        return (Chain(tuple(parts), feeds, self.flow.steps[last].shape),)

    def within(self, around: Span) -> list[Span]:
        """The calls strictly inside another one, outer ones first."""
        if not self._ordered:
            self._ordered = sorted(self.spans.values(), key=lambda one: (one.first, -len(one)))
        begin = bisect_left(self._ordered, around.first, key=lambda one: one.first)
        found = takewhile(lambda one: one.first <= around.last, self._ordered[begin:])
        return [one for one in found if around.holds(one) and len(one) < len(around)]

    def stage(self, first: int, last: int) -> tuple[Part, ...] | None:
        """The same with the blocks that stand in series framed, equal ones once; None if none."""
        if (first, last) not in self._stages:
            self._stages[first, last] = self._stage(first, last)
        return self._stages[first, last]

    def _stage(self, first: int, last: int) -> tuple[Part, ...] | None:
        groups = self.line(first, last) or []
        if sum(span is not None for group in groups for _, _, span in group) < _STAGE:
            return None
        out: list[Part] = []
        for group in groups:
            begin, end, span = group[0]
            inside = self.of(begin, end)
            if inside is None:
                return None
            out += inside if span is None else [self._frame(group, inside)]
        return tuple(out)

    def line(self, first: int, last: int) -> list[list[tuple[int, int, Span | None]]] | None:
        """The blocks that stand in series, equal ones in a row together; None if it has none."""
        cuts = self._cuts(first, last)
        blocks = any(span is not None for _, _, span in cuts)
        return self._runs(cuts) if blocks and self._in_series(cuts, first) else None

    def _frame(self, group: list[tuple[int, int, Span | None]], inside: tuple[Part, ...]) -> Frame:
        paths = tuple(span.path for _, _, span in group if span is not None)
        name, shape = paths[0].rpartition(".")[2], self.flow.steps[group[-1][1]].shape
        return Frame(name, paths[0], paths[-1], inside, shape, len(paths), members=paths)

    def _cuts(self, first: int, last: int) -> list[tuple[int, int, Span | None]]:
        """The outermost clean calls strictly inside, and the steps between them."""
        whole = Span("", first, last)
        inner = [span for span in self.within(whole) if span.clean]
        out: list[tuple[int, int, Span | None]] = []
        at = first
        for span in sorted(inner, key=lambda span: (span.first, -len(span), span.path.count("."))):
            if span.first < at:
                continue
            if span.first > at:
                out.append((at, span.first - 1, None))
            out.append((span.first, span.last, span))
            at = span.last + 1
        return [*out, (at, last, None)] if at <= last else out

    def _in_series(self, cuts: list[tuple[int, int, Span | None]], first: int) -> bool:
        """Whether a stretch reads nothing but the end of the one before it."""
        before = [None, *(end for _, end, _ in cuts)]
        for (begin, end, _), source in zip(cuts, before, strict=False):
            for at in range(begin, end + 1):
                for feed in self.flow.steps[at].feeds:
                    outer = feed < first if source is None else feed == source
                    if feed < begin and not outer:
                        return False
        return True

    def _runs(
        self, cuts: list[tuple[int, int, Span | None]]
    ) -> list[list[tuple[int, int, Span | None]]]:
        """Neighbouring blocks of one structure together."""
        out = [[cuts[0]]]
        for before, cut in pairwise(cuts):
            both = before[2] is not None and cut[2] is not None
            if both and self.likeness.of(*before[:2]) == self.likeness.of(*cut[:2]):
                out[-1].append(cut)
            else:
                out.append([cut])
        return out

    def closed(self, group: Sequence[Span]) -> Frame:
        """Equal calls in a row by their names, with the channels that each gives."""
        first, last = group[0], group[-1]
        steps, paths = self.flow.steps, tuple(span.path for span in group)
        before, after = steps[first.first].feeds[0], steps[first.last]
        return Frame(
            first.path.rpartition(".")[2], paths[0], steps[last.last].row.paths[-1], (),
            after.shape, len(paths), start=steps[before].shape, members=paths,
            notes=(str(after.shape[0]),), strides=stride_of(first.module) if first.module else "",
            block=first.module.block if first.module else "",
        )  # fmt: skip

    def _parts(self, tree: Series, closed: Mapping[int, Span]) -> tuple[Part, ...] | None:
        """Rows and forks; None where arms meet in no join of their own."""
        out: list[Part] = []
        at = 0
        while at < len(tree):
            match tree[at]:
                case Parallel() as parallel:
                    join = tree[at + 1] if at + 1 < len(tree) else parallel
                    split = self._split(parallel, join, closed)
                    if split is None:
                        return None
                    out.append(split)
                    at += 2
                case int(step) if step in closed:
                    run = self._equal(tree[at:], closed)
                    out.append(self.closed(run))
                    at += len(run)
                case int(step):
                    if len(self.flow.steps[step].feeds) > 1:
                        return None
                    out.append(self.flow.steps[step].row)
                    at += 1
        return tuple(out)

    def _equal(self, tree: Series, closed: Mapping[int, Span]) -> list[Span]:
        """The closed calls that are equal to the one with which a series begins."""
        calls = takewhile(lambda one: isinstance(one, int) and one in closed, tree)
        found = [closed[one] for one in calls if isinstance(one, int)]
        key = self.likeness.of(found[0].first, found[0].last)
        return [*takewhile(lambda one: self.likeness.of(one.first, one.last) == key, found)]

    def _split(
        self, parallel: Parallel, join: int | Parallel, closed: Mapping[int, Span]
    ) -> Split | None:
        if not isinstance(join, int) or join in closed:
            return None
        step = self.flow.steps[join]
        arms = _ordered(parallel.arms, step.feeds)
        parts = [self._parts(arm, closed) for arm in arms or ()]
        if step.kind != "join" or not arms or any(one is None for one in parts):
            return None
        split = Split(tuple(one for one in parts if one is not None), step.row)
        return replace(split, gate=_gate(split))


def _bridged(flow: Flow, inner: Sequence[Span]) -> dict[int, tuple[int, ...]]:
    """What the last step of each closed call reads from outside; nothing for its other steps."""
    out: dict[int, tuple[int, ...]] = {}
    for span in inner:
        inside = range(span.first, span.last + 1)
        sources = {feed for at in inside for feed in flow.steps[at].feeds if feed < span.first}
        out |= {at: () for at in inside} | {span.last: tuple(sources)}
    return out


def _ordered(arms: tuple[Series, ...], feeds: tuple[int, ...]) -> list[Series] | None:
    """The arms in the order in which the join reads them; None where the ends do not agree."""
    if len(arms) != len(feeds):
        return None
    left = list(arms)
    out = []
    for feed in feeds:
        found = next((arm for arm in left if arm and arm[-1] == feed), None)
        if found is None:
            found = next((arm for arm in left if not arm), None)
        if found is None:
            return None
        left.remove(found)
        out.append(found)
    return out


def _gate(split: Split) -> int:
    """The arm that is a squeeze-and-excitation; -1 where none is."""
    rows = [part for arm in split.arms for part in arm]
    if not all(isinstance(part, Row) for part in rows):
        return -1
    arms = (
        tuple(layer for part in arm if isinstance(part, Row) for layer in part.layers)
        for arm in split.arms
    )
    return gate_arm(Fork(tuple(arms), split.join.layer))
