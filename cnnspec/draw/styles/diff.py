"""Two nets side by side, aligned, with their differences coloured.

Equal layers between two differences are one grey row that counts them; a row that only one net has
is red with a solid edge on its side; a changed one is red with a dashed edge on both.  A group of
rows that repeats is drawn once with its count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from cnnspec.draw.errors import DrawError
from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import shorten
from cnnspec.draw.page.scene import Area, Rect, Scene, Text

if TYPE_CHECKING:
    from cnnspec.analyses.diff import Step

_MARGIN, _PITCH, _GAP, _TAIL = 4.0, 14.0, 6.0, 22.0


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of the picture: what both sides say, and whether they are equal."""

    a: str
    b: str
    kind: str


def diff_figure(a: str, b: str, steps: Sequence[Step]) -> Scene:
    """The figure of two aligned nets. Raises DrawError when it is higher than a page."""
    rows = _repeats(_lines(steps))
    height = 2 * _MARGIN + _PITCH * (len(rows) + 1)
    if height > measures.PAGE_HEIGHT:
        raise DrawError(f"{a} and {b} differ in too many places for one page")
    differing = sum(step.kind != "equal" for step in steps)
    said = f"{a} and {b} side by side; {differing} rows differ."
    scene = Scene(measures.ONE_COLUMN, height, f"{a} and {b}, differences", said)
    side = (scene.width - 2 * _MARGIN - _GAP - _TAIL) / 2
    right = _MARGIN + side + _GAP
    for x, name in ((_MARGIN, a), (right, b)):
        _write(scene, x, _MARGIN, side, name, bold=True)
    for number, (line, count) in enumerate(rows, start=1):
        y = _MARGIN + _PITCH * number
        for x, text in ((_MARGIN, line.a), (right, line.b)):
            if text:
                _box(scene, x, y, side, text, line)
        if count > 1:
            _write(scene, right + side + 2, y, _TAIL - 2, f"×{count}", bold=True)
    return scene


def _lines(steps: Sequence[Step]) -> list[_Line]:
    """The steps with runs of equal ones counted."""
    lines = []
    for equal, run in groupby(steps, lambda step: step.kind == "equal"):
        found = list(run)
        if equal and len(found) > 1:
            text = f"{len(found)} equal parts"
            lines.append(_Line(text, text, "equal"))
        else:
            lines += [_Line(step.a, step.b, step.kind) for step in found]
    return lines


def _repeats(lines: list[_Line]) -> list[tuple[_Line, int]]:
    """Rows with how often they come; a pair of rows that repeats is drawn once."""
    rows: list[tuple[_Line, int]] = []
    at = 0
    while at < len(lines):
        for width in (1, 2, 3):
            count = _times(lines, at, width)
            if count > 1:
                rows += [(line, count) for line in lines[at : at + width]]
                at += width * count
                break
        else:
            rows.append((lines[at], 1))
            at += 1
    return rows


def _times(lines: list[_Line], at: int, width: int) -> int:
    """How often the `width` rows at `at` follow each other."""
    count = 1
    while lines[at + count * width : at + (count + 1) * width] == lines[at : at + width]:
        count += 1
    return count


def _box(scene: Scene, x: float, y: float, width: float, text: str, line: _Line) -> None:
    equal, changed = line.kind == "equal", line.kind == "changed"
    stroke, weight = ("cell-line", measures.BOX_LINE) if equal else ("changed", measures.SKIP)
    fill = "cell" if equal else "background"
    data = (("diff", line.kind),)
    scene.add(
        Rect(x, y, width, measures.ROW, measures.BOX_RADIUS, fill, stroke, weight, changed, data)
    )
    _write(scene, x + measures.INSET, y, width - 2 * measures.INSET, text, muted=equal)


def _write(
    scene: Scene,
    x: float,
    y: float,
    width: float,
    text: str,
    *,
    bold: bool = False,
    muted: bool = False,
) -> None:
    shown = shorten(text, measures.LABEL, width, bold)
    box = Area(x, y, x + width + 0.01, y + measures.ROW)
    fill = "muted" if muted else "ink"
    baseline = y + measures.ROW / 2 + 0.358 * measures.LABEL
    scene.add(Text(x, baseline, shown, measures.LABEL, bold, fill, box=box, full=text))
