"""A net as bars on a page of a width; None where it is no line of maps, or has no room."""

from __future__ import annotations

from cnnspec.draw.bars.captions import Captions
from cnnspec.draw.bars.chain import Reads, chain_of
from cnnspec.draw.bars.check import clear
from cnnspec.draw.bars.foot import foot, key_width
from cnnspec.draw.bars.hops import FEW, MANY, Bars, Builder
from cnnspec.draw.bars.names import room_of
from cnnspec.draw.bars.paint import Painter
from cnnspec.draw.bars.places import BROADS, GAP, WIDE, WIDEST, Places
from cnnspec.draw.bars.ways import joined
from cnnspec.draw.bars.words import Words
from cnnspec.draw.flow.levels import levels
from cnnspec.draw.flow.steps import Flow
from cnnspec.draw.options import Options, names_of
from cnnspec.draw.page import measures
from cnnspec.draw.page.areas import area_of, move
from cnnspec.draw.page.pen import Pen
from cnnspec.draw.page.scene import Scene
from cnnspec.draw.parts.parts import Plan

_MARGIN = 5.0
_TALL, _LOWEST = 67.0, 34.0
"""The height of the largest map where a figure takes two columns, and in any at the least."""
_TRIES = 3
"""How often a figure is made wider: words keep some bars apart, so that gaps are not all of it."""
_PARTS = (1.0, 0.8, 0.6)
"""How much lower bars are tried on a page that is lower than the figure."""
_RISES = 2
"""A line without copies is a V where it rises so often at the least."""


def compose(flow: Flow, plan: Plan, options: Options) -> Scene | None:
    """The figure with all that belongs on it, with fewer bars where there is no room for all."""
    reads = Reads(flow)
    chain = chain_of(flow, reads)
    if chain is None:
        return None
    level = levels(flow)
    for riders in (FEW, MANY):
        bars = bars_of(Builder(flow, level, chain, reads, riders))
        scene = _Figure(bars, plan, options).fitted() if bars else None
        if scene is not None and clear(scene):
            return scene
    return None


def bars_of(builder: Builder) -> Bars | None:
    """All bars and arrows of a net that goes down, and up again; None where it does not."""
    bars = builder.build()
    if not joined(builder, bars) or not _is_valley(bars):
        return None
    for name, at in builder.flow.outputs.items():
        builder.bar_of[at].names.append(name)
    return bars if all(len(bar.names) < 2 for bar in bars.all) else None


def _is_valley(bars: Bars) -> bool:
    """Whether the line goes down first, and up again."""
    ways = [hop.way for hop in bars.hops if hop.main and hop.way in ("fall", "rise")]
    copies = any(hop.way in ("across", "vault") for hop in bars.hops)
    return ways[:1] == ["fall"] and ways.count("rise") >= (1 if copies else _RISES)


class _Figure:
    """Lays the same bars out with one gap and another."""

    def __init__(self, bars: Bars, plan: Plan, options: Options) -> None:
        self.bars, self.plan, self.options = bars, plan, options
        self.page = options.get("width") or measures.TWO_COLUMNS
        self.labels, _ = names_of(options)
        self.words, self.names = Words(bars, self.labels), room_of(bars, self.labels)

    def fitted(self) -> Scene | None:
        """The figure as wide as its page allows; None where that has no room for it."""
        room = self.page - 2 * _MARGIN
        fits = (broad for broad in BROADS if self._drawn(GAP, broad, _TALL).width <= room)
        broad = next(fits, None)
        if broad is None:
            return None
        gap = self._gap(broad, room)
        wide = self._drawn(gap, broad, _TALL).width + 2 * _MARGIN
        tall = max(min(_TALL * wide / measures.TWO_COLUMNS, _TALL), _LOWEST)
        most = self.options.get("height", measures.PAGE_HEIGHT)
        scenes = (self._finished(self._drawn(gap, broad, tall * part)) for part in _PARTS)
        return next((scene for scene in scenes if scene.height <= most), None)

    def _gap(self, broad: float, room: float) -> float:
        """The gap between bars with which the figure is as wide as its room, or usual."""
        gap, most = GAP, WIDEST if self.options.get("width") else WIDE
        for _ in range(_TRIES):
            spare = room - self._drawn(gap, broad, _TALL).width
            gap = min(gap + spare / max(len(self.bars.line) - 1, 1), most)
        return gap

    def _finished(self, scene: Scene) -> Scene:
        """The figure in the middle of its page, with margins, its key and its totals."""
        move(scene, _MARGIN, _MARGIN)
        scene.width += _MARGIN
        least = self.options.get("width") or min(key_width(self.words, _MARGIN), self.page)
        if scene.width < least:
            move(scene, (least - scene.width) / 2, 0)
            scene.width = least
        foot(scene, self.words, self.plan.total, _MARGIN)
        scene.unseen = self.bars.flow.unseen
        return scene

    def _drawn(self, gap: float, broad: float, tall: float) -> Scene:
        """Bars, arrows and words on a page without margins."""
        Places(self.bars, gap, broad, tall, self.names).place()
        plan = self.plan
        said = f"{plan.name} drawn at level {plan.level}; {plan.total}."
        scene = Scene(0, 0, f"{plan.name}, {plan.level} level", said)
        Painter(self.bars, self.words, Pen(scene)).paint()
        first = self.bars.flow.steps[self.bars.line[0].steps[0]].path
        scene.add(*Captions(self.bars, self.labels, self.labels.get(first, first)).all())
        areas = [area_of(shape) for shape in scene.shapes]
        move(scene, -min(area.left for area in areas), -min(area.top for area in areas))
        scene.width = max(area_of(shape).right for shape in scene.shapes)
        return scene
