"""From the parts of a figure to boxes that know their size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cnnspec.draw.block.box import Box, RowBox, StackBox
from cnnspec.draw.block.branchbox import BranchBox, branch_columns
from cnnspec.draw.block.chainbox import ChainBox, MarkBox
from cnnspec.draw.block.closedbox import ClosedBox
from cnnspec.draw.block.framebox import FrameBox
from cnnspec.draw.block.look import Sheet, branched, main_width, module_fork, stage_channels
from cnnspec.draw.block.skipbox import Lane, SkipBox
from cnnspec.draw.block.stripbox import StripBox, strip_width
from cnnspec.draw.page import measures
from cnnspec.draw.parts.forkkind import trunk_arm
from cnnspec.draw.parts.parts import Band, Chain, Frame, Mark, Part, Row, Split

HEADLINE = 10.5
"""The line over the blocks of a stage that says its name and shape."""


class BandBox:
    """A stage: frames and rows with a little more room between them than inside."""

    def __init__(self, band: Band, boxes: Sequence[Box], headed: bool = False) -> None:
        self.band, self.boxes, self.headed = band, boxes, headed
        self.left = max(box.left for box in boxes)
        self.right = max(box.right for box in boxes)
        framed = any(isinstance(box, FrameBox | StripBox) for box in boxes)
        self.gap = measures.SPACE if framed or not band.name else measures.GAP
        last = boxes[-1]
        self.above = measures.BAND if band.name or framed else measures.BAND + 1.5
        self.below = 3.0 if isinstance(last, FrameBox) and last.cards else self.above
        self.above += HEADLINE if headed else 0
        inside = sum(box.height for box in boxes) + self.gap * (len(boxes) - 1)
        self.height = self.above + max(inside, 0 if not band.name else 16) + self.below


class Measurer:
    """Makes the boxes of one figure; `tight` lets labels in branches take two lines.

    `headed` bands have a line for their names.
    """

    def __init__(self, sheet: Sheet, tight: bool = False, headed: bool = False) -> None:
        self.sheet, self.tight, self.headed = sheet, tight, headed

    def element(self, part: Part) -> Box | BandBox:
        """The box of a part that stands on the trunk of the whole net."""
        if not isinstance(part, Band):
            return self.box(part, 0 if isinstance(part, Chain) else stage_channels((part,)), 1)
        stage = stage_channels(part.parts) if part.name else 0
        return BandBox(part, [self.box(inner, stage, 1) for inner in part.parts], self.headed)

    def box(self, part: Part, stage: int, count: int, width: float = 0) -> Box:
        """The box of a part that stands `count` times; in a branch its rows are `width` wide."""
        match part:
            case Row():
                return RowBox(part, self.sheet, stage, width)
            case Split():
                return self.split(part, stage, count, width)
            case Frame() if not part.parts:
                return ClosedBox(part, self.sheet.closed, self.sheet.card(part.widest))
            case Frame():
                fork = module_fork(part) if self.sheet.strips else None
                if fork is not None:
                    return StripBox(part, fork, self.sheet)
                inside = self.stack(part.parts, stage, count * part.count, width)
                return FrameBox(part, inside, self.sheet.space)
            case Band():
                return self.stack(part.parts, stage, count, width)
            case Chain():
                boxes = [
                    self.box(one, stage or stage_channels((one,)), count, width)
                    for one in part.parts
                ]
                return ChainBox(part, boxes)
            case Mark():
                return MarkBox(part)

    def stack(self, parts: Iterable[Part], stage: int, count: int, width: float = 0) -> Box:
        """The boxes of parts under each other; a single one stands for itself."""
        boxes = [self.box(part, stage, count, width) for part in parts]
        return boxes[0] if len(boxes) == 1 else StackBox(boxes)

    def split(self, split: Split, stage: int, count: int, width: float) -> Box:
        """A trunk with skips, or branches side by side."""
        trunk = trunk_arm(split)
        if trunk is None:
            column = self.column_width(split)
            arms = [[self.box(part, stage, count, column) for part in arm] for arm in split.arms]
            return BranchBox(split, branch_columns(arms), self.sheet)
        less = 1 if split.join.layer.op.ordered else -1
        lanes = [
            Lane(arm, self.sheet, stage, gate=at == split.gate, less=at == less)
            for at, arm in enumerate(split.arms)
            if at != trunk
        ]
        inner = split.arms[trunk]
        inside = self.stack(inner, stage, count, width) if inner else None
        join = RowBox(split.join, self.sheet, stage, width)
        beside = self.sheet.space.beside
        return SkipBox(inside, join, lanes, count, beside, less=trunk == less)

    def column_width(self, split: Split) -> float:
        """Equal widths for the columns of a fork: room for the widest label."""
        rows = (row for arm in split.arms for row in _rows(arm))
        widest = max((main_width(row, self.tight) for row in rows), default=20.0)
        return round(widest + 2 * measures.INSET + 0.499)


def strips_width(parts: tuple[Part, ...]) -> float:
    """The width of the widest strip of a figure, so that all are as wide."""
    found = ((part, module_fork(part)) for part in branched(parts))
    return max((strip_width(part, fork) for part, fork in found if fork), default=0)


def _rows(parts: Iterable[Part]) -> Iterable[Row]:
    for part in parts:
        match part:
            case Row():
                yield part
            case Split():
                for arm in part.arms:
                    yield from _rows(arm)
            case Frame() | Band() | Chain():
                yield from _rows(part.parts)
