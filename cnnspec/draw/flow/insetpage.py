"""The insets of a figure, and where they stand: beside it, in lines under it, or packed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import NamedTuple, Protocol

from cnnspec.draw.flow.calls import Span
from cnnspec.draw.flow.letters import by_cards
from cnnspec.draw.flow.quotient import Vertex
from cnnspec.draw.page.pen import Pen
from cnnspec.draw.page.scene import Area
from cnnspec.draw.parts.parts import Part, walk

_APART, ABOVE = 10.0, 12.0
"""Between insets, and between them and the figure."""
_CLOSE = 5.0
"""The same where they are packed."""


class Run(NamedTuple):
    """A block of a stage, `count` equal ones in a row, or a step between them (no span)."""

    begin: int
    end: int
    spans: tuple[Span, ...]

    @property
    def times(self) -> int:
        """How often it stands in a row."""
        return max(len(self.spans), 1)


class Shown(Protocol):
    """What an inset draws."""

    vertex: Vertex
    title: str
    width: float
    height: float

    def entry(self) -> str:
        """The layer at which it begins."""
        ...

    def paint(self, pen: Pen, x: float, y: float, src: str) -> None:
        """Draw it with its corner at `x`, `y`."""
        ...


@dataclass(slots=True, eq=False)
class Inset:
    """The inside of a block, for all cards that name it."""

    body: Shown
    parts: tuple[Part, ...]
    source: str
    """The path of the layer whose value flows into the block that is shown."""
    calls: tuple[Span, ...] = ()
    """The calls that it stands for; the first is drawn, with what all of them print."""
    letters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The letters in it, each with its value in every call."""
    note: str = ""
    """What is fused to its convolutions, where it says that itself."""
    laid: bool = False
    """Whether it has a layout of its own: a stretch of a stack."""
    x: float = 0
    y: float = 0


@dataclass(slots=True)
class Insets:
    """The insets of a figure, and what each card says instead of its inside."""

    names: dict[int, str] = field(default_factory=dict)
    """The index of a vertex -> the name of its inset."""
    runs: dict[int, list[Run]] = field(default_factory=dict)
    """The index of a vertex -> the blocks that it holds, where those have insets."""
    called: dict[str, str] = field(default_factory=dict)
    """The path of a block -> the name of its inset."""
    shown: list[Inset] = field(default_factory=list)
    lettered: list[tuple[Mapping[str, Sequence[str]], tuple[Span, ...]]] = field(
        default_factory=list
    )
    """The letters that insets cannot tell from the channels, with the calls of each."""
    notes: dict[str, str] = field(default_factory=dict)
    """The path of a call -> what its inset says of its convolutions, if it is laid out."""
    told: set[int] = field(default_factory=set)
    """The rows, by identity, of insets that are laid out and say what is fused to them."""
    noted: bool = False
    """Whether each says what is fused to its convolutions, as the key cannot for all."""
    packed: bool = False
    """Whether they stand wherever there is room, beside and under the figure."""
    room: float = 0
    """Packed ones stand in their order where they end above this."""
    under: bool = False
    """Whether they stand under a band over the page where that is about as low."""

    def own(self, path: str) -> str:
        """`, w = 72`: what the card of a call says for its inset, beside the channels."""
        for letters, calls in self.lettered:
            for at, span in enumerate(calls):
                if span.path == path:
                    said = (f"{one} = {letters[one][at]}" for one in by_cards(letters))
                    return "".join(f", {one}" for one in said)
        return ""

    def noted_rows(self) -> set[int]:
        """The rows, by identity, whose inset says what is fused to them."""
        noted = [inset.parts for inset in self.shown if inset.note]
        return {id(part) for parts in noted for part in walk(parts)} | self.told

    def entry(self, span: Span) -> str:
        """The layer at which the drawing of a block begins; nothing where another is drawn."""
        inside = list(range(span.first, span.last + 1))
        drawn = (inset.body for inset in self.shown if inset.body.vertex.steps == inside)
        body = next(drawn, None)
        return body.entry() if body else ""

    def arrange(self, figure: tuple[float, float], page: float) -> tuple[float, float]:
        """Stand beside a figure of that size if the page is wide enough, else under it.

        Places are relative to the corner of the figure; returns the size of both together.
        """
        if not self.shown:
            return figure
        if self.packed:
            found = self._pack(figure, page)
            lines = self._lines(figure, page) if self.under else (inf, inf)
            return lines if lines[1] <= found[1] + ABOVE else self._pack(figure, page)
        wide, deep = figure
        column = max(inset.body.width for inset in self.shown)
        stacked = sum(inset.body.height + _APART for inset in self.shown) - _APART
        if wide + 2 * ABOVE + column <= page and stacked <= max(deep, column):
            self._column(wide + 2 * ABOVE)
            return wide + 2 * ABOVE + column, max(deep, stacked)
        return self._lines(figure, page)

    def _pack(self, figure: tuple[float, float], page: float) -> tuple[float, float]:
        """All in order if that ends above the room, else the highest first.

        Stretches stand in order and then the highest, or all by their heights: what is lower.
        """
        high = sorted(self.shown, key=lambda inset: -inset.body.height)
        first = [inset for inset in self.shown if inset.laid]
        first += [inset for inset in high if not inset.laid]
        spots = _packed(self.shown, figure, page)
        if _bottom(spots) > self.room:
            spots = min((_packed(order, figure, page) for order in (first, high)), key=_bottom)
        for inset, spot in spots:
            inset.x, inset.y = spot.left, spot.top
        areas = [Area(0, 0, *figure), *(spot for _, spot in spots)]
        return max(area.right for area in areas), max(area.bottom for area in areas)

    def _column(self, x: float) -> None:
        y = 0.0
        for inset in self.shown:
            inset.x, inset.y = x, y
            y += inset.body.height + _APART

    def _lines(self, figure: tuple[float, float], page: float) -> tuple[float, float]:
        widest, y = figure
        y += ABOVE
        x = line = 0.0
        for inset in self.shown:
            if x and x + inset.body.width > page:
                y += line + _APART
                x = line = 0.0
            inset.x, inset.y = x, y
            x += inset.body.width + _APART
            line = max(line, inset.body.height)
            widest = max(widest, x - _APART)
        return widest, y + line


def _packed(
    insets: Iterable[Inset], figure: tuple[float, float], page: float
) -> list[tuple[Inset, Area]]:
    """Places for insets beside and under a figure, each where it ends highest on the page."""
    taken = [Area(0, 0, *figure)]
    found: list[tuple[Inset, Area]] = []
    for inset in insets:
        size = inset.body.width, inset.body.height
        lefts = [0.0, *(area.right + _CLOSE for area in taken)]
        spots = [_spot(left, *size, taken) for left in lefts if left + size[0] <= page]
        spot = min(spots or [_spot(0, *size, taken)], key=lambda one: (one.bottom, one.left))
        found.append((inset, spot))
        taken.append(spot)
    return found


def _bottom(spots: Iterable[tuple[Inset, Area]]) -> float:
    """Where the lowest inset ends."""
    return max(spot.bottom for _, spot in spots)


def _spot(left: float, wide: float, high: float, taken: Sequence[Area]) -> Area:
    """A place at a left edge, under all that is taken there."""
    under = [a.bottom for a in taken if a.left < left + wide + _CLOSE and a.right + _CLOSE > left]
    top = max(under) + _CLOSE if under else 0.0
    return Area(left, top, left + wide, top + high)
