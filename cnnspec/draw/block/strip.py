"""The upright strip of the page that one column of elements stands on."""

from __future__ import annotations

from typing import NamedTuple

from cnnspec.draw.block.box import TAP, Box, Port, RowBox, link
from cnnspec.draw.block.boxmaker import BandBox
from cnnspec.draw.block.chainbox import ChainBox
from cnnspec.draw.block.framebox import FrameBox
from cnnspec.draw.block.stripbox import StripBox
from cnnspec.draw.page import measures
from cnnspec.draw.page.pen import Pen
from cnnspec.draw.page.scene import Rect
from cnnspec.draw.parts.paths import paths_in


class Track(NamedTuple):
    """Places of a column from left to right: bands, gutter text, axis, frames."""

    start: float
    end: float
    text: float
    room: float
    axis: float
    frame_left: float
    frame_right: float
    headed: bool = False
    """Whether the names of stages stand over their blocks."""


def place(pen: Pen, track: Track, element: Box | BandBox, y: float, src: str) -> Port:
    """Draw an element of the trunk; frames of a column are of one width."""
    if isinstance(element, BandBox):
        return _band(pen, track, element, y, src)
    return _box(pen, track, element, y, src)


def _box(pen: Pen, track: Track, box: Box, y: float, src: str) -> Port:
    """Draw a box of the trunk and remember where a head can leave behind it."""
    _widen(box, track)
    port = box.place(pen, track.axis, y, src)
    paths = [port.last]
    if isinstance(box, RowBox):
        paths += box.row.paths
    elif isinstance(box, FrameBox | StripBox):
        paths += [*paths_in(box.frame.path), *paths_in(box.frame.last)]
    if not (isinstance(box, ChainBox) and port.last in pen.taps):
        pen.taps.update(dict.fromkeys(paths, (track.axis, y + box.height + TAP)))
    return port


def _widen(box: Box, track: Track) -> None:
    if isinstance(box, FrameBox):
        box.left, box.right = track.axis - track.frame_left, track.frame_right - track.axis


def _band(pen: Pen, track: Track, band: BandBox, y: float, src: str) -> Port:
    size = (track.end - track.start, band.height, measures.BAND_RADIUS)
    data = (("stage", band.band.path),) if band.band.path else ()
    paths = (band.band.path,) if band.band.path else ()
    with pen.scene.group("frame", paths):
        pen.scene.add(
            Rect(track.start, y, *size, "band", "band-line", measures.BAND_LINE, data=data)
        )
        return _boxes(pen, track, band, y, src)


def _boxes(pen: Pen, track: Track, band: BandBox, y: float, src: str) -> Port:
    """Draw what a band holds."""
    ports: list[Port] = []
    y += band.above
    for box in band.boxes:
        port = _box(pen, track, box, y, src)
        if ports:
            link(pen, track.axis, ports[-1].bottom, port, src)
        ports.append(port)
        y, src = y + box.height + band.gap, port.last
    if band.band.path:
        pen.taps[band.band.path] = pen.taps[ports[-1].last]
    first, last = ports[0], ports[-1]
    return Port(first.top, last.bottom, first.first, last.last, first.arrow)
