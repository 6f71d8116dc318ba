"""The key in the empty corner under the way down, the totals in that under the way up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cnnspec.draw.bars.paint import line_of
from cnnspec.draw.bars.words import Look, Words
from cnnspec.draw.page import measures
from cnnspec.draw.page.areas import area_of
from cnnspec.draw.page.fontwidths import MIDDLE, text_width
from cnnspec.draw.page.pen import Pen, arrowhead
from cnnspec.draw.page.scene import Area, Path, Scene, Text

_LINE, _SAMPLE, _APART, _CLEAR = 9.6, 17.0, 5.0, 6.0
"""From line to line, the sample of an arrow, from it to its words, from the key to the figure."""


def foot(scene: Scene, words: Words, totals: str, margin: float) -> None:
    """Add the key and the totals as high up as they have room, and end the page under them."""
    ink = [area_of(shape) for shape in scene.shapes]
    first, entries = len(scene.shapes), list(_entries(words))
    key = key_width(words, margin) - margin
    right = scene.width - margin - text_width(totals, measures.CAPTION)
    high, low = len(entries) * _LINE, max(area.bottom for area in ink)
    bottom = max(_under(ink, margin, key + _CLEAR) + high, low) if entries else low
    beside = max(_under(ink, right - _CLEAR, scene.width) + _LINE, low)
    ends = max(bottom, beside)
    if right - _CLEAR < key:  # one under the other
        ends = max(beside, bottom + _LINE)
    else:
        bottom = ends
    _key(scene, entries, margin, bottom - high)
    scene.foot = (first, len(scene.shapes))
    baseline = ends - _LINE / 2 + MIDDLE * measures.CAPTION
    x = scene.width - margin
    scene.add(Text(x, baseline, totals, measures.CAPTION, fill="muted", anchor="end"))
    scene.height = ends + margin


def key_width(words: Words, margin: float) -> float:
    """The least width of a page on which the key has room."""
    wide = (text_width(said, measures.CAPTION) for _, said in _entries(words))
    return 2 * margin + _SAMPLE + _APART + max(wide, default=0.0)


def _key(scene: Scene, entries: Sequence[tuple[Look, str]], x: float, top: float) -> None:
    pen = Pen(scene)
    for at, (look, text) in enumerate(entries):
        y = top + (at + 0.5) * _LINE
        _sample(pen, x, y, look)
        baseline = y + MIDDLE * measures.CAPTION
        scene.add(Text(x + _SAMPLE + _APART, baseline, text, measures.CAPTION))


def _entries(words: Words) -> Iterator[tuple[Look, str]]:
    """The lines of the key."""
    for kind in words.ordered():
        said, number = words.kinds[kind], words.numbers.get(kind, "")
        yield kind.look, f"{number}: {said}" if number else said
    if words.bars.places:
        yield Look("level", "dash"), "places of maxima"


def _under(ink: Sequence[Area], left: float, right: float) -> float:
    """The lowest ink in a part of the width."""
    found = (area.bottom for area in ink if area.left < right and left < area.right)
    return max(found, default=0.0) + _CLEAR


def _sample(pen: Pen, x: float, y: float, look: Look) -> None:
    end = (x + _SAMPLE, y)
    stop = x + _SAMPLE - measures.ARROW_LENGTH * 0.73
    way = (("M", (x, y)), ("L", (stop, y)))
    pen.scene.add(
        Path(way, stroke=look.colour, line=line_of(look), dash=look.style == "dash"),
        Path(arrowhead(end, (x, y)), fill=look.colour),
    )
