"""One item list for all calls of a class: where they differ, a hole; where one has more, a case."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from cnnspec.importing.errors import refuse
from cnnspec.importing.holes import (
    ANY,
    NUMBER,
    RISING,
    Caller,
    First,
    Hole,
    Listed,
    Param,
    Steady,
    Strided,
    kind_of,
    over,
)
from cnnspec.importing.items import Again, Call, Case, Fork, Head, Item, Key, Leaf, Loop, Run, Tap
from cnnspec.importing.naming import HINTS, snake
from cnnspec.importing.runs import COUNTED, alike, key_of, without_number
from cnnspec.values import Window

NEAR = 1e-9
"""How far a row of single precision may be from its rule."""
Params = Callable[[Key], Sequence[Param]]
"""The parameters of a block that is known already."""


class Unifier:
    """Puts item lists on one another, position by position."""

    def __init__(self, params: Params) -> None:
        self.params = params
        self.merged: dict[int, tuple[list[Caller], list[dict[str, Any]]]] = {}
        """By the identity of a layer in the block: whose it is, with their arguments."""

    def lists(self, callers: list[Caller], rows: list[list[Item]]) -> list[Item]:
        """The items of several calls as those of one block."""
        shapes = [tuple(outline(item) for item in row) for row in rows]
        if len(set(shapes)) == 1:
            places = range(len(rows[0]))
            return [self.item(callers, [row[place] for row in rows]) for place in places]
        common = _common(shapes)
        anchors = [_anchors(shape, common) for shape in shapes]
        found: list[Item] = []
        for place in range(len(common) + 1):
            gaps = [
                row[(at[place - 1] + 1 if place else 0) : (at[place] if place < len(at) else None)]
                for row, at in zip(rows, anchors, strict=True)
            ]
            if any(gaps):
                found += self.gap(callers, gaps)
            if place < len(common):
                at_place = [row[at[place]] for row, at in zip(rows, anchors, strict=True)]
                found.append(self.item(callers, at_place))
        return found

    def gap(self, callers: list[Caller], gaps: list[list[Item]]) -> list[Item]:
        """What stands between two anchors, alike in some of the calls only."""
        groups: dict[Any, list[tuple[Caller, list[Item]]]] = {}
        for caller, gap in zip(callers, gaps, strict=True):
            groups.setdefault(tuple(map(outline, gap)), []).append((caller, gap))
        order = sorted(groups, key=_order)
        return self._cases(callers, [groups[shape] for shape in order])

    def _cases(
        self, callers: list[Caller], groups: list[list[tuple[Caller, list[Item]]]]
    ) -> list[Item]:
        *acting, nothing = groups
        if len(acting) > 1 and not any(gap for _, gap in nothing) and _only_activate(acting):
            return self._activated(callers, acting, nothing)
        mine = groups[0]
        then = self.lists([caller for caller, _ in mine], [gap for _, gap in mine])
        if len(groups) == 1:
            return then
        other = self._cases(callers, groups[1:])
        self._merge(then, other)
        inside = {caller for caller, _ in mine}
        live = {caller for group in groups for caller, _ in group}
        truth = {c: (c in inside) if c in live else ANY for c in callers}
        hint = "act" if _activates(then) and not other else _told_apart(then)
        return [Case(Hole(truth, "bool", hint), then, other)]

    def _activated(
        self,
        callers: list[Caller],
        acting: list[list[tuple[Caller, list[Item]]]],
        nothing: list[tuple[Caller, list[Item]]],
    ) -> list[Item]:
        """One of several activations, or none: first whether there is one, then which."""
        without = {caller for caller, _ in nothing}
        live = without.union(caller for group in acting for caller, _ in group)
        truth = {c: (c not in without) if c in live else ANY for c in callers}
        return [Case(Hole(truth, "bool", "act"), self._cases(callers, acting))]

    def _merge(self, then: list[Item], other: list[Item]) -> None:
        """The same call in both branches has one set of arguments, and so have the same layers."""
        pairs: list[tuple[Leaf | Call, Leaf | Call]]
        pairs = [(a, b) for a in _calls(then) for b in _calls(other) if outline(a) == outline(b)]
        mine, theirs = layers(then), layers(other)
        if [*map(outline, mine)] == [*map(outline, theirs)]:
            pairs += zip(mine, theirs, strict=True)
        for one, twin in pairs:
            if one.args is not twin.args:
                (callers, rows), (others, more) = self.merged[id(one)], self.merged[id(twin)]
                both = (callers + others, rows + more)
                one.args = twin.args = self._slots(one, *both)
                self.merged[id(one)] = self.merged[id(twin)] = both

    def _slots(
        self, layer: Leaf | Call, callers: list[Caller], rows: list[dict[str, Any]]
    ) -> dict[str, Any]:
        if isinstance(layer, Call):
            return self._arguments(layer.key, callers, rows)
        return self.values(callers, rows, {}, {})

    def item(self, callers: list[Caller], items: Sequence[Any]) -> Item:
        """One item of each call as one item."""
        first = items[0]
        match first:
            case Leaf():
                rows = [one.args for one in items]
                args = self.values(callers, rows, {}, {})
                step = first.step if len(items) == 1 else None
                read = any(one.read for one in items)
                leaf = Leaf(first.op, args, _label(items), step, _one_shape(items), read)
                self.merged[id(leaf)] = ([*callers], rows)
                return leaf
            case Call():
                rows = [one.args for one in items]
                call = Call(first.key, self._arguments(first.key, callers, rows), first.label)
                call.shape, call.scope = _one_shape(items), first.scope if len(items) == 1 else None
                self.merged[id(call)] = ([*callers], rows)
                return call
            case Fork():
                arms = range(len(first.arms))
                unified = [self.lists(callers, [one.arms[arm] for one in items]) for arm in arms]
                step = first.step if len(items) == 1 else None
                return Fork(first.op, unified, step, _one_shape(items), _label(items))
            case Run():
                return self.run(callers, items)
            case Head():
                inner = self.lists(callers, [one.items for one in items])
                return Head(first.kind, first.name, first.tap, inner)
            case Again():
                step = first.step if len(items) == 1 else None
                return Again(first.path, _one_shape(items), step, first.label)
            case Tap():
                return first
        raise refuse("calls of one class whose flow is tied together in different ways")

    def run(self, callers: list[Caller], runs: Sequence[Run]) -> Loop:
        """Runs as one loop; what changes from turn to turn goes into its slots."""
        turns = [
            ((caller, place), _counted(turn) if run.start is not None else turn)
            for caller, run in zip(callers, runs, strict=True)
            for place, turn in enumerate(run.turns)
        ]
        body = self.lists([caller for caller, _ in turns], [turn for _, turn in turns])
        lengths = {caller: len(run.turns) for caller, run in zip(callers, runs, strict=True)}
        over(body, lambda slot: lift(slot, lengths))
        return Loop(Hole(dict(lengths), "depth", "depth"), body, runs[0].start)

    def _arguments(
        self, key: Key, callers: list[Caller], rows: list[dict[str, Any]]
    ) -> dict[str, Any]:
        params = self.params(key)
        kinds = {param.name: param.kind for param in params}
        wide = {param.name for param in params if param.kind == "channels"}
        hints = {p.name: p.name if p.name in wide else p.hint for p in params}
        return self.values(callers, rows, kinds, hints)

    def values(
        self,
        callers: list[Caller],
        rows: list[dict[str, Any]],
        kinds: dict[str, str],
        hints: dict[str, str],
    ) -> dict[str, Any]:
        """A slot for each argument."""
        found: dict[str, Any] = {}
        for name in dict.fromkeys(name for row in rows for name in row):
            values = {c: row.get(name, ANY) for c, row in zip(callers, rows, strict=True)}
            known = [value for value in values.values() if value is not ANY]
            kind = kinds.get(name) or kind_of(name, known[0] if known else None)
            kernels = {value.kernel for value in known if isinstance(value, Window)}
            square = all(len({*v.stride}) == 1 for v in known if isinstance(v, Window))
            strides = {c: v if v is ANY else v.stride[0] for c, v in _windows(values)}
            if kind == "window" and len(kernels) == 1 and square:
                found[name] = Strided(kernels.pop(), Hole(strides, "stride", "stride"))
            elif kind == "window" and kinds and square and _both_differ(known):
                sizes = {c: v if v is ANY else v.kernel[0] for c, v in _windows(values)}
                size = Hole(sizes, "kernel", "size")
                found[name] = Strided(size, Hole(strides, "stride", "stride"))
            else:
                hint = NUMBER if kind == NUMBER else HINTS.get(name, name)
                found[name] = Hole(values, kind, hints.get(name) or hint)
        return found


def _windows(values: dict[Caller, Any]) -> list[tuple[Caller, Any]]:
    return [(c, v) for c, v in values.items() if v is ANY or isinstance(v, Window)]


def _both_differ(windows: Sequence[Window]) -> bool:
    """Whether square kernels and strides differ, so that each is a number of its own."""
    kernels = {window.kernel for window in windows}
    whole = all(rows == columns for rows, columns in kernels)
    return whole and len(kernels) > 1 and len({window.stride for window in windows}) > 1


def _one_shape(items: Sequence[Any]) -> Any:
    """The shape that all have behind them, if they have one."""
    return items[0].shape if all(one.shape == items[0].shape for one in items) else None


def _label(items: Sequence[Any]) -> str:
    """The label that some have: those of one line differ only in whether others read them."""
    return next((one.label for one in items if one.label), "")


def outline(item: Item) -> tuple[Any, ...]:
    """What must agree for two items to be put on one another."""
    match item:
        case Leaf():
            return ("leaf", item.op, key_of(item))
        case Call():
            return ("call", item.key, item.label)
        case Fork():
            return ("fork", item.op, len(item.arms))
        case Run():
            return ("run", tuple(alike(one, False)[:2] for one in item.turns[0]))
        case Again():
            return ("again", item.path)
        case Tap():
            return ("tap", item.path)
    return ("other", id(item))


def _order(shape: tuple[tuple[Any, ...], ...]) -> tuple[bool, bool, int]:
    """Which of several cases comes first: forks, then the longest, nothing at the end."""
    return not shape, not any(outline[0] == "fork" for outline in shape), -len(shape)


def _activates(items: list[Item]) -> bool:
    return len(items) == 1 and isinstance(items[0], Leaf) and items[0].op.kind == "activation"


def _only_activate(groups: list[list[tuple[Caller, list[Item]]]]) -> bool:
    """Whether every call has one activation there."""
    return all(_activates(gap) for group in groups for _, gap in group)


def _told_apart(items: list[Item]) -> str:
    """A word for what a call has that others have not: the op or the block that begins it."""
    first = items[0]
    if isinstance(first, Leaf):
        return first.op.name
    if isinstance(first, Call):
        word = snake(first.key[0].rpartition(".")[2])
        return f"with_{first.label or word}".replace(".", "_").replace(COUNTED, "")
    return "residual" if isinstance(first, Fork) and first.op.sums else "extra"


def _calls(items: list[Item]) -> list[Call]:
    return [layer for layer in layers(items) if isinstance(layer, Call)]


def layers(items: list[Item]) -> list[Leaf | Call]:
    """Ops and calls in order, those in the arms of forks too."""
    found: list[Leaf | Call] = []
    for item in items:
        if isinstance(item, Leaf | Call):
            found.append(item)
        elif isinstance(item, Fork):
            found += [layer for arm in item.arms for layer in layers(arm)]
    return found


def _common(shapes: Sequence[tuple[Any, ...]]) -> tuple[Any, ...]:
    """The longest common subsequence of all, begun with the commonest."""
    distinct = sorted(set(shapes), key=lambda one: (-shapes.count(one), str(one)))
    common = distinct[0]
    for shape in distinct[1:]:
        common = _subsequence(common, shape)
    return common


def _subsequence(a: tuple[Any, ...], b: tuple[Any, ...]) -> tuple[Any, ...]:
    table: list[list[tuple[Any, ...]]] = [[()] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(len(a) - 1, -1, -1):
        for j in range(len(b) - 1, -1, -1):
            if a[i] == b[j]:
                table[i][j] = (a[i], *table[i + 1][j + 1])
            else:
                table[i][j] = max(table[i + 1][j], table[i][j + 1], key=len)
    return table[0][0]


def _anchors(shape: tuple[Any, ...], common: tuple[Any, ...]) -> list[int]:
    """Where the common items stand, from the right: what is optional stands in front."""
    found, at = [], len(shape)
    for outline in reversed(common):
        at -= 1
        while shape[at] != outline:
            at -= 1
        found.append(at)
    return found[::-1]


def _counted(items: list[Item]) -> list[Item]:
    """Items of a turn with COUNTED for the numbers that the loop counts."""
    found: list[Item] = []
    for item in items:
        if isinstance(item, Call):
            label = without_number(item.label)
            item = Call(item.key, item.args, label, item.scope, item.shape)
        elif isinstance(item, Fork):
            item = Fork(item.op, [_counted(arm) for arm in item.arms], item.step, item.shape)
        found.append(item)
    return found


# --- from turns to slots of a loop ------------------------------------------------------------


def lift(slot: Any, lengths: dict[Caller, int]) -> Any:
    """A slot over (call, turn) as one over calls, that says how it changes from turn to turn."""
    if type(slot) is not Hole:
        raise refuse("a loop in a loop whose numbers follow no rule")
    rows = {c: [slot.values.get((c, turn), ANY) for turn in range(n)] for c, n in lengths.items()}
    known = {c: [value for value in row if value is not ANY] for c, row in rows.items()}
    if all(_constant(row) for row in known.values()):
        return _hole(slot, {c: row[0] if row else ANY for c, row in known.items()})
    if slot.kind in RISING and (steady := _steady(slot, rows)):
        return steady
    filled = {
        c: [_unused(slot, known[c]) if v is ANY else v for v in row] for c, row in rows.items()
    }
    if all(_constant(row[1:]) for row in filled.values()) and slot.kind not in RISING:
        head = _hole(slot, {c: row[0] for c, row in filled.items()})
        tail = _hole(slot, {c: row[1] if len(row) > 1 else ANY for c, row in filled.items()})
        return First(head, tail)
    if slot.kind in ("channels", "depth") and (step := _step(filled)):
        return Steady(_hole(slot, {c: row[0] for c, row in filled.items()}), step)
    listed = {c: tuple(row) if known[c] else ANY for c, row in filled.items()}
    return Listed(listed, slot.kind, slot.hint, slot.label)


def _unused(slot: Hole, known: Sequence[Any]) -> Any:
    """What stands where a turn uses no value: a rate of 0.1 in a row without dropout misleads."""
    if slot.kind in RISING and known:
        return 0
    return known[0] if known else ANY


def _hole(like: Hole, values: dict[Caller, Any]) -> Hole:
    return Hole(values, like.kind, like.hint, like.label)


def _constant(row: Sequence[Any]) -> bool:
    return all(value == row[0] for value in row)


def _step(rows: dict[Caller, list[Any]]) -> int | None:
    steps = {b - a for row in rows.values() for a, b in pairwise(row)}
    return steps.pop() if len(steps) == 1 else None


def _steady(slot: Hole, rows: dict[Caller, list[Any]]) -> Steady | None:
    """P + step * i, whatever the first, which may be unused, says.

    To the last bit; but what was computed in single precision, as far as that reaches.
    """
    points = {c: [(i, v) for i, v in enumerate(row) if v is not ANY] for c, row in rows.items()}
    long = [row for row in points.values() if len(row) > 1]
    single = all(_is_single(value) for row in long for _, value in row)
    for apart in (0.0, NEAR) if single else (0.0,):
        for step in _slopes(long[0]) if long else ():
            bases = {c: _base(row, step, apart) if row else ANY for c, row in points.items()}
            if None not in bases.values():
                return Steady(_hole(slot, bases), step)
    return None


def _is_single(value: Any) -> bool:
    """Whether a number is one of single precision."""
    return bool(struct.unpack("f", struct.pack("f", value))[0] == value)


def _slopes(row: Sequence[tuple[int, Any]]) -> Iterator[Any]:
    """What a row may rise by from turn to turn, the shortest number first."""
    (i, first), (j, last) = row[0], row[-1]
    if isinstance(first, int) and isinstance(last, int):
        yield from [(last - first) // (j - i)] if (last - first) % (j - i) == 0 else []
    else:
        yield from _roundings((last - first) / (j - i))


def _base(row: Sequence[tuple[int, Any]], step: Any, apart: float) -> Any:
    """What a row begins with, so that every turn has its value; None where nothing does."""
    i, first = row[0]
    whole = isinstance(first, int)
    for one in [first - step * i] if whole or not i else _roundings(first - step * i):
        if all(abs(one + step * j - value) <= apart for j, value in row):
            return one
    return None


def _roundings(value: float) -> Iterator[float]:
    """A number in more and more digits."""
    yield from dict.fromkeys(float(f"{value:.{digits}g}") for digits in range(1, 18))
