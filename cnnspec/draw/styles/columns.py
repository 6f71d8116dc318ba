"""Nets side by side, every layer a row, on bands of equal map size (He et al. 2015, figure 3)."""

from __future__ import annotations

from collections.abc import Sequence

from cnnspec.draw.block.look import main_label
from cnnspec.draw.errors import DrawError
from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import MIDDLE, shorten, text_width
from cnnspec.draw.page.labels import words
from cnnspec.draw.page.pen import Pen
from cnnspec.draw.page.scene import Area, Path, Rect, Scene, Segment, Text
from cnnspec.draw.parts.parts import Plan
from cnnspec.draw.parts.paths import listed
from cnnspec.draw.styles.columnkey import key
from cnnspec.draw.styles.columnnet import LABEL, LANE, REACH, ROW, Column, sizes
from cnnspec.draw.styles.line import Span, Step
from cnnspec.draw.styles.shades import Shades

_TITLE, _FORK, _JOIN = 7.5, 2.1, 1.75
"""The size of a net's name; a fork above its block, a join below it."""
_PAD, _BAND, _LEFT, _MARGIN, _HEAD = 2.4, 1.7, 23.0, 2.0, 38.5


def columns(plans: Sequence[Plan], width: float | None) -> Scene:
    """The figure; one column of print if that is enough, else two."""
    nets = [Column(plan) for plan in plans]
    need = _Layout.least(nets)
    page = width or (measures.ONE_COLUMN if need <= measures.ONE_COLUMN else measures.TWO_COLUMNS)
    if need > page:
        raise DrawError(
            f"{len(nets)} nets side by side take {need / 72:.1f} in, "
            f"the page has {page / 72:.1f} in"
        )
    scene = _Layout(nets, page).draw()
    if scene.height > measures.PAGE_HEIGHT:
        names = ", ".join(plan.name for plan in plans)
        raise DrawError(
            f"{names} with every layer a row: {scene.height / 72:.1f} in high, a page has "
            f"{measures.PAGE_HEIGHT / 72:.1f} in; style block counts equal blocks"
        )
    return scene


class _Layout:
    """The columns measured for a page."""

    def __init__(self, nets: Sequence[Column], width: float) -> None:
        self.nets, self.width = nets, width
        self.sizes = sizes(nets)
        self.box = max(net.width for net in nets)
        more = (width - self.least(nets)) / len(nets)
        self.box = min(self.box + more * 0.6, 84)
        free = width - _LEFT - 2 * _MARGIN - sum(self.box + net.reach for net in nets)
        self.between = free / (len(nets) + 1)
        layers = (step.row.layer for net in nets for step in net.line.steps)
        self.shades = Shades([layer.shape[0] for layer in layers if layer.op.kind == "conv"])
        self.heights = [max(net.height(size) for net in nets) + 2 * _PAD for size in self.sizes]

    @staticmethod
    def least(nets: Sequence[Column]) -> float:
        """The least width of a page."""
        box = max(net.width for net in nets)
        return _LEFT + 2 * _MARGIN + sum(box + net.reach + 2 for net in nets) + 2

    def draw(self) -> Scene:
        names = ", ".join(net.plan.name for net in self.nets)
        said = "Norms, activations and dropout have no row of their own."
        scene = Scene(self.width, 0, f"{names}: every layer", f"{names} by size. {said}")
        pen = Pen(scene)
        tops, y = {}, _HEAD
        for size, height in zip(self.sizes, self.heights, strict=True):
            tops[size] = y + _PAD
            self._band(pen, size, y, height)
            y += height + _BAND
        pen.name(_MARGIN + 1, 14.4, "output", size=measures.CAPTION, width=_LEFT, muted=True)
        pen.name(_MARGIN + 1, 21.7, "size", size=measures.CAPTION, width=_LEFT, muted=True)
        x = _MARGIN + _LEFT + self.between
        for net in self.nets:
            self._net(pen, net, x + self.box / 2, tops)
            x += self.box + net.reach + self.between
        key(pen, [net.line for net in self.nets], self.shades, self.width, y - _BAND)
        return scene

    def _band(self, pen: Pen, size: tuple[int, ...], y: float, height: float) -> None:
        wide = self.width - 2 * _MARGIN
        paint = ("band", "band-line", measures.BAND_LINE)
        pen.scene.add(Rect(_MARGIN, y, wide, height, measures.BAND_RADIUS, *paint))
        rows, columns = size
        text = str(rows) if rows == columns else f"{rows}×{columns}"
        pen.name(_MARGIN + 3, y + height / 2, text, size=measures.NAME, width=_LEFT)

    def _net(self, pen: Pen, net: Column, x: float, tops: dict[tuple[int, ...], float]) -> None:
        self._title(pen, net, x)
        at: dict[tuple[int, ...], float] = {}
        net.tops = []
        for step in net.line.steps:
            y = at[step.size] + net.gap(step) if step.size in at else tops[step.size]
            net.tops.append(y)
            at[step.size] = y + ROW
        self._wires(pen, net, x)
        for span in net.line.spans:
            self._skip(pen, net, x, span)
        for step, top in zip(net.line.steps, net.tops, strict=True):
            self._step(pen, step, x, top)

    def _title(self, pen: Pen, net: Column, x: float) -> None:
        room = self.box + net.reach
        name = shorten(net.plan.name, _TITLE, room, bold=True)
        area = Area(x - self.box / 2, 0, x + self.box / 2 + net.reach, 30)
        wide = text_width(name, _TITLE, bold=True)
        at = max(area.left, min(x - wide / 2, area.right - wide))
        pen.name(at, 6.3, net.plan.name, size=_TITLE, width=area.right - at)
        for y, text in zip((14.4, 21.7), net.cost, strict=True):
            baseline = y + MIDDLE * measures.CAPTION
            pen.scene.add(Text(x, baseline, text, measures.CAPTION, fill="muted", anchor="middle"))
        entry = shorten(net.plan.input, measures.LABEL, self.box - 3)
        pen.label((x, 30), words(entry) or ((),), measures.LABEL, area._replace(bottom=36))

    def _wires(self, pen: Pen, net: Column, x: float) -> None:
        """The line from the input down to the last row."""
        y, src = 34.0, net.plan.input
        via: tuple[str, ...] = ()
        for step, top in zip(net.line.steps, net.tops, strict=True):
            data = (("src", src), ("dst", step.paths[0]), ("via", listed(via)))
            small = 0.8 if top - y > 4 else 0.62
            pen.wire([(x, y), (x, top)], head=small, data=data if via else data[:2], stands=via)
            y, src, via = top + ROW, step.paths[-1], tuple(step.via)
        if via:
            data = (("src", src), ("dst", via[0]), ("via", listed(via)))
            pen.wire([(x, y), (x, y + _JOIN + 2)], arrow=False, data=data, stands=via)

    def _skip(self, pen: Pen, net: Column, x: float, span: Span) -> None:
        """Out from above the block, down beside it, back in below."""
        top, bottom = net.tops[span.first] - _FORK, net.tops[span.last] + ROW + _JOIN
        reach = x + self.box / 2 + REACH + LANE * span.depth
        changed = span.kind != "identity"
        data = (("src", span.src), ("dst", span.join), ("skip", span.kind), ("count", "1"))
        more = (("via", listed(span.via)),) if span.via else ()
        pen.wire(
            [(x, top), (reach, top), (reach, bottom), (x + 0.4, bottom)],
            head=0.8,
            colour="changed" if changed else "wire",
            dash=changed,
            data=(*data, *more),
            stands=span.via,
        )

    def _step(self, pen: Pen, step: Step, x: float, top: float) -> None:
        with pen.scene.group("box", tuple(step.paths), step.row.layer.span.line):
            self._box(pen, step, x, top)

    def _box(self, pen: Pen, step: Step, x: float, top: float) -> None:
        left, right, row = x - self.box / 2, x + self.box / 2, step.row
        data = (("op", listed(step.paths)),)
        area = Area(left, top, right, top + ROW)
        fill, stroke = self.shades.paint(row.layer, row.kind)
        if row.kind == "pool":
            low = ((right - 4, area.bottom), (left + 4, area.bottom))
            corners = ((left, top), (right, top), *low)
            outline: list[Segment] = [("M", corners[0]), *(("L", at) for at in corners[1:])]
            shape = (*outline, ("Z", ()))
            paths = tuple(step.paths)
            pen.scene.add(Path(shape, fill, stroke, measures.BOX_LINE, data=data, stands=paths))
        else:
            radius = ROW / 2 if row.kind == "linear" else measures.BOX_RADIUS
            paint = (radius, fill, stroke, measures.BOX_LINE)
            place = (left, top, self.box, ROW)
            pen.scene.add(Rect(*place, *paint, data=data, stands=tuple(step.paths)))
        pen.label((x, top + ROW / 2), main_label(row), LABEL, area)
