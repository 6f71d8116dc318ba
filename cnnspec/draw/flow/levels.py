"""Resolution levels along the flow, and what shape of figure they call for."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import log2, sqrt
from typing import Literal

from cnnspec.draw.flow.steps import Flow
from cnnspec.values import Shape

Layout = Literal["u", "lanes", "ranks"]
"""A U, lanes of one resolution each, or ranks of what stands equally far from the input."""

_BACK = 8
"""How many steps a way into a join is followed back to where it rises."""
_HEADS = 3
"""Outputs on so many levels stand in lanes."""


def _size(shape: Shape) -> float | None:
    """The mean of height and width; None for a vector."""
    if len(shape) < 3:
        return None
    *_, high, wide = shape
    return sqrt(high * wide) if high > 1 else float(wide)


def levels(flow: Flow) -> list[int]:
    """How often the map was halved on the way to each step; vectors inherit.

    Steps along the flow count, not absolute sizes: unpadded nets and odd sizes come out right.
    """
    out: list[int] = []
    for step in flow.steps:
        if not step.feeds:
            out.append(0)
            continue
        after = _size(step.shape)
        sources = [at for at in step.feeds if _size(flow.steps[at].shape) is not None]
        source = sources[0] if sources else step.feeds[0]
        before = _size(flow.steps[source].shape)
        same = step.even or before == after
        halved = round(log2(before / after)) if before and after and not same else 0
        out.append(out[source] + halved)
    return out


def layout_of(
    flow: Flow, level: list[int], inside: range | None = None, ends: Sequence[int] = ()
) -> Layout:
    """What the joins say: one meets when a way into it rises and another one does not.

    Those of the whole flow, or of the steps `inside`, of which the values of `ends` leave.
    """
    inside, ends = inside or range(len(flow.steps)), ends or list(flow.outputs.values())
    meets = [at for at in inside if _meets(flow, level, at, flow.steps[at].feeds)]
    if meets:
        on = [level[at] for at in meets]
        falling = all(before > after for before, after in pairwise(on))
        return "u" if falling and len(ends) == 1 else "lanes"
    several = len({level[at] for at in ends}) >= _HEADS
    return "lanes" if several else "ranks"


def _meets(flow: Flow, level: list[int], at: int, feeds: tuple[int, ...]) -> bool:
    if flow.steps[at].kind != "join" or len(feeds) < 2:
        return False
    rising = [_rises(flow, level, feed) for feed in feeds]
    return any(rising) and not all(rising)


def _rises(flow: Flow, level: list[int], at: int) -> bool:
    """Whether the way to a step comes up from a smaller map of more than one pixel."""
    for _ in range(_BACK):
        step = flow.steps[at]
        if not step.feeds:
            return False
        source = step.feeds[0]
        if step.kind == "up" or (len(step.feeds) == 1 and level[source] > level[at]):
            shape = flow.steps[source].shape
            return len(shape) == 3 and shape[1] * shape[2] > 1
        if len(step.feeds) != 1:
            return False
        at = source
    return False
