"""Stacks in a figure: one card with a port in every lane, and what one of its stretches holds."""

from __future__ import annotations

from collections.abc import Iterable

from cnnspec.draw.flow.bodies import BEHIND
from cnnspec.draw.flow.calls import Likeness, Span
from cnnspec.draw.flow.closing import Closing
from cnnspec.draw.flow.held import Held, PortBody, StackBody
from cnnspec.draw.flow.levels import layout_of
from cnnspec.draw.flow.quotient import (
    Kind,
    Link,
    Quotient,
    Vertex,
    Wire,
    ends_of,
    repeats,
    vertices_of,
    wires_of,
)
from cnnspec.draw.flow.rung import Rung
from cnnspec.draw.flow.stacks import Stack
from cnnspec.draw.flow.steps import Flow

APART = 100_000
"""The numbers of the vertices of what a stack holds begin so far from those of the next one."""


def split(graph: Quotient, flow: Flow, level: list[int]) -> None:
    """Put its ports in the place of every card of a stack, each in the lane of its value."""
    vertices: list[Vertex] = []
    ports: dict[tuple[int, int], Vertex] = {}
    number = max((vertex.index for vertex in graph.vertices), default=0) + 1
    for vertex in graph.vertices:
        if vertex.stack is None:
            vertices.append(vertex)
            continue
        graph.cards.append(vertex)
        made = _ports(vertex, flow, level, number)
        number += len(made)
        ports |= {(vertex.index, port.port): port for port in made}
        vertices += sorted(made, key=lambda port: (port.level, port.port))
    for wire in graph.wires:
        source = wire.links[0].source
        if wire.start.stack is not None:
            wire.start = ports[wire.start.index, leaving(wire.start.stack, source)]
        if wire.end.stack is not None:
            wire.end = ports[wire.end.index, entering(wire.end.stack, source)]
    graph.vertices = vertices


def _ports(card: Vertex, flow: Flow, level: list[int], number: int) -> list[Vertex]:
    """The ports of a card, and places in the lanes between them that no value enters or leaves."""
    stack = card.stack
    assert stack is not None
    made: list[Vertex] = []
    for at, port in enumerate(stack.ports):
        source = stack.left(port, stack.count - 1) if port.enters is None else port.enters
        assert source is not None
        shape = flow.steps[source].shape
        made.append(Vertex(number + at, "port", "", [], shape, level[source], owner=card, port=at))
    lanes = {port.level for port in made}
    for lane in range(min(lanes), max(lanes)):
        if lane not in lanes:
            place = Vertex(number + len(made), "port", "", [], card.shape, lane, owner=card)
            made.append(place)
    return made


def entering(stack: Stack, source: int) -> int:
    """The port at which a value enters the first of a stack."""
    return next(at for at, port in enumerate(stack.ports) if port.enters == source)


def leaving(stack: Stack, source: int) -> int:
    """The port at which a value leaves the last of a stack."""
    left = (stack.left(port, stack.count - 1) for port in stack.ports)
    return next(at for at, one in enumerate(left) if one == source)


def held(
    flow: Flow, level: list[int], closed: Iterable[Span], card: Vertex, turn: int, number: int
) -> Quotient:
    """What one of a stack holds, between its values as inputs and outputs with their ports.

    `turn` says which of them, `number` is that of the stack in its figure.
    """
    stack = card.stack
    assert stack is not None
    begin = APART * (number + 1)
    entries = stack.entries(turn)

    def end(kind: Kind, source: int, port: int, index: int) -> Vertex:
        shape = flow.steps[source].shape
        return Vertex(
            begin + index, kind, "", [], shape, level[source], holds=card.holds, port=port
        )

    found = [(at, source) for at, source in enumerate(entries) if source is not None]
    of = {source: end("input", source, at, at) for at, source in found}
    inside, own = vertices_of(flow, level, closed, stack.member(turn), begin + len(entries))
    wires = wires_of(flow, of, own)
    vertices = [*of.values(), *inside]
    for at, port in enumerate(stack.ports):
        source = stack.left(port, turn)
        if source is not None and not port.constant:
            vertices.append(end("output", source, at, len(entries) + len(inside) + at))
            wires.append(Wire((of | own)[source], vertices[-1], [Link(source, -1, at)]))
    return Quotient(vertices, wires)


class Stacks:
    """What the stacks of one figure hold."""

    def __init__(
        self, flow: Flow, level: list[int], closing: Closing, likeness: Likeness, rung: Rung
    ) -> None:
        self.flow, self.level, self.closing = flow, level, closing
        self.likeness, self.rung = likeness, rung

    def held(self, graph: Quotient) -> list[Held]:
        """One stretch of every stack among the vertices, as a graph."""
        cards = [vertex for vertex in graph.vertices if vertex.stack is not None]
        return [self._held(card, number) for number, card in enumerate(cards)]

    def _held(self, card: Vertex, number: int) -> Held:
        stack = card.stack
        assert stack is not None
        calls = [sum(_within(span, stack.member(turn)) for span in self.closing.spans.values())
                 for turn in range(stack.count)]  # fmt: skip
        turn = calls.index(max(calls))
        member = stack.member(turn)
        closed = self.closing.within(member, self.rung)
        graph = held(self.flow, self.level, closed, card, turn, number)
        repeats(graph, self.likeness)
        ends = [wire.links[0].source for wire in graph.wires if wire.end.kind == "output"]
        ranks = layout_of(self.flow, self.level, member, ends) == "ranks"
        found = Held(
            stack, card, turn, graph, "down" if ranks else "lanes", called(self.flow, member)
        )
        for vertex in graph.vertices if found.numbered else ():
            if vertex.port >= 0:
                vertex.label = str(vertex.port + 1)
        return found


def called(flow: Flow, stretch: range) -> str:
    """What a stretch is called that is no call."""
    return ends_of(flow.steps[stretch[0]], flow.steps[stretch[-1]])


def _within(span: Span, stretch: range) -> bool:
    return stretch[0] <= span.first and span.last <= stretch[-1]


def dress(held: Held, graph: Quotient, name: str) -> None:
    """Give the card of a stack and its ports their bodies and sizes; `name` is its inset's, if any.

    Where the card is called by no word of the author's, but by where it begins and ends, its inset
    names it.
    """
    card = held.card
    own = card.label or card.name
    by_inset = name and not card.label and "–" in card.name
    body = card.body = StackBody(card, *((name, own) if by_inset else (own, name)))
    card.width, card.height = body.width, body.height
    ports = [vertex for vertex in graph.vertices if vertex.owner is card]
    _, out = graph.ends()
    for at, port in enumerate(ports):
        leaving = len({wire.net for wire in out[port.index]})
        number = str(port.port + 1) if held.numbered and port.port >= 0 else ""
        port.body = PortBody(body.width, number, named=0 if at else body.named, leaving=leaving)
        port.width, port.height = body.width, port.body.height
    ports[-1].height += BEHIND
