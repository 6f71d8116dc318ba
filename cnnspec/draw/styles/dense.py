"""One dense block: the maps as strips that pile up, every layer a row that reads them all."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.draw.errors import DrawError
from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import MIDDLE, text_width
from cnnspec.draw.page.labels import Label, label_width, op_label
from cnnspec.draw.page.pen import Pen, cell_path
from cnnspec.draw.page.scene import Area, Data, Path, Rect, Scene, Text
from cnnspec.draw.parts.parts import Frame, Plan, Row, Split, walk
from cnnspec.ir import Layer

_PITCH, _FIRST, _BACK, _LEFT, _EDGE = 31.0, 23.0, 17.9, 26.0, 3.0
"""From layer to layer, to the first, from a layer to its strip; room for the counts."""
_FEW, _STRIP, _ENTRY = 8, 5.8, 11.5
"""So many layers are drawn in full; the least width of a strip and the most of the first."""


def recipe(dense: Frame) -> tuple[Label, ...]:
    """What one layer of a dense block computes, in order."""
    return tuple(op_label(layer) for layer in _layers(dense))


def _layers(dense: Frame) -> list[Layer]:
    (split,) = dense.parts
    assert isinstance(split, Split)
    rows = [part for arm in split.arms for part in walk(arm) if isinstance(part, Row)]
    return [layer for row in rows for layer in row.layers]


def _paths(dense: Frame) -> list[str]:
    (split,) = dense.parts
    assert isinstance(split, Split)
    rows = [part for arm in split.arms for part in walk(arm) if isinstance(part, Row)]
    return [path for row in rows for path in row.paths]


def recipe_width(dense: Frame) -> float:
    """The least width of a layer's cells."""
    return sum(label_width(label, measures.LABEL) + 5.6 for label in recipe(dense))


def recipe_cells(pen: Pen, dense: Frame, left: float, top: float, most: float) -> float:
    """The cells of one layer from `left`; returns where they end. Nothing when they do not fit."""
    layers = _layers(dense)
    if left + recipe_width(dense) > most:
        return left
    x, last = left, len(layers) - 1
    for index, layer in enumerate(layers):
        label = op_label(layer)
        wide = label_width(label, measures.LABEL) + 5.6
        cell = Area(x, top, x + wide, top + measures.ROW)
        fill = "background" if layer.op.kind == "conv" else "cell"
        outline = cell_path(cell, measures.BOX_RADIUS, first=index == 0, last=index == last)
        pen.scene.add(Path(outline, fill=fill))
        if index:
            rule = (("M", (x, top)), ("L", (x, top + measures.ROW)))
            pen.scene.add(Path(rule, stroke="cell-line", line=measures.RULE))
        pen.label((x + wide / 2, top + measures.ROW / 2), label, measures.LABEL, cell)
        x += wide
    size = (x - left, measures.ROW, measures.BOX_RADIUS)
    pen.scene.add(Rect(left, top, *size, "", "cell-line", measures.BOX_LINE))
    return x


def dense_block(plan: Plan, dense: Frame, width: float) -> Scene:
    """The figure of a block; above eight layers the first two and the last."""
    return _Block(plan, dense, width).draw()


class _Block:
    """Strips from the left, rows to the right."""

    def __init__(self, plan: Plan, dense: Frame, width: float) -> None:
        self.plan, self.dense, self.width = plan, dense, width
        self.count, self.start = dense.count, dense.start[0]
        full = self.count <= _FEW
        self.shown = list(range(1, self.count + 1)) if full else [1, 2, self.count]
        self.strips = self.shown if full else [1, 2, 0, self.count]
        """The layers whose maps have a strip; 0 stands for all those left out."""
        entry = min(_ENTRY, _STRIP * self.start / dense.growth)
        self.entry = max(entry, _STRIP)
        self.edge = _LEFT + self.entry + _STRIP * len(self.strips)
        self.row = self.edge + 5
        self.bottom = _FIRST + _PITCH * len(self.strips)
        if self.row + recipe_width(dense) > width - _EDGE:
            raise DrawError(f"{plan.name}: its layers do not fit into {width / 72:.1f} in")

    def draw(self) -> Scene:
        dense, last = self.dense, self.strips[-1]
        said = f"{self.plan.name}: each of {dense.count} layers reads all maps before it."
        scene = Scene(self.width, self.bottom + 28, f"{self.plan.name}, trunk", said)
        pen = Pen(scene)
        self._frame(pen)
        for index, layer in enumerate(self.strips):
            y = _FIRST + _PITCH * index
            self._strip(pen, index, y + _BACK)
            if layer:
                self._layer(pen, layer, index, y)
            else:
                self._gap(pen, y)
        total = dense.shape[0]
        self._count(pen, self.bottom - 4, str(total), bold=True)
        self._foot(pen, last)
        return scene

    def _frame(self, pen: Pen) -> None:
        shape = "×".join(map(str, self.dense.start))
        data: Data = (("group", self.dense.path), ("last", self.dense.last))
        data = (*data, ("count", str(self.count)))
        size = (self.entry, self.bottom - 14)
        stands = self.dense.stands
        strip = Rect(
            _LEFT, 14, *size, 0, "cell", "cell-line", measures.BOX_LINE, data=data, stands=stands
        )
        pen.scene.add(strip)
        self._count(pen, 8, "maps", muted=True)
        pen.name(_LEFT, 8, shape, size=measures.NAME, width=70)
        note = f"layers 1 to {self.count}, each reading all maps before it"
        middle = (self.row + self.width - _EDGE) / 2
        half = text_width(note, measures.CAPTION) / 2
        middle = max(middle, _LEFT + 50 + half)
        if middle + half < self.width - 2:
            baseline = 8 + MIDDLE * measures.CAPTION
            pen.scene.add(
                Text(middle, baseline, note, measures.CAPTION, fill="muted", anchor="middle")
            )

    def _count(
        self, pen: Pen, middle: float, text: str, *, bold: bool = False, muted: bool = False
    ) -> None:
        fill = "muted" if muted else "ink"
        baseline = middle + MIDDLE * measures.LABEL
        pen.scene.add(Text(_LEFT - 5, baseline, text, measures.LABEL, bold, fill, "end"))

    def _strip(self, pen: Pen, index: int, top: float) -> None:
        """The maps that a layer adds, from where it adds them down to the end."""
        x = _LEFT + self.entry + _STRIP * index
        fill = "cell" if self.strips[index] == 0 else ("conv2", "conv1")[index % 2]
        size = (_STRIP, self.bottom - top + 3.1)
        top -= 3.1
        pen.scene.add(Rect(x, top, *size, 0, fill, "conv-line", measures.BOX_LINE))

    def _dots(self, index: int) -> Iterator[float]:
        """Where a layer reads: every strip that is there."""
        yield _LEFT + self.entry / 2
        for strip in range(index):
            yield _LEFT + self.entry + _STRIP * (strip + 0.5)

    def _layer(self, pen: Pen, layer: int, index: int, y: float) -> None:
        path = self.dense.path if layer == 1 else ""
        first, *_, last = _paths(self.dense)
        data: Data = (("src", self.plan.input), ("dst", first)) if path else ()
        pen.wire([(_LEFT + self.entry / 2, y), (self.row, y)], data=data)
        for x in self._dots(index):
            pen.dot((x, y))
        end = recipe_cells(pen, self.dense, self.row, y - measures.ROW / 2, self.width - _EDGE)
        back = y + _BACK
        to = _LEFT + self.entry + _STRIP * (index + 1)
        leave = end - label_width(recipe(self.dense)[-1], measures.LABEL) / 2
        way = [(leave, y + measures.ROW / 2), (leave, back), (to, back)]
        data = (("src", last), ("dst", f"{self.dense.path}.concat1")) if path else ()
        pen.wire(way, colour="conv-line", line=measures.SKIP, data=data)
        self._count(pen, y, str(self.start + self.dense.growth * (layer - 1)))
        text = f"+{self.dense.growth}"
        baseline = back - 4 + MIDDLE * measures.CAPTION
        pen.scene.add(Text(leave - 6, baseline, text, measures.CAPTION, fill="muted", anchor="end"))

    def _gap(self, pen: Pen, y: float) -> None:
        """Three dots and a word for the layers that are left out."""
        left_out = self.count - 3
        for step in (-4, 0, 4):
            pen.dot((self.row + 20, y + step))
        note = f"{left_out} more layers, +{self.dense.growth} each"
        baseline = y + MIDDLE * measures.CAPTION
        pen.scene.add(Text(self.row + 32, baseline, note, measures.CAPTION, fill="muted"))

    def _foot(self, pen: Pen, last: int) -> None:
        x = (_LEFT + self.edge) / 2
        pen.wire([(x, self.bottom), (x, self.bottom + 11)])
        shape = "×".join(map(str, self.dense.shape))
        left = max(x - text_width(shape, measures.NAME, bold=True) / 2, 3)
        pen.name(left, self.bottom + 17, shape, size=measures.NAME, width=90)
