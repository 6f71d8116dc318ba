"""The gutter left of the boxes: names, shapes, and which blocks of a stage a frame shows."""

from __future__ import annotations

from collections.abc import Iterable

from cnnspec.draw.block.box import Box, RowBox
from cnnspec.draw.block.boxmaker import BandBox
from cnnspec.draw.block.chainbox import ChainBox
from cnnspec.draw.block.framebox import FrameBox
from cnnspec.draw.block.strip import Track
from cnnspec.draw.block.stripbox import StripBox
from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import text_width
from cnnspec.draw.page.pen import Pen
from cnnspec.draw.parts.parts import (
    Band,
    Chain,
    Frame,
    Mark,
    Part,
    Plan,
    caption,
    given_name,
    part_name,
)
from cnnspec.values import Shape, dims

_LEAST, _MOST, _AFTER = 40.0, 54.3, 5.0
_BETWEEN = 4.0
"""Between two texts on one line."""
_TITLE, _UNDER, _CLEAR = 8.5, 16.9, 25.0
"""From a band's top to its name, to its shape, and to where other text may stand."""


def shape_text(shape: Shape) -> str:
    """`64×56×56`."""
    return dims(shape).replace("x", "×")


def gutter_width(plan: Plan) -> float:
    """Room for the widest name, within bounds, and for every shape: numbers are never cut."""
    shapes = [plan.shape, *(part.shape for part, _ in _beside(plan.parts))]
    texts = [
        *map(shape_text, shapes),
        *(word for said in plan.counts.values() for word in _lines(said)),
    ]
    numbers = max(text_width(text, measures.CAPTION) for text in texts)
    names = 0.0
    for part, bold in _beside(plan.parts):
        text = caption(part) if isinstance(part, Frame) else part_name(part)
        names = max(names, text_width(text, measures.NAME if bold else measures.CAPTION, bold))
    return max(numbers + _AFTER, min(max(names + _AFTER, _LEAST), _MOST))


def _beside(parts: Iterable[Part]) -> Iterable[tuple[Part, bool]]:
    """The parts that the gutter speaks of, and whether it does so in bold."""
    for part in parts:
        yield part, True
        if isinstance(part, Band):
            yield from ((inner, not part.name) for inner in part.parts)
        elif isinstance(part, Chain):
            yield from ((inner, True) for inner in part.parts)


def headed_room(part: Part, element: Box | BandBox) -> float:
    """Room left of the axis for what stands over a stage's blocks, or beside a row."""
    shape = text_width(shape_text(part.shape), measures.CAPTION)
    if isinstance(part, Band):
        return 3 + text_width(part.name, measures.NAME, bold=True) + _BETWEEN + shape + _BETWEEN
    name = min(text_width(given_name(part), measures.NAME, bold=True), _MOST)
    return element.left + max(name, shape) + 2.1


def _headline(pen: Pen, track: Track, band: Band, y: float) -> None:
    """A stage's name, shape and number of blocks over them."""
    middle, left = y + _TITLE, track.start + measures.BAND + 1
    wide = text_width(band.name, measures.NAME, bold=True)
    pen.name(left, middle, band.name, size=measures.NAME, width=wide + 0.1)
    shape, at = shape_text(band.shape), left + wide + _BETWEEN
    room = text_width(shape, measures.CAPTION) + 0.1
    pen.name(at, middle, shape, size=measures.CAPTION, width=room, muted=True)
    count = sum(part.count for part in band.parts if isinstance(part, Frame))
    said = f"{count} blocks" if count > 1 else "1 block"
    room = text_width(said, measures.CAPTION) + 0.1
    at = track.end - measures.BAND - 1 - room
    pen.name(at, middle, said, size=measures.CAPTION, width=room, muted=True)


def element_texts(pen: Pen, track: Track, part: Part, element: Box | BandBox, y: float) -> None:
    """What the gutter says beside an element of the trunk."""
    if isinstance(element, BandBox) and isinstance(part, Band) and element.headed:
        _headline(pen, track, part, y)
    elif isinstance(element, BandBox) and isinstance(part, Band):
        _band_texts(pen, track, part, element, y)
    elif isinstance(element, ChainBox) and isinstance(part, Chain):
        for one, box, top in zip(part.parts, element.boxes, element.tops(y), strict=True):
            _both(pen, track, one, box, top)
    else:
        _both(pen, track, part, element, y)


def _both(pen: Pen, track: Track, part: Part, box: Box | BandBox, y: float) -> None:
    """Name over shape, beside the middle of a box; a strip has its name inside."""
    if isinstance(part, Mark) and part.kind == "end":
        return
    middle = y + box.height / 2
    said = _lines(pen.counts.get(part, "")) if box.height > 2 * measures.ROW else []
    middle -= 4 * len(said)
    for line, text in enumerate(said):
        _muted(pen, track, middle + (8.4 if isinstance(box, StripBox) else 12.9) + 8.4 * line, text)
    if isinstance(box, StripBox):
        _muted(pen, track, middle, shape_text(part.shape))
        return
    beside = track.axis - box.left - track.text - _AFTER if isinstance(box, RowBox) else 0
    of_part = given_name if track.headed else part_name
    name = caption(part) if isinstance(part, Frame) else of_part(part)
    if not name or isinstance(part, Mark):
        _muted(pen, track, middle, shape_text(part.shape), beside)
        return
    _bold(pen, track, middle - 3.9, name, max(track.room - 2, beside))
    _muted(pen, track, middle + 4.5, shape_text(part.shape), beside)


def _bold(pen: Pen, track: Track, middle: float, name: str, room: float) -> None:
    """A name; one that is too wide loses the outermost containers that it stands in."""
    shown = name
    while text_width(shown, measures.NAME, bold=True) > room and "." in shown:
        shown = shown.partition(".")[2]
    pen.name(track.text, middle, shown, size=measures.NAME, width=room, full=name)


def _lines(said: str) -> list[str]:
    """Parameters and MACs under each other."""
    return said.split(" · ") if said else []


def _muted(pen: Pen, track: Track, middle: float, text: str, beside: float = 0) -> None:
    """A caption; `beside` is the room next to a row, where that is more than the gutter's."""
    room = max(track.room - 2, beside)
    pen.name(track.text, middle, text, size=measures.CAPTION, width=room, muted=True)


def _band_texts(pen: Pen, track: Track, band: Band, element: BandBox, y: float) -> None:
    if band.name:
        _bold(pen, track, y + _TITLE, band.name, track.room - 2)
        _muted(pen, track, y + _UNDER, shape_text(band.shape))
    said = _lines(pen.counts.get(band, "")) if band.name else []
    for line, text in enumerate(said):
        _muted(pen, track, y + _UNDER + 8.4 * (line + 1), text)
    clear = y + _CLEAR + 8.4 * len(said) if band.name else y
    at = y + element.above
    for part, box in zip(band.parts, element.boxes, strict=True):
        if band.name:
            text = caption(part) if isinstance(part, Frame) else part_name(part)
            middle = at + (box.middle if isinstance(box, FrameBox) else box.height / 2)
            if middle - 4 < clear:
                middle = max(middle, min(clear + 4, at + box.height - 4))
            if middle - 4 >= clear:
                _muted(pen, track, middle, text)
        else:
            _both(pen, track, part, box, at)
        at += box.height + element.gap
