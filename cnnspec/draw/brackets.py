"""Brackets with names beside or over a figure, for the groups of an author's sheet.

A group that stands in several rows of a figure, or in several of its columns, has a bracket in
each: a bracket spans what it names and nothing else, if it can be.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cnnspec.draw.page import measures
from cnnspec.draw.page.areas import area_of, move, widen
from cnnspec.draw.page.fontwidths import MIDDLE, text_width
from cnnspec.draw.page.scene import Area, Path, Rect, Scene, Segment, Text
from cnnspec.draw.spans import Named, Span, arranged

OFF = 4.0
_TIER, _TICK = 12.0, 3.0
"""From the figure to the first bracket, from one row to the next, the ends of a bracket."""
_APART = 3.0
"""Between the ends of two brackets in a row."""
_THIN = 0.1
"""Half of what a wire takes that runs past."""


@dataclass(slots=True)
class _Bracket:
    """A name for a stretch of the figure; `begin` and `end` are along its side.

    `low` and `high` are what it takes with its name.
    """

    name: str
    begin: float
    end: float
    low: float
    high: float
    tier: int = 0


def brackets(scene: Scene, groups: Sequence[Named], boxes: Sequence[Area]) -> None:
    """Name groups of layers beside a figure that goes down, over one that goes to the right.

    `groups` have the areas of their boxes, `boxes` are those of the figure's others.
    """
    found = arranged(groups, boxes, [*_stretches(scene)])
    for at in sorted({span.line for span in found.spans}, reverse=True):
        spans = [span for span in found.spans if span.line == at]
        lines = found.lines
        if found.over:
            _over(scene, spans, lines[at - 1].bottom if at else None, lines[at].top)
        else:
            after = lines[at + 1].left if at + 1 < len(lines) else None
            _beside(scene, spans, lines[at].right, after)


def _tiers(brackets: Sequence[_Bracket]) -> int:
    """Give brackets that overlap a row each; returns how many rows."""
    rows: list[list[_Bracket]] = []
    for one in sorted(brackets, key=lambda bracket: bracket.end - bracket.begin):
        free = (
            at for at, row in enumerate(rows)
            if all(one.high <= other.low + 1 or other.high <= one.low + 1 for other in row)
        )  # fmt: skip
        one.tier = next(free, len(rows))
        rows += [[]] if one.tier == len(rows) else []
        rows[one.tier].append(one)
    for row in rows:
        row.sort(key=lambda bracket: bracket.begin)
        for one, other in pairwise(row):
            if other.begin - one.end < _APART:
                middle = (one.end + other.begin) / 2
                one.end, other.begin = middle - _APART / 2, middle + _APART / 2
    return len(rows)


def _over(scene: Scene, spans: Sequence[Span], above: float | None, below: float) -> None:
    """Brackets over a row of the figure that begins at `below`; `above` is where the last ends."""
    found = []
    for span in spans:
        half = text_width(span.name, measures.NAME, bold=True) / 2
        middle = (span.area.left + span.area.right) / 2
        middle = min(max(middle, half + 2), max(scene.width - half - 2, half + 2))
        low, high = min(span.area.left, middle - half), max(span.area.right, middle + half)
        found.append(_Bracket(span.name, span.area.left, span.area.right, low, high))
    need = OFF + _tiers(found) * _TIER
    if above is None:
        move(scene, 0, need)
        foot = need - OFF
    else:
        foot = _room(scene, 1, (above, below), need)[1] - OFF
    for one in found:
        y = foot - one.tier * _TIER
        line(scene, _outline(one, y, y + _TICK, upright=False))
        half = text_width(one.name, measures.NAME, bold=True) / 2
        write(scene, one.low + half if one.low < one.begin else _middle(one, half), y - 4.5,
              one.name, "middle")  # fmt: skip


def _middle(one: _Bracket, half: float) -> float:
    """Where the name of a bracket stands."""
    return one.high - half if one.high > one.end else (one.begin + one.end) / 2


def _beside(scene: Scene, spans: Sequence[Span], before: float, after: float | None) -> None:
    """Brackets right of a column of the figure that ends at `before`; the next is at `after`."""
    found = []
    for span in spans:
        middle, half = (span.area.top + span.area.bottom) / 2, measures.NAME / 2
        low, high = min(span.area.top, middle - half), max(span.area.bottom, middle + half)
        found.append(_Bracket(span.name, span.area.top, span.area.bottom, low, high))
    tiers = [[one for one in found if one.tier == tier] for tier in range(_tiers(found))]
    wide = [8 + max(text_width(one.name, measures.NAME, bold=True) for one in row) + OFF
            for row in tiers]  # fmt: skip
    x = scene.width
    if after is not None:
        x = _room(scene, 0, (before, after), sum(wide) + OFF)[0] + OFF
    for row, room in zip(tiers, wide, strict=True):
        for one in row:
            line(scene, _outline(one, x, x - _TICK, upright=True))
            write(scene, x + 4, (one.begin + one.end) / 2, one.name, "start")
        x += room
    scene.width = max(scene.width, x)


def _outline(one: _Bracket, at: float, tick: float, *, upright: bool) -> list[tuple[float, float]]:
    """The corners of a bracket, its ends at `tick`."""
    points = [(tick, one.begin), (at, one.begin), (at, one.end), (tick, one.end)]
    return points if upright else [(y, x) for x, y in points]


def _stretches(scene: Scene) -> Iterable[Area]:
    """The straight stretches of a figure's wires."""
    for shape in scene.shapes:
        if isinstance(shape, Path) and shape.stroke and not shape.fill:
            ends = [numbers[-2:] for _, numbers in shape.segments if numbers]
            for (x, y), (to, down) in pairwise(ends):
                yield Area(min(x, to), min(y, down), max(x, to), max(y, down))


def _room(
    scene: Scene, axis: int, between: tuple[float, float], need: float
) -> tuple[float, float]:
    """A free strip between two rows or columns, at least `need` wide: the figure is drawn out.

    It cuts no text and no turn of a wire, if that can be.  Of strips as wide as each other that
    one is taken which is nearer to what is named: the row below, the column to the left.
    """
    at, end = between
    free = []
    for first, last in [*sorted(_taken(scene, axis, *between)), (end, end)]:
        if min(first, end) > at:
            free.append((at, min(first, end)))
        at = max(at, last)
    wide = max((round(min(b - a, need) / 4) for a, b in free), default=0)
    widest = [strip for strip in free if round(min(strip[1] - strip[0], need) / 4) == wide]
    low, high = widest[-1 if axis else 0] if widest else between
    more = max(need - (high - low), 0)
    widen(scene, axis, (low + high) / 2, more)
    return low, high + more


def _taken(scene: Scene, axis: int, low: float, high: float) -> Iterable[tuple[float, float]]:
    """What shapes take of the way from `low` to `high`, but for those that can be drawn out."""
    foot = range(scene.foot[0], scene.foot[1] + 1) if scene.foot[1] else ()
    for number, shape in enumerate(scene.shapes):
        area = area_of(shape)
        begin, end = area[axis], area[axis + 2]
        if number in foot or end <= low or begin >= high:
            continue
        if isinstance(shape, Path) and not shape.fill:
            yield from _turns(shape, axis)
        elif not (isinstance(shape, Rect) and begin <= low and end >= high):
            yield begin, end


def _turns(wire: Path, axis: int) -> Iterable[tuple[float, float]]:
    """Where a wire turns, and where it runs along a row or a column."""
    at = wire.segments[0][1][axis] if wire.segments else 0.0
    for letter, numbers in wire.segments:
        to = numbers[-2 + axis] if numbers else at
        if letter == "Q":
            yield min(at, to), max(at, to)
        elif abs(to - at) < _THIN:
            yield to - _THIN, to + _THIN
        at = to


def line(scene: Scene, points: Sequence[tuple[float, float]]) -> None:
    """A thin line of what an author adds."""
    segments: list[Segment] = [("M", points[0]), *(("L", point) for point in points[1:])]
    scene.add(Path(tuple(segments), stroke="muted", line=measures.WIRE))


def write(
    scene: Scene, x: float, middle: float, text: str, anchor: str, *, bold: bool = True
) -> None:
    """A name, or without `bold` a remark, round the height `middle`."""
    size = measures.NAME if bold else measures.CAPTION
    baseline = middle + MIDDLE * size
    left = anchor == "start"
    scene.add(Text(x, baseline, text, size, bold, "ink", "start" if left else "middle"))
