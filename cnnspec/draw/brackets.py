"""Brackets with names beside or over a figure, for the groups of an author's sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from cnnspec.draw.page import measures
from cnnspec.draw.page.areas import move
from cnnspec.draw.page.fontwidths import MIDDLE, text_width
from cnnspec.draw.page.scene import Area, Path, Scene, Segment, Text

OFF = 4.0
_TIER, _TICK = 12.0, 3.0
"""From the figure to the first bracket, from one row to the next, the ends of a bracket."""


@dataclass(slots=True)
class _Bracket:
    """A name for a stretch of the figure, along one side of it."""

    name: str
    begin: float
    end: float
    tier: int = 0


def brackets(scene: Scene, areas: Sequence[tuple[str, Area]]) -> None:
    """Name groups of layers beside a figure that goes down, over one that goes to the right."""
    if not areas:
        return
    over = _apart([(a.left, a.right) for _, a in areas])
    beside = _apart([(a.top, a.bottom) for _, a in areas])
    wide = all(a.right - a.left > a.bottom - a.top for _, a in areas)
    if over and (not beside or (len(areas) == 1 and wide)):
        _over(scene, [_Bracket(name, a.left, a.right) for name, a in areas])
    else:
        _beside(scene, [_Bracket(name, a.top, a.bottom) for name, a in areas])


def _apart(spans: Sequence[tuple[float, float]]) -> bool:
    """Whether stretches do not overlap."""
    ordered = sorted(spans)
    return all(a[1] <= b[0] + 1 for a, b in pairwise(ordered))


def _tiers(brackets: Sequence[_Bracket]) -> int:
    """Give brackets that overlap a row each; returns how many rows."""
    rows: list[list[_Bracket]] = []
    for one in sorted(brackets, key=lambda bracket: bracket.end - bracket.begin):
        free = (
            at for at, row in enumerate(rows)
            if all(one.end <= other.begin + 1 or other.end <= one.begin + 1 for other in row)
        )  # fmt: skip
        one.tier = next(free, len(rows))
        rows += [[]] if one.tier == len(rows) else []
        rows[one.tier].append(one)
    return len(rows)


def _over(scene: Scene, brackets: Sequence[_Bracket]) -> None:
    rows = _tiers(brackets)
    down = OFF + rows * _TIER
    move(scene, 0, down)
    for one in brackets:
        y = down - OFF - one.tier * _TIER
        points = [(one.begin, y + _TICK), (one.begin, y), (one.end, y), (one.end, y + _TICK)]
        line(scene, points)
        middle = (one.begin + one.end) / 2
        half = text_width(one.name, measures.NAME, bold=True) / 2
        middle = min(max(middle, half + 2), max(scene.width - half - 2, half + 2))
        write(scene, middle, y - 4.5, one.name, "middle")


def _beside(scene: Scene, brackets: Sequence[_Bracket]) -> None:
    x = scene.width
    for tier in range(_tiers(brackets)):
        row = [one for one in brackets if one.tier == tier]
        for one in row:
            points = [(x - _TICK, one.begin), (x, one.begin), (x, one.end), (x - _TICK, one.end)]
            line(scene, points)
            write(scene, x + 4, (one.begin + one.end) / 2, one.name, "start")
        x += 8 + max(text_width(one.name, measures.NAME, bold=True) for one in row) + OFF
    scene.width = x


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
