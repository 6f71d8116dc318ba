"""A bound of time that a busy machine cannot break: CPU time, the least of a few tries."""

from __future__ import annotations

import gc
from collections.abc import Callable
from time import process_time
from typing import TypeVar

Result = TypeVar("Result")

TRIES = 3


def within(seconds: float, call: Callable[[], Result]) -> Result:
    """What a call gives that takes less CPU time than ``seconds`` in one of three tries.

    It finds what grows faster than it should, not what is a little slow: ratios are measured in
    ``benchmarks/``. The collector's turns through all that other tests left behind are not
    counted.
    """
    least = float("inf")
    for _ in range(TRIES):
        gc.collect()
        began = process_time()
        result = call()
        least = min(least, process_time() - began)
        if least < seconds:
            return result
    raise AssertionError(f"{least:.2f} s of CPU time, and {seconds:g} s are allowed")
