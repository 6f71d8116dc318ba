"""What stands in an order that an author asks for: outputs, and what leads to one alone."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

_Node = TypeVar("_Node", bound=Hashable)


def alone(
    nodes: Iterable[_Node],
    below: Mapping[_Node, Iterable[_Node]],
    places: Mapping[_Node, int],
) -> dict[_Node, int]:
    """What leads to one of the outputs `places` and to no other end, and the place of that one.

    `nodes` come from the last one back; those with nothing `below` are ends.
    """
    reached: dict[_Node, frozenset[_Node]] = {}
    for node in nodes:
        after = [reached[one] for one in below.get(node, ())]
        reached[node] = frozenset[_Node]().union(*after) if after else frozenset({node})
    found = {}
    for node, ends in reached.items():
        if len(ends) == 1 and (end := next(iter(ends))) in places:
            found[node] = places[end]
    return found


def turned(row: Sequence[_Node], places: Mapping[_Node, int]) -> list[_Node]:
    """A row in which those that have places stand in their order, the others where they were."""
    wanted = iter(sorted((node for node in row if node in places), key=places.__getitem__))
    return [next(wanted) if node in places else node for node in row]
