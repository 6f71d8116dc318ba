"""Fewer boxes: what resamples rides on its wire, and steps in series share a box."""

from __future__ import annotations

from cnnspec.draw.flow.quotient import Quotient, Vertex, Wire
from cnnspec.draw.flow.steps import Flow

_RIDE, _STEPS = 4, 3
"""The most vertices that ride on a wire, and the most steps in them that do so into a join."""
_UP_CONV = 2
CELL = 12
"""The most steps of one box."""


class Riders:
    """Puts pools and upsamplings between lanes on their wires, and exchanges into joins too.

    With `all_exchanges` a convolution rides on its wire though nothing else reads its source.
    """

    def __init__(self, graph: Quotient, flow: Flow, *, all_exchanges: bool = False) -> None:
        self.graph, self.flow, self.all_exchanges = graph, flow, all_exchanges
        self.into, self.out = graph.ends()
        self.gone: set[int] = set()

    def fold(self) -> None:
        """Take every step that can ride on a wire out of the graph."""
        for vertex in self.graph.vertices:
            if vertex.index not in self.gone:
                for wire in self.out[vertex.index]:
                    self._wire(vertex, wire)
        graph, gone = self.graph, self.gone
        graph.vertices = [vertex for vertex in graph.vertices if vertex.index not in gone]
        ends = ((wire.start.index, wire.end.index) for wire in graph.wires)
        kept = zip(graph.wires, ends, strict=True)
        graph.wires = [wire for wire, (start, end) in kept if start not in gone and end not in gone]

    def _wire(self, start: Vertex, wire: Wire) -> None:
        chain, target = self._chain(start, wire)
        riding = chain if self._exchange(start, chain, target) else self._sampling(start, chain)
        if not riding:
            return
        last = self.out[riding[-1].index][0]
        if last.end.level == start.level and not self._crops([s for v in riding for s in v.steps]):
            return
        source = wire.links[0].source
        wire.ops = [step for vertex in riding for step in vertex.steps]
        wire.links = [link._replace(source=source) for link in last.links]
        wire.end = last.end
        self.gone.update(vertex.index for vertex in riding)

    def _chain(self, start: Vertex, wire: Wire) -> tuple[list[Vertex], Vertex]:
        """The vertices in series behind a wire, and what follows them."""
        chain: list[Vertex] = []
        at = wire.end
        while self._rides(start, at) and len(chain) < _RIDE:
            chain.append(at)
            at = self.out[at.index][0].end
        return chain, at

    def _rides(self, start: Vertex, at: Vertex) -> bool:
        """Whether a vertex is a step in series, or a small block on one of several ways."""
        small = at.kind == "card" and len(at.steps) <= _STEPS and at.count == 1
        several = len(self.out[start.index]) > 1
        if not (at.kind == "step" or (small and (several or self._up_conv(at)))):
            return False
        series = all(len(self.flow.steps[step].feeds) == 1 for step in at.steps)
        alone = at.training == start.training and not at.shares
        return series and alone and len(self.into[at.index]) == len(self.out[at.index]) == 1

    def _up_conv(self, at: Vertex) -> bool:
        """Whether a block is an upsampling with a convolution behind it."""
        return len(at.steps) == _UP_CONV and self.flow.steps[at.steps[0]].kind == "up"

    def _exchange(self, start: Vertex, chain: list[Vertex], target: Vertex) -> bool:
        """Whether a chain is how a map comes to the size of another one that it joins."""
        steps = [step for vertex in chain for step in vertex.steps]
        if not chain or target.kind not in ("join", "port"):
            return False
        if self._crops(steps):
            return True
        if target.level == start.level or chain[-1].level == start.level or len(steps) > _STEPS:
            return False
        resampled = any(self.flow.steps[step].resamples for step in steps)
        several = len(self.into[target.index]) > 1 or target.kind == "port"
        exchanged = several and (len(self.out[start.index]) > 1 or self.all_exchanges)
        return resampled or exchanged

    def _crops(self, steps: list[int]) -> bool:
        """Whether a chain does nothing but cut a map to the size of the one that it joins."""
        return all(self.flow.steps[step].crops for step in steps)

    def _sampling(self, start: Vertex, chain: list[Vertex]) -> list[Vertex]:
        """The first of a chain, as far as they do nothing but change the size of the map."""
        riding: list[Vertex] = []
        level = start.level
        for vertex in chain:
            kinds = {self.flow.steps[step].kind for step in vertex.steps}
            if vertex.kind != "step" or not kinds <= {"up", "pool"} or vertex.level == level:
                break
            riding.append(vertex)
            level = vertex.level
        return riding


def cells(graph: Quotient, flow: Flow, *, levels: bool = True, carry: bool = False) -> None:
    """Steps in series become one box, on one level with `levels`; a join opens its only reader's.

    It does so only where every join of that op in the figure can: boxes of one kind look alike.
    With `carry` a step that prepares the next lower level, beside other readers of a value, goes
    with what halves the map.
    """
    into, out = graph.ends()

    def prepares(vertex: Vertex, end: Vertex) -> bool:
        """Whether a step stands on the level above what it leads to for no reason of its own."""
        feeds = into[vertex.index]
        beside = len(feeds) == 1 and len(out[feeds[0].start.index]) > 1
        return carry and beside and len(vertex.steps) == 1 and end.level > vertex.level

    def after(vertex: Vertex) -> Vertex | None:
        if len(out[vertex.index]) != 1 or out[vertex.index][0].ops:
            return None
        end = out[vertex.index][0].end
        if end.kind not in ("step", "card") or len(into[end.index]) != 1 or end.count > 1:
            return None
        near = end.level == vertex.level or not levels or prepares(vertex, end)
        series = end.kind == "card" or len(flow.steps[end.steps[0]].feeds) == 1
        return end if near and series and end.training == vertex.training else None

    opens: dict[str, bool] = {}
    for vertex in graph.vertices:
        if vertex.kind == "join":
            name = _op(flow, vertex)
            opens[name] = opens.get(name, True) and after(vertex) is not None
    gone: dict[int, Vertex] = {}
    for vertex in graph.vertices:
        joins = vertex.kind == "join" and opens[_op(flow, vertex)]
        if vertex.index in gone or not (joins or vertex.kind == "step"):
            continue
        at = vertex
        while len(vertex.steps) < CELL and (end := after(at)) is not None:
            if end.kind == "card" and at.kind != "join":
                break
            gone[end.index] = vertex
            if levels:
                vertex.level = end.level
            _take(vertex, end)
            at = end
            if end.kind == "card":
                break
    graph.contract(gone)


def _op(flow: Flow, vertex: Vertex) -> str:
    return flow.steps[vertex.steps[0]].row.layer.op.name


def _take(vertex: Vertex, end: Vertex) -> None:
    """Make a box one with what follows it."""
    vertex.steps = vertex.steps + end.steps
    vertex.kind = "card" if end.kind == "card" else "cell"
    vertex.shape, vertex.members, vertex.holds = end.shape, end.members, end.holds
    vertex.name, vertex.span = end.name or vertex.name, end.span
