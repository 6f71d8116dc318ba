"""Insets of blocks that no rows explain, each laid out like a figure: knots, small Us, many arms.

One stands for every structure whatever its channels and strides; what these blocks hold may hold
smaller ones, which have insets too.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence

from cnnspec.draw.flow.calls import Span
from cnnspec.draw.flow.closing import Closing
from cnnspec.draw.flow.explain import FEW, Explain, title_of
from cnnspec.draw.flow.held import Held
from cnnspec.draw.flow.levels import layout_of
from cnnspec.draw.flow.ports import Mode
from cnnspec.draw.flow.quotient import (
    Kind,
    Link,
    Quotient,
    Vertex,
    Wire,
    repeats,
    spoken,
    vertices_of,
    wires_of,
)
from cnnspec.draw.flow.rung import Rung
from cnnspec.draw.flow.stackcards import APART
from cnnspec.draw.flow.stacks import Port, Stack
from cnnspec.draw.flow.steps import Flow
from cnnspec.draw.flow.varied import Told, varied
from cnnspec.draw.parts.parts import Frame, Part, Row

_OPEN, _VAST = 30, 128
"""An inset has at most so many boxes, if it can; with more than so many there is none."""


class Laid:
    """Finds what no rows explain among the boxes of one figure."""

    def __init__(self, closing: Closing, level: list[int], rung: Rung, explain: Explain) -> None:
        self.closing, self.level, self.rung, self.explain = closing, level, rung, explain
        self.insides, self.flow = closing.insides, closing.flow
        self.found: dict[Hashable, Held] = {}
        self.waiting: list[tuple[Held, Span]] = []
        self.by_ends = {
            (span.first, span.last, title_of(span)): span for span in self.insides.spans.values()
        }

    def run(self, graphs: Iterable[Quotient], number: int) -> list[Held]:
        """One inset for every structure, numbered from `number` on."""
        for vertex in (vertex for graph in graphs for vertex in graph.vertices):
            for span in self._spans(vertex):
                self._enter(span, vertex, number)
        while self.waiting:
            held, call = self.waiting.pop(0)
            cards = [vertex for vertex in held.graph.vertices if vertex.kind == "card"]
            for vertex in cards:
                for span in self._spans(vertex):
                    self._enter(self._other(span, held.calls[0], call), vertex, number)
        for held in self.found.values():
            self._told(held)
        return list(self.found.values())

    def _spans(self, vertex: Vertex) -> list[Span]:
        """The calls that a card stands for, each of its own size once."""
        if vertex.kind != "card" or vertex.span is None or not vertex.span.clean:
            return []
        if vertex.span.module is None:
            return []
        if vertex.among:
            return [self.insides.spans[path] for path in vertex.members]
        return [vertex.span]

    def _enter(self, span: Span, card: Vertex, number: int) -> None:
        """Keep a call with those of its structure, or what it holds where rows explain it."""
        for one in self.explain.reached(self.explain.roots(span)):
            if self.explain.plain(one) or self._opens(one) or self._vast(one):
                continue
            key = (title_of(one), self.explain.structure(one))
            if key not in self.found:
                self.found[key] = self._held(card, one, number + len(self.found))
            held = self.found[key]
            if one not in held.calls:
                held.calls = (*held.calls, one)
                self.waiting.append((held, one))

    def _other(self, span: Span, first: Span, call: Span) -> Span:
        """What stands in one call where a span stands in the first of its structure."""
        away = call.first - first.first
        return self.by_ends[span.first + away, span.last + away, title_of(span)]

    def _held(self, card: Vertex, span: Span, number: int) -> Held:
        """A call with all but the smallest blocks open, or with what it holds by names."""
        member = range(span.first, span.last + 1)
        graph = inside(self.flow, self.level, self._closed(span), span, number)
        repeats(graph, self.insides.likeness)
        ranks = layout_of(self.flow, self.level, member, [span.last]) == "ranks"
        source = graph.wires[0].links[0].source
        stack = Stack(span.first, len(span), 1, (Port(source, len(span) - 1),))
        modes: tuple[Mode, ...] = ("down", "right") if ranks else ("lanes", "down", "right")
        name = spoken(span.path)
        return Held(stack, card, 0, graph, modes[0], name, modes, title_of(span))

    def _closed(self, span: Span) -> Sequence[Span]:
        """What stands as boxes in an inset: the least that leaves no more than it should have."""
        closings = list(self._closings(span))
        return next((one for one in closings if _left(span, one) <= _OPEN), closings[-1])

    def _closings(self, span: Span) -> Iterator[Sequence[Span]]:
        """What may stand as boxes in an inset, the least first."""
        if self.explain.nested:
            yield self.explain.inner(span)
        for close in (1, max(span.height - 1, 1)):
            closed = self.closing.strictly(span, self.rung._replace(close=close))
            yield [one for one in closed if not self._loose(one)]

    def _vast(self, span: Span) -> bool:
        """Whether a call has more boxes than a page has room for, however much of it is closed."""
        return len(span) > _VAST and _left(span, self._closed(span)) > _VAST

    def _opens(self, span: Span) -> bool:
        """Whether a call is no block but holds blocks: it is better opened than laid out."""
        blocks = (one.module and one.module.block for one in self.insides.within(span))
        return not (span.module and span.module.block) and any(blocks)

    def _loose(self, span: Span) -> bool:
        named = span.module is not None and span.module.block
        return not named and self.explain.few(span, FEW)

    def _told(self, held: Held) -> None:
        """Say what holds for all calls, and what stands in the others where it has cards."""
        first = held.calls[0]
        cards = [span for vertex in held.graph.vertices for span in self._spans(vertex)]
        cards = [span for span in cards if not self._loose(span)]
        held.inner = tuple(
            self._other(span, first, call) for call in held.calls[1:] for span in cards
        )
        if len(held.calls) == 1:
            return
        said = [span for card in cards for span in self.explain.roots(card)]
        closed = {at for span in cards for at in range(span.first, span.last + 1)}
        loose = {at for card in cards for at in self.explain.loose(card)}
        open_ = [at for at in range(first.first, first.last + 1) if at not in closed - loose]
        calls = []
        for call in held.calls:
            away = call.first - first.first
            spans = [self._other(span, first, call) for span in said]
            parts: list[Part] = [self.flow.steps[at + away].row for at in open_]
            parts += [self.insides.closed([span]) for span in spans]
            calls.append(Told(call.path, tuple(parts), self.flow.steps[call.last].shape[0]))
        found = varied(calls)
        held.letters = found.letters
        rows, frames = found.parts[: len(open_)], found.parts[len(open_) :]
        held.rows = {at: row for at, row in zip(open_, rows, strict=True) if isinstance(row, Row)}
        held.cards = {one.path: one.notes[0] for one in frames if isinstance(one, Frame)}
        for vertex in held.graph.vertices:
            if vertex.kind in ("input", "output"):
                vertex.shape = ()


def _left(span: Span, closed: Iterable[Span]) -> int:
    """How many boxes a call has when some in it are closed."""
    return len(span) - sum(len(one) - 1 for one in closed)


def inside(
    flow: Flow, level: list[int], closed: Iterable[Span], span: Span, number: int
) -> Quotient:
    """What a call with one value in and one out holds, between these as input and output."""
    begin = APART * (number + 1)
    member = range(span.first, span.last + 1)
    source = next(at for step in member for at in flow.steps[step].feeds if at < span.first)

    def end(kind: Kind, at: int, index: int) -> Vertex:
        return Vertex(begin + index, kind, "", [], flow.steps[at].shape, level[at], port=0)

    entry = end("input", source, 0)
    vertices, own = vertices_of(flow, level, closed, member, begin + 1)
    wires = wires_of(flow, {source: entry}, own)
    leaves = end("output", span.last, len(vertices) + 1)
    wires.append(Wire(own[span.last], leaves, [Link(span.last, -1, 0)]))
    return Quotient([entry, *vertices, leaves], wires)
