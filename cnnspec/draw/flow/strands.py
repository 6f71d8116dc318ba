"""Blocks whose inside is one line with a skip beside it, and stages of them in one card.

A paper draws a stage of a residual network as one block with a count: the first one, which may
halve the map and project the skip, is said in words.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from cnnspec.draw.flow.calls import Span
from cnnspec.draw.flow.quotient import Quotient, Vertex, spoken
from cnnspec.draw.page.labels import op_words
from cnnspec.draw.parts.forkkind import SkipKind, skip_kind, trunk_arm
from cnnspec.draw.parts.parts import Part, Row, Split

if TYPE_CHECKING:
    from cnnspec.draw.flow.insides import Insides


class Strand(NamedTuple):
    """Rows in series; `skip` is what stands beside them up to `join`, None where nothing does."""

    rows: tuple[Row, ...]
    skip: tuple[Row, ...] = ()
    join: Row | None = None

    @property
    def kind(self) -> SkipKind:
        """What the skip does to the value."""
        return skip_kind(self.skip)


def strand(parts: Sequence[Part] | None) -> Strand | None:
    """The parts of a block as one line; None where they are more than that."""
    match parts:
        case [Split(gate=-1, arms=(_, _)) as split]:
            trunk = trunk_arm(split)
            if trunk is None or not split.join.layer.op.sums:
                return None
            rows, skip = _rows(split.arms[trunk]), _rows(split.arms[1 - trunk])
            return Strand(rows, skip, split.join) if rows and skip is not None else None
        case None:
            return None
    rows = _rows(parts)
    return Strand(rows) if rows else None


def _rows(parts: Sequence[Part]) -> tuple[Row, ...] | None:
    rows = tuple(part for part in parts if isinstance(part, Row))
    return rows if len(rows) == len(parts) else None


def strands(graph: Quotient, insides: Insides) -> dict[int, Strand] | None:
    """What each card shows, with stages as one card; None where the graph is no line of these."""
    into, out = graph.ends()
    if any(max(len(into[v.index]), len(out[v.index])) > 1 for v in graph.vertices):
        return None
    found: dict[int, Strand] = {}
    for vertex in graph.vertices:
        if vertex.kind == "card":
            first = vertex.span
            one = strand(insides.of(first.first, first.last)) if first and first.clean else None
            if one is None:
                return None
            found[vertex.index] = one
    _stages(graph, found)
    if len({vertex.changes for vertex in graph.vertices if vertex.leads}) > 1:
        return None  # the key has one word for all of them
    for vertex in graph.vertices:
        if vertex.kind == "card" and vertex.members:
            called(vertex, insides.spans)
    return found


def _stages(graph: Quotient, found: dict[int, Strand]) -> None:
    """A first block that alone changes the map, and those behind it, become one card."""
    gone: dict[int, Vertex] = {}
    for wire in graph.wires:
        first, others = wire.start, wire.end
        both = first.kind == others.kind == "card" and first.count == 1
        if both and _siblings(first, others) and _leads(found[first.index], found[others.index]):
            first.members += others.members
            first.steps += others.steps
            first.leads = True
            first.changes = bool(found[others.index].skip)
            gone[others.index] = first
    graph.contract(gone)


def _siblings(first: Vertex, others: Vertex) -> bool:
    paths = {member.rpartition(".")[0] for member in (*first.members, *others.members)}
    alike = first.shape == others.shape and first.training == others.training
    return len(paths) == 1 and alike and not (first.shares or others.shares)


def _leads(first: Strand, others: Strand) -> bool:
    """Whether a block is another one but for its stride and what changes its skip, if it does."""
    same = list(map(_said, first.rows)) == list(map(_said, others.rows))
    joins = first.join is not None and others.join is not None
    if not joins:
        return same and first.join is others.join
    assert first.join and others.join
    skips = not others.skip or list(map(_said, first.skip)) == list(map(_said, others.skip))
    return same and skips and _said(first.join) == _said(others.join)


def _said(row: Row) -> Hashable:
    """What the ops of a row say whatever their strides."""
    return tuple(tuple(op_words(layer)) for layer in row.layers), row.shares


def called(vertex: Vertex, spans: dict[str, Span]) -> None:
    """A card of all that a stage holds has the stage's name."""
    stage = spans.get(vertex.members[0].rpartition(".")[0])
    if stage is not None and [stage.first, stage.last] == [vertex.steps[0], vertex.steps[-1]]:
        vertex.name, vertex.stage = spoken(stage.path), stage.path


def short(row: Row, *, stride: bool) -> Row:
    """A row that says `3×3, 64`: that it is a convolution is said in the key."""
    if row.kind != "conv" or row.shares or row.said:
        return row
    first, *rest = op_words(row.layer)
    words = [first.removesuffix(" conv"), *rest]
    said = ", ".join(words[:2]) + (f" {row.layer.op.stride_label()}" if stride else "")
    return replace(row, said=", ".join([said.strip(), *words[2:]]))
