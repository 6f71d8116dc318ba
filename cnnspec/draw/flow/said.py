"""What cards say of what they stand for, and how many wires meet a box."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.draw.flow.quotient import Quotient, Vertex
from cnnspec.draw.parts.contents import Notes

_PLACES = 4
"""So many wires have a place at a circle, one of which is for what leaves it."""


def wired(graph: Quotient) -> dict[int, int]:
    """How many wires a box has on one side at the most."""
    into, out = graph.ends()
    return {
        v.index: max(len(into[v.index]), len({wire.net for wire in out[v.index]}), 1)
        for v in graph.vertices
    }


def crowded(graph: Quotient) -> Iterator[int]:
    """What has more wires than places at a circle."""
    into, out = graph.ends()
    for v in graph.vertices:
        leaving = max(len({wire.net for wire in out[v.index]}), 1)
        if len(into[v.index]) + leaving > _PLACES:
            yield v.index


def heading(vertex: Vertex) -> str:
    """The name of a card, with the last of those that it stands for, and whose weights it uses."""
    name = vertex.label or vertex.name
    if vertex.count > 1 and not vertex.label and not vertex.stage:
        last = vertex.members[-1].rpartition(".")[2]
        digits = last[len(last.rstrip("0123456789")) :]
        name = f"{name}–{digits or last}"
    return (
        f"{name} (weights of {vertex.shares})" if vertex.shares and vertex.kind == "card" else name
    )


def gives_of(vertex: Vertex) -> str:
    """The channels of a card, or the range of those of its calls."""
    least, most = min(vertex.among, default=0), max(vertex.among, default=0)
    return str(vertex.shape[0]) if least == most else f"{least}–{most}"


def holds_of(found: Notes) -> list[str]:
    """What a block holds, and its stride."""
    return [found.first] if found.lines else []
