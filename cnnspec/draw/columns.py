"""Nets side by side, every layer a row, on bands of equal map size (He et al. 2015, figure 3)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise

from cnnspec.draw import grid
from cnnspec.draw.columnkey import key
from cnnspec.draw.errors import DrawError
from cnnspec.draw.labels import label_width, words
from cnnspec.draw.metrics import MIDDLE, shorten, text_width
from cnnspec.draw.pen import Pen
from cnnspec.draw.scene import Area, Path, Rect, Scene, Segment, Text
from cnnspec.draw.shades import Shades
from cnnspec.draw.sheet import main_label
from cnnspec.draw.steps import Line, Span, Step
from cnnspec.draw.tree import Plan, amount

_ROW, _LABEL, _TITLE = 8.7, 6.1, 7.5
_INSIDE, _BETWEEN, _ALONE = 3.1, 6.2, 4.65
"""Gaps inside a block, between blocks, and where a net has no blocks: the mean of the two."""
_FORK, _JOIN, _REACH, _LANE = 2.1, 1.75, 9.0, 5.0
"""A fork above its block, a join below it, a skip's way beside the box, each further one's."""
_PAD, _BAND, _LEFT, _MARGIN, _HEAD = 2.4, 1.7, 23.0, 2.0, 38.5


class _Column:
    """One net: its line, and where each step stands in its band."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.line = plan, Line(plan, "columns")
        self.blocks = any(step.inside for step in self.line.steps)
        self.tops: list[float] = []

    @cached_property
    def width(self) -> float:
        """Room for the widest label, for the net's name and what it costs."""
        labels = (main_label(step.row) for step in self.line.steps)
        pools = 5 if any(step.row.kind == "pool" for step in self.line.steps) else 0
        widest = max(label_width(label, _LABEL) for label in labels) + pools
        return max(widest + 2 * grid.INSET, text_width(self.cost[0], grid.CAPTION))

    @property
    def cost(self) -> tuple[str, str]:
        """What stands under the net's name."""
        plan = self.plan
        return f"{amount(plan.params, 1)} params", f"{amount(plan.macs, 1)} MACs"

    @property
    def reach(self) -> float:
        """How far its skips go beside the boxes."""
        deepest = max((span.depth for span in self.line.spans), default=-1)
        return 0 if deepest < 0 else _REACH + _LANE * deepest

    def gap(self, step: Step) -> float:
        """The room above a step that is not the first of its band."""
        if not self.blocks:
            return _ALONE
        return _BETWEEN if step.opens or not step.inside else _INSIDE

    def height(self, size: tuple[int, ...]) -> float:
        """What the steps of a map size take up."""
        steps = [step for step in self.line.steps if step.size == size]
        return sum(_ROW + self.gap(step) * (at > 0) for at, step in enumerate(steps))


def columns(plans: Sequence[Plan], width: float | None) -> Scene:
    """The figure; one column of print if that is enough, else two."""
    nets = [_Column(plan) for plan in plans]
    need = _Layout.least(nets)
    page = width or (grid.ONE_COLUMN if need <= grid.ONE_COLUMN else grid.TWO_COLUMNS)
    if need > page:
        raise DrawError(
            f"{len(nets)} nets side by side take {need / 72:.1f} in, "
            f"the page has {page / 72:.1f} in"
        )
    scene = _Layout(nets, page).draw()
    if scene.height > grid.PAGE_HEIGHT:
        names = ", ".join(plan.name for plan in plans)
        raise DrawError(
            f"{names} with every layer a row: {scene.height / 72:.1f} in high, a page has "
            f"{grid.PAGE_HEIGHT / 72:.1f} in; style block counts equal blocks"
        )
    return scene


class _Layout:
    """The columns measured for a page."""

    def __init__(self, nets: Sequence[_Column], width: float) -> None:
        self.nets, self.width = nets, width
        self.sizes = _sizes(nets)
        self.box = max(net.width for net in nets)
        more = (width - self.least(nets)) / len(nets)
        self.box = min(self.box + more * 0.6, 84)
        free = width - _LEFT - 2 * _MARGIN - sum(self.box + net.reach for net in nets)
        self.between = free / (len(nets) + 1)
        layers = (step.row.layer for net in nets for step in net.line.steps)
        self.shades = Shades([layer.shape[0] for layer in layers if layer.op.kind == "conv"])
        self.heights = [max(net.height(size) for net in nets) + 2 * _PAD for size in self.sizes]

    @staticmethod
    def least(nets: Sequence[_Column]) -> float:
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
        pen.name(_MARGIN + 1, 14.4, "output", size=grid.CAPTION, width=_LEFT, muted=True)
        pen.name(_MARGIN + 1, 21.7, "size", size=grid.CAPTION, width=_LEFT, muted=True)
        x = _MARGIN + _LEFT + self.between
        for net in self.nets:
            self._net(pen, net, x + self.box / 2, tops)
            x += self.box + net.reach + self.between
        key(pen, [net.line for net in self.nets], self.shades, self.width, y - _BAND)
        return scene

    def _band(self, pen: Pen, size: tuple[int, ...], y: float, height: float) -> None:
        wide = self.width - 2 * _MARGIN
        paint = ("band", "band-line", grid.BAND_LINE)
        pen.scene.add(Rect(_MARGIN, y, wide, height, grid.BAND_RADIUS, *paint))
        rows, columns = size
        text = str(rows) if rows == columns else f"{rows}×{columns}"
        pen.name(_MARGIN + 3, y + height / 2, text, size=grid.NAME, width=_LEFT)

    def _net(self, pen: Pen, net: _Column, x: float, tops: dict[tuple[int, ...], float]) -> None:
        self._title(pen, net, x)
        at: dict[tuple[int, ...], float] = {}
        net.tops = []
        for step in net.line.steps:
            y = at[step.size] + net.gap(step) if step.size in at else tops[step.size]
            net.tops.append(y)
            at[step.size] = y + _ROW
        self._wires(pen, net, x)
        for span in net.line.spans:
            self._skip(pen, net, x, span)
        for step, top in zip(net.line.steps, net.tops, strict=True):
            self._step(pen, step, x, top)

    def _title(self, pen: Pen, net: _Column, x: float) -> None:
        room = self.box + net.reach
        name = shorten(net.plan.name, _TITLE, room, bold=True)
        area = Area(x - self.box / 2, 0, x + self.box / 2 + net.reach, 30)
        wide = text_width(name, _TITLE, bold=True)
        at = max(area.left, min(x - wide / 2, area.right - wide))
        pen.name(at, 6.3, net.plan.name, size=_TITLE, width=area.right - at)
        for y, text in zip((14.4, 21.7), net.cost, strict=True):
            baseline = y + MIDDLE * grid.CAPTION
            pen.scene.add(Text(x, baseline, text, grid.CAPTION, fill="muted", anchor="middle"))
        entry = shorten(net.plan.input, grid.LABEL, self.box - 3)
        pen.label((x, 30), words(entry) or ((),), grid.LABEL, area._replace(bottom=36))

    def _wires(self, pen: Pen, net: _Column, x: float) -> None:
        """The line from the input down to the last row."""
        y, src = 34.0, net.plan.input
        via: tuple[str, ...] = ()
        for step, top in zip(net.line.steps, net.tops, strict=True):
            data = (("src", src), ("dst", step.paths[0]), ("via", " ".join(via)))
            small = 0.8 if top - y > 4 else 0.62
            pen.wire([(x, y), (x, top)], head=small, data=data if via else data[:2])
            y, src, via = top + _ROW, step.paths[-1], tuple(step.via)
        if via:
            data = (("src", src), ("dst", via[0]), ("via", " ".join(via)))
            pen.wire([(x, y), (x, y + _JOIN + 2)], arrow=False, data=data)

    def _skip(self, pen: Pen, net: _Column, x: float, span: Span) -> None:
        """Out from above the block, down beside it, back in below."""
        top, bottom = net.tops[span.first] - _FORK, net.tops[span.last] + _ROW + _JOIN
        reach = x + self.box / 2 + _REACH + _LANE * span.depth
        changed = span.kind != "identity"
        data = (("src", span.src), ("dst", span.join), ("skip", span.kind), ("count", "1"))
        more = (("via", " ".join(span.via)),) if span.via else ()
        pen.wire(
            [(x, top), (reach, top), (reach, bottom), (x + 0.4, bottom)],
            head=0.8,
            colour="changed" if changed else "wire",
            dash=changed,
            data=(*data, *more),
        )

    def _step(self, pen: Pen, step: Step, x: float, top: float) -> None:
        left, right, row = x - self.box / 2, x + self.box / 2, step.row
        data = (("op", " ".join(step.paths)),)
        area = Area(left, top, right, top + _ROW)
        fill, stroke = self.shades.paint(row.layer, row.kind)
        if row.kind == "pool":
            low = ((right - 4, area.bottom), (left + 4, area.bottom))
            corners = ((left, top), (right, top), *low)
            outline: list[Segment] = [("M", corners[0]), *(("L", at) for at in corners[1:])]
            shape = (*outline, ("Z", ()))
            pen.scene.add(Path(shape, fill, stroke, grid.BOX_LINE, data=data))
        else:
            radius = _ROW / 2 if row.kind == "linear" else grid.BOX_RADIUS
            paint = (radius, fill, stroke, grid.BOX_LINE)
            pen.scene.add(Rect(left, top, self.box, _ROW, *paint, data=data))
        pen.label((x, top + _ROW / 2), main_label(row), _LABEL, area)


def _sizes(nets: Sequence[_Column]) -> list[tuple[int, ...]]:
    """Every map size, from large to small; a net whose maps grow has no place in bands."""
    for net in nets:
        seen = [step.size for step in net.line.steps]
        if any(a[0] * a[1] < b[0] * b[1] for a, b in pairwise(seen)):
            raise DrawError(f"{net.plan.name}: its maps grow, so they make no bands of one size")
    sizes = {step.size for net in nets for step in net.line.steps}
    return sorted(sizes, key=lambda size: (-size[0] * size[1], size))
