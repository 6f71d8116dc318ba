"""The key under a trunk: what one dense layer computes, what colours mean, and the totals."""

from __future__ import annotations

from collections.abc import Sequence

from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import MIDDLE, text_width
from cnnspec.draw.page.pen import Pen
from cnnspec.draw.page.scene import Rect, Text
from cnnspec.draw.parts.parts import Plan
from cnnspec.draw.styles.dense import recipe, recipe_cells
from cnnspec.draw.styles.trunkpieces import Piece


def trunk_key(pen: Pen, plan: Plan, pieces: Sequence[Piece], width: float, y: float) -> float:
    """Draw it with its first line at `y`; returns the height of the page."""
    kinds = [("dense", "dense layer", "conv2", "conv-line")]
    kinds += [("conv", "conv", "conv4", "conv-line")]
    kinds += [("pool", "pool or transition", "pool", "pool-line")]
    kinds += [("linear", "fc", "linear", "linear-line")]
    there, x = {piece.kind for piece in pieces}, 4.0
    for kind, text, fill, stroke in kinds:
        if kind in there:
            pen.scene.add(
                Rect(x, y - 3, 7, 6, measures.BOX_RADIUS, fill, stroke, measures.BOX_LINE)
            )
            _say(pen, x + 10, y, text)
            x += 10 + text_width(text, measures.CAPTION) + 7
    if x + text_width(plan.total, measures.CAPTION) > width - 4:
        y += 10
    right = y + MIDDLE * measures.CAPTION
    pen.scene.add(Text(width - 4, right, plan.total, measures.CAPTION, fill="muted", anchor="end"))
    rows = {recipe(piece.dense) for piece in pieces if piece.dense}
    if len(rows) != 1:
        return y + 7
    _say(pen, 4, y + 14, "dense layer")
    left = 4 + text_width("dense layer", measures.CAPTION) + 6
    dense = next(piece.dense for piece in pieces if piece.dense)
    recipe_cells(pen, dense, left, y + 14 - measures.ROW / 2, width - 4)
    return y + 24


def _say(pen: Pen, x: float, middle: float, text: str) -> None:
    pen.scene.add(Text(x, middle + MIDDLE * measures.CAPTION, text, measures.CAPTION))
