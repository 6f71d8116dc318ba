"""What changed between two nets: aligned by structure, not by names.

Equal changes are one `Change` with several places.  Nets whose outputs are made of the same values
in the same way are one, be they written with forks or `from`, with blocks or without.  Initial
weights and recipes are no part of the architecture; a name of a block is not either, that of a
layer with tensors is (it is the state_dict's key).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from cnnspec import ir
from cnnspec.analyses.align import Aligner, Pair
from cnnspec.analyses.same import elsewhere, same
from cnnspec.analyses.structure import Block, Join, Leaf, Part, Side, Structure, arguments, flat
from cnnspec.ops.op import Op
from cnnspec.records import record
from cnnspec.values import dims, show

Kind = Literal["changed", "added", "removed", "renamed"]

_FLAT_MAX = 2_000_000
"""Cells of the table up to which nets are also compared with their blocks opened."""


@record(frozen=True)
class PathPair:
    """Where a change is: the paths in both nets, empty where a net has nothing there."""

    a: str
    b: str


@record(frozen=True)
class Change:
    """One difference at one or more places; `what` says it in words."""

    kind: Kind
    what: str
    places: tuple[PathPair, ...]


@record(frozen=True)
class Step:
    """One line of the two nets side by side: labels, empty where a net has nothing."""

    a: str
    b: str
    path: str
    kind: Literal["equal", "changed", "added", "removed"]


@record(frozen=True)
class Diff:
    """The changes, and both nets in one sequence for a picture."""

    changes: tuple[Change, ...]
    steps: tuple[Step, ...]

    def __bool__(self) -> bool:
        return bool(self.changes)


def diff(a: ir.Net, b: ir.Net) -> Diff:
    """Compare two nets."""
    structure, aligner = Structure(), Aligner()
    left, right = structure.net(a), structure.net(b)
    walk = _Walk(aligner)
    walk.inputs(a, b)
    walk.pairs(_aligned(aligner, left, right), "", "")
    apart = any(kind != "renamed" for kind, _, _ in walk.found)
    keys = same(a, b)
    if keys is None and not apart:
        walk.found += _elsewhere(a, b)
    elif keys is not None and (apart or not any(_stem(x) != _stem(y) for x, y in keys)):
        walk = _Walk(aligner)
        walk.inputs(a, b)
        walk.one(left, keys)
    return Diff(_grouped(walk.found), tuple(walk.steps))


def _elsewhere(a: ir.Net, b: ir.Net) -> Iterator[tuple[Kind, str, PathPair]]:
    """The layers that read other values, where nothing else is another."""
    for mine, theirs in elsewhere(a, b):
        yield "changed", f"what {mine.op.label()} reads", PathPair(mine.path, theirs.path)


def _aligned(aligner: Aligner, left: Sequence[Part], right: Sequence[Part]) -> list[Pair]:
    """The cheapest pairs, with blocks opened where that says the same with less."""
    pairs = aligner.align(left, right)
    opens = any(isinstance(part, Block) for part in (*left, *right))
    if opens and any(pair[0] is None or pair[1] is None for pair in pairs):
        return _cheaper(aligner, pairs, tuple(flat(left)), tuple(flat(right)))
    return pairs


def _cheaper(
    aligner: Aligner, pairs: list[Pair], left: tuple[Part, ...], right: tuple[Part, ...]
) -> list[Pair]:
    """The alignment with all blocks opened, where it says the same with less."""
    if len(left) * len(right) > _FLAT_MAX:
        return pairs
    opened = aligner.align(left, right)
    price = sum(map(aligner.pair_price, pairs))
    return opened if sum(map(aligner.pair_price, opened)) < price else pairs


def _grouped(found: Sequence[tuple[Kind, str, PathPair]]) -> tuple[Change, ...]:
    groups: dict[tuple[Kind, str], list[PathPair]] = {}
    for kind, what, place in found:
        groups.setdefault((kind, what), []).append(place)
    return tuple(Change(kind, what, tuple(places)) for (kind, what), places in groups.items())


class _Walk:
    """Goes through the pairs and says what is different."""

    def __init__(self, aligner: Aligner) -> None:
        self.aligner = aligner
        self.found: list[tuple[Kind, str, PathPair]] = []
        self.steps: list[Step] = []

    def inputs(self, a: ir.Net, b: ir.Net) -> None:
        mine, theirs = (", ".join(dims(e.shape) for e in net.inputs) for net in (a, b))
        if mine != theirs:
            place = PathPair(a.inputs[0].name, b.inputs[0].name)
            self.found.append(("changed", f"input {mine} -> {theirs}", place))
        self.step(mine, theirs, "input", "equal" if mine == theirs else "changed")

    def one(self, parts: Sequence[Part], keys: Sequence[tuple[str, str]]) -> None:
        """Two nets that are one: the parts of the first, and which layers have other names."""
        for part in parts:
            self.step(label(part), label(part), part.name, "equal")
        for mine, theirs in keys:
            self.name(mine, theirs, PathPair(mine, theirs))

    def pairs(self, pairs: Sequence[Pair], at: str, bt: str) -> None:
        for a, b in pairs:
            if a is not None and b is not None:
                self.both(a, b, at, bt)
            elif a is not None:
                self.only(a, at, "removed")
            elif b is not None:
                self.only(b, bt, "added")

    def both(self, a: Part, b: Part, at: str, bt: str) -> None:
        place = PathPair(at + a.name, bt + b.name)
        self.named(a, b, place)
        if a.key == b.key:
            self.step(label(a), label(b), place.b, "equal")
            self.inside(a, b, at, bt)
            return
        match a, b:
            case Leaf(), Leaf():
                self.found.append(("changed", _changed(a.op, b.op), place))
                self.step(label(a), label(b), place.b, "changed")
            case Block(), Block():
                self.pairs(_aligned(self.aligner, a.parts, b.parts), place.a + ".", place.b + ".")
            case Side(), Side():
                self.pairs(_aligned(self.aligner, a.parts, b.parts), at, bt)
            case Join(), Join():
                self.joins(a, b, at, bt)

    def named(self, a: Part, b: Part, place: PathPair) -> None:
        """Another name, where it is a key."""
        if a.keyed or b.keyed:
            self.name(a.name, b.name, place)

    def name(self, a: str, b: str, place: PathPair) -> None:
        """Another name; that of an output of one layer is the layer's too, and is said once."""
        mine, theirs = _stem(a), _stem(b)
        change: tuple[Kind, str, PathPair] = ("renamed", f"{mine} -> {theirs}", place)
        if mine != theirs and not (self.found and self.found[-1] == change):
            self.found.append(change)

    def inside(self, a: Part, b: Part, at: str, bt: str) -> None:
        """What is called otherwise in equal parts."""
        if isinstance(a, Block):
            at, bt = f"{at}{a.name}.", f"{bt}{b.name}."
        for row, other in zip(_rows(a), _rows(b), strict=True):
            for x, y in zip(row, other, strict=True):
                self.named(x, y, PathPair(at + x.name, bt + y.name))
                self.inside(x, y, at, bt)

    def joins(self, a: Join, b: Join, at: str, bt: str) -> None:
        """Arm by arm; an arm that was a skip and is none now is a change of the join."""
        self.step(label(a), label(b), bt + b.name, "changed")
        for mine, theirs in zip(a.arms, b.arms, strict=False):
            if bool(_leaves(mine)) != bool(_leaves(theirs)):
                what = f"{_skip(a.op, mine)} -> {_skip(b.op, theirs)}"
                self.found.append(("changed", what, PathPair(at + a.name, bt + b.name)))
            else:
                self.pairs(_aligned(self.aligner, mine, theirs), at, bt)
        for arm in a.arms[len(b.arms) :]:
            self.found.append(("removed", f"arm of {a.op.name}", PathPair(at + a.name, "")))
            self.pairs([(part, None) for part in arm], at, bt)
        for arm in b.arms[len(a.arms) :]:
            self.found.append(("added", f"arm of {b.op.name}", PathPair("", bt + b.name)))
            self.pairs([(None, part) for part in arm], at, bt)

    def only(self, part: Part, prefix: str, kind: Literal["added", "removed"]) -> None:
        path = prefix + part.name
        place = PathPair(path, "") if kind == "removed" else PathPair("", path)
        self.found.append((kind, label(part), place))
        shown = (label(part), "") if kind == "removed" else ("", label(part))
        self.step(*shown, path, kind)

    def step(
        self, a: str, b: str, path: str, kind: Literal["equal", "changed", "added", "removed"]
    ) -> None:
        self.steps.append(Step(a, b, path, kind))


def _stem(name: str) -> str:
    """A name without its numbers: inserting a layer renumbers those behind it."""
    return re.sub(r"\d+", "", name)


def label(part: Part) -> str:
    """What a part is, in the words of figures: `3×3 conv, 64`, `skip`, `block basic`."""
    match part:
        case Leaf():
            return part.op.label() + part.op.stride_label()
        case Block():
            return f"block {part.block} ({len(_leaves(part.parts))} layers)"
        case Side():
            return f"{part.word} {part.name}" if part.word in ("output", "aux") else part.word
    if len(part.arms) == 1:
        return _skip(part.op, part.arms[0])
    return f"{part.op.name} of {len(part.arms)} branches"


def _skip(op: Op, arm: Sequence[Part]) -> str:
    """What a sum's second arm is: nothing, a projection, or other layers."""
    leaves = list(_leaves(arm))
    sign = {"add": "", "mul": " by product"}.get(op.name, f" by {op.name}")
    if not leaves:
        return f"skip{sign}"
    convs = [leaf for leaf in leaves if leaf.op.kind == "conv"]
    if convs and len(leaves) <= 2 and op.sums:
        return f"projection skip ({convs[0].op.label()}{convs[0].op.stride_label()})"
    return f"skip{sign} with " + ", ".join(leaf.op.label() for leaf in leaves[:4])


def _rows(part: Part) -> tuple[tuple[Part, ...], ...]:
    """What a part consists of: the arms of a join, the one row of a block."""
    match part:
        case Leaf():
            return ()
        case Join():
            return part.arms
    return (part.parts,)


def _leaves(parts: Sequence[Part]) -> list[Leaf]:
    return list(_each_leaf(parts))


def _each_leaf(parts: Sequence[Part]) -> Iterator[Leaf]:
    for part in parts:
        if isinstance(part, Leaf):
            yield part
        for row in _rows(part):
            yield from _each_leaf(row)


def _changed(a: Op, b: Op) -> str:
    """`conv: window 1x1 -> 3x3`; another op by its label."""
    if a.name != b.name:
        return f"{a.label()}{a.stride_label()} -> {b.label()}{b.stride_label()}"
    mine, theirs = arguments(a), arguments(b)
    words = [
        f"{name} {show(mine[name])} -> {show(theirs[name])}"
        for name in mine
        if mine[name] != theirs[name] and not (name == "pad" and mine["window"] != theirs["window"])
    ]
    return f"{a.name} {', '.join(words)}"
