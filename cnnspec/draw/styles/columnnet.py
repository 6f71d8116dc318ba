"""One of the nets that stand side by side: its steps and their places in the bands."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise

from cnnspec.draw.block.look import main_label
from cnnspec.draw.errors import DrawError
from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import text_width
from cnnspec.draw.page.labels import label_width
from cnnspec.draw.parts.parts import Plan, amount
from cnnspec.draw.styles.line import Line, Step

ROW, LABEL, REACH, LANE = 8.7, 6.1, 9.0, 5.0
"""A row's height, its type, a skip's way beside the box and each further one's."""
_INSIDE, _BETWEEN, _ALONE = 3.1, 6.2, 4.65
"""Gaps inside a block, between blocks, and where a net has no blocks: the mean of the two."""


class Column:
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
        widest = max(label_width(label, LABEL) for label in labels) + pools
        return max(widest + 2 * measures.INSET, text_width(self.cost[0], measures.CAPTION))

    @property
    def cost(self) -> tuple[str, str]:
        """What stands under the net's name."""
        plan = self.plan
        return f"{amount(plan.params)} params", f"{amount(plan.macs)} MACs"

    @property
    def reach(self) -> float:
        """How far its skips go beside the boxes."""
        deepest = max((span.depth for span in self.line.spans), default=-1)
        return 0 if deepest < 0 else REACH + LANE * deepest

    def gap(self, step: Step) -> float:
        """The room above a step that is not the first of its band."""
        if not self.blocks:
            return _ALONE
        return _BETWEEN if step.opens or not step.inside else _INSIDE

    def height(self, size: tuple[int, ...]) -> float:
        """What the steps of a map size take up."""
        steps = [step for step in self.line.steps if step.size == size]
        return sum(ROW + self.gap(step) * (at > 0) for at, step in enumerate(steps))


def sizes(nets: Sequence[Column]) -> list[tuple[int, ...]]:
    """Every map size, from large to small; a net whose maps grow has no place in bands.

    Sizes of one area (2x15, 15x2) stand in the order in which the nets come to them.
    """
    met = dict.fromkeys(step.size for net in nets for step in net.line.steps)
    found = sorted(met, key=lambda size: -size[0] * size[1])
    place = {size: at for at, size in enumerate(found)}
    for net in nets:
        seen = [step.size for step in net.line.steps]
        if any(a[0] * a[1] < b[0] * b[1] for a, b in pairwise(seen)):
            raise DrawError(f"{net.plan.name}: its maps grow, so they make no bands of one size")
        if any(place[a] > place[b] for a, b in pairwise(seen)):
            raise DrawError(f"{net.plan.name}: its maps turn and turn back, so they make no bands")
    return found
