"""Parameters and MACs of the parts of a figure, each exact for all that the part stands for."""

from __future__ import annotations

from cnnspec.draw.section import section
from cnnspec.draw.tree import Band, Chain, Frame, Part, Plan, Row, amount, walk
from cnnspec.ir import Net


def with_counts(plan: Plan, net: Net) -> dict[Part, str]:
    """What the gutter says under the shape: `9.4 k, 118.0 M`; nothing where there is no cost."""
    found: dict[Part, str] = {}
    for part in plan.parts:
        inner = part.parts if isinstance(part, Band | Chain) else ()
        for one in inner if isinstance(part, Chain) else (part, *inner):
            if said := _said(one, net):
                found[one] = said
    return found


def _said(part: Part, net: Net) -> str:
    """Parameters, then MACs."""
    from cnnspec.analyses.cost import Cost, Costs, layer_cost

    path = part.path if isinstance(part, Band | Frame) else ""
    if path and " " not in path:
        last = part.last if isinstance(part, Frame) and part.count > 1 else ""
        cost = Costs().items(section(net, f"{path}..{last}" if last else path).items)
    else:
        count = part.count if isinstance(part, Frame) else 1
        rows = [inner for inner in walk((part,)) if isinstance(inner, Row)]
        one = sum((layer_cost(layer) for row in rows for layer in row.layers), Cost())
        cost = sum([one] * count, Cost())
    both = (cost.params, "params"), (cost.macs, "MACs")
    return " · ".join(f"{amount(value, 1)} {unit}" for value, unit in both if value)
