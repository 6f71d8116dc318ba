"""The first rung of the ladder that fits its page, with boxes placed and wires routed."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import TYPE_CHECKING, get_args

from cnnspec.draw.flow.calls import Likeness, spans_of
from cnnspec.draw.flow.closing import Closing
from cnnspec.draw.flow.drawing import Drawing, Page
from cnnspec.draw.flow.fold import CELL, Riders, cells
from cnnspec.draw.flow.grown import form_key, grown
from cnnspec.draw.flow.insides import Insides
from cnnspec.draw.flow.ladder import Ladder
from cnnspec.draw.flow.lanes import Lanes
from cnnspec.draw.flow.levels import layout_of, levels
from cnnspec.draw.flow.measure import Bodies
from cnnspec.draw.flow.mesh import OFF
from cnnspec.draw.flow.ports import Mode
from cnnspec.draw.flow.quotient import Quotient, Vertex, gather, quotient, repeats
from cnnspec.draw.flow.ranks import Ranks
from cnnspec.draw.flow.route import Router
from cnnspec.draw.flow.rung import Rung
from cnnspec.draw.flow.search import NoWay
from cnnspec.draw.flow.steps import Flow
from cnnspec.draw.flow.strands import strands
from cnnspec.draw.flow.strip import BETWEEN
from cnnspec.draw.parts.costs import by_path
from cnnspec.draw.parts.parts import Level
from cnnspec.ir import Net

if TYPE_CHECKING:
    from cnnspec.draw.options import Options

_BOXES, _UNBOUND = 170, 3000
"""More boxes than this are closed without being placed; more, where the page has no end."""
_GROWS = 4
"""How often gaps grow when a wire finds no way."""
_ROUND = 12.0
"""Room for the wires round the ends of a folded figure."""


class Fitter:
    """Tries rungs until one fits and finds a way for every wire."""

    def __init__(self, net: Net, flow: Flow, page: Page, options: Options) -> None:
        self.flow, self.page = flow, page
        sheet = options.get("sheet")
        self.labels: Mapping[str, str] = sheet.labels if sheet else {}
        self.likeness = Likeness(flow)
        self.forms = Likeness(flow, form_key)
        self.insides = Insides(flow, spans_of(flow, net), self.likeness)
        costs = by_path(net) if options.get("counts") else None
        self.bodies = Bodies(flow, self.insides, costs, options.get("shades"))
        self.level = levels(flow)
        opened, depth = options.get("expand", ()), options.get("depth", 0)
        self.closing = Closing(flow, self.level, self.insides, opened, depth)
        layout, direction = layout_of(flow, self.level), options.get("direction", "auto")
        self.ladder = Ladder(self.closing, layout, direction)
        self.most = _BOXES if page.height < inf else _UNBOUND

    def fit(self, asked: Level) -> Drawing:
        """The first rung that fits, else the one that is the least too large."""
        large: list[tuple[float, Rung, Mode]] = []
        size: tuple[float, float] | None = None
        for number, (rung, mode) in enumerate(self.ladder.rungs(asked)):
            drawing = self._placed(rung, mode, 0, whatever=not number)
            if drawing is None:
                continue
            size = size if number else drawing.size(self.page)
            over = drawing.over(self.page)
            if over <= 1 and (routed := self._routed(rung, mode)) is not None:
                over = routed.over(self.page)
                if over <= 1:
                    return self._said(routed, asked, size, fits=True)
            large.append((over, rung, mode))
        for _, rung, mode in sorted(large, key=lambda one: one[0]):
            routed = self._routed(rung, mode)
            if routed is not None:
                return self._said(routed, asked, size, fits=False)
        raise NoWay

    def named(self) -> Drawing | None:
        """The largest calls that fit, by names that insets explain; None where none are."""
        for rung, mode in self.ladder.named():
            drawing = self._placed(rung, mode, 0)
            if drawing is None or drawing.over(self.page) > 1 or not drawing.explained:
                continue
            routed = self._routed(rung, mode)
            if routed is not None and routed.over(self.page) <= 1:
                return self._said(routed, "block", None, fits=True)
        return None

    def closed(self, asked: Level, cut: int = 0) -> Quotient:
        """The net with the calls closed that a level closes, equal ones in a row as one."""
        top = self.ladder.top
        first = {"layer": -1, "block": min(1, top), "stage": min(2, top)}
        rung = Rung(first.get(asked, top), cut=cut)
        graph = quotient(self.flow, self.level, self.closing.closed(rung))
        for vertex in graph.vertices:
            self._name(vertex)
        if not cut:
            repeats(graph, self.likeness)
        return graph

    def _said(
        self, drawing: Drawing, asked: Level, size: tuple[float, float] | None, *, fits: bool
    ) -> Drawing:
        """Note at which level a drawing is, and how large it were at the one asked for."""
        rung = drawing.rung
        found: Level = "layer" if not rung.close else "block"
        if rung.look.detail == "named" or rung.close > 1:
            found = "net" if rung.cut else "stage"
        order: tuple[Level, ...] = get_args(Level)
        drawing.level = min(found, asked, key=order.index)
        drawing.asked, drawing.fits = size, fits
        return drawing

    def _placed(
        self, rung: Rung, mode: Mode, grow: float, *, whatever: bool = False
    ) -> Drawing | None:
        """Boxes in their places; None where there are too many, or they are more than a page.

        The latter are placed all the same with `whatever`.
        """
        closed = self.closing.closed(rung)
        if len(self.flow.steps) - sum(map(len, closed)) > CELL * self.most:
            return None
        graph = quotient(self.flow, self.level, closed)
        for vertex in graph.vertices:
            self._name(vertex)
        if not rung.cut:
            repeats(graph, self.likeness)
            if not rung.look.strip:
                grown(graph, self.forms)
        shown = strands(graph, self.insides) if rung.look.strip else None
        if rung.look.strip and (shown is None or self.bodies.costs):
            return None
        for vertex in graph.vertices if shown else ():
            self._name(vertex)
        if mode == "lanes":
            Riders(graph, self.flow).fold()
        if mode == "lanes" or rung.merge:
            cells(graph, self.flow, levels=mode == "lanes")
        if rung.gather:
            gather(graph)
        if len(graph.vertices) > self.most:
            return None
        if mode == "lanes":
            _upwards(graph, self.flow)
        parts = self.bodies.measure(
            graph, rung.look, shown, aside=rung.look.strip or mode == "lanes"
        )
        if not whatever and self._more_than_a_page(graph, mode):
            return None
        if mode == "lanes":
            lanes = Lanes(graph, grow)
            lanes.place()
            return Drawing(graph, {}, mode, rung, parts, self.bodies.insets, lanes.middles)
        room = (self.page.width if mode == "right" else self.page.height) - _ROUND
        ranks = Ranks(graph, mode == "right", grow, inf if rung.line else room)
        ranks.between = BETWEEN if rung.look.strip else ranks.between
        ranks.place()
        return Drawing(graph, {}, mode, rung, parts, self.bodies.insets)

    def _more_than_a_page(self, graph: Quotient, mode: Mode) -> bool:
        """Whether the boxes have no room however they stand, each with its half of the gaps."""
        boxes = sum((box.width + 2 * OFF) * (box.height + 2 * OFF) for box in graph.vertices)
        return boxes > (self.page.wide(mode) + 2 * OFF) * (self.page.height + 2 * OFF)

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

    def _routed(self, rung: Rung, mode: Mode) -> Drawing | None:
        """The same with wires; gaps grow until all have found a way."""
        for grow in range(_GROWS):
            drawing = self._placed(rung, mode, grow)
            if drawing is None:
                return None
            try:
                drawing.ways = Router(drawing.graph, mode).run()
            except NoWay:
                continue
            return drawing
        return None


def _upwards(graph: Quotient, flow: Flow) -> None:
    """A box that opens with a join fed from below is drawn from the bottom up."""
    into, _ = graph.ends()
    for vertex in graph.vertices:
        joins = bool(vertex.steps) and flow.steps[vertex.steps[0]].kind == "join"
        below = any(wire.start.level > vertex.level for wire in into[vertex.index])
        vertex.up = joins and below and vertex.kind in ("cell", "card")
