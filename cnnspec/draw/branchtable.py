"""A net of modules of branches as a table: a column for each arm (Szegedy et al. 2014, table 1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cnnspec.draw.cells import Cell, said
from cnnspec.draw.forks import trunk_arm
from cnnspec.draw.labels import op_words
from cnnspec.draw.tree import Band, Frame, Part, Plan, Row, Split, amount, part_name, walk

_Line = tuple[str, str, tuple[Cell, ...]]
_Result = tuple[tuple[str, ...], list[_Line], _Line]


def branch_table(plan: Plan) -> _Result | None:
    """Head, lines and totals; None when the net's modules are not all of one kind."""
    flat = list(_flat(plan.parts))
    modules = {id(part): _channels(part) for part in flat if isinstance(part, Frame)}
    labels = {tuple(found) for found in modules.values()}
    if len(labels) != 1 or len(modules) < 2 or () in labels:
        return None
    arms = labels.pop()
    lines: list[_Line] = []
    for part in flat:
        if isinstance(part, Row) and part.main < 0:
            continue
        size = "×".join(map(str, part.shape))
        channels = modules.get(id(part), {})
        name = part_name(part)
        op = said(part.layer) if isinstance(part, Row) else "module"
        cells = [(op,), *((channels.get(arm, ""),) for arm in arms), *_cost(part)]
        lines.append((name, size, tuple(cells)))
    blank: list[Cell] = [("",) for _ in arms]
    total = ((amount(plan.params),), (amount(plan.macs),))
    head = ("layer", "output", "op", *arms, "params", "MACs")
    return head, lines, ("total", "", (("",), *blank, *total))


def _flat(parts: Iterable[Part]) -> Iterator[Part]:
    for part in parts:
        if isinstance(part, Band):
            yield from _flat(part.parts)
        else:
            yield part


def _channels(frame: Frame) -> dict[str, str]:
    """`#3×3 reduce` -> `96`; empty when an arm is not at most two convolutions and a pool."""
    split = frame.parts[0] if len(frame.parts) == 1 else None
    if not isinstance(split, Split) or trunk_arm(split) is not None:
        return {}
    out: dict[str, str] = {}
    for arm in split.arms:
        rows = [part for part in arm if isinstance(part, Row)]
        convs = [row.layer for row in rows if row.kind == "conv"]
        pools = any(row.kind == "pool" for row in rows)
        if len(rows) != len(arm) or len(convs) > 2 or not convs:
            return {}
        kernel = op_words(convs[-1])[0].partition(" ")[0]
        names = ["pool proj"] if pools else [f"{kernel} reduce", kernel][-len(convs) :]
        if len(names) != len(convs) or any(name in out for name in names):
            return {}
        out.update((name, str(conv.shape[0])) for name, conv in zip(names, convs, strict=True))
    return out


def _cost(part: Part) -> tuple[Cell, Cell]:
    """Parameters and MACs of a part; nothing where there are none."""
    from cnnspec.analyses.cost import layer_cost

    rows = [inner for inner in walk((part,)) if isinstance(inner, Row)]
    costs = [layer_cost(layer) for row in rows for layer in row.layers]
    params, macs = sum(cost.params for cost in costs), sum(cost.macs for cost in costs)
    return ((amount(params) if params else ""),), ((amount(macs) if macs else ""),)
