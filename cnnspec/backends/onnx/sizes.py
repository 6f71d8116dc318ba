"""The dimensions that a model writes down: numbers, and what is open where any map fits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnnspec.analyses.sizes import Sizes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cnnspec.elaborate.workspace import Elaborated
    from cnnspec.ir import Graph, Node

Dims = tuple[int | str | None, ...]
"""A shape without the batch: numbers, `height` and `width` of an input, None for what is open."""

_READS_SIZE = re.compile(r"\bin\s*\.\s*(height|width)\b")
_NAMES = {"H": "height", "W": "width"}


def dimensions(elaborated: Elaborated, graph: Graph, needed: Iterable[Node]) -> list[Dims]:
    """The dimensions of every node: open where the ops' own shape rules leave them open."""
    sizes = Sizes(elaborated.net, graph)
    if not _are_open(elaborated, sizes, needed):
        return [tuple(map(int, node.shape)) for node in graph]
    return [
        tuple(
            n if isinstance(n, int) else None if node.inputs else _NAMES[str(n)]
            for n in sizes.shapes[node.index]
        )
        for node in graph
    ]


def _are_open(elaborated: Elaborated, sizes: Sizes, needed: Iterable[Node]) -> bool:
    """Whether nothing fixes the size: a weight, an op's own form, arms that meet at one size only.

    A spec that reads `in.height` anywhere may choose its layers by it: its sizes are fixed.
    """
    if any(_READS_SIZE.search(unit.source.text) for unit in elaborated.unit.closure()):
        return False
    if any(
        condition.weights or (condition.relation == "==" and isinstance(condition.right, int))
        for condition in sizes.conditions(training=False)
    ):
        return False
    return not any(
        node.op.sized() and not all(isinstance(n, int) for n in sizes.shapes[node.inputs[0]])
        for node in needed
        if node.inputs
    )
