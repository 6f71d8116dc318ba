"""The picture of one layer's receptive field: on the input, to scale, beside its neighbour's.

The input is a box, the field of the output pixel in the middle a filled square on it (of those that
see most, where a map grew), that of the branch that sees least a darker one inside; the dashed
square is the next output pixel's.  What lies outside the input is padding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnnspec.draw.errors import DrawError
from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import shorten
from cnnspec.draw.page.scene import Area, Rect, Scene, Text

if TYPE_CHECKING:
    from cnnspec.analyses.fieldrows import FieldRow
    from cnnspec.analyses.metrics import Metrics

_SIDE, _TEXT, _GAP, _MARGIN, _LEAD = 132.0, 92.0, 10.0, 4.0, 11.0


class _Span(NamedTuple):
    """A range of input pixels: where it begins, and one past its end."""

    start: float
    end: float


class _Square(NamedTuple):
    rows: _Span
    columns: _Span


def field_figure(metrics: Metrics, row: FieldRow) -> Scene:
    """The figure of one layer, one column of print wide. Raises DrawError."""
    axes = metrics.seen[metrics.node(row.path)].axes
    if axes is None or row.field.whole or len(row.shape) != 3 or row.smallest is None:
        raise DrawError(f"{row.path} sees the whole input: there is nothing to show")
    size = [int(n) for n in metrics.graph.nodes[0].shape[1:]]
    image = _Square(_Span(0, size[0]), _Span(0, size[1]))
    counts = [int(n) for n in row.shape[1:]]
    middle = [a.largest_near((n - 1) // 2, n) for a, n in zip(axes, counts, strict=True)]
    field = _Square(*(_seen(axis.at(at)) for axis, at in zip(axes, middle, strict=True)))
    follows = [min(at + 1, n - 1) for at, n in zip(middle, counts, strict=True)]
    beside = _Square(field.rows, _seen(axes[1].at(follows[1])))
    least = _Square(*(_within(f, n) for f, n in zip(field, row.smallest, strict=True)))
    return _draw(metrics.net.name, row, [image, field, least, beside])


def _seen(ends: tuple[object, object]) -> _Span:
    low, high = ends
    return _Span(float(low), float(high) + 1)  # type: ignore[arg-type]


def _within(outer: _Span, length: int) -> _Span:
    """A range of `length` in the middle of another."""
    start = outer.start + (outer.end - outer.start - length) / 2
    return _Span(start, start + length)


def _draw(net: str, row: FieldRow, squares: list[_Square]) -> Scene:
    image, field, least, beside = squares
    top = min(s.rows.start for s in squares)
    left = min(s.columns.start for s in squares)
    height = max(s.rows.end for s in squares) - top
    width = max(s.columns.end for s in squares) - left
    scale = _SIDE / max(height, width)
    scene = Scene(measures.ONE_COLUMN, height * scale + 2 * _MARGIN, *_words(net, row))

    def put(square: _Square, fill: str, stroke: str, line: float, dash: bool = False) -> None:
        rows, columns = square
        at = _MARGIN + (columns.start - left) * scale, _MARGIN + (rows.start - top) * scale
        size = (columns.end - columns.start) * scale, (rows.end - rows.start) * scale
        scene.add(Rect(*at, *size, 0, fill, stroke, line, dash))

    put(image, "cell", "cell-line", measures.BOX_LINE)
    put(field, "conv1", "conv-line", measures.SKIP)
    if least != field:
        put(least, "conv3", "conv-line", measures.BOX_LINE)
    put(image, "", "cell-line", measures.BOX_LINE)
    put(beside, "", "changed", measures.BOX_LINE, dash=True)
    _caption(scene, row, width * scale)
    return scene


def _words(net: str, row: FieldRow) -> tuple[str, str]:
    """Title and description for readers who do not see the picture."""
    rows, columns = row.field.size
    return (
        f"{net}, receptive field of {row.path}",
        f"One output pixel of {row.path} sees {rows} by {columns} pixels of the input.",
    )


def _caption(scene: Scene, row: FieldRow, drawn: float) -> None:
    """The figures beside the picture; the picture grows where they are higher."""
    assert row.offset is not None and row.padding is not None and row.smallest is not None
    said = [
        (row.path, "ink"),
        (f"field {_pair(row.field.size)}", "ink"),
        *([(f"smallest {_pair(row.smallest)}", "ink")] if row.smallest != row.field.size else []),
        (f"stride {_pair(row.field.stride)}, dashed: the next", "muted"),
        (f"offset {_pair(row.offset)}", "muted"),
        (f"padding {100 * row.padding:.1f} %", "muted"),
    ]
    x = _MARGIN + drawn + _GAP
    room = scene.width - x - _MARGIN
    scene.height = max(scene.height, len(said) * _LEAD + 2 * _MARGIN)
    for number, (text, fill) in enumerate(said):
        y = _MARGIN + _LEAD * number + measures.NAME
        shown = shorten(text, measures.NAME, room, bold=number == 0)
        box = Area(x, y - measures.NAME, x + room + 0.01, y + 3)
        scene.add(Text(x, y, shown, measures.NAME, number == 0, fill, box=box, full=text))


def _pair(pair: tuple[object, object]) -> str:
    rows, columns = (f"{float(n):g}" for n in pair)  # type: ignore[arg-type]
    return rows if rows == columns else f"{rows}×{columns}"
