"""A family measured over values of its parameters: the rows of `cnnspec sweep`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING

from cnnspec.analyses.checking import Overrides
from cnnspec.records import record

if TYPE_CHECKING:
    from cnnspec.analyses.metrics import Metrics, Number
    from cnnspec.values import Shape, Value

DEFAULT = ("params", "macs", "layers", "field", "peak_inference_bytes")
"""The metrics of a sweep that names none."""


@record(frozen=True)
class Point:
    """One combination of values (parameter -> value, `input` -> shape) and what it measures."""

    values: dict[str, Value]
    figures: dict[str, Number | Shape]


@record(frozen=True)
class Sweep:
    """All points of one family, the last parameter varying fastest."""

    family: str
    parameters: tuple[str, ...]
    metrics: tuple[str, ...]
    points: tuple[Point, ...]


def combinations(
    values: dict[str, tuple[Value, ...]], inputs: Sequence[Shape]
) -> Iterator[tuple[dict[str, Value], Overrides]]:
    """Every combination with what it overrides."""
    for chosen in product(*values.values()):
        settings = dict(zip(values, chosen, strict=True))
        if not inputs:
            yield settings, Overrides(settings)
        for shape in inputs:
            yield {**settings, "input": shape}, Overrides(settings, shape)


def measure(metrics: Metrics, names: Sequence[str]) -> dict[str, Number | Shape]:
    """The figures of one net. Raises UnknownMetric, UnknownPath.

    A name may have a path or an argument: `shape(layer2)`, `count(conv)`.
    """
    figures = {}
    for name in names:
        metric, _, path = name.partition("(")
        figures[name] = metrics.value(metric, path.removesuffix(")"))
    return figures
