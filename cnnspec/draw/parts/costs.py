"""Parameters and MACs of the parts of a figure, each exact for all that the part stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnspec.draw.parts.parts import Band, Chain, Frame, Part, Plan, Row, amount, walk

if TYPE_CHECKING:
    from cnnspec.analyses.cost import Cost
    from cnnspec.ir import Net


def by_path(net: Net) -> dict[str, Cost]:
    """What every layer and block costs, by its path; the whole net stands under the empty one.

    Weights that are used once more (`share`) are counted where they are first used.
    """
    from cnnspec.analyses.cost import Cost, layer_cost
    from cnnspec.ir import graph

    found: dict[str, Cost] = {}
    for node in graph(net).nodes:
        cost = layer_cost(node.layer)
        own = Cost(macs=cost.macs) if node.shares else cost
        names = node.path.split(".")
        for depth in range(len(names) + 1):
            path = ".".join(names[:depth])
            found[path] = found.get(path, Cost()) + own
    return found


def said(cost: Cost) -> str:
    """`21.80 M params · 3.66 G MACs`; nothing where there is no cost."""
    both = (cost.params, "params"), (cost.macs, "MACs")
    return " · ".join(f"{amount(value)} {unit}" for value, unit in both if value)


def with_counts(plan: Plan, net: Net) -> dict[Part, str]:
    """What the gutter says under the shape; nothing where there is no cost."""
    costs, found = by_path(net), dict[Part, str]()
    for part in plan.parts:
        inner = part.parts if isinstance(part, Band | Chain) else ()
        for one in inner if isinstance(part, Chain) else (part, *inner):
            if text := said(_cost(one, costs)):
                found[one] = text
    return found


def _cost(part: Part, costs: dict[str, Cost]) -> Cost:
    """The cost of all that a part stands for."""
    from cnnspec.analyses.cost import Cost

    if isinstance(part, Frame):
        paths = part.stands
    elif isinstance(part, Band) and part.path:
        paths = (part.path,)
    else:
        paths = tuple(p for row in walk((part,)) if isinstance(row, Row) for p in row.paths)
    return sum((costs.get(path, Cost()) for path in paths), Cost())
