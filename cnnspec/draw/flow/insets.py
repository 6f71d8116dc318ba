"""Blocks that stand as names alone, each structure drawn once beside or under the figure.

Two blocks have one structure when they compute the same up to channels and strides; the drawing
then says whose channels it shows, and every card its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Protocol

from cnnspec.draw.block.box import Box
from cnnspec.draw.flow.bodies import CardBody
from cnnspec.draw.flow.quotient import Vertex
from cnnspec.draw.flow.steps import Flow
from cnnspec.draw.page.labels import op_text, op_words
from cnnspec.draw.parts.parts import Frame, Part, Row, Split, walk

WIDE, HIGH = 300.0, 230.0
"""The most room for one inset."""
_APART, _ABOVE = 10.0, 12.0
"""Between insets, and between them and the figure."""
_ROWS = 30


class Bodies(Protocol):
    """Who knows what a closed call holds, and the boxes of that."""

    flow: Flow

    def inside(
        self, vertex: Vertex, *, staged: bool, opening: bool = True
    ) -> tuple[Part, ...] | None:
        """The parts of a card; None for a knot."""
        ...

    def boxes(self, parts: Iterable[Part]) -> list[Box]:
        """Boxes of the block style's engine."""
        ...


@dataclass(slots=True, eq=False)
class Inset:
    """The inside of a block, for all cards that name it."""

    body: CardBody
    parts: tuple[Part, ...]
    source: str
    """The path of the layer whose value flows into the block that is shown."""
    x: float = 0
    y: float = 0


@dataclass(slots=True)
class Insets:
    """The insets of a figure, and what each card says instead of its inside."""

    names: dict[int, str] = field(default_factory=dict)
    """The index of a vertex -> the name of its inset."""
    shown: list[Inset] = field(default_factory=list)

    def arrange(self, figure: tuple[float, float], page: float) -> tuple[float, float]:
        """Stand beside a figure of that size if the page is wide enough, else under it.

        Places are relative to the corner of the figure; returns the size of both together.
        """
        if not self.shown:
            return figure
        wide, deep = figure
        column = max(inset.body.width for inset in self.shown)
        stacked = sum(inset.body.height + _APART for inset in self.shown) - _APART
        if wide + 2 * _ABOVE + column <= page and stacked <= max(deep, column):
            self._column(wide + 2 * _ABOVE)
            return wide + 2 * _ABOVE + column, max(deep, stacked)
        return self._lines(figure, page)

    def _column(self, x: float) -> None:
        y = 0.0
        for inset in self.shown:
            inset.x, inset.y = x, y
            y += inset.body.height + _APART

    def _lines(self, figure: tuple[float, float], page: float) -> tuple[float, float]:
        widest, y = figure
        y += _ABOVE
        x = line = 0.0
        for inset in self.shown:
            if x and x + inset.body.width > page:
                y += line + _APART
                x = line = 0.0
            inset.x, inset.y = x, y
            x += inset.body.width + _APART
            line = max(line, inset.body.height)
            widest = max(widest, x - _APART)
        return widest, y + line


def insets(vertices: Iterable[Vertex], bodies: Bodies) -> Insets:
    """One inset for every structure among the named blocks that can be drawn in one."""
    groups: dict[tuple[str, Hashable], list[Vertex]] = defaultdict(list)
    for vertex in vertices:
        if vertex.kind == "card" and vertex.span and vertex.span.module:
            block = vertex.span.module.block
            parts = bodies.inside(vertex, staged=False, opening=False)
            if block and parts is not None and len(_all_rows(parts)) <= _ROWS:
                groups[block, _structure(parts)].append(vertex)
    out = Insets()
    known: dict[str, int] = defaultdict(int)
    several = [block for block, _ in groups]
    for (block, _), members in groups.items():
        known[block] += 1
        name = f"{block} {chr(96 + known[block])}" if several.count(block) > 1 else block
        inset = _inset(name, members, bodies)
        if inset.body.width <= WIDE and inset.body.height <= HIGH:
            out.shown.append(inset)
            out.names.update((vertex.index, name) for vertex in members)
    return out


def _all_rows(parts: Sequence[Part]) -> list[Row]:
    return [part for part in walk(tuple(parts)) if isinstance(part, Row)]


def _inset(name: str, members: Sequence[Vertex], bodies: Bodies) -> Inset:
    """The block of the first card, which is said where the others have other channels."""
    found = [bodies.inside(vertex, staged=False, opening=False) or () for vertex in members]
    labels = {tuple(map(_said, _all_rows(parts))) for parts in found}
    first, parts = members[0], found[0]
    shown = Vertex(-1, "card", name, first.steps, first.shape)
    said = [f"as {first.name}"] if len(labels) > 1 and first.name != name else []
    body = CardBody(shown, bodies.boxes(parts), name, said)
    body.width, body.height = ceil(body.width), ceil(body.height)
    source = bodies.flow.steps[bodies.flow.steps[first.steps[0]].feeds[0]].row.paths[-1]
    return Inset(body, parts, source)


def _said(row: Row) -> tuple[str, ...]:
    return tuple(op_text(layer) for layer in row.layers)


def _structure(parts: Sequence[Part]) -> Hashable:
    """Equal for parts that differ in channels and strides alone."""
    out: list[Hashable] = []
    for part in parts:
        match part:
            case Row():
                out.append(_kind(part))
            case Split():
                arms = tuple(_structure(arm) for arm in part.arms)
                out.append((arms, _kind(part.join), part.gate))
            case Frame():
                out.append((part.count, _structure(part.parts)))
    return tuple(out)


def _kind(row: Row) -> Hashable:
    """What the ops of a row compute whatever the channels and the stride."""
    return tuple((words[0], *words[2:]) for layer in row.layers if (words := op_words(layer)))
