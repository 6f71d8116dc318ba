"""Architectures as the table of a paper: stages down, nets across (He et al. 2015, table 1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from cnnspec.draw.errors import DrawError
from cnnspec.draw.page.scene import Paths
from cnnspec.draw.parts.forkkind import skip_kind, trunk_arm
from cnnspec.draw.parts.parts import (
    Band,
    Chain,
    Part,
    Plan,
    Row,
    Split,
    amount,
    walk,
)
from cnnspec.draw.table.branchtable import branch_table
from cnnspec.draw.table.cells import Bracket, Cell, Said, stands, strides
from cnnspec.draw.table.stretches import Key, Stretch, of_net


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
    stretches, note = _noted(plans, [list(of_net(plan)) for plan in plans])
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


def _noted(plans: Sequence[Plan], nets: list[list[Stretch]]) -> tuple[list[list[Stretch]], str]:
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


def _merged(nets: Sequence[Sequence[Stretch]]) -> list[Key]:
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


def _line(key: Key, nets: Sequence[Sequence[Stretch]]) -> Line:
    found = [next((part for part in net if part.key == key), None) for net in nets]
    cells = tuple(part.cell if part else () for part in found)
    names = [part.name for part in found if part]
    name = names[0] if len(set(names)) == 1 else ""
    if len(cells) > 1 and len(set(cells)) == 1:
        cells = cells[:1]
    return Line(name, "×".join(map(str, key[1])), cells)
