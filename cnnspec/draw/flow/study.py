"""What is known of one flow whatever its page: how it closes, and the boxes of every way to do so.

A figure is laid out on many pages before one is right (`--aspect`, `--split`, a key of many
lines), and each rung of the ladder in two directions.  What of it does not hang on the page is made
once: the graph that is left, its order in ranks, the bodies of its boxes, the places of these.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

from cnnspec.draw.flow.body import Body
from cnnspec.draw.flow.calls import Likeness, Span, spans_of
from cnnspec.draw.flow.closing import Closing, nests
from cnnspec.draw.flow.fold import CELL, Riders, cells
from cnnspec.draw.flow.grown import form_key, grown
from cnnspec.draw.flow.held import Held
from cnnspec.draw.flow.insetpage import Insets
from cnnspec.draw.flow.insides import Insides
from cnnspec.draw.flow.laid import Laid
from cnnspec.draw.flow.levels import layout_of, levels
from cnnspec.draw.flow.measure import Bodies, Look
from cnnspec.draw.flow.order import Ranked, ranked
from cnnspec.draw.flow.ports import Mode
from cnnspec.draw.flow.quotient import Quotient, Vertex, gather, quotient, repeats
from cnnspec.draw.flow.ranks import Ranks
from cnnspec.draw.flow.route import Router, Way, geometry
from cnnspec.draw.flow.rung import Rung
from cnnspec.draw.flow.search import NoWay
from cnnspec.draw.flow.stackcards import Stacks, split
from cnnspec.draw.flow.stackfinder import VALUES, in_order, stacks_of
from cnnspec.draw.flow.stacks import Stack
from cnnspec.draw.flow.steps import Flow
from cnnspec.draw.flow.strands import Strand, called, strands
from cnnspec.draw.flow.strip import BETWEEN, SNUG
from cnnspec.draw.parts.costs import by_path
from cnnspec.draw.parts.parts import Part
from cnnspec.ir import Net

if TYPE_CHECKING:
    from cnnspec.draw.options import Options


class Graph(NamedTuple):
    """What a rung leaves of the flow, and what each card shows where it is a strip."""

    known: Hashable
    quotient: Quotient
    strands: dict[int, Strand] | None
    held: list[Held]
    """What its stacks and blocks hold, each laid out like a figure."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A graph whose boxes have their bodies in one look, by the index of their vertex."""

    known: Hashable
    graph: Quotient
    bodies: Mapping[int, Body]
    parts: list[Part]
    insets: Insets
    held: list[Held]

    def dress(self) -> None:
        """Give the vertices, which other looks share, these bodies; ports wait for their card."""
        graphs = (self.graph, *(one.graph for one in self.held))
        for vertex in (vertex for graph in graphs for vertex in graph.vertices):
            body = vertex.body = self.bodies.get(vertex.index)
            vertex.width, vertex.height = (ceil(body.width), ceil(body.height)) if body else (0, 0)


class Chosen(NamedTuple):
    """The rung that a figure was drawn at, and what was found on the way to it."""

    rung: Rung
    mode: Mode
    ordered: bool
    """Whether it was found in another order of the flow."""
    asked: tuple[float, float] | None
    """The size of the figure at the level asked for."""


@dataclass(slots=True)
class Shared:
    """What figures of several parts of a net have in common."""

    ways: dict[Hashable, list[Way] | NoWay] = field(default_factory=dict)
    """By the places of boxes and by what the wires join, in the order of the wires."""
    chosen: dict[Hashable, Chosen] = field(default_factory=dict)
    """By what a part shows and the page that it is drawn on."""


class Study:
    """Makes the graphs of one flow, their boxes, places and ways, each once.

    `twin` is equal for flows that are drawn alike; None for one that has none.
    """

    def __init__(
        self,
        net: Net,
        flow: Flow,
        options: Options,
        shared: Shared | None = None,
        twin: Hashable = None,
    ) -> None:
        self.shared, self.twin = shared or Shared(), twin
        sheet = options.get("sheet")
        self.net, self.flow, self.options = net, flow, options
        self.level = levels(flow)
        self.labels: Mapping[str, str] = sheet.labels if sheet else {}
        self.turns = {name: place for place, name in enumerate(sheet.order if sheet else ())}
        self.likeness = Likeness(flow)
        self.forms = Likeness(flow, form_key)
        self.insides = Insides(flow, spans_of(flow, net), self.likeness)
        costs = by_path(net) if options.get("counts") else None
        self.bodies = Bodies(flow, self.insides, costs, options.get("shades"))
        opened, depth = options.get("expand", ()), options.get("depth", 0)
        self.layout, spans = layout_of(flow, self.level), self.insides.spans.values()
        self.deep = self.layout != "ranks" and nests(spans)
        """Whether it joins maps of several sizes in blocks that hold smaller ones of their kind."""
        found = stacks_of(flow, self.likeness, spans, 1 if self.deep else VALUES)
        stacks = [stack for stack in found if not stack.earlier and not _in_a_call(stack, spans)]
        self.closing = Closing(flow, self.level, self.insides, opened, depth, stacks)
        self._graphs: dict[Hashable, Graph | None] = {}
        self._measured: dict[Hashable, Measured] = {}
        self._ranked: dict[Hashable, Ranked] = {}
        self._ranks: dict[Hashable, Ranks] = {}
        self.modes: dict[Hashable, Mode] = {}
        """How what is held is laid out in one look, on one page."""

    @cached_property
    def ordered(self) -> Study | None:
        """What is known of the flow in another order, in which it has stacks; None without one."""
        flow = in_order(self.flow)
        return None if flow is self.flow else Study(self.net, flow, self.options, self.shared)

    def measured(self, rung: Rung, mode: Mode, most: int) -> Measured | None:
        """The boxes of a rung; None for more than `most`, or where it is no strip."""
        closed = self.closing.closed(rung)
        if len(self.flow.steps) - sum(map(len, closed)) > CELL * most:
            return None
        lanes, strip = mode in ("lanes", "upright") and mode, rung.look.strip
        ends = tuple((span.first, span.last) for span in closed)
        inner = Look(strip=strip, nested=rung.look.nested, terse=rung.look.terse)
        inside = rung._replace(look=inner) if rung.stacked or rung.laid else None
        shown = strip, rung.look.tight
        way = rung.merge, rung.gather, rung.stem, rung.carry, lanes
        key = (ends, rung.cut, way, shown, inside)
        if key not in self._graphs:
            self._graphs[key] = self._graph(key, rung, closed, mode)
        graph = self._graphs[key]
        if graph is None or len(graph.quotient.vertices) > most:
            return None
        if (key, rung.look) not in self._measured:
            self._measured[key, rung.look] = self._look(
                graph, rung.look, aside=bool(strip or lanes or rung.look.tight)
            )
        found = self._measured[key, rung.look]
        found.dress()
        return found

    def _graph(self, key: Hashable, rung: Rung, closed: Sequence[Span], mode: Mode) -> Graph | None:
        graph = self.named(closed)
        if not rung.cut:
            repeats(graph, self.likeness)
            if not rung.look.strip:
                grown(graph, self.forms)
        shown = strands(graph, self.insides) if rung.look.strip else None
        if rung.look.strip and (shown is None or self.bodies.costs):
            return None
        for vertex in graph.vertices if rung.look.tight else ():
            if len(vertex.members) > 1:
                called(vertex, self.insides.spans)
        for vertex in graph.vertices if shown or rung.look.tight else ():
            self._name(vertex)
        held = self._held(graph, rung)
        _fold(graph, self.flow, rung, mode)
        for one in held:
            tight = rung._replace(merge=rung.merge or bool(one.block))
            _fold(one.graph, self.flow, tight, one.mode)
        ends = (vertex for vertex in graph.vertices if vertex.kind == "output")
        graph.places = {v.index: self.turns[v.name] for v in ends if v.name in self.turns}
        for kind in rung.gather:
            gather(graph, kind)
        return Graph(key, graph, shown, held)

    def _held(self, graph: Quotient, rung: Rung) -> list[Held]:
        """What stacks and blocks hold; stacks then have their ports."""
        stacks = Stacks(self.flow, self.level, self.closing, self.likeness, rung)
        held = stacks.held(graph)
        if rung.laid:
            explain = self.bodies.explains[rung.look.nested, rung.look.terse]
            laid = Laid(self.closing, self.level, rung, explain)
            held += laid.run([graph, *(one.graph for one in held)], len(held))
        for vertex in (vertex for one in held for vertex in one.graph.vertices if vertex.port < 0):
            self._name(vertex)
        if rung.stacked:
            split(graph, self.flow, self.level)
        return held

    def named(self, closed: Sequence[Span]) -> Quotient:
        """The flow with calls closed, its boxes named."""
        graph = quotient(self.flow, self.level, closed)
        for vertex in graph.vertices:
            self._name(vertex)
        return graph

    def _name(self, vertex: Vertex) -> None:
        """Give a box, an input or an output the name that its author has for it."""
        if vertex.kind in ("input", "output"):
            vertex.label = self.labels.get(vertex.name, "")
        elif vertex.kind == "step":
            vertex.label = self.labels.get(self.flow.steps[vertex.steps[0]].path, "")
        elif vertex.kind == "card" and vertex.span is not None:
            if vertex.stage:
                vertex.label = self.labels.get(vertex.stage, "")
                return
            around, _, name = vertex.span.path.rpartition(".")
            vertex.label = self.labels.get(vertex.span.path, "")
            if vertex.name and around in self.labels:
                vertex.name = f"{self.labels[around]}.{name}"

    def _look(self, graph: Graph, look: Look, *, aside: bool) -> Measured:
        graphs = [graph.quotient, *(one.graph for one in graph.held)]
        parts = self.bodies.measure(
            graphs, look, graph.strands, aside=aside, laid=[one for one in graph.held if one.block]
        )
        boxes = (vertex for one in graphs for vertex in one.vertices if not vertex.owner)
        bodies = {v.index: v.body for v in boxes if v.body is not None}
        known, insets = (graph.known, look), self.bodies.insets
        return Measured(known, graph.quotient, bodies, parts, insets, graph.held)

    def ranks(self, found: Measured, rung: Rung, mode: Mode, grow: float) -> Ranks:
        """The ranks of measured boxes, which are not yet on their page."""
        across = mode == "right"
        key = (found.known, across, grow)
        if key not in self._ranks:
            made = self._ranks[key] = Ranks(found.graph, self.order(found), across, grow)
            if rung.look.strip or rung.look.tight:
                made.between = SNUG if rung.look.tight and rung.look.narrow else BETWEEN
        return self._ranks[key]

    def held_ranks(self, found: Measured, one: Held, number: int, grow: float) -> Ranks:
        """The ranks of what a block holds, the inset with that number."""
        across = one.mode == "right"
        key = (found.known, number, across, grow)
        if key not in self._ranks:
            if id(one.graph) not in self._ranked:
                self._ranked[id(one.graph)] = ranked(one.graph)
            order = self._ranked[id(one.graph)]
            self._ranks[key] = Ranks(one.graph, order, across, grow)
        return self._ranks[key]

    def order(self, found: Measured) -> Ranked:
        """What stands in which rank, however large the boxes are."""
        if id(found.graph) not in self._ranked:
            self._ranked[id(found.graph)] = ranked(found.graph)
        return self._ranked[id(found.graph)]

    def ways(self, found: Measured, mode: Mode, budget: int) -> dict[int, Way]:
        """The ways of all wires where the boxes stand now; raises NoWay, at once the next time.

        What is held has its ways too.
        """
        ways = self._way(found.graph, mode, budget)
        for one in found.held:
            one.ways = self._way(one.graph, one.mode, budget)
        return ways

    def _way(self, graph: Quotient, mode: Mode, budget: int) -> dict[int, Way]:
        known, key = self.shared.ways, geometry(graph, mode)
        if key not in known:
            router = Router(graph, mode, budget)
            try:
                found = router.run()
            except NoWay as error:
                error.spent = budget - router.budget
                known[key] = NoWay()
                raise
            known[key] = [found[id(wire)] for wire in graph.wires]
        ways = known[key]
        if isinstance(ways, NoWay):
            raise ways
        return {id(wire): way for wire, way in zip(graph.wires, ways, strict=True)}


def _in_a_call(stack: Stack, spans: Iterable[Span]) -> bool:
    """Whether a stack that one value passes through is part of what a card shows."""
    around = (one.first <= stack.first and stack.last <= one.last for one in spans if one.clean)
    return len(stack.ports) == 1 and any(around)


def _fold(graph: Quotient, flow: Flow, rung: Rung, mode: Mode) -> None:
    """Fewer boxes: what resamples rides on its wire, and steps in series share a box."""
    lanes = mode in ("lanes", "upright")
    if lanes:
        Riders(graph, flow, all_exchanges=rung.stem).fold()
    if lanes or rung.merge:
        cells(graph, flow, levels=lanes, carry=rung.carry)
    if mode == "lanes":
        _upwards(graph, flow)


def _upwards(graph: Quotient, flow: Flow) -> None:
    """A box that is fed from below alone, or opens with a join that is, is drawn bottom up."""
    into, _ = graph.ends()
    for vertex in graph.vertices:
        if vertex.kind in ("cell", "card") and vertex.steps:
            below = [wire.start.level > vertex.level for wire in into[vertex.index]]
            joins = flow.steps[vertex.steps[0]].kind == "join"
            vertex.up = any(below) and (joins or all(below))
