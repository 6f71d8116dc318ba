"""A densely connected net as a trunk that grows: wedges of layers, transitions that narrow it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from cnnspec.draw.errors import DrawError
from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import MIDDLE, text_width
from cnnspec.draw.page.pen import Pen
from cnnspec.draw.page.scene import Area, Data, Path, Rect, Scene, Segment, Text
from cnnspec.draw.parts.parts import Band, Chain, Frame, Plan, walk
from cnnspec.draw.parts.paths import paths_in
from cnnspec.draw.styles.dense import dense_block
from cnnspec.draw.styles.trunkkey import trunk_key
from cnnspec.draw.styles.trunkpieces import Piece, pieces, shared

_BADGE = 20.0
"""From the foot of the highest wedge to the middle of the badges, which stand under all wedges."""
_APART = 1.6
"""Layers nearer to each other than this have no lines of their own."""
_HIGH, _LEAST_HIGH, _TOP, _EDGE = 77.0, 4.8, 25.0, 4.0
_LEAST, _STEM, _CHANGE, _TAIL, _GAP = 29.0, 6.0, 7.2, 5.2, 2.8
"""Widths: a wedge at least, an op of the stem, a transition, an op at the end; between them."""


def trunk(plan: Plan, width: float | None) -> Scene:
    """One dense block layer by layer, or a net of several as a silhouette."""
    page = width or measures.ONE_COLUMN
    dense = [part for part in walk(plan.parts) if isinstance(part, Frame) and part.growth]
    if not dense or plan.heads or any(isinstance(part, Chain) for part in walk(plan.parts)):
        raise DrawError(f"{plan.name} has no dense blocks in a line: style trunk draws those")
    if len(dense) == 1 and all(part in (*dense, *plan.parts) for part in dense):
        only = dense[0]
        if plan.parts == (only,) or (isinstance(plan.parts[0], Band) and len(plan.parts) == 1):
            return dense_block(plan, only, page)
    return _Silhouette(plan, pieces(plan), page).draw()


class _Silhouette:
    """Pieces placed from left to right on one axis."""

    def __init__(self, plan: Plan, pieces: Sequence[Piece], width: float) -> None:
        self.plan, self.pieces, self.width = plan, pieces, width
        wedges = [piece for piece in pieces if piece.dense]
        self.most = max(max(piece.begin, piece.end) for piece in wedges)
        layers = [piece.dense.count for piece in wedges if piece.dense]
        fixed = sum(self._fixed(piece) + _GAP for piece in pieces if not piece.dense)
        room = width - 2 * _EDGE - fixed - _GAP * (len(wedges) - 1)
        if room < _LEAST * len(wedges):
            raise DrawError(f"{plan.name} has too many parts for a trunk {width / 72:.1f} in wide")
        self.lengths = shared(layers, room, _LEAST)
        given = {one.name for one in plan.parts if isinstance(one, Band) and one.name != one.path}
        self.names = _names([piece.name for piece in wedges], self.lengths, given)
        self.middle = _TOP + _HIGH / 2

    def _fixed(self, piece: Piece) -> float:
        if piece.begin > piece.end and piece.kind == "pool":
            return _CHANGE
        if piece.kind == "linear":
            return 9.0
        return _STEM if self.pieces.index(piece) < 2 else _TAIL

    def _high(self, channels: int) -> float:
        return max(min(_HIGH * channels / self.most, _HIGH), _LEAST_HIGH)

    def draw(self) -> Scene:
        plan = self.plan
        said = f"{plan.name}: the trunk of its dense blocks, heights to scale; {plan.total}."
        scene = Scene(self.width, 0, f"{plan.name}, trunk", said)
        pen = Pen(scene)
        x, lengths, src, ends = _EDGE, iter(self.lengths), plan.input, 0.0
        for piece in self.pieces:
            wide = next(lengths) if piece.dense else self._fixed(piece)
            if x > _EDGE:
                self._seam(pen, x, src, piece)
            self._piece(pen, piece, x, wide)
            ends = self._numbers(pen, piece, x, wide, ends)
            src = piece.paths.rpartition(" ")[2]
            x += wide + _GAP
        foot = _TOP + _HIGH + _BADGE + 14
        scene.height = trunk_key(pen, plan, self.pieces, self.width, foot)
        return scene

    def _seam(self, pen: Pen, x: float, src: str, piece: Piece) -> None:
        """The short wire between two pieces."""
        data: Data = (("src", src), ("dst", paths_in(piece.paths)[0]))
        ends = [(x - _GAP, self.middle), (x, self.middle)]
        pen.wire(ends, arrow=False, data=data)

    def _piece(self, pen: Pen, piece: Piece, x: float, wide: float) -> None:
        with pen.scene.group("frame" if piece.dense else "box", piece.stands):
            self._solid(pen, piece, x, wide)

    def _solid(self, pen: Pen, piece: Piece, x: float, wide: float) -> None:
        begin, end = self._high(piece.begin), self._high(piece.end)
        fill = {"dense": "conv2", "conv": "conv4"}.get(piece.kind, piece.kind)
        stroke = {"dense": "conv-line"}.get(piece.kind, f"{piece.kind}-line")
        if piece.kind == "linear":
            begin = min(self._high(piece.begin), _HIGH - 2)
            size = (wide, begin, wide / 3)
            data: Data = (("op", piece.paths),)
            at = (x, self.middle - begin / 2)
            stands = piece.stands
            pen.scene.add(
                Rect(*at, *size, fill, stroke, measures.BOX_LINE, data=data, stands=stands)
            )
            return
        if piece.kind != "dense" and (piece.begin <= piece.end or piece.size == (1, 1)):
            begin = end
        outline = self._outline(x, wide, begin, end)
        data = (("op", piece.paths),) if not piece.dense else _group(piece.dense)
        paint = (fill, stroke, measures.BOX_LINE)
        pen.scene.add(Path(outline, *paint, data=data, stands=piece.stands))
        if piece.dense:
            self._layers(pen, piece.dense, x, wide, (begin, end))

    def _outline(self, x: float, wide: float, begin: float, end: float) -> tuple[Segment, ...]:
        y = self.middle
        right = ((x + wide, y - end / 2), (x + wide, y + end / 2))
        lines = (("L", at) for at in (*right, (x, y + begin / 2)))
        return (("M", (x, y - begin / 2)), *lines, ("Z", ()))

    def _layers(
        self, pen: Pen, dense: Frame, x: float, wide: float, highs: tuple[float, float]
    ) -> None:
        """A line for every layer, and the badge with their count."""
        lines = dense.count if wide / dense.count > _APART else 1
        for layer in range(1, lines):
            at = layer / dense.count
            high = highs[0] + (highs[1] - highs[0]) * at
            place = x + wide * at
            rule = (("M", (place, self.middle - high / 2)), ("L", (place, self.middle + high / 2)))
            pen.scene.add(Path(rule, stroke="conv-line", line=0.3))
        text = f"×{dense.count}"
        half = (text_width(text, measures.BADGE, bold=True) + 7) / 2
        middle, y = x + wide * 0.5, _TOP + _HIGH + _BADGE
        area = Area(middle - half, y - 5, middle + half, y + 5)
        pen.box(area, "badge", "background", radius=5, line=0.9)
        baseline = y + MIDDLE * measures.BADGE
        at_text = Text(middle, baseline, text, measures.BADGE, True, "badge-ink", "middle", area)
        pen.scene.add(at_text)

    def _numbers(self, pen: Pen, piece: Piece, x: float, wide: float, ends: float) -> float:
        """Name and size above a dense block, its channels under it; returns where they end."""
        middle, foot = x + wide / 2, _TOP + _HIGH + 8
        if piece.dense:
            name = self.names[piece.name]
            left = middle - text_width(name, measures.NAME, bold=True) / 2
            room = wide + _CHANGE
            pen.name(left, 6.5, name, size=measures.NAME, width=room + 1, full=piece.name)
            _centred(pen, middle, 14.5, "×".join(map(str, piece.size)), muted=True)
            text = f"{piece.begin}–{piece.end}"
        elif piece.kind in ("linear", "conv"):
            text = f"{piece.end}, {piece.head}" if piece.head else str(piece.end)
        else:
            return ends
        half = text_width(text, measures.CAPTION) / 2
        middle = min(max(middle, ends + half, _EDGE - 2 + half), self.width - 2 - half)
        _centred(pen, middle, foot, text)
        return middle + half + 3


def _names(
    names: Sequence[str], lengths: Sequence[float], given: Collection[str]
) -> dict[str, str]:
    """What stands over the wedges: short names, or numbers where a name has no room.

    Those `given` by an author are never cut.
    """
    short = {name: name if name in given else name.rpartition(".")[2] for name in names}
    wide = (text_width(text, measures.NAME, bold=True) for text in short.values())
    if all(need <= length + _CHANGE for need, length in zip(wide, lengths, strict=True)):
        return short
    return {name: f"block {index}" for index, name in enumerate(names, 1)}


def _group(dense: Frame) -> Data:
    return ("group", dense.path), ("last", dense.last), ("count", str(dense.count))


def _centred(pen: Pen, x: float, middle: float, text: str, *, muted: bool = False) -> None:
    fill = "muted" if muted else "ink"
    baseline = middle + MIDDLE * measures.CAPTION
    pen.scene.add(Text(x, baseline, text, measures.CAPTION, fill=fill, anchor="middle"))
