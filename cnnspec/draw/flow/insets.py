"""Blocks that stand as names alone, each structure drawn once beside or under the figure.

Two blocks have one structure when they compute the same up to channels and strides; the drawing
then says what holds for all of them (`varied.py`), and every card its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from math import ceil, inf
from typing import NamedTuple, Protocol

from cnnspec.draw.block.box import Box
from cnnspec.draw.flow.bodies import CardBody
from cnnspec.draw.flow.calls import Span
from cnnspec.draw.flow.insides import Insides
from cnnspec.draw.flow.quotient import Vertex
from cnnspec.draw.flow.steps import Flow
from cnnspec.draw.flow.varied import Told, kind, varied
from cnnspec.draw.page.pen import Pen
from cnnspec.draw.page.scene import Area
from cnnspec.draw.parts.parts import Chain, Frame, Part, Row, Split, walk

WIDE, HIGH = 300.0, 340.0
"""The most room for one inset."""
_APART, ABOVE = 10.0, 12.0
"""Between insets, and between them and the figure."""
_CLOSE = 5.0
"""The same where they are packed."""
_ROWS, _DEEP, _SHORT = 30, 16, 9
"""The most rows of an inset, the most under each other, and that of what could be blocks too."""
_RUNS = 6
"""The most runs of blocks of a stage."""


class Bodies(Protocol):
    """Who knows what a closed call holds, and the boxes of that."""

    flow: Flow
    insides: Insides

    def boxes(self, parts: Iterable[Part]) -> list[Box]:
        """Boxes of the block style's engine."""
        ...


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
    packed: bool = False
    """Whether they stand wherever there is room, beside and under the figure."""
    room: float = 0
    """Packed ones stand in their order where they end above this."""
    under: bool = False
    """Whether they stand under a band over the page where that is about as low."""

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


def insets(vertices: Iterable[Vertex], bodies: Bodies) -> Insets:
    """One inset for every structure among the named blocks, or among the blocks that these hold."""
    out = Insets()
    cards = [v for v in vertices if v.kind == "card" and v.span and v.span.module]
    whole: dict[int, list[Span]] = {}
    for vertex in cards:
        assert vertex.span
        runs = _runs(vertex.span, bodies)
        if _small(vertex.span, bodies, _SHORT if runs else _DEEP):
            known = bodies.insides.spans
            whole[vertex.index] = [known[path] for path in vertex.members]
        elif runs:
            out.runs[vertex.index] = runs
    shown = [span for spans in whole.values() for span in spans]
    shown += [span for runs in out.runs.values() for run in runs for span in run.spans]
    others = [v for v in cards if v.index not in whole and v.index not in out.runs]
    unseen = {v.span.module.block for v in others if v.span and v.span.module}
    out.called = _named(shown, bodies, out, unseen)
    drawn = out.called.keys()
    out.names = {at: out.called[one.path] for at, (one, *_) in whole.items() if one.path in drawn}
    out.runs = {
        at: runs
        for at, runs in out.runs.items()
        if any(run.spans and run.spans[0].path in drawn for run in runs)
    }
    return out


def plain(span: Span, bodies: Bodies) -> bool:
    """Whether an inset of rows, or the blocks of a stage by their names, say what a call holds."""
    runs = _runs(span, bodies)
    return bool(runs) or _small(span, bodies, _DEEP)


def _named(
    shown: Iterable[Span], bodies: Bodies, out: Insets, unseen: Collection[str]
) -> dict[str, str]:
    """The name of the inset of every block by its path; the insets are made.

    Structures of one block have letters, also where another one is `unseen`: in no inset.
    """
    groups: dict[tuple[str, Hashable], list[Span]] = defaultdict(list)
    for span in shown:
        parts = bodies.insides.shown(span.first, span.last) or ()
        assert span.module
        groups[span.module.block, _structure(parts)].append(span)
    names: dict[str, str] = {}
    known: dict[str, int] = defaultdict(int)
    several = [block for block, _ in groups]
    for (block, _), members in groups.items():
        known[block] += 1
        letter = several.count(block) > 1 or block in unseen
        name = f"{block} {chr(96 + known[block])}" if letter else block
        inset = _inset(name, members, bodies)
        if inset.body.width <= WIDE and inset.body.height <= HIGH:
            out.shown.append(inset)
            names.update((span.path, name) for span in members)
    return names


def _small(span: Span, bodies: Bodies, most: int) -> bool:
    """Whether a block has a name and an inside that has room in an inset."""
    parts = bodies.insides.shown(span.first, span.last)
    named = span.module is not None and bool(span.module.block)
    return named and parts is not None and len(_all_rows(parts)) <= _ROWS and _deep(parts) <= most


def _deep(parts: Sequence[Part]) -> int:
    """How many rows stand under each other."""
    return sum(map(_depth, parts))


def _depth(part: Part) -> int:
    if isinstance(part, Split):
        return max((_deep(arm) for arm in part.arms), default=0) + 1
    return _deep(part.parts) if isinstance(part, Chain) else 1


def _runs(span: Span, bodies: Bodies) -> list[Run]:
    """The small blocks that a stage is made of, one behind the other; none where it is not."""
    cuts = bodies.insides.line(span.first, span.last)
    found: list[Run] = []
    for group in cuts or ():
        begin, end, first = group[0][0], group[-1][1], group[0][2]
        spans = tuple(one for _, _, one in group if one is not None)
        if first is not None and not _small(first, bodies, _DEEP):
            return []
        if first is None and begin != end:
            return []
        found.append(Run(begin, end, spans))
    return found if len(found) <= _RUNS else []


def _all_rows(parts: Sequence[Part]) -> list[Row]:
    return [part for part in walk(tuple(parts)) if isinstance(part, Row)]


def _inset(name: str, members: Sequence[Span], bodies: Bodies) -> Inset:
    """The block of the first card, with what it prints for all of them."""
    steps, first = bodies.flow.steps, members[0]
    calls = [
        Told(
            span.path, bodies.insides.shown(span.first, span.last) or (), steps[span.last].shape[0]
        )
        for span in members
    ]
    said = varied(calls)
    inside = list(range(first.first, first.last + 1))
    shown = Vertex(-1, "card", name, inside, steps[first.last].shape)
    boxes = bodies.boxes(said.parts)
    body = CardBody(shown, boxes, name, said.captions(boxes))
    body.width, body.height = ceil(body.width), ceil(body.height)
    source = steps[steps[first.first].feeds[0]].row.paths[-1]
    return Inset(body, said.parts, source, tuple(members), said.letters)


def _structure(parts: Sequence[Part]) -> Hashable:
    """Equal for parts that differ in channels and strides alone."""
    out: list[Hashable] = []
    for part in parts:
        match part:
            case Row():
                out.append(kind(part))
            case Split():
                arms = tuple(_structure(arm) for arm in part.arms)
                out.append((arms, kind(part.join), part.gate))
            case Frame():
                out.append((part.count, _structure(part.parts)))
            case Chain():
                feeds = tuple(tuple(feed.at for feed in found) for found in part.feeds)
                out.append((feeds, _structure(part.parts)))
    return tuple(out)
