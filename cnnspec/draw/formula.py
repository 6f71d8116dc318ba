"""(W - F + 2P) / S + 1 as a picture: a row of pixels, its padding, and every place of a window."""

from __future__ import annotations

from cnnspec.draw import grid
from cnnspec.draw.labels import words
from cnnspec.draw.metrics import MIDDLE, text_width
from cnnspec.draw.pen import Pen
from cnnspec.draw.scene import Area, Path, Rect, Scene, Text

_CELL, _EDGE, _STEP, _NAMES = 15.0, 6.0, 9.0, 44.0


def output_size(width: int, kernel: int, padding: int, stride: int) -> Scene:
    """One dimension of a convolution, window by window; what is left over stays uncovered."""
    places = range(0, width + 2 * padding - kernel + 1, stride)
    whole = width + 2 * padding
    page = max(2 * _EDGE + _NAMES + whole * _CELL, grid.ONE_COLUMN)
    rest = ", rounded down" if (whole - kernel) % stride else ""
    said = f"({width} - {kernel} + 2·{padding}) / {stride} + 1 = {len(places)}{rest}"
    scene = Scene(page, 0, "output size of a convolution", said)
    pen = Pen(scene)
    left = _EDGE + _NAMES + (page - 2 * _EDGE - _NAMES - whole * _CELL) / 2
    _row(pen, left, width, padding)
    y = 14 + _CELL + 6
    for at, place in enumerate(places):
        y += _STEP
        start = left + place * _CELL
        way = (("M", (start + 1, y)), ("L", (start + kernel * _CELL - 1, y)))
        pen.scene.add(Path(way, stroke="conv-line", line=1.6))
        pen.dot((start + kernel * _CELL / 2, y))
        if at == 0:
            _name(pen, y, f"F = {kernel}")
        elif at == 1:
            _name(pen, y, f"S = {stride}")
    y += 12
    _outputs(pen, left, whole, len(places), y)
    _name(pen, y + _CELL / 2, f"out = {len(places)}")
    return _closed(scene, page, y + _CELL + 12, said)


def _row(pen: Pen, left: float, width: int, padding: int) -> None:
    """The pixels of the input between their padding."""
    for index in range(width + 2 * padding):
        inside = padding <= index < padding + width
        x = left + index * _CELL
        area = Area(x, 14, x + _CELL, 14 + _CELL)
        fill = "conv1" if inside else "background"
        stroke = "conv-line" if inside else "cell-line"
        size = (_CELL, _CELL, 0)
        pen.scene.add(Rect(x, 14, *size, fill, stroke, grid.BOX_LINE, dash=not inside))
        text = str(index - padding + 1) if inside else "0"
        pen.label((x + _CELL / 2, 14 + _CELL / 2), words(text), grid.LABEL, area)
    _name(pen, 14 + _CELL / 2, f"W = {width}")
    if padding:
        for x in (left, left + (padding + width) * _CELL):
            middle = x + padding * _CELL / 2
            baseline = 7 + MIDDLE * grid.CAPTION
            text = f"P = {padding}"
            pen.scene.add(Text(middle, baseline, text, grid.CAPTION, fill="muted", anchor="middle"))


def _outputs(pen: Pen, left: float, whole: int, count: int, y: float) -> None:
    start = left + (whole - count) * _CELL / 2
    for index in range(count):
        x = start + index * _CELL
        area = Area(x, y, x + _CELL, y + _CELL)
        pen.scene.add(Rect(x, y, _CELL, _CELL, 0, "conv3", "conv-line", grid.BOX_LINE))
        pen.label((x + _CELL / 2, y + _CELL / 2), words(str(index + 1)), grid.LABEL, area)


def _name(pen: Pen, middle: float, text: str) -> None:
    pen.name(_EDGE, middle, text, size=grid.NAME, width=_NAMES)


def _closed(scene: Scene, page: float, y: float, said: str) -> Scene:
    """The formula with its numbers under the picture."""
    for text, bold in (("(W - F + 2P) / S + 1", False), (said, True)):
        shown = text.replace(" - ", " – ")
        half = text_width(shown, grid.NAME, bold) / 2
        box = Area(page / 2 - half - 2, y - 6, page / 2 + half + 2, y + 6)
        baseline = y + MIDDLE * grid.NAME
        scene.add(Text(page / 2, baseline, shown, grid.NAME, bold, anchor="middle", box=box))
        y += 11
    scene.height = y - 2
    return scene
