"""The rungs that are tried in turn: what is closed, and how much each box then shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf
from typing import Literal

from cnnspec.draw.flow.closing import Closing
from cnnspec.draw.flow.levels import Layout
from cnnspec.draw.flow.measure import Look
from cnnspec.draw.flow.ports import Mode
from cnnspec.draw.flow.rung import Rung
from cnnspec.draw.options import Direction
from cnnspec.draw.page.measures import PAGE_HEIGHT
from cnnspec.draw.parts.parts import Level

_OPEN = (Look(), Look(narrow=True))
_INSETS = (Look("named", insets=True), Look("named", narrow=True, insets=True))
_NESTED = (_INSETS[0]._replace(nested=True),)
_TERSE = tuple(look._replace(terse=True) for look in _INSETS)
_TERSER = tuple(look._replace(terse=True) for look in _NESTED)
_SHRUNK = (_NESTED, _TERSE, _TERSER)
"""The smaller forms of insets, one after the other."""
_BROKEN = Look("named", narrow=True, insets=True, broken=True)
NAMED = (Look("named"), Look("named", narrow=True))
_STRIPS = (Look(strip=True), Look(narrow=True, strip=True),
           Look(narrow=True, strip=True, tight=True))  # fmt: skip
_TIGHT: tuple[Look, ...] = (
    Look("named", insets=True, tight=True),
    Look("named", True, insets=True, tight=True),
)
_TIGHT += tuple(look._replace(terse=True) for look in _TIGHT)
_FOOT = 32.0
"""What the key and margins take of the height of a figure."""
_LOW, _HIGH, _PAGE = 2.5 * 72 - _FOOT, 4 * 72 - _FOOT, PAGE_HEIGHT - _FOOT
"""A figure to the right is a band over the page: so high by itself, with insets under it, or with
many of them."""
_STRETCHES = (24, 12, 6, 3, 1)
"""Into how many stretches of execution order a net is cut at the last."""


class Ladder:
    """The rungs of one flow from the level asked for to a single box.

    `deep`: it joins maps of several sizes in blocks that hold smaller ones of their kind.
    """

    def __init__(
        self, closing: Closing, layout: Layout, direction: Direction, *, deep: bool = False
    ) -> None:
        self.deep = deep
        self.closing, self.layout, self.direction = closing, layout, direction
        self.top = max((span.height for span in closing.spans.values()), default=0)

    def rungs(self, level: Level) -> Iterator[tuple[Rung, Mode]]:
        """The rungs with their directions; one that closes what an earlier one did is left out."""
        known = set()
        for rung in self._ladder(level):
            closed = tuple((span.first, span.last) for span in self.closing.closed(rung))
            key = (rung._replace(close=0, keep=False), closed)
            if key in known:
                continue
            known.add(key)
            if rung.layout != "ranks":
                yield rung, "lanes"
                continue
            yield from ((rung, mode) for mode in self._ways())

    def upright(self, level: Level) -> Iterator[tuple[Rung, Mode]]:
        """The rungs whose lanes go down, which none do unless that is asked for."""
        if self.direction != "down" or self.layout != "lanes":
            return
        first = {"layer": 0, "block": min(1, self.top), "stage": min(2, self.top)}
        looks = _INSETS if level in ("stage", "net") else (*_OPEN, *_INSETS)
        for close in range(first.get(level, self.top), self.top + 1):
            for look in looks:
                rung = Rung(close, look, layout="lanes", keep=True)
                yield rung, "upright"
                yield rung._replace(carry=True), "upright"

    def named(self) -> Iterator[tuple[Rung, Mode]]:
        """Calls by their names with an inset for each structure, the largest calls first."""
        for looks in (_INSETS, *_SHRUNK):
            for close in range(self.top, 0, -1):
                for look in looks:
                    yield from ((Rung(close, look, laid=True), mode) for mode in self._ways())

    def plainest(self) -> Iterator[tuple[Rung, Mode]]:
        """What is left where no rung has room: a box, which always has a place."""
        for rung in (Rung(self.top, Look("named"), cut=1), self._last("output", "input")):
            yield from ((rung, mode) for mode in self._ways())

    def _last(self, *gather: Literal["input", "output"]) -> Rung:
        """All as one box."""
        return Rung(self.top, Look("named"), cut=1, gather=gather)

    def _ways(self) -> tuple[Mode, ...]:
        """The directions of ranks."""
        if self.direction == "auto":
            return ("down", "right")
        return ("right" if self.direction == "right" else "down",)

    def _stacked(self) -> Iterator[Rung]:
        """Stretches that come again and again as one card, what they hold in an inset."""
        if self.closing.stacks:
            for close in range(1, self.top + 1):
                for look in _INSETS:
                    rung = Rung(close, look, layout="lanes", keep=True, stacked=True)
                    yield rung
                    yield rung._replace(stem=True)
            for close in range(1, self.top + 1):
                rung = Rung(close, Look("named", brief=True), layout="lanes", keep=True)
                yield rung._replace(stacked=True, stem=True, carry=True)

    def _laid(self) -> Iterator[Rung]:
        """Blocks that hold smaller ones of their kind by their names, the largest first."""
        if self.deep:
            for close in range(self.top, 1, -1):
                for look in _INSETS:
                    rung = Rung(close, look, layout=self.layout, laid=True)
                    for stacked in (False, True) if self.closing.stacks else (False,):
                        yield rung._replace(stacked=stacked)
                        yield rung._replace(stacked=stacked, stem=True)

    def _heads(self) -> bool:
        """Whether outputs leave several levels on the way down."""
        ends = self.closing.flow.outputs.values()
        return len({self.closing.level[at] for at in ends}) > 1

    def _bands(self, start: int) -> Iterator[Rung]:
        """One line over the page, with blocks open if they can be, else by names with insets."""
        for look in (*_OPEN, *_STRIPS):
            yield Rung(start, look, line=True, low=_LOW if look.strip else inf)
        yield from (Rung(start, look, low=_LOW) for look in _OPEN)
        for line in (True, False):
            for close in range(max(start, 1), self.top + 1):
                yield from (Rung(close, look, line=line, low=_HIGH) for look in _TIGHT)
            yield from (Rung(start, look, low=_HIGH) for look in _OPEN if line)
        for close in range(max(start, 1), self.top + 1):
            yield from (Rung(close, look, line=True, low=_PAGE) for look in _TIGHT)
        yield from (Rung(start, look, line=True) for look in _STRIPS)

    def _ladder(self, level: Level) -> Iterator[Rung]:
        """What is tried, in order, from the level asked for to a single box."""
        first = {"layer": 0, "block": min(1, self.top), "stage": min(2, self.top)}
        start = 0 if self.closing.depth else first.get(level, self.top)
        words = level in ("stage", "net")
        looks = NAMED if words else (*_OPEN, *_INSETS)
        nested = () if words else _SHRUNK
        if self.layout != "ranks":
            lanes = (*looks, _BROKEN) if _INSETS[0] in looks else looks
            for tried in (lanes, *nested):
                yield from self._lanes(start, tried)
            if self._heads():
                yield from self._lanes(start, looks, carry=True)
        yield from self._laid() if self.deep else self._stacked()
        if self.direction == "right" and level == "block":
            yield from self._bands(start)
        small = [span for span in self.closing.spans.values() if span.height <= 1]
        if any(map(self.closing.knotted, small)):
            yield Rung(start, Look(), keep=True, laid=True)
            yield Rung(start, Look(), merge=True, keep=True, laid=True)
        for tried in (looks, *nested):
            yield from self._ranks(start, tried)
        if self.layout != "ranks":
            yield from self._lanes(start, NAMED)
        yield from self._ranks(start, NAMED)
        for cut in _STRETCHES:
            yield Rung(self.top, Look("named"), cut=cut)
        yield self._last("output")
        yield self._last("output", "input")

    def _lanes(self, start: int, looks: Sequence[Look], *, carry: bool = False) -> Iterator[Rung]:
        """What goes through several levels stays open."""
        for close in range(start, self.top + 1):
            for look in looks:
                laid = look not in NAMED and not self.deep
                rung = Rung(close, look, layout=self.layout, keep=True, laid=laid)
                yield rung._replace(carry=carry)

    def _ranks(self, start: int, looks: Sequence[Look]) -> Iterator[Rung]:
        for close in range(start, self.top + 1):
            for look in looks:
                laid = look not in NAMED
                yield Rung(close, look, laid=laid)
                yield Rung(close, look, merge=True, laid=laid)
