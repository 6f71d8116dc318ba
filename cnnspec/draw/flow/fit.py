"""The first rung of the ladder that fits its page, with boxes placed and wires routed."""

from __future__ import annotations

from dataclasses import replace
from heapq import heappop, heappush
from itertools import count
from math import inf
from typing import get_args

from cnnspec.draw.flow.drawing import Drawing, Page
from cnnspec.draw.flow.held import Held, HeldBody
from cnnspec.draw.flow.insetpage import Inset
from cnnspec.draw.flow.ladder import NAMED, Ladder
from cnnspec.draw.flow.lanes import Lanes, ends_of
from cnnspec.draw.flow.least import least
from cnnspec.draw.flow.mesh import OFF
from cnnspec.draw.flow.ports import Mode
from cnnspec.draw.flow.quotient import Quotient, repeats
from cnnspec.draw.flow.route import BUDGET
from cnnspec.draw.flow.rung import Rung
from cnnspec.draw.flow.search import NoWay, TooLong
from cnnspec.draw.flow.stackcards import dress
from cnnspec.draw.flow.study import Chosen, Measured, Study
from cnnspec.draw.options import Direction
from cnnspec.draw.parts.parts import Level

_BOXES, _UNBOUND = 170, 3000
"""More boxes than this are closed without being placed; more, where the page has no end."""
_GROWS = 4
"""How often gaps grow when a wire finds no way."""
_LEAST = BUDGET // 16
"""So many cells may be looked at whatever was in vain."""
_ROUND = 12.0
"""Room for the wires round the ends of a folded figure."""


class Fitter:
    """Tries rungs until one fits and finds a way for every wire."""

    def __init__(self, study: Study, page: Page, direction: Direction = "auto") -> None:
        self.study, self.page, self.direction = study, page, direction
        self.ladder = Ladder(study.closing, study.layout, direction, deep=study.deep)
        self.most = _BOXES if page.height < inf else _UNBOUND
        self.left = BUDGET
        """How many cells may still be looked at in vain; then only rungs of few wires have ways."""

    def fit(self, asked: Level, *, whole: bool = False, wired: bool = True) -> Drawing | None:
        """The first rung that fits, else the one that is the least too large.

        With `whole` only what is drawn at the level asked for counts; None where another one is the
        first to fit.  Without `wired` only boxes are placed.
        """
        size = self._size_upright(asked)
        if size is None:
            return self._fit(asked, whole=whole, wired=wired)
        if (found := self._upright(asked, whole=whole, wired=wired)) is not None:
            found.asked = size
        elif (found := self._fit(asked, whole=whole, wired=wired)) is not None and not whole:
            found.upright = size
        return found

    def _size_upright(self, asked: Level) -> tuple[float, float] | None:
        """How much room lanes that go down take; None where that is not asked for.

        Nor is it where blocks hold smaller ones of their kind, which lanes to the right lay out.
        """
        first = None if self.study.deep else next(self.ladder.upright(asked), None)
        if first is None:
            return None
        drawing = self.placed(*first)
        return drawing.size(self.page) if drawing else (inf, inf)

    def _upright(self, asked: Level, *, whole: bool, wired: bool) -> Drawing | None:
        """The first rung whose lanes go down that fits; None where none does."""
        for rung, mode in self.ladder.upright(asked):
            found = self.study.measured(rung, mode, self.most)
            if found is None or (whole and _level(rung, asked) != asked):
                continue
            if (drawing := self._band(found, rung, mode, wired=wired)) is not None:
                return self._said(drawing, asked, None, fits=True)
        return None

    def _fit(self, asked: Level, *, whole: bool, wired: bool) -> Drawing | None:
        """The same for ranks and for lanes that go to the right, once for parts that are alike."""
        key = (self.study.twin, self.page, self.direction, asked, whole, wired)
        if self.study.twin is not None and key in self.study.shared.chosen:
            found = self._again(self.study.shared.chosen[key], asked, wired=wired)
            if found is not None:
                return found
        found = self._searched(asked, whole=whole, wired=wired)
        if found is not None and found.fits:
            ordered = found.flow is not self.study.flow
            chosen = Chosen(found.rung, found.mode, ordered, found.asked)
            self.study.shared.chosen[key] = chosen
        return found

    def _again(self, chosen: Chosen, asked: Level, *, wired: bool) -> Drawing | None:
        """What a part that is alike was drawn at; None where it does not fit after all."""
        study = self.study.ordered if chosen.ordered else self.study
        if study is None:
            return None
        fitter = Fitter(study, self.page, self.direction)
        drawing = fitter._fitting(chosen.rung, chosen.mode, wired=wired)
        return drawing and self._said(drawing, asked, chosen.asked, fits=True)

    def _fitting(self, rung: Rung, mode: Mode, *, wired: bool) -> Drawing | None:
        """The figure of a rung; None where it does not fit."""
        found = self.study.measured(rung, mode, self.most)
        if found is None or self._more_than_a_page(found, mode):
            return None
        drawing: Drawing | None = self._placed(found, rung, mode, 0)
        if wired and drawing is not None and drawing.over(self.page) <= 1:
            drawing = self._routed(found, rung, mode)
        return drawing if drawing is not None and drawing.over(self.page) <= 1 else None

    def _searched(self, asked: Level, *, whole: bool, wired: bool) -> Drawing | None:
        """The same, rung by rung."""
        if (found := self._in_order(asked, wired=wired)) is not None:
            return None if whole and found.level != asked else found
        large = _Large(self)
        size: tuple[float, float] | None = None
        rungs = [*self.ladder.rungs(asked)]
        if whole:
            levels = [_level(rung, asked) for rung, _ in rungs]
            rungs = rungs[: len(rungs) - levels[::-1].index(asked)] if asked in levels else []
        spare: tuple[Rung, Mode] | None = None
        alone: set[tuple[Rung, Mode]] = set()
        """What has no room even without its insets, in any form of these."""
        for number, (rung, mode) in enumerate(rungs):
            if spare is not None and rung.look in NAMED:
                break
            form = (rung._replace(look=rung.look._replace(nested=False)), mode)
            if form in alone or self._same(rung, mode):
                continue
            boxes = self.study.measured(rung, mode, self.most)
            if boxes is None:
                continue
            if not (number or whole):
                size = self._placed(boxes, rung, mode, 0).size(self.page)
            if self._more_than_a_page(boxes, mode):
                continue
            if rung.low < inf:
                closed = whole and _level(rung, asked) != asked
                if not closed and (band := self._band(boxes, rung, mode, wired=wired)):
                    return self._said(band, asked, size, fits=True)
                continue
            if (over := self._least(boxes, rung, mode)) <= 1:
                drawing = self._placed(boxes, rung, mode, 0)
                over = drawing.over(self.page)
                if over > 1 and drawing.alone(self.page) > 1:
                    alone.add(form)
                if over <= 1 and not wired:
                    return drawing if _level(rung, asked) == asked else None
                if over <= 1 and spare is not None and not drawing.explained:
                    continue
                if over <= 1 and (routed := self._routed(boxes, rung, mode)) is not None:
                    over = routed.over(self.page)
                    if over <= 1:
                        said = self._said(routed, asked, size, fits=True)
                        if rung.laid and not routed.explained and not whole:
                            spare = (rung, mode)
                            continue
                        return None if whole and said.level != asked else said
                large.add(over, rung, mode)
            else:
                alone.add(form)
                large.add(over, rung, mode, placed=False)
        if whole:
            return None
        if spare is not None and (again := self.routed(*spare)) is not None:
            return self._said(again, asked, size, fits=True)
        return self._said(large.best() or self._plainest(), asked, size, fits=False)

    def _in_order(self, asked: Level, *, wired: bool) -> Drawing | None:
        """The first rung that fits with the stacks of another order; None where none does."""
        if self.study.ordered is None:
            return None
        found = Fitter(self.study.ordered, self.page, self.direction)._stacked(asked, wired=wired)
        if found is not None:
            drawing = self.placed(*next(self.ladder.rungs(asked)))
            found.asked = drawing.size(self.page) if drawing else None
        return found

    def _stacked(self, asked: Level, *, wired: bool) -> Drawing | None:
        """The first rung with stacks that fits; None where none does."""
        for rung, mode in self.ladder.rungs(asked):
            drawing = self._fitting(rung, mode, wired=wired) if rung.stacked else None
            if drawing is not None:
                return self._said(drawing, asked, None, fits=True)
        return None

    def _band(self, found: Measured, rung: Rung, mode: Mode, *, wired: bool) -> Drawing | None:
        """A figure as low as it may be; None where it is not, or does not say what all it holds."""
        drawing: Drawing | None = self._placed(found, rung, mode, 0)
        if drawing and self._is_low(drawing) and wired:
            drawing = self._routed(found, rung, mode)
        return drawing if drawing and self._is_low(drawing) else None

    def _is_low(self, drawing: Drawing) -> bool:
        high = drawing.size(self.page)[1]
        return drawing.said and high <= drawing.rung.low and drawing.over(self.page) <= 1

    def _plainest(self) -> Drawing:
        """The smallest of the figures that are left for a page on which nothing has room."""
        found = []
        for number, (rung, mode) in enumerate(self.ladder.plainest()):
            drawing = self.routed(rung, mode)
            if drawing is not None:
                found.append((drawing.over(self.page), number, rung, mode))
        *_, rung, mode = min(found)
        drawing = self.routed(rung, mode)
        assert drawing is not None
        return drawing

    def named(self) -> Drawing | None:
        """The largest calls that fit, by names that insets explain; None where none are."""
        for rung, mode in self.ladder.named():
            found = self.study.measured(rung, mode, self.most)
            if found is None or self._more_than_a_page(found, mode):
                continue
            if self._least(found, rung, mode) > 1:
                continue
            drawing = self._placed(found, rung, mode, 0)
            if drawing.over(self.page) > 1 or not (drawing.insets.shown and drawing.explained):
                continue
            routed = self._routed(found, rung, mode)
            if routed is not None and routed.over(self.page) <= 1:
                return self._said(routed, "block", None, fits=True)
        return None

    def closed(self, asked: Level, cut: int = 0) -> Quotient:
        """The net with the calls closed that a level closes, equal ones in a row as one."""
        top = self.ladder.top
        first = {"layer": -1, "block": min(1, top), "stage": min(2, top)}
        rung = Rung(first.get(asked, top), cut=cut)
        graph = self.study.named(self.study.closing.closed(rung))
        if not cut:
            repeats(graph, self.study.likeness)
        return graph

    def _said(
        self, drawing: Drawing, asked: Level, size: tuple[float, float] | None, *, fits: bool
    ) -> Drawing:
        """Note at which level a drawing is, and how large it were at the one asked for."""
        drawing.level = _level(drawing.rung, asked)
        drawing.asked, drawing.fits = size, fits
        return drawing

    def placed(self, rung: Rung, mode: Mode) -> Drawing | None:
        """Boxes in their places; None where there are too many."""
        found = self.study.measured(rung, mode, self.most)
        return self._placed(found, rung, mode, 0) if found else None

    def _placed(self, found: Measured, rung: Rung, mode: Mode, grow: float) -> Drawing:
        flow, insets = self.study.flow, replace(found.insets, shown=[*found.insets.shown])
        drawing = Drawing(flow, found.graph, {}, mode, rung, found.parts, insets, held=found.held)
        _place_held(drawing, found, self.study, self.page, grow)
        if mode in ("lanes", "upright"):
            stem, tail = ends_of(found.graph) if rung.stem else ([], [])
            tail = [] if rung.look.brief else tail
            upright = mode == "upright"
            lanes = Lanes(found.graph, grow, stem, tail, snug=rung.carry, upright=upright)
            lanes.place()
            drawing.middles = lanes.middles
            return drawing
        room = (self.page.width if mode == "right" else self.page.height) - _ROUND
        ranks = self.study.ranks(found, rung, mode, grow)
        ranks.place(inf if rung.line else room)
        return drawing

    def _same(self, rung: Rung, mode: Mode) -> bool:
        """Whether boxes and insets that say less are those that were tried, which said no more."""
        if not rung.look.terse or rung.look.nested:
            return False
        longer = rung._replace(look=rung.look._replace(terse=False))
        found = self.study.measured(longer, mode, self.most)
        if found is None or found.insets.noted:
            return False
        shorter = self.study.measured(rung, mode, self.most)
        return shorter is not None and _sizes(shorter) == _sizes(found)

    def _more_than_a_page(self, found: Measured, mode: Mode) -> bool:
        """Whether the boxes have no room however they stand, each with its half of the gaps."""
        vertices, insets = found.graph.vertices, found.insets.shown
        boxes = sum((box.width + 2 * OFF) * (box.height + 2 * OFF) for box in vertices)
        boxes += sum(inset.body.width * inset.body.height for inset in insets)
        return boxes > (self.page.wide(mode) + 2 * OFF) * (self.page.height + 2 * OFF)

    def _least(self, found: Measured, rung: Rung, mode: Mode) -> float:
        """How much larger than the page the boxes are at the least, before they are placed."""
        if mode in ("lanes", "upright"):
            return 0.0
        ranks = self.study.ranks(found, rung, mode, 0)
        return least(ranks, self.page, folded=not rung.line)

    def routed(self, rung: Rung, mode: Mode) -> Drawing | None:
        """Boxes in their places with wires; None where there are too many or a way is lacking."""
        found = self.study.measured(rung, mode, self.most)
        return self._routed(found, rung, mode) if found else None

    def _routed(self, found: Measured, rung: Rung, mode: Mode) -> Drawing | None:
        """The same with wires; gaps grow until all have found a way."""
        for grow in range(_GROWS):
            drawing = self._placed(found, rung, mode, grow)
            try:
                shown = replace(found, held=drawing.held)
                drawing.ways = self.study.ways(shown, mode, max(self.left, _LEAST))
            except NoWay as error:
                self.left -= error.spent
                if isinstance(error, TooLong):
                    return None
                continue
            for inset in drawing.insets.shown:
                if isinstance(inset.body, HeldBody):
                    inset.body.settle()
            return drawing
        return None


def _place_held(drawing: Drawing, found: Measured, study: Study, page: Page, grow: float) -> None:
    """Give what the stacks and blocks of a figure hold its places, each in an inset."""
    stacks = sum(not one.block for one in drawing.held)
    brief = drawing.rung.look.brief
    for one in drawing.held:
        one.card.brief = brief
        if brief:
            dress(one, drawing.graph, "")
    drawing.held = [] if brief else drawing.held
    for at, one in enumerate(drawing.held):
        if one.block:
            path = one.calls[0].path
            name = one.called = drawing.insets.called[path]
            one.note = drawing.insets.notes.get(path, "")
        else:
            name = f"module {chr(97 + at)}" if stacks > 1 else "module"
            dress(one, drawing.graph, name)
        one.ways = {}
        body = HeldBody(drawing.flow, one, name)
        key = (found.known, at, grow, page)
        ways = [study.modes[key]] if key in study.modes else one.modes
        sizes: dict[Mode, float] = {}
        for mode in ways:
            _place(one, mode, found, study, at, grow)
            body.settle()
            over = max(body.width / page.width, body.height / page.height)
            sizes[mode] = over if over > 1 else body.width * body.height / 1e9
        study.modes[key] = best = (
            ways[0]
            if sizes[ways[0]] < 1 and one.keeps
            else min(sizes, key=lambda mode: sizes[mode])
        )
        if best != ways[-1]:
            _place(one, best, found, study, at, grow)
            body.settle()
        inset = Inset(body, (), "", one.calls, one.letters, laid=True)
        drawing.insets.shown.insert(at, inset)


def _place(one: Held, mode: Mode, found: Measured, study: Study, number: int, grow: float) -> None:
    """Place what is held in one way."""
    one.mode = mode
    if mode == "lanes":
        Lanes(one.graph, grow).place()
    else:
        study.held_ranks(found, one, number, grow).place()


def _sizes(found: Measured) -> list[tuple[int, float, float]]:
    return [(at, body.width, body.height) for at, body in found.bodies.items()]


class _Large:
    """What is too large for its page, by how much; some are known at the least alone."""

    def __init__(self, fitter: Fitter) -> None:
        self.fitter, self.number = fitter, count()
        self.heap: list[tuple[float, int, Rung, Mode, bool]] = []

    def add(self, over: float, rung: Rung, mode: Mode, *, placed: bool = True) -> None:
        """Keep a rung that is at least so many times larger than the page."""
        heappush(self.heap, (over, next(self.number), rung, mode, placed))

    def best(self) -> Drawing | None:
        """The one that is the least too large, with its wires; None where none has any."""
        fitter = self.fitter
        while self.heap:
            _, number, rung, mode, placed = heappop(self.heap)
            drawing = fitter.routed(rung, mode) if placed else fitter.placed(rung, mode)
            if drawing is not None and placed:
                return drawing
            if drawing is not None:
                heappush(self.heap, (drawing.over(fitter.page), number, rung, mode, True))
        return None


def _level(rung: Rung, asked: Level) -> Level:
    """The level at which a rung draws, which is none finer than that asked for."""
    found: Level = "layer" if not rung.close else "block"
    if rung.look.detail == "named" or rung.close > 1:
        found = "net" if rung.cut else "stage"
    order: tuple[Level, ...] = get_args(Level)
    return min(found, asked, key=order.index)
