"""Blocks in a row that give more channels each and differ in nothing else: one card.

A pyramidal net has them, and one whose second path grows (DPN).

Only where a figure has many boxes: in one of few a reader sees each.
"""

from __future__ import annotations

from collections.abc import Hashable

from cnnspec.draw.flow.calls import Likeness
from cnnspec.draw.flow.quotient import Quotient, Vertex
from cnnspec.draw.flow.steps import Step
from cnnspec.draw.flow.varied import kind

_MANY, _RUN = 30, 3
"""Of more boxes, so many cards in a row become one."""


def form_key(step: Step) -> Hashable:
    """Equal for steps that compute the same on maps of one size, whatever the channels."""
    sizes = tuple(layer.shape[1:] for layer in step.row.layers)
    return kind(step.row), sizes, step.row.main, step.training


def grown(graph: Quotient, forms: Likeness) -> None:
    """Make runs of such cards one with a count and the channels that each of them gives."""
    if len(graph.vertices) <= _MANY:
        return
    into, out = graph.ends()
    gone: dict[int, Vertex] = {}
    for vertex in graph.vertices:
        run = [vertex]
        while vertex.index not in gone and len(out[run[-1].index]) == 1:
            wire = out[run[-1].index][0]
            more = wire.end.shape[:1] > run[-1].shape[:1] and len(into[wire.end.index]) == 1
            if wire.ops or not more or not _alike(vertex, wire.end, forms):
                break
            run.append(wire.end)
        if len(run) >= _RUN:
            gone |= {other.index: vertex for other in run[1:]}
            _join(vertex, run)
    graph.contract(gone)


def _alike(one: Vertex, other: Vertex, forms: Likeness) -> bool:
    """Whether two cards are calls of one block in one body that differ in channels alone."""
    a, b = one.span, other.span
    if a is None or b is None or a.module is None or b.module is None:
        return False
    plain = all(v.clean for v in (a, b)) and one.count == other.count == 1 == len(other.members)
    around = a.path.rpartition(".")[0] == b.path.rpartition(".")[0]
    named = a.module.block == b.module.block != "" and not (one.shares or other.shares)
    return plain and around and named and forms.of(a.first, a.last) == forms.of(b.first, b.last)


def _join(vertex: Vertex, run: list[Vertex]) -> None:
    vertex.among = tuple(one.shape[0] for one in run)
    vertex.shape = run[-1].shape
    for one in run[1:]:
        vertex.members += one.members
        vertex.steps += one.steps
