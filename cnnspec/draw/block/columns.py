"""Splitting a sequence of bands into columns, the tallest as low as it can be."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate


def partition(heights: Sequence[float], columns: int, gap: float) -> list[range]:
    """At most `columns` runs of the elements, in order, that minimise the tallest run.

    Linear partition: the least limit is found by bisection over what a greedy fill can hold.
    """
    ends = [0.0, *accumulate(height + gap for height in heights)]
    low, high = max(heights, default=0.0), ends[-1] - gap if heights else 0.0
    while high - low > 0.01:
        limit = (low + high) / 2
        if len(_fill(ends, limit, gap)) <= columns:
            high = limit
        else:
            low = limit
    return _fill(ends, high, gap)


def _fill(ends: Sequence[float], limit: float, gap: float) -> list[range]:
    """Put as many elements into a column as `limit` holds, then begin the next."""
    runs, start = [], 0
    for stop in range(1, len(ends)):
        if ends[stop] - gap - ends[start] > limit + 1e-6 and stop - 1 > start:
            runs.append(range(start, stop - 1))
            start = stop - 1
    if start < len(ends) - 1:
        runs.append(range(start, len(ends) - 1))
    return runs
