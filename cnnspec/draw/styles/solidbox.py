"""Draws one volume: three faces in three tones, or the circle of a join."""

from __future__ import annotations

from collections.abc import Sequence

from cnnspec.draw.page import measures
from cnnspec.draw.page.pen import Pen, Point
from cnnspec.draw.page.scene import Data, Path, Rect, Segment
from cnnspec.draw.parts.paths import listed
from cnnspec.draw.styles.volume import Volume

_LINES = {"image": "cell-line", "other": "wire", "kernel1": "conv-line", "kernel2": "conv-line"}


def paint(kind: str, face: str = "front") -> tuple[str, str, float]:
    """The fill of a face, the outline and its width; what is no layer of a colour is as an input
    is, with a dark outline.
    """
    line = _LINES.get(kind, f"{kind}-line")
    return f"{'image' if kind == 'other' else kind}-{face}", line, measures.BOX_LINE


def solid(pen: Pen, volume: Volume, middle: float) -> None:
    """Three faces; the front stands for the layers."""
    if volume.sign:
        _circle(pen, volume, middle)
        return
    right = [volume.at(u, v, middle) for u, v in ((0, 0), (1, 0), (1, 1), (0, 1))]
    back = right[1][0] - volume.width
    front = [(volume.x, right[0][1]), right[0], right[3], (volume.x, right[3][1])]
    top = [front[0], right[0], right[1], (back, right[1][1])]
    data: Data = (("op", listed(volume.paths)),)
    faces = ((front, "front", data), (top, "top", ()), (right, "side", ()))
    for corners, face, marks in faces:
        stands = volume.paths if marks else ()
        look = paint(volume.kind, face)
        pen.scene.add(Path(closed(corners), *look, data=marks, stands=stands))


def _circle(pen: Pen, volume: Volume, middle: float) -> None:
    """A sum or another join with a sign: a circle on the axis."""
    data: Data = (("op", listed(volume.paths)),)
    size, (x, y) = volume.width, (volume.x, middle - volume.high / 2)
    look = (size / 2, "background", "wire", measures.BOX_LINE)
    pen.scene.add(Rect(x, y, size, size, *look, data=data, stands=volume.paths))
    pen.sign((x + size / 2, middle), volume.sign)


def closed(corners: Sequence[Point]) -> tuple[Segment, ...]:
    """An outline through corners."""
    return (("M", corners[0]), *(("L", corner) for corner in corners[1:]), ("Z", ()))
