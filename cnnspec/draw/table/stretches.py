"""The stretches of a net with a line in a table each: stages, runs of convolutions, other ops."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from cnnspec.draw.page.scene import Paths
from cnnspec.draw.parts.parts import (
    Band,
    Frame,
    Head,
    Part,
    Plan,
    Row,
    automatic,
    caption,
    part_name,
    walk,
)
from cnnspec.draw.table.cells import Bracket, Cell, Entry, Said, part_cell, run_cell, said

Key = tuple[str, tuple[int, ...], int]
"""Kind, map size and turn of a stretch, by which the stretches of nets are put side by side."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """One stretch: where it belongs, what it is called, what its cell says."""

    key: Key
    name: str
    cell: Cell


def of_net(plan: Plan) -> list[Stretch]:
    """The stretches of the trunk, then those of auxiliary heads and further outputs."""
    turns: dict[tuple[str, tuple[int, ...]], int] = {}
    found = list(_stretches(plan.parts, turns))
    for head in plan.heads:
        cell = _of_parts(head.parts)
        found.append(_made(turns, "head", tuple(head.shape[1:]) or (1, 1), _of_head(head), cell))
    cells = _loud([part.cell for part in found])
    shown = zip(found, cells, strict=True)
    return [replace(part, cell=cell) for part, cell in shown if cell]


def _of_parts(parts: tuple[Part, ...]) -> Cell:
    """The cell of a head; one of norms and activations alone says those."""
    cell = tuple(entry for part in parts for entry in part_cell(part))
    if loud := _loud([cell])[0]:
        return loud
    words = [said(layer) for part in walk(parts) if isinstance(part, Row) for layer in part.layers]
    return (Said(" → ".join(words) or "identity", tuple(p for one in cell for p in one.stands)),)


def _of_head(head: Head) -> str:
    """`aux1 (training), from inception4a`."""
    kind = " (training)" if head.kind == "aux" else ""
    return f"{head.name}{kind}, from {head.tap}"


def _loud(cells: Sequence[Cell]) -> list[Cell]:
    """The cells without entries that say nothing; the one before, or behind, stands for those."""
    out: list[list[Entry]] = [[] for _ in cells]
    last: tuple[int, int] | None = None
    waiting: Paths = ()
    for at, cell in enumerate(cells):
        for entry in cell:
            if isinstance(entry, Said) and not entry.text:
                if last is None:
                    waiting += entry.stands
                    continue
                out[last[0]][last[1]] = _behind(out[last[0]][last[1]], entry.stands)
                continue
            out[at].append(replace(entry, stands=(*waiting, *entry.stands)))
            last, waiting = (at, len(out[at]) - 1), ()
    return [tuple(cell) for cell in out]


def _behind(entry: Entry, quiet: Paths) -> Entry:
    """The entry standing for quiet layers behind it too; a bracket's last line does."""
    if isinstance(entry, Bracket) and entry.inner:
        *lines, last = entry.inner
        return replace(entry, inner=(*lines, (*last, *quiet)))
    return replace(entry, stands=(*entry.stands, *quiet))


def _stretches(
    parts: Iterable[Part], turns: dict[tuple[str, tuple[int, ...]], int]
) -> Iterator[Stretch]:
    """What stands on a line of its own: a stage, a run of convolutions of one size, another op."""
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
) -> Stretch:
    turns[kind, size] = turns.get((kind, size), 0) + 1
    return Stretch((kind, size, turns[kind, size]), name, cell)


def _name(part: Part) -> str:
    """A name that somebody gave, without the containers that it stands in."""
    name = part_name(part).rpartition(".")[2]
    if isinstance(part, Frame) and part.count > 1 and not name.isdigit():
        return caption(part)
    counted = isinstance(part, Row) and part.kind != "conv" and automatic(part, name)
    return "" if name.isdigit() or counted else name


def _flat(parts: Iterable[Part]) -> Iterator[Part]:
    """Unnamed bands are only a matter of looks."""
    for part in parts:
        if isinstance(part, Band) and not part.name:
            yield from part.parts
        else:
            yield part


def _runs(row: Row) -> bool:
    """Whether a row may share a line with its neighbours: it has no name of its own."""
    name = row.name.rpartition(".")[2]
    return (row.kind == "conv" or row.layer.op.aside) and automatic(row, name)


def _size(part: Part) -> tuple[int, ...]:
    return tuple(part.shape[1:]) or (1, 1)
