"""(W - F + 2P) / S + 1 as a picture: a row of pixels, its padding, and every place of a window."""

from __future__ import annotations

from collections.abc import Sequence

from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import MIDDLE, text_width
from cnnspec.draw.page.labels import words
from cnnspec.draw.page.pen import Pen
from cnnspec.draw.page.scene import Area, Path, Rect, Scene, Text

_CELL, _EDGE, _STEP, _NAMES, _WINDOW = 15.0, 6.0, 10.5, 44.0, 7.0


def output_size(width: int, kernel: int, padding: int, stride: int) -> Scene:
    """One dimension of a convolution, window by window; what is left over stays uncovered."""
    places = range(0, width + 2 * padding - kernel + 1, stride)
    whole = width + 2 * padding
    page = max(2 * _EDGE + _NAMES + whole * _CELL, measures.ONE_COLUMN)
    rest = ", rounded down" if (whole - kernel) % stride else ""
    said = f"({width} - {kernel} + 2·{padding}) / {stride} + 1 = {len(places)}{rest}"
    scene = Scene(page, 0, "output size of a convolution", said)
    pen = Pen(scene)
    left = _EDGE + _NAMES + (page - 2 * _EDGE - _NAMES - whole * _CELL) / 2
    _row(pen, left, width, padding)
    windows = [
        (left + place * _CELL, 14 + _CELL + 9 + at * _STEP) for at, place in enumerate(places)
    ]
    y = windows[-1][1] + _WINDOW + 13
    _outputs(pen, windows, kernel, stride, y)
    _windows(pen, windows, kernel)
    _name(pen, windows[0][1] + _WINDOW / 2, f"F = {kernel}")
    if len(windows) > 1:
        _name(pen, windows[1][1] + _WINDOW / 2, f"S = {stride}")
    _name(pen, y + _CELL / 2, f"out = {len(places)}")
    top = f"{width} – {kernel} + 2·{padding}", str(stride), f"+ 1 = {len(places)}{rest}"
    scene.height = _formula(scene, left + whole * _CELL / 2, y + _CELL + 17, top)
    return scene


def _windows(pen: Pen, windows: Sequence[tuple[float, float]], kernel: int) -> None:
    """Every place of the window, each on a line of its own."""
    for x, y in windows:
        area = Area(x + 1, y, x + kernel * _CELL - 1, y + _WINDOW)
        pen.box(area, "conv2", "conv-line", radius=measures.BOX_RADIUS, line=measures.BOX_LINE)
        pen.dot((x + kernel * _CELL / 2, y + _WINDOW / 2))


def _outputs(
    pen: Pen, windows: Sequence[tuple[float, float]], kernel: int, stride: int, y: float
) -> None:
    """A pixel of the output under the middle of each window, with a wire where none is between."""
    for index, (left, top) in enumerate(windows):
        middle = left + kernel * _CELL / 2
        x = middle - _CELL / 2
        if 2 * stride >= kernel:
            pen.wire([(middle, top + _WINDOW), (middle, y)])
        area = Area(x, y, x + _CELL, y + _CELL)
        pen.scene.add(Rect(x, y, _CELL, _CELL, 0, "conv3", "conv-line", measures.BOX_LINE))
        pen.label((middle, y + _CELL / 2), words(str(index + 1)), measures.LABEL, area)


def _row(pen: Pen, left: float, width: int, padding: int) -> None:
    """The pixels of the input between their padding."""
    for index in range(width + 2 * padding):
        inside = padding <= index < padding + width
        x = left + index * _CELL
        area = Area(x, 14, x + _CELL, 14 + _CELL)
        fill = "conv1" if inside else "background"
        stroke = "conv-line" if inside else "cell-line"
        size = (_CELL, _CELL, 0)
        pen.scene.add(Rect(x, 14, *size, fill, stroke, measures.BOX_LINE, dash=not inside))
        text = str(index - padding + 1) if inside else "0"
        pen.label((x + _CELL / 2, 14 + _CELL / 2), words(text), measures.LABEL, area)
    _name(pen, 14 + _CELL / 2, f"W = {width}")
    if padding:
        for x in (left, left + (padding + width) * _CELL):
            middle = x + padding * _CELL / 2
            baseline = 7 + MIDDLE * measures.CAPTION
            text = f"P = {padding}"
            pen.scene.add(
                Text(middle, baseline, text, measures.CAPTION, fill="muted", anchor="middle")
            )


def _name(pen: Pen, middle: float, text: str) -> None:
    pen.name(_EDGE, middle, text, size=measures.NAME, width=_NAMES)


def _formula(scene: Scene, axis: float, y: float, numbers: tuple[str, str, str]) -> float:
    """The formula, then the same with its numbers; returns the height of the page."""
    fractions = ("W – F + 2P", "S", "+ 1  ="), numbers
    wide = [_wide(over) + _GAP + _wide(rest) for over, _, rest in fractions]
    x = max(_EDGE, min(axis - (sum(wide) + _GAP) / 2, scene.width - _EDGE - sum(wide) - _GAP))
    for (over, under, rest), room in zip(fractions, wide, strict=True):
        half = _wide(over) / 2
        _say(scene, x + half, y - 5, over)
        rule = (("M", (x - 1, y)), ("L", (x + 2 * half + 1, y)))
        scene.add(Path(rule, stroke="ink", line=0.6))
        _say(scene, x + half, y + 5.4, under)
        _say(scene, x + room - _wide(rest) / 2, y, rest)
        x += room + _GAP
    return y + 13


_SIZE, _GAP = 7.5, 4.0


def _wide(text: str) -> float:
    return text_width(text, _SIZE)


def _say(scene: Scene, x: float, middle: float, text: str) -> None:
    half = _wide(text) / 2 + 2
    box = Area(x - half, middle - 6, x + half, middle + 6)
    scene.add(Text(x, middle + MIDDLE * _SIZE, text, _SIZE, anchor="middle", box=box))
