"""A net of modules of branches as a table: a column for each arm (Szegedy et al. 2014, table 1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cnnspec.draw.page.labels import op_words
from cnnspec.draw.parts.forkkind import trunk_arm
from cnnspec.draw.parts.parts import Band, Frame, Part, Plan, Row, Split, amount, part_name, walk
from cnnspec.draw.table.cells import Cell, Said, part_cell, paths

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
    heads = ((head.parts, f"{head.name}: ") for head in plan.heads)
    for parts, prefix in [(tuple(flat), ""), *heads]:
        lines += _loud([_line(part, prefix, arms, modules) for part in parts])
    blank: list[Cell] = [(Said(""),) for _ in arms]
    total: tuple[Cell, ...] = ((Said(amount(plan.params)),), (Said(amount(plan.macs)),))
    head = ("layer", "output", "op", *arms, "params", "MACs")
    return head, lines, ("total", "", ((Said(""),), *blank, *total))


def _line(
    part: Part, prefix: str, arms: tuple[str, ...], modules: dict[int, dict[str, str]]
) -> _Line:
    """A module with the channels of its arms, or an op."""
    size, channels = "×".join(map(str, part.shape)), modules.get(id(part), {})
    op = Said(_module(part), paths((part,))) if isinstance(part, Frame) else _op(part)
    numbers: list[Cell] = [(Said(channels.get(arm, "")),) for arm in arms]
    return prefix + part_name(part), size, ((op,), *numbers, *_cost(part))


def _op(part: Part) -> Said:
    cell = part_cell(part)
    texts = [entry.text for entry in cell if isinstance(entry, Said) and entry.text]
    return Said("; ".join(texts), paths((part,)))


def _loud(lines: list[_Line]) -> Iterator[_Line]:
    """The lines that say something; the one before stands for a norm or dropout without one."""
    held: _Line | None = None
    for name, size, ((op, *_), *rest) in lines:
        assert isinstance(op, Said)
        if op.text or held is None:
            if held is not None:
                yield held
            held = name, size, ((op,), *rest)
            continue
        ((before, *_), *others) = held[2]
        both = Said(before.text if isinstance(before, Said) else "", (*before.stands, *op.stands))
        held = held[0], size, ((both,), *others)
    if held is not None:
        yield held


def _module(frame: Frame) -> str:
    """`inception (3a)`: the block's name, and what tells its module from others."""
    own = frame.name.removeprefix(frame.block).strip("_")
    times = f" ×{frame.count}" if frame.count > 1 else ""
    return f"{frame.block or 'module'} ({own or frame.name}){times}"


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
    if not split.join.layer.op.stacks:
        return {}
    out: dict[str, str] = {}
    for arm in split.arms:
        rows = [part for part in arm if isinstance(part, Row)]
        convs = [row.layer for row in rows if row.kind == "conv"]
        pools = any(row.kind == "pool" for row in rows)
        if len(rows) != len(arm) or len(convs) > 2 or not convs or not _plain(rows):
            return {}
        kernel = op_words(convs[-1])[0].partition(" ")[0]
        names = ["pool proj"] if pools else [f"{kernel} reduce", kernel][-len(convs) :]
        if len(names) != len(convs) or any(name in out for name in names):
            return {}
        out.update((name, str(conv.shape[0])) for name, conv in zip(names, convs, strict=True))
    return out


def _plain(rows: Iterable[Row]) -> bool:
    """Whether channels say all of an arm: its convolutions are dense and keep the size."""
    return all(
        len(op_words(row.layer)) == 2 and not row.layer.op.stride_label() and not row.shares
        for row in rows
        if row.kind == "conv"
    )


def _cost(part: Part) -> tuple[Cell, Cell]:
    """Parameters and MACs of a part; nothing where there are none."""
    from cnnspec.analyses.cost import layer_cost

    rows = [inner for inner in walk((part,)) if isinstance(inner, Row)]
    times = part.count if isinstance(part, Frame) else 1
    params = times * sum(
        layer_cost(one).params for row in rows if not row.shares for one in row.layers
    )
    macs = times * sum(layer_cost(one).macs for row in rows for one in row.layers)
    said = (amount(params) if params else "", amount(macs) if macs else "")
    return (Said(said[0]),), (Said(said[1]),)
