"""The ladder: what is closed so that a figure fits its page, the least first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from math import inf
from typing import TYPE_CHECKING, NamedTuple, get_args

from cnnspec.draw.flow.calls import Likeness, Span, clean, spans_of
from cnnspec.draw.flow.fold import CELL, Riders, cells
from cnnspec.draw.flow.insets import Insets
from cnnspec.draw.flow.insides import Insides
from cnnspec.draw.flow.lanes import Lanes
from cnnspec.draw.flow.levels import Layout, layout_of, levels
from cnnspec.draw.flow.measure import Bodies, Look
from cnnspec.draw.flow.mesh import OFF
from cnnspec.draw.flow.ports import Mode
from cnnspec.draw.flow.quotient import Quotient, Vertex, gather, quotient, repeats
from cnnspec.draw.flow.ranks import Ranks
from cnnspec.draw.flow.route import Router, Way
from cnnspec.draw.flow.search import NoWay
from cnnspec.draw.flow.steps import Flow
from cnnspec.draw.parts.costs import by_path
from cnnspec.draw.parts.parts import Level, Part
from cnnspec.ir import Net

if TYPE_CHECKING:
    from cnnspec.draw.options import Options

_BOXES, _UNBOUND = 170, 3000
"""More boxes than this are closed without being placed; more, where the page has no end."""
_GROWS = 4
"""How often gaps grow when a wire finds no way."""
_ROUND = 12.0
"""Room for the wires round the ends of a folded figure."""
_OPEN = (Look(), Look(narrow=True))
_INSETS = (Look("named", insets=True), Look("named", narrow=True, insets=True))
_NAMED = (Look("named"), Look("named", narrow=True))
_STRETCHES = (24, 12, 6, 3, 1)
"""Into how many stretches of execution order a net is cut at the last."""


class Rung(NamedTuple):
    """One way to close a net: calls up to a height, chains in one box, cards in words.

    `keep` leaves open what goes through several levels or is a knot; `cut` closes stretches of
    execution order, whatever calls they belong to.
    """

    close: int
    look: Look = Look()
    merge: bool = False
    layout: Layout = "ranks"
    keep: bool = False
    cut: int = 0
    gather: bool = False
    """Whether all outputs are one list."""


@dataclass(slots=True, eq=False)
class Drawing:
    """A figure placed and routed: its boxes, wires and ways, and what it took."""

    graph: Quotient
    ways: dict[int, Way]
    mode: Mode
    rung: Rung
    parts: list[Part]
    insets: Insets
    middles: dict[int, float] = field(default_factory=dict)
    fits: bool = True
    level: Level = "block"
    asked: tuple[float, float] | None = None
    """Its size at the level asked for, in points; None where that has too many boxes."""


class Page(NamedTuple):
    """Room for boxes and wires, in points; `tags` is what the names of lanes take of the width."""

    width: float
    height: float
    tags: float

    def wide(self, mode: Mode) -> float:
        """The width that is left for boxes and wires."""
        return self.width - (self.tags if mode == "lanes" else 0)


class Fitter:
    """Tries rungs until one fits and finds a way for every wire."""

    def __init__(self, net: Net, flow: Flow, page: Page, options: Options) -> None:
        self.flow, self.page = flow, page
        self.direction = options.get("direction", "auto")
        sheet = options.get("sheet")
        self.labels: Mapping[str, str] = sheet.labels if sheet else {}
        self.opened, self.depth = options.get("expand", ()), options.get("depth", 0)
        self.spans = spans_of(flow, net)
        self.likeness = Likeness(flow)
        self.insides = Insides(flow, self.spans, self.likeness)
        costs = by_path(net) if options.get("counts") else None
        self.bodies = Bodies(flow, self.insides, costs)
        self.level = levels(flow)
        self.layout = layout_of(flow, self.level)
        self.most = _BOXES if page.height < inf else _UNBOUND
        self.top = max((span.height for span in self.spans.values()), default=0)

    def fit(self, asked: Level) -> Drawing:
        """The first rung that fits, else the one that is the least too large."""
        large: list[tuple[float, Rung, Mode]] = []
        size: tuple[float, float] | None = None
        for number, (rung, mode) in enumerate(self._rungs(asked)):
            drawing = self._placed(rung, mode, 0, whatever=not number)
            if drawing is None:
                continue
            found = self._size(drawing)
            size = found if not number else size
            over = self._over(drawing, found)
            if over <= 1 and (routed := self._routed(rung, mode)) is not None:
                over = self._over(routed, self._size(routed))
                if over <= 1:
                    return self._said(routed, asked, size, fits=True)
            large.append((over, rung, mode))
        for _, rung, mode in sorted(large, key=lambda one: one[0]):
            routed = self._routed(rung, mode)
            if routed is not None:
                return self._said(routed, asked, size, fits=False)
        raise NoWay

    def closed(self, asked: Level, cut: int = 0) -> Quotient:
        """The net with the calls closed that a level closes, equal ones in a row as one."""
        first = {"layer": -1, "block": min(1, self.top), "stage": min(2, self.top)}
        rung = Rung(first.get(asked, self.top), cut=cut)
        graph = quotient(self.flow, self.level, self._closed(rung))
        for vertex in graph.vertices:
            self._name(vertex)
        if not cut:
            repeats(graph, self.likeness)
        return graph

    def _size(self, drawing: Drawing) -> tuple[float, float]:
        """How much room boxes, wires and insets take."""
        points = [point for way in drawing.ways.values() for point in way.points]
        boxes = drawing.graph.vertices
        xs = [x for x, _ in points] + [x for box in boxes for x in (box.x, box.x + box.width)]
        ys = [y for _, y in points] + [y for box in boxes for y in (box.y, box.y + box.height)]
        figure = (max(xs) - min(xs), max(ys) - min(ys))
        return drawing.insets.arrange(figure, self.page.wide(drawing.mode))

    def _over(self, drawing: Drawing, size: tuple[float, float]) -> float:
        """How much larger than the page a drawing is."""
        return max(size[0] / self.page.wide(drawing.mode), size[1] / self.page.height)

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

    def _rungs(self, level: Level) -> Iterator[tuple[Rung, Mode]]:
        """The rungs with their directions; one that closes what an earlier one did is left out."""
        known = set()
        for rung in self._ladder(level):
            closed = tuple((span.first, span.last) for span in self._closed(rung))
            key = (rung._replace(close=0, keep=False), closed)
            if key in known:
                continue
            known.add(key)
            if rung.layout != "ranks":
                yield rung, "lanes"
                continue
            for mode in ("down", "right") if self.direction == "auto" else (self.direction,):
                yield rung, "right" if mode == "right" else "down"

    def _ladder(self, level: Level) -> Iterator[Rung]:
        """What is tried, in order, from the level asked for to a single box."""
        first = {"layer": 0, "block": min(1, self.top), "stage": min(2, self.top)}
        start = 0 if self.depth else first.get(level, self.top)
        looks = _NAMED if level in ("stage", "net") else (*_OPEN, *_INSETS)
        if self.layout != "ranks":
            for tried in (looks, _NAMED):
                for close in range(start, self.top + 1):
                    for look in tried:
                        yield Rung(close, look, layout=self.layout, keep=True)
        if any(self.knotted(span) for span in self.spans.values() if span.height <= 1):
            yield Rung(start, Look(), keep=True)
            yield Rung(start, Look(), merge=True, keep=True)
        for tried in (looks, _NAMED):
            for close in range(start, self.top + 1):
                for look in tried:
                    yield Rung(close, look)
                    yield Rung(close, look, merge=True)
        for cut in _STRETCHES:
            yield Rung(self.top, Look("named"), cut=cut)
        yield Rung(self.top, Look("named"), cut=1, gather=True)

    def knotted(self, span: Span) -> bool:
        """Whether the inside of a small call is no series-parallel graph."""
        return len(span) < 60 and self.insides.of(span.first, span.last) is None

    def _closed(self, rung: Rung) -> list[Span]:
        """The outermost calls that a rung closes, each with all in it."""
        if rung.cut:
            return self._stretches(rung.cut)
        spans = [span for span in self.spans.values() if span.clean and self._closes(span, rung)]
        out: list[Span] = []
        for span in sorted(spans, key=lambda span: (span.first, -len(span), span.path.count("."))):
            if not out or span.first > out[-1].last:
                out.append(span)
        return out

    def _closes(self, span: Span, rung: Rung) -> bool:
        deep = self.depth and span.path.count(".") + 1 >= self.depth
        if not deep and span.height > rung.close:
            return False
        if any((path + ".").startswith(span.path + ".") for path in self.opened):
            return False
        return not (rung.keep and self._kept(span, rung))

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

    def _placed(
        self, rung: Rung, mode: Mode, grow: float, *, whatever: bool = False
    ) -> Drawing | None:
        """Boxes in their places; None where there are too many, or they are more than a page.

        The latter are placed all the same with `whatever`.
        """
        closed = self._closed(rung)
        if len(self.flow.steps) - sum(map(len, closed)) > CELL * self.most:
            return None
        graph = quotient(self.flow, self.level, closed)
        for vertex in graph.vertices:
            self._name(vertex)
        if not rung.cut:
            repeats(graph, self.likeness)
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
        parts = self.bodies.measure(graph, rung.look)
        if not whatever and self._more_than_a_page(graph, mode):
            return None
        if mode == "lanes":
            lanes = Lanes(graph, grow)
            lanes.place()
            return Drawing(graph, {}, mode, rung, parts, self.bodies.insets, lanes.middles)
        room = (self.page.width if mode == "right" else self.page.height) - _ROUND
        Ranks(graph, mode == "right", grow, room).place()
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
