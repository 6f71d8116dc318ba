"""A module of branches collapsed: its name, its reductions, its output channels to scale."""

from __future__ import annotations

from collections.abc import Sequence

from cnnspec.draw.block.box import Port
from cnnspec.draw.block.key import POOL_EDGE, pool_before, pool_edge
from cnnspec.draw.block.look import Sheet, reductions
from cnnspec.draw.block.repeatbadge import badge, badge_width, cards
from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import text_width
from cnnspec.draw.page.labels import label_width, words
from cnnspec.draw.page.pen import Pen
from cnnspec.draw.page.scene import Area, Rect
from cnnspec.draw.parts.parts import Frame, Part, Split, caption, convs

_HIGH, _PAD, _WIDEST = 26.0, 4.0, 160.0


class StripBox:
    """A module of branches in 23 pt: its name, its reductions, its output channels to scale."""

    forks = False

    def __init__(self, frame: Frame, split: Split, sheet: Sheet) -> None:
        self.frame, self.split, self.sheet = frame, split, sheet
        self.title, self.note = caption(frame), reductions(split)
        self.channels = [shape[0] for shape in split.join.layer.inputs]
        self.cells = _cells(self.channels, max(strip_width(frame, split), sheet.strip))
        self.left = sum(self.cells) / 2 + _PAD
        self.right = self.left + (badge_width(frame.count) / 2 if frame.count > 1 else 0)
        self.height = _HIGH + 2 * measures.CARD * (frame.count > 1)
        self.last = split.join.paths[-1]

    def place(self, pen: Pen, x: float, y: float, src: str) -> Port:
        """Draw the strip of a collapsed module; see `Box.place`."""
        with pen.scene.group("frame", self.frame.stands):
            left, right = x - self.left, x + self.right
            cards(pen, self.frame, Area(left, y, right, y + _HIGH))
            top, inner = y + 11.5, left + _PAD
            note, width = text_width(self.note, measures.CAPTION), sum(self.cells)
            pen.name(inner, y + 6.2, self.title, size=measures.NAME, width=width - note - 3)
            if self.note:
                at = inner + width - note
                pen.name(at, y + 6.2, self.note, size=measures.CAPTION, width=note + 1, muted=True)
            self._strip(pen, inner, top)
            if self.frame.count > 1:
                badge(pen, self.frame.count, right, y + _HIGH / 2)
        return Port(y, y + _HIGH, self.frame.path, self.last)

    def _strip(self, pen: Pen, x: float, y: float) -> None:
        for arm, count, width in zip(self.split.arms, self.channels, self.cells, strict=True):
            fill, stroke = _arm_paint(arm, self.sheet)
            pen.scene.add(Rect(x, y, width, measures.ROW, 0, fill, stroke, measures.RULE))
            edge = POOL_EDGE if pool_before(arm) else 0
            if edge:
                pool_edge(pen, x, y, measures.ROW)
            cell = Area(x + edge, y, x + width, y + measures.ROW)
            middle = (x + (edge + width) / 2, y + measures.ROW / 2)
            pen.label(middle, words(str(count)), measures.LABEL, cell)
            x += width


def _arm_paint(arm: tuple[Part, ...], sheet: Sheet) -> tuple[str, str]:
    """Fill and outline of a branch's cell: its last convolution's, else a pool's."""
    layers = list(convs(arm))
    if layers:
        return sheet.shade(layers[-1]), "conv-line"
    return ("pool", "pool-line") if arm else ("background", "cell-line")


def strip_width(frame: Frame, split: Split) -> float:
    """Room for name and reductions on one line, and for every cell's number."""
    note = text_width(reductions(split), measures.CAPTION)
    head = text_width(caption(frame), measures.NAME, bold=True) + (note + 8 if note else 0)
    counts = [shape[0] for shape in split.join.layer.inputs]
    return max(min(head, _WIDEST), sum(_least(counts)))


def _least(counts: Sequence[int]) -> list[float]:
    return [max(16, label_width(words(str(count)), measures.LABEL) + 6) for count in counts]


def _cells(counts: Sequence[int], width: float) -> list[float]:
    """Widths in proportion to the counts, none under its least, the rest rescaled."""
    least, fixed = _least(counts), dict[int, float]()
    while len(fixed) < len(counts):
        free = [index for index in range(len(counts)) if index not in fixed]
        room = width - sum(fixed.values())
        total = sum(counts[index] for index in free) or 1
        sizes = {index: room * counts[index] / total for index in free}
        short = [index for index in free if sizes[index] < least[index] - 1e-6]
        if not short:
            return [fixed.get(index, sizes.get(index, 0)) for index in range(len(counts))]
        fixed.update({index: least[index] for index in short})
    return least
