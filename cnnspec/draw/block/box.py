"""Boxes that know their size: rows of cells and stacks of boxes on an axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from cnnspec.draw.block.look import Sheet, main_label
from cnnspec.draw.page import measures
from cnnspec.draw.page.labels import Label, fitted, label_width, op_label
from cnnspec.draw.page.measures import Columns
from cnnspec.draw.page.pen import Pen, cell_path
from cnnspec.draw.page.scene import Area, Path, Rect
from cnnspec.draw.parts.parts import Row
from cnnspec.draw.parts.paths import listed
from cnnspec.ir import Layer

TAP = 2.4
"""From the foot of a part to the dot where a head leaves."""


class Port(NamedTuple):
    """Where wires meet a placed box on its axis, and the paths of the layers at its ends."""

    top: float
    bottom: float
    first: str
    last: str
    arrow: bool = True
    """Whether a wire that enters ends in an arrowhead: it does at an op, not at a fork."""


class Box(Protocol):
    """Something measured: room left and right of the axis and height; `forks` at its very top."""

    left: float
    right: float
    height: float
    forks: bool

    def place(self, pen: Pen, x: float, y: float, src: str) -> Port:
        """Draw with the axis at `x` and the top at `y`; `src` is the path that flows in."""
        ...


class Cell(NamedTuple):
    """A part of a row: its width, fill and label; `sign` is that of a join that has one."""

    width: float
    fill: str
    lines: list[Label]
    sign: str = ""


_LEAST = 12.0
"""The width that a sign needs."""
_LINES = {"conv": "conv-line", "linear": "linear-line", "pool": "pool-line"}


class RowBox:
    """A row of cells; in a branch (`width`) one box with the main op's label alone."""

    forks = False

    def __init__(self, row: Row, sheet: Sheet, stage: int = 0, width: float = 0) -> None:
        self.row = row
        columns = Columns(main=width) if width else sheet.columns
        self.cells = list(_cells(row, sheet, columns, stage, alone=bool(width)))
        lead = sum(cell.width for cell in self.cells[: 0 if width else len(row.lead)])
        self.left = columns.half + lead
        self.right = sum(cell.width for cell in self.cells) - self.left
        self.height = measures.ROW + measures.LINE * (
            max(len(cell.lines) for cell in self.cells) - 1
        )

    @property
    def cells_end(self) -> bool:
        """Whether the row has no activation cell, so that a badge has room beside it."""
        return not self.row.tail or self.row.tail[-1].op.kind != "activation"

    def place(self, pen: Pen, x: float, y: float, src: str) -> Port:
        """Draw the cells of a row; see `Box.place`."""
        area = Area(x - self.left, y, x + self.right, y + self.height)
        with pen.row(self.row):
            if self.row.kind == "pool":
                self._trapezium(pen, area)
            else:
                self._cells(pen, area)
            self._labels(pen, area)
        pen.taps[self.row.paths[-1]] = (x, area.bottom + TAP)
        return Port(y, area.bottom, self.row.paths[0], self.row.paths[-1])

    def _trapezium(self, pen: Pen, area: Area) -> None:
        left, top, right, bottom = area
        corners = ((left, top), (right, top), (right - 4, bottom), (left + 4, bottom))
        segments = (("M", corners[0]), *(("L", corner) for corner in corners[1:]), ("Z", ()))
        paint = ("pool", "pool-line", measures.BOX_LINE)
        pen.scene.add(Path(segments, *paint, data=self._data(), stands=self.row.paths))

    def _data(self) -> tuple[tuple[str, str], ...]:
        return (("op", listed(self.row.paths)),)

    def _cells(self, pen: Pen, area: Area) -> None:
        radius = measures.ROW / 2 if self.row.kind == "linear" else measures.BOX_RADIUS
        x, last = area.left, len(self.cells) - 1
        for index, cell in enumerate(self.cells):
            part = Area(x, area.top, x + cell.width, area.bottom)
            if last:
                outline = cell_path(part, radius, first=index == 0, last=index == last)
                pen.scene.add(Path(outline, fill=cell.fill))
            if index:
                rule = (("M", (x, area.top)), ("L", (x, area.bottom)))
                pen.scene.add(Path(rule, stroke="cell-line", line=measures.RULE))
            x += cell.width
        fill = "" if last else self.cells[0].fill
        stroke = _LINES.get(self.row.kind, "cell-line")
        place = (area.left, area.top, area.right - area.left, self.height)
        paint = (radius, fill, stroke, measures.BOX_LINE)
        pen.scene.add(Rect(*place, *paint, data=self._data(), stands=self.row.paths))

    def _labels(self, pen: Pen, area: Area) -> None:
        x, middle = area.left, (area.top + area.bottom) / 2
        for cell in self.cells:
            box = Area(x, area.top, x + cell.width, area.bottom)
            if cell.sign:
                pen.sign((x + cell.width / 2, middle), cell.sign)
            else:
                pen.lines((x + cell.width / 2, middle), cell.lines, measures.LABEL, box)
            x += cell.width


def _cells(row: Row, sheet: Sheet, columns: Columns, stage: int, *, alone: bool) -> Sequence[Cell]:
    """The cells left to right; without a norm of its own the main cell takes that column too."""
    norm = not alone and any(layer.op.kind == "norm" for layer in row.tail)
    width = columns.main + (0 if norm else columns.norm)
    fill = sheet.row(row, stage) if row.kind == "conv" else row.kind
    fill = "background" if fill == "join" else fill
    sign = row.layer.op.sign if row.kind == "join" else ""
    lines = fitted(main_label(row), measures.LABEL, width - 2 * sheet.space.inset + 0.01)
    main = Cell(width, fill, [()] if sign else lines, sign)
    if alone:
        return _behind(row, main, sheet.space.inset) if sign else [main]
    lead = [_cell(layer, columns.lead_norm, columns.lead_act) for layer in row.lead]
    tail = [_cell(layer, columns.norm, columns.act) for layer in row.tail]
    return [*lead, main, *tail]


def _behind(row: Row, main: Cell, inset: float) -> Sequence[Cell]:
    """A join without a column of norms beside it, and what is fused to it, where that has room."""
    labels = [op_label(layer) for layer in row.tail]
    tail = [Cell(label_width(one, measures.LABEL) + 2 * inset, "cell", [one]) for one in labels]
    rest = main.width - sum(cell.width for cell in tail)
    return [main._replace(width=rest), *tail] if rest >= _LEAST else [main]


def _cell(layer: Layer, norm: float, act: float) -> Cell:
    return Cell(norm if layer.op.kind == "norm" else act, "cell", [op_label(layer)])


class StackBox:
    """Boxes under each other on one axis, joined by wires."""

    def __init__(self, boxes: Sequence[Box], gap: float = measures.GAP) -> None:
        self.boxes, self.gap = boxes, gap
        self.left = max((box.left for box in boxes), default=0)
        self.right = max((box.right for box in boxes), default=0)
        self.height = sum(box.height for box in boxes) + gap * max(len(boxes) - 1, 0)
        self.forks = bool(boxes) and boxes[0].forks

    def place(self, pen: Pen, x: float, y: float, src: str) -> Port:
        """Draw the boxes under each other; see `Box.place`."""
        ports: list[Port] = []
        for box in self.boxes:
            port = box.place(pen, x, y, src)
            if ports:
                link(pen, x, ports[-1].bottom, port, src)
            ports.append(port)
            y, src = y + box.height + self.gap, port.last
        return Port(ports[0].top, ports[-1].bottom, ports[0].first, ports[-1].last, ports[0].arrow)


def link(pen: Pen, x: float, start: float, port: Port, src: str) -> None:
    """The wire on the axis into a placed box."""
    data = (("src", src), ("dst", port.first))
    pen.wire([(x, start), (x, port.top)], arrow=port.arrow, data=data)
