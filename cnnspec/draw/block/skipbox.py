"""A trunk with skips on lanes to its left: residual blocks, dense layers, channel attention."""

from __future__ import annotations

from collections.abc import Sequence

from cnnspec.draw.block.box import Box, Port, RowBox, link
from cnnspec.draw.block.look import Sheet, main_label
from cnnspec.draw.page import measures
from cnnspec.draw.page.labels import Label, in_two, joined, label_width, op_label, words
from cnnspec.draw.page.measures import ROOM
from cnnspec.draw.page.pen import Pen
from cnnspec.draw.page.scene import Area, Path, Paths, Rect
from cnnspec.draw.parts.forkkind import SkipKind, skip_kind, trunk_arm
from cnnspec.draw.parts.parts import Part, Row, Split, walk
from cnnspec.draw.parts.paths import listed


class Lane:
    """One skip: its way down, and the box on it when it carries ops."""

    def __init__(
        self,
        arm: tuple[Part, ...],
        sheet: Sheet,
        stage: int,
        *,
        gate: bool = False,
        less: bool = False,
    ) -> None:
        self.less = less
        self.kind: SkipKind = "gate" if gate else skip_kind(arm)
        self.rows = [part for part in arm if isinstance(part, Row)]
        self.lines = gate_lines(self.rows) if gate else _lines(self.rows)
        self.width = max(sheet.lane, _box_width(self.lines, sheet.space.inset)) if self.lines else 0
        self.height = measures.ROW + (len(self.lines) - 1) * 8 if self.lines else 0
        shades = [sheet.row(row, stage) for row in self.rows if row.kind == "conv"]
        self.fill = shades[-1] if shades and not gate else "cell"

    @property
    def changed(self) -> bool:
        """Whether the skip computes something, as a projection does; a gate counts as no skip."""
        return self.kind not in ("identity", "gate")


def gate_lines(rows: Sequence[Row]) -> list[Label]:
    """`SE, 16`: a squeeze-and-excitation, with the channels that it squeezes to."""
    found = [_channels(row) for row in rows if row.kind in ("conv", "linear")]
    return [words(f"SE, {found[0]}" if len(found) > 1 else "SE")]


def _channels(row: Row) -> str:
    """How many channels a row says that it gives."""
    return row.said.split(", ")[1] if row.said else str(row.layer.shape[0])


def _lines(rows: Sequence[Row]) -> list[Label]:
    """What the box on a skip says: an op on each line, or one op on two."""
    labels = [_label(row) for row in rows]
    return in_two(labels[0], measures.SMALL) if len(labels) == 1 else labels


def _label(row: Row) -> Label:
    """All that a row does, in order."""
    if row.main < 0:
        return main_label(row)
    fused = (map(op_label, row.layers[: row.main]), map(op_label, row.layers[row.main + 1 :]))
    return joined([*fused[0], main_label(row), *fused[1]])


def _box_width(lines: Sequence[Label], inset: float) -> float:
    widest = max(label_width(line, measures.SMALL) for line in lines)
    return max(round(widest + 2 * inset + 0.499), 30)


def lane_width(parts: tuple[Part, ...], inset: float = ROOM.inset) -> float:
    """The width of the widest box on a skip of a figure, so that all are as wide."""
    widest = 0.0
    for part in walk(parts):
        if isinstance(part, Split) and (trunk := trunk_arm(part)) is not None:
            for at, arm in enumerate(part.arms):
                rows = [row for row in arm if isinstance(row, Row)]
                if at != trunk and rows:
                    lines = gate_lines(rows) if at == part.gate else _lines(rows)
                    widest = max(widest, _box_width(lines, inset))
    return widest


class SkipBox:
    """Arms to an add (or another join): `trunk` straight down, the others on lanes.

    A gate scales the value itself: it has no trunk but the wire.  `less`: the trunk is what a
    difference takes away.
    """

    forks = True

    def __init__(
        self,
        trunk: Box | None,
        join: RowBox,
        lanes: Sequence[Lane],
        count: int,
        beside: float = ROOM.beside,
        less: bool = False,
    ) -> None:
        self.trunk, self.join, self.count = trunk, join, count
        self.beside, self.less = beside, less
        self.lanes = sorted(lanes, key=lambda lane: lane.changed)
        inside = trunk.height if trunk else measures.ROW
        self.inside = inside
        self.cells = max(trunk.left if trunk else 0, join.left)
        self.centres = list(self._centres())
        self.left = self.cells + (self._edge if lanes else 0)
        self.right = max(trunk.right if trunk else 0, join.right)
        highest = max((lane.height for lane in lanes), default=0)
        self.above = max(measures.FORK, 4 + (highest - inside) / 2)
        """From the fork to the trunk: room for the bend above a box that is higher."""
        self.height = self.above + inside + measures.GAP + join.height

    def _centres(self) -> Sequence[float]:
        """How far each lane lies from the cells; sets the outer edge of the last."""
        centres, edge = [], 0.0
        for lane in self.lanes:
            if lane.lines:
                centre = edge + self.beside + lane.width / 2
                edge = centre + lane.width / 2
            else:
                centre = edge + (measures.NEXT_LANE if edge else measures.LANE)
                edge = centre
            centres.append(centre)
        self._edge = edge
        return centres

    def place(self, pen: Pen, x: float, y: float, src: str) -> Port:
        """Draw the trunk, and the skips on lanes to its left; see `Box.place`."""
        port = self.trunk.place(pen, x, y + self.above, src) if self.trunk else None
        below = y + self.above + self.inside + measures.GAP
        joined_at = self.join.place(pen, x, below, port.last if port else src)
        for index, (lane, centre) in enumerate(zip(self.lanes, self.centres, strict=True)):
            enter = below + self.join.height / 2 + 3 * index
            self._skip(pen, lane, x, (x - self.cells - centre, y, enter), (src, joined_at.first))
        link(pen, x, port.bottom if port else y, joined_at, port.last if port else src)
        pen.dot((x, y))
        if self.less:
            pen.less((x + 4, joined_at.top - 3.5))
        if port is None:
            return Port(y, joined_at.bottom, joined_at.first, joined_at.last, arrow=False)
        return Port(port.top, joined_at.bottom, port.first, joined_at.last, port.arrow)

    def _skip(
        self,
        pen: Pen,
        lane: Lane,
        x: float,
        way: tuple[float, float, float],
        ends: tuple[str, str],
    ) -> None:
        """One skip from the dot at `x` down its lane into the join; the box lies on the wire."""
        centre, top, bottom = way
        data = (
            ("src", ends[0]),
            ("dst", ends[1]),
            ("skip", lane.kind),
            ("count", str(self.count)),
            ("via", listed(path for row in lane.rows for path in row.paths)),
        )
        points = [(x, top), (centre, top), (centre, bottom), (x - self.join.left, bottom)]
        colour = "changed" if lane.changed else "wire"
        pen.wire(
            points,
            line=measures.SKIP,
            colour=colour,
            dash=lane.changed,
            data=data if lane.rows else data[:-1],
        )
        if lane.less:
            pen.less((points[-1][0] - 3, bottom - 3.5))
        if lane.lines:
            self._box(pen, lane, centre, top + self.above + self.inside / 2)

    def _box(self, pen: Pen, lane: Lane, x: float, middle: float) -> None:
        left, top = x - lane.width / 2, middle - lane.height / 2
        area = Area(left, top, left + lane.width, top + lane.height)
        stands = tuple(path for row in lane.rows for path in row.paths)
        with pen.scene.group("box", stands, lane.rows[0].layer.span.line):
            if lane.kind == "gate":
                gate_shape(pen, area, stands)
            else:
                size = (lane.width, lane.height, measures.BOX_RADIUS)
                paint = (lane.fill, "changed", measures.WIRE)
                pen.scene.add(Rect(left, top, *size, *paint, dash=True, stands=stands))
            pen.lines((x, middle), lane.lines, measures.SMALL, area)


def gate_shape(pen: Pen, area: Area, stands: Paths = ()) -> None:
    """A box with a waist: what is squeezed, and excited again."""
    left, top, right, bottom = area
    middle, waist = (top + bottom) / 2, 2.2
    corners = ((right, top), (right - waist, middle), (right, bottom), (left, bottom))
    lines = tuple(("L", at) for at in (*corners, (left + waist, middle)))
    outline = (("M", (left, top)), *lines, ("Z", ()))
    data = (("gate", listed(stands)),) if stands else ()
    pen.scene.add(Path(outline, "cell", "wire", measures.WIRE, data=data, stands=stands))
