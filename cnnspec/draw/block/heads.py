"""Auxiliary heads and further outputs: a column right of the trunk, level with the tap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cnnspec.draw.block.box import TAP, Box, Port, StackBox
from cnnspec.draw.block.boxmaker import Measurer
from cnnspec.draw.block.look import cell_rows, make_columns
from cnnspec.draw.block.skipbox import lane_width
from cnnspec.draw.block.strip import Track
from cnnspec.draw.errors import DrawError
from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import text_width
from cnnspec.draw.page.pen import Pen, Point
from cnnspec.draw.page.scene import Data, Rect
from cnnspec.draw.parts.parts import Band, Frame, Head, Part, Plan, Row, walk

_AWAY, _LANE, _PAD, _CAPTION, _FOOT, _TIGHT, _DROP, _WIDEST = (
    8.0, 3.0, 5.0, 12.0, 5.0, 4.0, 8.0, 110.0
)  # fmt: skip
"""The way to the heads and each further lane on it; inside a frame, over its caption, its foot, its
rows; how far an inside stands under a wire from above; the most that a caption takes."""


class HeadBox:
    """One head: a caption over its ops; dashed when it exists in training only."""

    def __init__(self, head: Head, inside: Box) -> None:
        self.head, self.inside = head, inside
        self.drop = 0.0 if not head.parts or isinstance(head.parts[0], Row) else _DROP
        """Points between the wire and the inside; 0 where the wire enters a row from the side."""
        said = min(text_width(self.caption, measures.CAPTION), _WIDEST)
        self.width = max(inside.left + inside.right, said) + 2 * _PAD
        self.height = _CAPTION + self.drop + inside.height + (_FOOT if head.parts else 0)

    @property
    def caption(self) -> str:
        """What the frame says at its top."""
        return f"{'training only' if self.head.kind == 'aux' else 'output'}: {self.head.name}"

    @property
    def to_first(self) -> float:
        """From the top to where the wire enters: the middle of a first row."""
        if not self.head.parts:
            return _CAPTION / 2
        return _CAPTION + (0.0 if self.drop else measures.ROW / 2)

    def place(self, pen: Pen, left: float, top: float, tap: Point, bend: float) -> None:
        """Draw the frame with its top left corner there, and the wire from the tap.

        The wire runs level to `bend`, and from there up or down.
        """
        dash, head = self.head.kind == "aux", self.head
        size = (self.width, self.height, measures.FRAME_RADIUS)
        data: Data = (("group", head.name), ("head", head.kind))
        pen.scene.add(
            Rect(left, top, *size, "background", "frame-line", measures.BOX_LINE, dash, data)
        )
        pen.name(
            left + _PAD,
            top + 6.5,
            self.caption,
            size=measures.CAPTION,
            width=self.width - 2 * _PAD,
            muted=True,
        )
        axis = left + self.width / 2 + (self.inside.left - self.inside.right) / 2
        port = Port(top, top, head.name, head.name)
        if head.parts:
            port = self.inside.place(pen, axis, top + _CAPTION + self.drop, head.tap)
        middle = top + self.to_first
        way = [tap]
        if abs(tap[1] - middle) > 0.01:
            way += [(bend, tap[1]), (bend, middle)]
        if self.drop:
            way += [(axis, middle), (axis, port.top)]
        else:
            way += [(_entry(self, axis) if head.parts else left, middle)]
        arrow = port.arrow if self.drop else True
        pen.wire([(tap[0], tap[1] - TAP), tap], arrow=False)
        pen.wire(way, arrow=arrow, dash=dash, data=(("src", head.layer), ("dst", port.first)))
        pen.dot(tap)


def _entry(box: HeadBox, axis: float) -> float:
    """The left side of the first row."""
    first = box.inside.boxes[0] if isinstance(box.inside, StackBox) else box.inside
    return axis - first.left


class Heads:
    """The column of all heads of a figure."""

    def __init__(self, heads: Sequence[Head], measurer: Measurer) -> None:
        self.boxes = [HeadBox(head, _inside(head, measurer)) for head in heads]
        sources = {head.layer for head in heads}
        self.away = _AWAY + _LANE * max(len(sources) - 2, 0)
        widest = max((box.width for box in self.boxes), default=-self.away)
        self.width = widest + self.away

    def reach(self, taps: Sequence[float]) -> float:
        """How low they come about when they leave at these heights, in their own order."""
        bottom = 0.0
        for box, tap in sorted(zip(self.boxes, taps, strict=True), key=lambda pair: pair[1]):
            bottom = max(tap - box.to_first, bottom + measures.GAP) + box.height
        return bottom

    def place(self, pen: Pen, track: Track) -> float:
        """Draw them from the top down, none over another; returns the lowest point."""
        bottom, left, waiting = 0.0, track.end + self.away, list(self.boxes)
        lanes: list[tuple[str, float]] = []
        while waiting:
            box = _next(pen, waiting)
            tap = _tap(pen, box.head)
            top = max(tap[1] - box.to_first, bottom + measures.GAP if bottom else 2.0)
            lane = _lane(lanes, box.head.layer, tap[1], top + box.to_first)
            box.place(pen, left, top, tap, left - _AWAY / 2 - _LANE * lane)
            bottom = top + box.height
            waiting.remove(box)
        return bottom


def _lane(lanes: list[tuple[str, float]], source: str, begin: float, end: float) -> int:
    """The lane of a wire: that of its source, else the one outside of all that still run there.

    `lanes` notes the source and the lower end of what runs on each, so that no wire from another
    layer is crossed or runs on the same track.
    """
    busy = [
        at for at, (taken, low) in enumerate(lanes) if taken == source or low > begin - measures.GAP
    ]
    own = [at for at in busy if lanes[at][0] == source]
    at = own[0] if own else max(busy, default=-1) + 1
    lanes[at : at + 1] = [(source, max(begin, end))]
    return at


def holders(plan: Plan) -> list[int]:
    """The index of the part of the trunk that each head leaves from, itself or through others."""
    at: dict[str, int] = {}
    for index, part in reversed(list(enumerate(plan.parts))):
        for inner in walk((part,)):
            at.update(dict.fromkeys(_paths(inner), index))
    found: list[int] = []
    for head in plan.heads:
        names = head.layer.split(".")
        around = (".".join(names[:depth]) for depth in range(len(names), 0, -1))
        found.append(next((at[path] for path in around if path in at), 0))
        at.setdefault(head.name, found[-1])
    return found


def _paths(part: Part) -> tuple[str, ...]:
    """The paths by which a head may name a part, or what it stands for."""
    if isinstance(part, Row):
        return part.paths
    if isinstance(part, Frame):
        return part.stands
    return (part.path,) if isinstance(part, Band) and part.path else ()


def _next(pen: Pen, waiting: Sequence[HeadBox]) -> HeadBox:
    """The next head to place: from the top down, and after the head that it leaves from, if any."""
    names = {box.head.name for box in waiting}
    free = [box for box in waiting if box.head.tap.partition(".")[0] not in names]
    return min(free, key=lambda box: _tap(pen, box.head)[1])


def _tap(pen: Pen, head: Head) -> tuple[float, float]:
    """The point behind the block that a head leaves, the layer in it, or what hides that."""
    for path in (head.tap, head.layer):
        if path in pen.taps:
            return pen.taps[path]
    around = [path for path in pen.taps if path and head.layer.startswith(path + ".")]
    if not around:
        raise DrawError(f"`{head.name}` leaves from `{head.tap}`, which is not in the figure")
    return pen.taps[max(around, key=len)]


def _inside(head: Head, measurer: Measurer) -> Box:
    """The ops of a head close under each other, in columns of cells of their own."""
    columns = make_columns(cell_rows(head.parts, strips=False))
    own = Measurer(replace(measurer.sheet, columns=columns, lane=lane_width(head.parts)))
    return StackBox([own.box(part, 0, 1) for part in head.parts], _TIGHT)
