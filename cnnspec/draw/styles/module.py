"""Modules by themselves, one or several side by side: what flows in, the ops, what flows out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import takewhile

from cnnspec.draw.block.box import Box, StackBox
from cnnspec.draw.block.boxmaker import Measurer
from cnnspec.draw.block.framebox import align
from cnnspec.draw.block.gutter import shape_text
from cnnspec.draw.block.key import footer
from cnnspec.draw.block.look import Sheet, cell_rows, make_columns
from cnnspec.draw.block.skipbox import lane_width
from cnnspec.draw.errors import DrawError
from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import shorten, text_width
from cnnspec.draw.page.pen import Pen
from cnnspec.draw.page.scene import Scene
from cnnspec.draw.parts.forkkind import trunk_arm
from cnnspec.draw.parts.parts import Band, Frame, Part, Plan, Row, Split, walk

_EDGE, _APART, _TITLE, _SHAPE, _ENTER, _LEAVE = 6.0, 12.0, 11.0, 12.0, 9.0, 9.0

_ROWS = 300
"""More rows than a page of modules holds."""


class _Unit:
    """One module, measured."""

    def __init__(self, plan: Plan, tight: bool, title: str = "") -> None:
        self.plan, self.title = plan, title
        parts = _inside(plan.parts)
        if title and any(isinstance(part, Split) and trunk_arm(part) is not None for part in parts):
            parts = tuple(apart(parts))
        self.parts = parts
        columns = make_columns(cell_rows(parts, strips=False))
        sheet = Sheet(columns, (), lane=lane_width(parts))
        boxes: list[Box] = [Measurer(sheet, tight).box(part, 0, 1) for part in parts]
        align(boxes)
        self.box: Box = boxes[0] if len(boxes) == 1 else StackBox(boxes, measures.GAP)
        self.sheet, self.end = sheet, parts[-1].shape
        name = text_width(title, measures.NAME, bold=True)
        shape = text_width(shape_text(plan.shape), measures.NAME, bold=True)
        self.left, self.right = max(self.box.left, shape / 2), max(self.box.right, shape / 2)
        self.name = min(name, max(self.left + self.right, 90))

    @property
    def width(self) -> float:
        """The room that ops, shapes and name take."""
        return max(self.left + self.right, self.name)

    @property
    def above(self) -> float:
        """From the shape that flows in to the ops."""
        return _ENTER + (measures.FORK if self.box.forks else 0)

    def place(self, pen: Pen, x: float, y: float, high: float) -> float:
        """Draw it from the left edge `x` down; returns the lowest point.

        `high` is the room for the ops of the highest module: what flows out stands on one line.
        """
        plan, box = self.plan, self.box
        axis = x + (self.width - self.left - self.right) / 2 + self.left
        if self.title:
            name = shorten(self.title, measures.NAME, self.width, bold=True)
            wide = text_width(name, measures.NAME, bold=True)
            at = max(x, min(axis - wide / 2, x + self.width - wide))
            room = self.width + x - at
            pen.name(at, y + 5, name, size=measures.NAME, width=room, full=plan.name)
            y += _TITLE
        _shape(pen, axis, y + 5, shape_text(plan.shape))
        y += _SHAPE
        port = box.place(pen, axis, y + self.above, plan.input)
        low = y + high + _LEAVE
        data = (("src", plan.input), ("dst", port.first))
        pen.wire([(axis, y), (axis, port.top)], arrow=port.arrow, data=data)
        pen.wire([(axis, port.bottom), (axis, low)])
        _shape(pen, axis, low + 6, shape_text(self.end))
        return low + 12


def _shape(pen: Pen, axis: float, middle: float, text: str) -> None:
    wide = text_width(text, measures.NAME, bold=True)
    pen.name(axis - wide / 2, middle, text, size=measures.NAME, width=wide + 0.1)


def _inside(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """What a module consists of, without the frame or band that it alone stands in."""
    while len(parts) == 1 and isinstance(parts[0], Frame | Band) and parts[0].parts:
        parts = parts[0].parts
    return parts


def module(plans: Sequence[Plan], width: float | None) -> Scene:
    """The figure, in one column of print if that is enough, else in two."""
    for plan in plans:
        if not plan.parts or plan.heads:
            what = "further outputs" if plan.heads else "nothing to draw"
            raise DrawError(f"{plan.name} has {what}: style module has no place for it")
        if sum(isinstance(part, Row) for part in walk(plan.parts)) > _ROWS:
            raise DrawError(_too_high(plan.name))
    titles = _titles([plan.name for plan in plans]) if len(plans) > 1 else [""]
    for page in [width] if width else [measures.ONE_COLUMN, measures.TWO_COLUMNS]:
        for tight in (False, True):
            units = [_Unit(plan, tight, title) for plan, title in zip(plans, titles, strict=True)]
            need = sum(unit.width + _APART for unit in units) - _APART + 2 * _EDGE
            if need <= page:
                return _draw(units, page, need)
    raise DrawError(f"{plans[0].name} does not fit on a page {page / 72:.1f} in wide")


def _too_high(names: str) -> str:
    return f"{names}: too high for a page; style block folds into columns"


def apart(parts: tuple[Part, ...]) -> Iterator[Part]:
    """The parts with a row for every op, as residual units are compared (He et al. 2016b)."""
    for part in parts:
        match part:
            case Row():
                yield from _rows(part)
            case Split():
                arms = tuple(tuple(apart(arm)) for arm in part.arms)
                join, *behind = _rows(part.join)
                yield Split(arms, join)
                yield from behind
            case Frame() | Band():
                yield replace(part, parts=tuple(apart(part.parts)))
            case _:
                yield part


def _rows(row: Row) -> list[Row]:
    pairs = enumerate(zip(row.layers, row.paths, strict=True))
    return [
        Row(row.name, (layer,), (path,), 0 if at == row.main else -1) for at, (layer, path) in pairs
    ]


def _titles(names: Sequence[str]) -> list[str]:
    """The names without the words that all of them begin and end with."""
    begin = _shared(names).rpartition("_")[0]
    if any(name in (begin, _shared(names)) for name in names):
        return list(names)
    cut = [name[len(begin) :].lstrip("_") for name in names]
    end = _shared([name[::-1] for name in cut])[::-1]
    end = end[end.find(" ") :] if " " in end else ""
    return [name.removesuffix(end) or name for name in cut]


def _shared(names: Sequence[str]) -> str:
    """The characters that all names begin with."""
    least, most = min(names), max(names)
    same = (a == b for a, b in zip(least, most, strict=False))
    return least[: len(list(takewhile(bool, same)))]


def _draw(units: Sequence[_Unit], page: float, need: float) -> Scene:
    names = ", ".join(unit.plan.name for unit in units)
    said = "; ".join(f"{unit.plan.name}: {unit.plan.total}" for unit in units)
    scene = Scene(page, 0, f"{names}: modules", said)
    pen = Pen(scene)
    more = (page - need) / len(units)
    x, bottom = _EDGE + more / 2, 0.0
    high = max(unit.above + unit.box.height for unit in units)
    for unit in units:
        bottom = max(bottom, unit.place(pen, x, 2, high))
        x += unit.width + _APART + more
    parts = tuple(part for unit in units for part in unit.parts)
    whole, alone = replace(units[0].plan, parts=parts), len(units) == 1
    scene.height = footer(pen, whole, units[0].sheet, page, bottom, totals=alone)
    if scene.height > measures.PAGE_HEIGHT:
        raise DrawError(_too_high(names))
    return scene
