"""Architectures as the table of a paper: stages down, nets across (He et al. 2015, table 1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from cnnspec.draw.branchtable import branch_table
from cnnspec.draw.cells import Bracket, Cell, Entry, Said, part_cell, run_cell, stands, strides
from cnnspec.draw.errors import DrawError
from cnnspec.draw.forks import skip_kind, trunk_arm
from cnnspec.draw.scene import Paths
from cnnspec.draw.tree import (
    Band,
    Chain,
    Frame,
    Head,
    Part,
    Plan,
    Row,
    Split,
    amount,
    automatic,
    caption,
    part_name,
    walk,
)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table; a single cell stands for all nets."""

    name: str
    size: str
    cells: tuple[Cell, ...]

    @property
    def stands(self) -> tuple[Paths, ...]:
        """What its entries stand for in the IR, in the order in which they are read."""
        return tuple(paths for cell in self.cells for paths in stands(cell))


@dataclass(frozen=True, slots=True)
class Table:
    """What the writers set: head, lines, and the lines under the rule; `note` stands below.

    `unseen` are the layers that compute nothing (`flatten`), which have no line.
    """

    head: tuple[str, ...]
    lines: tuple[Line, ...]
    foot: tuple[Line, ...]
    note: str = ""
    unseen: Paths = ()


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
        if any(isinstance(part, Chain) for part in _everything(plan)):
            raise DrawError(f"{plan.name} has {plan.knot}: style block shows it")
    unseen = tuple(path for plan in plans for path in plan.hidden)
    if len(plans) == 1:
        arms = branch_table(plans[0])
        if arms is not None:
            head, rows, totals = arms
            made = tuple(Line(*row) for row in rows)
            return Table(head, made, (Line(*totals),), unseen=unseen)
    stretches, note = _noted(plans, [list(_of_net(plan)) for plan in plans])
    lines_ = [_line(key, stretches) for key in _merged(stretches)]
    named = any(line.name for line in lines_)
    head = ("layer" if named else "", "output size", *(plan.name for plan in plans))
    sizes = {plan.shape for plan in plans}
    high, wide = (*next(iter(sizes))[1:], 0, 0)[:2] if len(sizes) == 1 else (0, 0)
    at = f", {high}×{wide}" if high else ""
    foot = (
        Line("parameters", "", tuple((Said(amount(plan.params)),) for plan in plans)),
        Line(f"MACs{at}", "", tuple((Said(amount(plan.macs)),) for plan in plans)),
    )
    return Table(head, tuple(lines_), foot, note, unseen)


def _everything(plan: Plan) -> Iterator[Part]:
    yield from walk(plan.parts)
    for head in plan.heads:
        yield from walk(head.parts)


_SAID = {"add": "+ input", "concat": "concat input"}


def _noted(plans: Sequence[Plan], nets: list[list[_Stretch]]) -> tuple[list[list[_Stretch]], str]:
    """The stretches, and the note under them: strides of stages, and skips where all are alike."""
    found = dict.fromkeys(
        part.name
        for plan in plans
        for part in plan.parts
        if isinstance(part, Band) and strides(part)
    )
    notes = [f"Stride 2 in the first block of {', '.join(found)}."] if found else []
    entries = [entry for net in nets for part in net for entry in part.cell]
    skips = {entry.skip for entry in entries if isinstance(entry, Bracket)}
    if len(skips) == 1 and skips != {""}:
        notes.append(_of_skips(plans, skips.pop()))
    else:
        nets = [[replace(part, cell=_with_skips(part.cell)) for part in net] for net in nets]
    return nets, " ".join(notes)


def _of_skips(plans: Sequence[Plan], join: str) -> str:
    """What all blocks do with their input, and what stands on the way of those that fit it."""
    if join == "concat":
        return "Each block is concatenated to its input."
    found = [skip for plan in plans for part in walk(plan.parts) for skip in _fitted(part)]
    if not found:
        return "Each block adds its input."
    how = "by a projection" if any(learns for learns, _ in found) else "without parameters"
    where = "where its shape changes" if all(changes for _, changes in found) else "in some"
    return f"Each block adds its input, fitted {how} {where}."


def _fitted(part: Part) -> Iterator[tuple[bool, bool]]:
    """Skips that are not the identity: whether they learn, and whether they change the shape."""
    if not isinstance(part, Split) or (trunk := trunk_arm(part)) is None:
        return
    for at, arm in enumerate(part.arms):
        rows = [row for row in arm if isinstance(row, Row)]
        if at not in (trunk, part.gate) and rows:
            yield skip_kind(arm) == "projection", rows[0].layer.inputs[0] != rows[-1].shape


def _with_skips(cell: Cell) -> Cell:
    """The cell whose brackets say themselves what happens to their input."""
    return tuple(
        replace(one, lines=(*one.lines, (_SAID[one.skip], "")))
        if isinstance(one, Bracket) and one.skip
        else one
        for one in cell
    )


def _of_net(plan: Plan) -> list[_Stretch]:
    """The stretches of the trunk, then those of auxiliary heads and further outputs."""
    turns: dict[tuple[str, tuple[int, ...]], int] = {}
    found = list(_stretches(plan.parts, turns))
    for head in plan.heads:
        cell = tuple(entry for part in head.parts for entry in part_cell(part))
        cell = _loud([cell])[0] if cell else (Said("identity"),)
        found.append(_made(turns, "head", tuple(head.shape[1:]) or (1, 1), _of_head(head), cell))
    cells = _loud([part.cell for part in found])
    shown = zip(found, cells, strict=True)
    return [replace(part, cell=cell) for part, cell in shown if cell]


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
) -> Iterator[_Stretch]:
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
) -> _Stretch:
    turns[kind, size] = turns.get((kind, size), 0) + 1
    return _Stretch((kind, size, turns[kind, size]), name, cell)


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
