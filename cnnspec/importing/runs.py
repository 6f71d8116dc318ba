"""Runs: equal neighbours, and periods of items in which only some numbers change, become loops.

A run is taken where it saves lines: the columns of numbers that it needs cost less than its turns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from cnnspec.importing.holes import ANY, CHANNELS
from cnnspec.importing.items import Again, Call, Fork, Item, Leaf, Run, Tap, everything
from cnnspec.importing.trace import Number
from cnnspec.values import Window

PERIOD = 4
"""The most units that one turn of a loop has."""
COUNTED = "\0"
"""Stands for the number in a label that a loop counts: no label has it."""
_NUMBER = re.compile(r"\d+(?=\D*$)")


def without_number(label: str) -> str:
    """A label with COUNTED for its last number, so that `layer1` and `layer2` are alike."""
    return _NUMBER.sub(COUNTED, label, count=1)


def number_of(label: str) -> int | None:
    """The last number of a label."""
    found = _NUMBER.search(label)
    return int(found.group()) if found else None


# --- what is alike ------------------------------------------------------------------------------


def alike(item: Item, exact: bool) -> tuple[Any, ...]:
    """What must agree for two items to be one line: all numbers, or those no loop may change."""
    match item:
        case Leaf():
            args = [(k, v) for k, v in item.args.items() if exact or k not in CHANNELS]
            return ("leaf", item.op, item.label, *map(str, args))
        case Call():
            args = [(k, str(v)) for k, v in item.args.items()] if exact else []
            return ("call", item.key, without_number(item.label), *args)
        case Fork():
            arms = [tuple(alike(one, exact) for one in arm) for arm in item.arms]
            return ("fork", item.op, *arms)
        case Run():
            turns = (len(item.turns),) if exact else ()
            return ("run", tuple(alike(one, exact) for one in item.turns[0]), *turns)
        case Again():
            return ("again", item.path)
        case Tap():
            return ("tap", item.path)
    return ("other", id(item))


def key_of(leaf: Leaf) -> str:
    """The label of an op as far as it is a key of the model, and no mark for who reads it."""
    return leaf.label if leaf.step is None or not leaf.step.label else ""


def _labels(items: Sequence[Item]) -> list[str]:
    """The labels of calls, which a loop can count."""
    return [item.label for item in everything(list(items)) if isinstance(item, Call)]


def _fixed_label(items: Sequence[Item]) -> bool:
    """Whether an op among items has a name of its own, which no loop can change."""
    return any(isinstance(item, Leaf) and item.label for item in everything(list(items)))


def _columns(items: Sequence[Item]) -> list[Any]:
    """The numbers of items in order."""
    found: list[Any] = []
    for item in items:
        match item:
            case Leaf() | Call():
                found += item.args.values()
            case Fork():
                for arm in item.arms:
                    found += _columns(arm)
            case Run():
                found += [len(item.turns), *_columns(item.turns[0])]
    return found


def regularity(column: Sequence[Any]) -> str:
    """How numbers go: "same", "first" (then the same), "steady", "growing" or "listed"."""
    values = [value for value in column if value is not ANY] or [0]
    if all(value == values[0] for value in values):
        return "same"
    if all(value == values[1] for value in values[1:]):
        return "first"
    pairs = [*pairwise(values)]
    if all(isinstance(value, Number) for value in values):
        return "steady" if len({b - a for a, b in pairs}) == 1 else "listed"
    if all(type(value) is int and value > 0 for value in values):
        if len({b - a for a, b in pairs}) == 1:
            return "steady"
        factor = values[1] // values[0]
        return "growing" if all(b == a * factor for a, b in pairs) else "listed"
    if all(type(value) is float for value in values):
        return "steady" if len({round(b - a, 9) for a, b in pairs}) == 1 else "listed"
    return "listed"


# --- folding ------------------------------------------------------------------------------------


def fold(items: list[Item], single: bool, labelled: bool = True) -> list[Item]:
    """Items with runs in them.

    `single` says that these are the items of a block with one call, where a loop may hold numbers
    of its own; without `labelled` no run counts labels.
    """
    for item in items:
        if isinstance(item, Fork):
            item.arms = [fold(arm, single, labelled) for arm in item.arms]
    units = _equal_neighbours([*_units(items)], single)
    return _unwrapped(_periods(units, single, labelled), single)


def _units(items: list[Item]) -> Iterator[list[Item]]:
    """Items, each weight layer with what follows it."""
    unit: list[Item] = []
    for item in items:
        follows = isinstance(item, Leaf) and item.op.kind not in ("conv", "linear", "pool")
        if unit and not (follows and isinstance(unit[0], Leaf) and _weighs(unit[0])):
            yield unit
            unit = []
        unit.append(item)
    if unit:
        yield unit


def _weighs(leaf: Leaf) -> bool:
    return leaf.op.kind in ("conv", "linear")


def _signature(unit: Sequence[Item], exact: bool = False) -> tuple[Any, ...]:
    return tuple(alike(item, exact) for item in unit)


def _equal_neighbours(units: list[list[Item]], single: bool) -> list[list[Item]]:
    """Units in which equal neighbours are a run."""
    groups: list[list[list[Item]]] = []
    for unit in units:
        free = not any(_labels(unit)) and not _fixed_label(unit)
        if free and groups and _signature(groups[-1][0], True) == _signature(unit, True):
            groups[-1].append(unit)
        else:
            groups.append([unit])
    kinds = {_signature(group[0]) for group in groups if len(group) > 1}
    kinds = {kind for kind in kinds if kind[0][0] != "call" or (single and _apart(groups, kind))}
    found: list[list[Item]] = []
    for group in groups:
        found += [[Run(group)]] if _signature(group[0]) in kinds else group
    return found


def _apart(groups: list[list[list[Item]]], kind: tuple[Any, ...]) -> bool:
    """Whether no two groups of a kind follow one another."""
    kinds = [_signature(group[0]) for group in groups]
    return all(kind not in (a, b) or a != b for a, b in pairwise(kinds))


def _periods(units: list[list[Item]], single: bool, labelled: bool) -> list[Item]:
    found: list[Item] = []
    at = 0
    while at < len(units):
        best: list[list[Item]] = []
        size = 0
        for period in range(1, PERIOD + 1):
            turns = _turns(units, at, period)
            longer = len(turns) * period > len(best) * size
            if (
                len(turns) > 1
                and longer
                and _saves(units[at : at + period], turns, single, labelled)
            ):
                best, size = turns, period
        if best:
            found.append(Run(best, _start(best)))
            at += len(best) * size
        else:
            found += units[at]
            at += 1
    return found


def _turns(units: list[list[Item]], at: int, period: int) -> list[list[Item]]:
    """The turns of a loop whose body is `period` units, as many as follow one another."""
    first = units[at : at + period]
    if len(first) < period:
        return []
    kind = [_signature(unit) for unit in first]
    turns = [[item for unit in first for item in unit]]
    while True:
        start = at + len(turns) * period
        more = units[start : start + period]
        if len(more) < period or [_signature(unit) for unit in more] != kind:
            return turns
        turn = [item for unit in more for item in unit]
        if not _counts([*turns, turn]):
            return turns
        turns.append(turn)


def _counts(turns: list[list[Item]]) -> bool:
    """Whether the labels of turns count up by one, alike in all labels of a turn."""
    labels = [_labels(turn) for turn in turns]
    if not any(any(turn) for turn in labels):
        return True
    first = number_of(next(label for label in labels[0] if label)) if any(labels[0]) else None
    if first is None:
        return False
    return all(
        number_of(label) == first + place
        for place, turn in enumerate(labels)
        for label in turn
        if label
    )


def _start(turns: list[list[Item]]) -> int | None:
    """The first number in the labels of turns."""
    named = [label for label in _labels(turns[0]) if label]
    return number_of(named[0]) if named else None


_COST = {"same": 0.0, "growing": 0.5, "steady": 0.5, "first": 0.5, "listed": 1.0}
"""Lines that a column of numbers is worth, by how regular it is."""


def _saves(units: list[list[Item]], turns: list[list[Item]], single: bool, labelled: bool) -> bool:
    columns = [*zip(*map(_columns, turns), strict=False)]
    kinds = [regularity(column) for column in columns]
    count = len(turns)
    if _start(turns) is not None:
        wide = [3 if isinstance(column[0], Window) else 1 for column in columns]
        cost = sum(_COST[kind] * width for kind, width in zip(kinds, wide, strict=True))
        return labelled and count >= 3 and cost <= count - 1.5
    one = len(units) == 1
    if one and all(isinstance(unit[0], Call) for unit in units):
        pairs = zip(kinds, columns, strict=True)
        differ = sum(kind != "same" and not _real(column) for kind, column in pairs)
        return differ <= 1 or (single and count >= 4)
    if one and all(isinstance(item, Leaf) for item in turns[0]) and set(kinds) == {"same"}:
        return count >= 3
    return count * len(units) >= 5 and count >= 3 and kinds.count("listed") <= 3


def _real(column: Sequence[Any]) -> bool:
    return any(isinstance(value, float | Number) or value is ANY for value in column)


def _unwrapped(items: list[Item], single: bool) -> list[Item]:
    """Runs that are worth no loop, taken apart again."""
    found: list[Item] = []
    for item in items:
        if isinstance(item, Run) and item.start is None and _small(item, single):
            found += [one for turn in item.turns for one in turn]
        else:
            found.append(item)
    return found


def _small(run: Run, single: bool) -> bool:
    first = run.turns[0][0]
    if isinstance(first, Call):
        return single and len(run.turns) == 1 and len(run.turns[0]) == 1
    nested = any(isinstance(item, Run | Call) for item in run.turns[0])
    return isinstance(first, Leaf) and len(run.turns) < 3 and not nested


def forced(items: list[Item]) -> list[Item]:
    """Items in which every stretch of calls whose labels count is a run, one of one call too."""
    found: list[Item] = []
    for item in items:
        if not (isinstance(item, Call) and item.label and number_of(item.label) is not None):
            found.append(item)
            continue
        last = found[-1] if found else None
        if isinstance(last, Run) and _goes_on(last, item):
            last.turns.append([item])
        else:
            found.append(Run([[item]], number_of(item.label)))
    return found


def _goes_on(run: Run, call: Call) -> bool:
    first = run.turns[0][0]
    if not isinstance(first, Call) or run.start is None or first.key != call.key:
        return False
    same = without_number(first.label) == without_number(call.label)
    return same and number_of(call.label) == run.start + len(run.turns)
