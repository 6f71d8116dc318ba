"""Parts as an author wants them in print: other names, norms and activations left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cnnspec.draw.parts.parts import Band, Chain, Frame, Part, Plan, Row, Split


def dressed(plan: Plan, labels: Mapping[str, str], hidden: frozenset[str]) -> Plan:
    """The plan with the author's names at their paths, and without the cells of some ops."""
    heads = tuple(
        replace(
            head,
            name=labels.get(head.name, head.name),
            parts=tuple(_part(part, labels, hidden) for part in head.parts),
        )
        for head in plan.heads
    )
    parts = tuple(_part(part, labels, hidden) for part in plan.parts)
    return replace(plan, parts=parts, heads=heads, entry=labels.get(plan.input, ""))


def dressed_row(row: Row, labels: Mapping[str, str], hidden: frozenset[str]) -> Row:
    """A row by its author's name, without hidden cells."""
    path = row.paths[max(row.main, 0)]
    return replace(row, name=labels.get(path, row.name), hidden=hidden)


def _part(part: Part, labels: Mapping[str, str], hidden: frozenset[str]) -> Part:
    match part:
        case Row():
            return dressed_row(part, labels, hidden)
        case Split():
            arms = tuple(tuple(_part(one, labels, hidden) for one in arm) for arm in part.arms)
            return replace(part, arms=arms, join=dressed_row(part.join, labels, hidden))
        case Frame():
            inside = tuple(_part(one, labels, hidden) for one in part.parts)
            return replace(part, parts=inside, given=labels.get(part.path, part.given))
        case Band():
            inside = tuple(_part(one, labels, hidden) for one in part.parts)
            return replace(part, parts=inside, name=labels.get(part.path, part.name))
        case Chain():
            return replace(part, parts=tuple(_part(one, labels, hidden) for one in part.parts))
    return part
