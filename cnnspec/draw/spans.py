"""Which stretches of a page the groups of an author's sheet take, and on which side they are named.

There are four ways: names over the whole figure or beside it, over each of its rows, or beside each
of its columns.  That one is taken in which brackets reach over the fewest boxes that they do not
name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from cnnspec.draw.page.scene import Area

_INSIDE, _BEHIND, _PIECE, _CROSSED = 2, 1, 1, 2
"""What a box of others costs that a bracket spans, or that stands behind what it spans; a further
bracket of one group, and two brackets beside each other that overlap or a wire that one crosses."""
_EDGE = 1.0
"""What areas that touch share at most."""


class Named(NamedTuple):
    """A group: its name and the areas of its boxes."""

    name: str
    areas: Sequence[Area]


class Span(NamedTuple):
    """A stretch of a group in one row or column of the figure, by number."""

    name: str
    area: Area
    line: int


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Where brackets stand: `over` the lines or beside them; `lines` are those of the figure."""

    over: bool
    lines: Sequence[Area]
    spans: Sequence[Span]


def arranged(
    groups: Sequence[Named], others: Sequence[Area], wires: Sequence[Area] = ()
) -> Arrangement:
    """The best way to name groups among `others`, the boxes that are in none of them.

    `wires` are the straight stretches of the figure's.
    """
    own = [area for group in groups for area in group.areas]
    boxes = [*own, *others]
    whole = [around(boxes)] if boxes else []
    ways = [Arrangement(over, lines, _spans(groups, lines, over))
            for over, lines in ((True, whole), (False, whole),
                                (True, _lines(boxes, 1)), (False, _lines(boxes, 0)))]  # fmt: skip
    return min(ways, key=lambda way: _cost(way, groups, boxes, wires))


def around(areas: Iterable[Area]) -> Area:
    """The least area that holds some."""
    lefts, tops, rights, bottoms = zip(*areas, strict=True)
    return Area(min(lefts), min(tops), max(rights), max(bottoms))


def _lines(boxes: Sequence[Area], axis: int) -> list[Area]:
    """The rows of a figure (axis 1) or its columns (axis 0): what no line parts."""
    lines: list[Area] = []
    for box in sorted(boxes, key=lambda area: area[axis]):
        if lines and box[axis] < lines[-1][axis + 2]:
            lines[-1] = around((lines[-1], box))
        else:
            lines.append(box)
    return lines


def _spans(groups: Sequence[Named], lines: Sequence[Area], over: bool) -> list[Span]:
    """What each group takes of each line."""
    axis = 1 if over else 0
    found = []
    for group in groups:
        for at, line in enumerate(lines):
            held = [a for a in group.areas if line[axis] <= _middle(a, axis) <= line[axis + 2]]
            if held:
                found.append(Span(group.name, around(held), at))
    return found


def _middle(area: Area, axis: int) -> float:
    return (area[axis] + area[axis + 2]) / 2


def _cost(
    way: Arrangement, groups: Sequence[Named], boxes: Sequence[Area], wires: Sequence[Area]
) -> tuple[int, bool, bool]:
    """How much is wrong with a way; of those as good, names for the whole, then over the figure."""
    axis = 0 if way.over else 1
    own = {group.name: set(group.areas) for group in groups}
    cost = _PIECE * (len(way.spans) - len({span.name for span in way.spans}))
    for span in way.spans:
        for box in boxes:
            if box in own[span.name] or not _meet(box, span.area, axis):
                continue
            line = way.lines[span.line]
            if _meet(box, span.area, 1 - axis):
                cost += _INSIDE
            elif _meet(box, line, 1 - axis):
                cost += _BEHIND
    for one, other in combinations(way.spans, 2):
        nested = own[one.name] <= own[other.name] or own[other.name] <= own[one.name]
        if one.line == other.line and not nested and _meet(one.area, other.area, axis):
            cost += _CROSSED
    cost += _CROSSED * sum(_through(way, span, wire) for span in way.spans for wire in wires)
    return cost, len(way.lines) > 1, not way.over


def _through(way: Arrangement, span: Span, wire: Area) -> bool:
    """Whether a wire runs through the place of a bracket between two lines of the figure."""
    across = 1 if way.over else 0
    before, after = (span.line - 1, span.line) if way.over else (span.line, span.line + 1)
    if before < 0 or after >= len(way.lines):
        return False
    low, high = way.lines[before][across + 2], way.lines[after][across]
    middle = (low + high) / 2
    runs = wire[across] <= middle <= wire[across + 2]
    return runs and _meet(_thick(wire), span.area, 1 - across)


def _thick(wire: Area) -> Area:
    return Area(wire.left - 1, wire.top - 1, wire.right + 1, wire.bottom + 1)


def _meet(a: Area, b: Area, axis: int) -> bool:
    """Whether two areas share more than an edge in one direction."""
    return min(a[axis + 2], b[axis + 2]) - max(a[axis], b[axis]) > _EDGE
