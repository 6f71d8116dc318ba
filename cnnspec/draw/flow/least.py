"""How much room ranks take at the least, before anything has its place."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from cnnspec.draw.flow.drawing import Page
from cnnspec.draw.flow.ranks import FOLD, Ranks


def least(ranks: Ranks, page: Page, *, folded: bool) -> float:
    """How many times larger than the page a figure is at the least, wires left out.

    Its lines, if it is `folded`, begin where one value passes alone: none is shorter than what
    stands between two such places, and each takes the room of a rank.
    """
    across, along = page.height, page.width
    if not ranks.across:
        across, along = page.wide("down"), page.height
    wide = ranks.wide()
    if not folded:
        return max(wide) / across
    stretches = _stretches(ranks)
    count = _lines(stretches, ranks.between, along)
    taken = max(wide) + (count - 1) * (min(filter(None, wide)) + FOLD)
    return max(taken / across, max(stretches) / along)


def _stretches(ranks: Ranks) -> list[float]:
    """The lengths of what no line is broken in, with the least gap from rank to rank."""
    breaks = ranks.breaks()
    begins = [at for at, breaks_before in enumerate(breaks) if breaks_before or not at]
    deep = [ranks.deep(row) + ranks.between for row in ranks.made.ranks]
    return [sum(deep[a:b]) - ranks.between for a, b in pairwise([*begins, len(deep)])]


def _lines(stretches: Sequence[float], between: float, room: float) -> int:
    """In how few lines they stand."""
    count, length = 1, 0.0
    for stretch in stretches:
        more = length + between * bool(length) + stretch
        count, length = (count, more) if more <= room or not length else (count + 1, stretch)
    return count
