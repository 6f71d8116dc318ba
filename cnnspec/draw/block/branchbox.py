"""Branches side by side, their join a bar under them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from cnnspec.draw.block.box import Box, Port, RowBox, StackBox, link
from cnnspec.draw.block.look import Sheet
from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import text_width
from cnnspec.draw.page.labels import label_width, words
from cnnspec.draw.page.pen import Pen
from cnnspec.draw.page.scene import Area, Path, Rect
from cnnspec.draw.parts.parts import Row, Split

_HEAD, _DROP, _APART, _WIDER, _SAID = 3.0, 9.0, 7.0, 1.6, 8.0
"""Above the line of the fork, from it to the ops, between the columns; from what ratio of their
widths columns are not all as wide as the widest; under the bar, where the join says its name."""


class BranchBox:
    """One column for each branch, last ops level above the bar of the join."""

    forks = False

    def __init__(self, split: Split, columns: Sequence[Box | None], sheet: Sheet) -> None:
        self.split, self.columns = split, columns
        counts = _counts(split)
        least = [label_width(words(count), measures.LABEL) + 4 for count in counts]
        wide = [column.left + column.right if column else 12 for column in columns]
        self.sizes = _even(list(map(max, wide, least)))
        self.left = self.right = (sum(self.sizes) + _APART * (len(columns) - 1)) / 2
        self.inside = max((column.height for column in columns if column), default=0)
        self.relu = (
            RowBox(Row("", split.join.tail, split.join.paths[1:], -1), sheet)
            if (split.join.tail)
            else None
        )
        below = measures.GAP + self.relu.height if self.relu else 0
        self.said = _joined(split)
        below += _SAID if self.said else 0
        self.height = _HEAD + _DROP + self.inside + measures.SPACE + measures.ROW + below

    def place(self, pen: Pen, x: float, y: float, src: str) -> Port:
        """Draw the columns and the bar that joins them; see `Box.place`."""
        line, bar = y + _HEAD, y + _HEAD + _DROP + self.inside + measures.SPACE
        axes = list(self._axes(x))
        join = self.split.join.paths[0]
        starts: list[str] = []
        for index, column in enumerate(self.columns):
            at = axes[index]
            drop = [(x, line), (at, line)] if abs(at - x) > 0.01 else [(x, line)]
            if column is None:
                starts.append(join)
                pen.wire(
                    [*drop, (at, bar)], data=(("src", src), ("dst", join), ("skip", "identity"))
                )
                continue
            port = column.place(pen, at, bar - measures.SPACE - column.height, src)
            starts.append(port.first)
            ends = (("src", src), ("dst", port.first))
            pen.wire([*drop, (at, port.top)], arrow=port.arrow, data=ends)
            pen.wire([(at, port.bottom), (at, bar)], data=(("src", port.last), ("dst", join)))
        if self.split.join.layer.op.ordered:
            pen.less((axes[-1] + 4, bar - 3.5))
        pen.dot((x, line))
        self._bar(pen, Area(x - self.left, bar, x + self.right, bar + measures.ROW))
        return self._end(pen, x, line, bar + measures.ROW, starts[0])

    def _axes(self, x: float) -> Iterator[float]:
        """The middle of every column when that of all is at `x`."""
        left = x - self.left
        for size in self.sizes:
            yield left + size / 2
            left += size + _APART

    def _end(self, pen: Pen, x: float, top: float, bottom: float, first: str) -> Port:
        join = self.split.join.paths[0]
        if self.said:
            pen.wire([(x, bottom), (x, bottom + _SAID)], arrow=False)
            width = text_width(self.said, measures.SMALL) + 0.1
            at = bottom + _SAID / 2 + 0.6
            pen.name(x + 3, at, self.said, size=measures.SMALL, width=width, muted=True)
        if self.relu is None:
            return Port(top, bottom + (_SAID if self.said else 0), first, join, arrow=False)
        begin = bottom + (_SAID if self.said else 0)
        port = self.relu.place(pen, x, begin + measures.GAP, join)
        link(pen, x, begin, port, join)
        return Port(top, port.bottom, first, port.last, arrow=False)

    def _bar(self, pen: Pen, area: Area) -> None:
        """The join: cells with the channels of each branch, or one with a sign."""
        join = self.split.join.paths[0]
        size = (area.right - area.left, area.bottom - area.top, measures.BOX_RADIUS)
        at, data = (area.left, area.top), (("op", join),)
        bar = Rect(*at, *size, "background", "wire", 0.75, data=data, stands=(join,))
        with pen.row(self.split.join):
            pen.scene.add(bar)
            self._cells(pen, area)

    def _cells(self, pen: Pen, area: Area) -> None:
        """What stands on the bar."""
        middle = (area.top + area.bottom) / 2
        if sign := self.split.join.layer.op.sign:
            pen.sign(((area.left + area.right) / 2, middle), sign)
            return
        axes = list(self._axes((area.left + area.right) / 2))
        halves = [size / 2 for size in self.sizes]
        cuts = [at + half + _APART / 2 for at, half in zip(axes[:-1], halves[:-1], strict=True)]
        for cut in cuts:
            rule = (("M", (cut, area.top)), ("L", (cut, area.bottom)))
            pen.scene.add(Path(rule, stroke="cell-line", line=measures.RULE, dash=True))
        edges = [area.left, *cuts, area.right]
        counts = _counts(self.split)
        for index, ((left, right), count) in enumerate(zip(pairwise(edges), counts, strict=True)):
            cell = Area(left, area.top, right, area.bottom)
            pen.label((axes[index], middle), words(count), measures.LABEL, cell)


def _counts(split: Split) -> Sequence[str]:
    """The channels of each branch."""
    return split.join.arms or [str(shape[0]) for shape in split.join.layer.inputs]


def _joined(split: Split) -> str:
    """What is said under the bar: `concat, 256`; a sum has its sign in it."""
    layer = split.join.layer
    return "" if layer.op.sign else split.join.said or f"{layer.op.name}, {layer.shape[0]}"


def _even(sizes: Sequence[float]) -> list[float]:
    """Columns are as wide as the widest, but for those that are much wider than the least."""
    return list(sizes) if max(sizes) > _WIDER * min(sizes) > 0 else [max(sizes)] * len(sizes)


def branch_columns(arms: Sequence[Sequence[Box]]) -> list[Box | None]:
    """A stack for each branch; an empty one is the identity."""
    return [StackBox(boxes) if boxes else None for boxes in arms]
