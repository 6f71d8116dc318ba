"""Choosing a page: its width, and how many columns a net is folded into."""

from __future__ import annotations

from cnnspec.draw import grid
from cnnspec.draw.errors import DrawError
from cnnspec.draw.layout import Layout
from cnnspec.draw.scene import Scene
from cnnspec.draw.tree import Plan, Row, walk

_ASPECT = 0.75
"""A page of given width is folded until it is no higher than this part of its width."""
_ROWS = 600
"""More rows than any page of print holds."""


def compose(plan: Plan, width: float | None) -> Scene:
    """The figure of a plan in the given width, or in one column of print, else in two."""
    if not plan.parts and not plan.heads:
        raise DrawError(f"{plan.name} has nothing to draw")
    if sum(isinstance(part, Row) for part in walk(plan.parts)) > _ROWS:
        raise DrawError(_too_large(plan, width))
    for page in [width] if width else [grid.ONE_COLUMN, grid.TWO_COLUMNS]:
        layout = _best(plan, page, grid.PAGE_HEIGHT if width is None else page * _ASPECT)
        if layout is not None:
            scene = (layout if width else layout.narrowed()).draw()
            if scene.height <= grid.PAGE_HEIGHT:
                return scene
    raise DrawError(_too_large(plan, width))


def _too_large(plan: Plan, width: float | None) -> str:
    if plan.level == "layer":
        instead = "draw a part of it with --only, or all of it at level block"
        return f"{plan.name} has too many layers for one page: {instead}"
    page = f"{(width or grid.TWO_COLUMNS) / 72:.1f} in"
    return f"{plan.name} does not fit on a page {page} wide and {grid.PAGE_HEIGHT / 72:.1f} in high"


def _best(plan: Plan, width: float, wanted: float) -> Layout | None:
    """The fewest columns with which the page is no higher than `wanted`, else the lowest page."""
    for tight in (False, True):
        fitting: list[Layout] = []
        for columns in range(1, len(plan.parts) + 1):
            layout = Layout(plan, width, columns, tight)
            if layout.slack < 0 or (columns > 1 and plan.heads):
                break
            if layout.height <= min(wanted, grid.PAGE_HEIGHT):
                return layout
            fitting += [layout] if layout.height <= grid.PAGE_HEIGHT else []
        if fitting:
            return min(fitting, key=lambda layout: layout.height)
    return None
