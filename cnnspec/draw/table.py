"""Architectures as the table of a paper: stages down, nets across (He et al. 2015, table 1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cnnspec.draw.branchtable import branch_table
from cnnspec.draw.cells import Cell, part_cell, run_cell, strides
from cnnspec.draw.errors import DrawError
from cnnspec.draw.tree import Band, Chain, Part, Plan, Row, amount, automatic, part_name, walk


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table; a single cell stands for all nets."""

    name: str
    size: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """What the writers set: head, lines, and the lines under the rule; `note` stands below."""

    head: tuple[str, ...]
    lines: tuple[Line, ...]
    foot: tuple[Line, ...]
    note: str = ""


Key = tuple[str, tuple[int, ...], int]
"""Kind, map size and turn of a stretch, by which the stretches of nets are put side by side."""


@dataclass(frozen=True, slots=True)
class _Stretch:
    key: Key
    name: str
    cell: Cell


def table(plans: Sequence[Plan]) -> Table:
    """The table of nets side by side; a net of branch modules alone gets a column for each arm."""
    for plan in plans:
        if not plan.parts:
            raise DrawError(f"{plan.name} has nothing to show")
        if any(isinstance(part, Chain) for part in walk(plan.parts)):
            raise DrawError(f"{plan.name} has a flow that goes back: style block shows it")
    if len(plans) == 1:
        arms = branch_table(plans[0])
        if arms is not None:
            head, rows, totals = arms
            return Table(head, tuple(Line(*row) for row in rows), (Line(*totals),))
    stretches = [list(_stretches(plan.parts)) for plan in plans]
    lines_ = [_line(key, stretches) for key in _merged(stretches)]
    named = any(line.name for line in lines_)
    head = ("layer" if named else "", "output size", *(plan.name for plan in plans))
    sizes = {plan.shape for plan in plans}
    (*_, high, wide) = next(iter(sizes)) if len(sizes) == 1 else (0, 0)
    at = f", {high}×{wide}" if high else ""
    foot = (
        Line("parameters", "", tuple((amount(plan.params),) for plan in plans)),
        Line(f"MACs{at}", "", tuple((amount(plan.macs),) for plan in plans)),
    )
    return Table(head, tuple(lines_), foot, _note(plans))


def _note(plans: Sequence[Plan]) -> str:
    """Where the first block of a stage strides, which brackets do not say."""
    found = dict.fromkeys(name for plan in plans for name in strides(plan.parts))
    return f"Stride 2 in the first block of {', '.join(found)}." if found else ""


def _stretches(parts: Sequence[Part]) -> Iterator[_Stretch]:
    """What stands on a line of its own: a stage, a run of convolutions of one size, another op."""
    turns: dict[tuple[str, tuple[int, ...]], int] = {}
    run: list[Row] = []
    for part in (*_flat(parts), None):
        if isinstance(part, Row) and _runs(part) and (not run or _size(part) == _size(run[0])):
            run.append(part)
            continue
        if run:
            name = _name(run[0]) if len(run) == 1 else ""
            yield _made(turns, "run", _size(run[0]), name, run_cell(run))
        run = [part] if isinstance(part, Row) and _runs(part) else []
        if part is not None and not run and (cell := part_cell(part)):
            kind = part.kind if isinstance(part, Row) else "stage"
            yield _made(turns, kind, _size(part), _name(part), cell)


def _made(
    turns: dict[tuple[str, tuple[int, ...]], int],
    kind: str,
    size: tuple[int, ...],
    name: str,
    cell: Cell,
) -> _Stretch:
    turns[kind, size] = turns.get((kind, size), 0) + 1
    return _Stretch((kind, size, turns[kind, size]), name, cell)


def _name(part: Part) -> str:
    """A name that somebody gave, without the containers that it stands in."""
    name = part_name(part).rpartition(".")[2]
    counted = isinstance(part, Row) and part.kind != "conv" and automatic(part, name)
    return "" if name.isdigit() or counted else name


def _flat(parts: Sequence[Part]) -> Iterator[Part]:
    """Unnamed bands are only a matter of looks."""
    for part in parts:
        if isinstance(part, Band) and not part.name:
            yield from part.parts
        else:
            yield part


def _runs(row: Row) -> bool:
    """Whether a row may share a line with its neighbours: it has no name of its own."""
    name = row.name.rpartition(".")[2]
    return (row.kind == "conv" or row.layer.op.name == "lrn") and automatic(row, name)


def _size(part: Part) -> tuple[int, ...]:
    return tuple(part.shape[1:]) or (1, 1)


def _merged(nets: Sequence[Sequence[_Stretch]]) -> list[Key]:
    """The keys of all nets in one order that keeps each net's own."""
    keys: list[Key] = []
    for net in nets:
        at = 0
        for stretch in net:
            if stretch.key in keys:
                at = keys.index(stretch.key) + 1
            else:
                keys.insert(at, stretch.key)
                at += 1
    return keys


def _line(key: Key, nets: Sequence[Sequence[_Stretch]]) -> Line:
    found = [next((part for part in net if part.key == key), None) for net in nets]
    cells = tuple(part.cell if part else () for part in found)
    names = [part.name for part in found if part]
    name = names[0] if len(set(names)) == 1 else ""
    if len(cells) > 1 and len(set(cells)) == 1:
        cells = cells[:1]
    return Line(name, "×".join(map(str, key[1])), cells)
