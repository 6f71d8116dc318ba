"""Choosing a page: its width, and how many columns a net is folded into."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from cnnspec.draw.block.layout import Layout
from cnnspec.draw.errors import DrawError
from cnnspec.draw.page import measures
from cnnspec.draw.page.scene import Scene
from cnnspec.draw.parts.parts import Band, Frame, Part, Plan, Row, walk
from cnnspec.records import replace

_ASPECT = 0.75
"""A page of given width is folded until it is no higher than this part of its width."""
_COLUMNS = 4
_LOWER = 0.85
"""A page with more columns is worth it when it is lower than this part of the other."""
_ROWS = 160
"""More rows than any page of print holds."""
_TRIES = 4
"""So many widths are tried to name one."""


def compose(plan: Plan, width: float | None, height: float = measures.PAGE_HEIGHT) -> Scene:
    """The figure of a plan in the given width, or in one column of print, else in two.

    Raises DrawError where it is higher than `height`, or too wide.
    """
    if not plan.parts and not plan.heads:
        raise DrawError(f"{plan.name} has nothing to draw")
    bodies = (plan.parts, *(head.parts for head in plan.heads))
    if sum(map(_boxes, bodies)) > _ROWS * height / measures.PAGE_HEIGHT:
        raise DrawError(_too_large(plan, width, long=True))
    for page in [width] if width else [measures.ONE_COLUMN, measures.TWO_COLUMNS]:
        layout = _best(plan, page, height if width is None else page * _ASPECT, height)
        if layout is not None:
            scene = (layout if width else layout.narrowed()).draw()
            if scene.height <= height:
                return scene
    loose = _loose(plan)
    if len(loose.parts) > len(plan.parts):
        return compose(loose, width, height)
    raise DrawError(_too_large(plan, width))


def _boxes(parts: tuple[Part, ...]) -> int:
    """How many rows and closed blocks parts hold."""
    return sum(
        isinstance(part, Row) or (isinstance(part, Frame) and not part.parts)
        for part in walk(parts)
    )


def _loose(plan: Plan) -> Plan:
    """Without the bands that group by map size alone, so that columns may end inside them."""
    parts: list[Part] = []
    for part in plan.parts:
        parts += part.parts if isinstance(part, Band) and not part.name else (part,)
    return replace(plan, parts=tuple(parts))


def least_height(plan: Plan, width: float | None) -> float | None:
    """How high the lowest figure of a plan is on a page of any height; None for too many rows."""
    if _boxes(plan.parts) > _ROWS:
        return None
    found = _layouts(plan, width or measures.TWO_COLUMNS, tight=True)
    return min((layout.height for layout in found), default=None)


def least_width(plan: Plan, width: float) -> float:
    """How wide a page is that a plan has room on in one column; `width` where that has.

    Names have more of a wider page, so whole inches are tried from what the plan needs on this one.
    A plan of more rows than a page holds is not measured.
    """
    if sum(isinstance(part, Row) for part in walk(plan.parts)) > _ROWS:
        return width
    need = width - Layout(plan, width, 1, tight=True).slack
    if need <= width:
        return width
    pages = (72.0 * inches for inches in range(ceil(need / 72), ceil(need / 72) + _TRIES))
    return next((page for page in pages if Layout(plan, page, 1, tight=True).slack >= 0), need)


def _too_large(plan: Plan, width: float | None, *, long: bool = False) -> str:
    """What is wrong; a `long` one is not measured to see whether it is too wide, too."""
    if plan.level == "layer":
        instead = "draw a part of it with --only, or all of it at level block"
        return f"{plan.name} has too many layers for one page: {instead}"
    sides = (width or measures.TWO_COLUMNS) / 72, measures.PAGE_HEIGHT / 72
    page = f"{sides[0]:.1f} in wide and {sides[1]:.1f} in high"
    need = width - Layout(plan, width, 1, tight=True).slack if width and not long else 0
    if width and need > width:
        return f"{plan.name} needs a page {need / 72:.1f} in wide, not {width / 72:.1f} in"
    staged = any(isinstance(part, Band) and part.name for part in walk(plan.parts))
    instead = ": --level stage closes its stages" if plan.level == "block" and staged else ""
    return f"{plan.name} does not fit on a page {page}{instead}"


def _best(
    plan: Plan, width: float, wanted: float, most: float = measures.PAGE_HEIGHT
) -> Layout | None:
    """The fewest columns with which the page is no higher than `wanted`, else the lowest page.

    One that is much lower is better still, with the names of stages over their blocks.
    """
    for tight in (False, True):
        fitting = [one for one in _layouts(plan, width, tight) if one.height <= most]
        fitting = [one for one in fitting if not one.lone] or fitting
        if fitting:
            lowest = min(fitting, key=lambda layout: layout.height)
            first = next((one for one in fitting if one.height <= wanted), lowest)
            return lowest if first.framed and lowest.height < _LOWER * first.height else first
    return None


def _layouts(plan: Plan, width: float, tight: bool) -> Iterator[Layout]:
    """What is wide enough, by the number of columns; at most one of each."""
    for columns in range(1, min(len(plan.parts), _COLUMNS) + 1):
        for headed in (False, True) if columns > 1 and _stages(plan) else (False,):
            layout = Layout(plan, width, columns, tight, headed)
            if layout.slack > -0.01 and len(layout.runs) == columns:
                yield layout
                break


def _stages(plan: Plan) -> bool:
    """Whether every block stands in a stage with a name, which can stand over it."""
    bands = [part for part in plan.parts if isinstance(part, Band)]
    frames = [part for band in bands for part in band.parts]
    named = all(band.name for band in bands) and all(isinstance(part, Frame) for part in frames)
    whole = all(isinstance(part, Band | Row) for part in plan.parts)
    return bool(bands) and named and whole and not plan.counts and not plan.heads
