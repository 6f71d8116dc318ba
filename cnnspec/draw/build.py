"""From the IR's tree to the parts of a figure: levels, blocks, stages, repeats."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

from cnnspec.draw.collapse import Keys
from cnnspec.draw.errors import DrawError
from cnnspec.draw.fuse import Token, fuse
from cnnspec.draw.rank import ROW, STAGE, Ranks
from cnnspec.draw.tree import Band, Frame, Head, Level, Part, Plan, Row, Split, walk
from cnnspec.ir import Branch, Call, Fork, Group, Item, Layer, Net, Shared, Tap

_VANISH = frozenset({"flatten", "softmax", "skip", "input"})
"""Ops that no box stands for: they move no data or only name the output."""

_FEW = 5
"""So many equal rows are still drawn one by one: VGG-19 has four."""


def plan(net: Net, level: Level) -> Plan:
    """The parts of a net's figure at a level."""
    from cnnspec.analyses.cost import Costs

    if len(net.inputs) != 1:
        raise DrawError(f"{net.name} has {len(net.inputs)} inputs; a figure of one flow is drawn")
    builder = _Builder(net.name, level)
    parts = _banded(builder.parts(net.body.items, "", outer=True))
    cost = Costs().items(net.body.items)
    total = f"{amount(cost.params)} params · {amount(cost.macs)} MACs"
    entry = net.inputs[0]
    found = tuple(builder.heads), tuple(builder.hidden)
    return Plan(net.name, level, entry.name, entry.shape, parts, *found, total)


def amount(count: int) -> str:
    """A count with two decimals and its unit: `21.80 M`."""
    for unit, size in (("T", 10**12), ("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if count >= size:
            return f"{count / size:.2f} {unit}"
    return str(count)


class _Builder:
    """Walks the tree; of equal neighbours only the first is looked at."""

    def __init__(self, net: str, level: Level) -> None:
        self.net, self.level = net, level
        self.keys, self.ranks = Keys(), Ranks(vanish=_VANISH)
        self.hidden: list[str] = []
        self.heads: list[Head] = []
        self.at = ""
        """The path of the last item of the net's own body."""

    def parts(self, items: tuple[Item, ...], prefix: str, *, outer: bool) -> tuple[Part, ...]:
        """The parts of a body; `outer` bodies show their blocks as frames, inner ones flow."""
        parts = fuse(list(self.tokens(items, prefix, outer=outer)))
        return tuple(parts if self.level == "layer" else _counted(parts))

    def tokens(self, items: tuple[Item, ...], prefix: str, *, outer: bool) -> Iterator[Token]:
        number = 1
        for run in self.keys.runs(items) if self.level == "block" else ((item,) for item in items):
            if isinstance(run[0], Call):
                calls = tuple(item for item in run if isinstance(item, Call))
                yield from self.calls(calls, prefix, number, outer=outer)
                number += len(calls)
                self.at = self.at if prefix else calls[-1].name
            else:
                yield from self.item(run[0], prefix, outer=outer)

    def item(self, item: Item, prefix: str, *, outer: bool) -> Iterator[Token]:
        match item:
            case Layer():
                if item.op.name in _VANISH:
                    self.hidden.append(prefix + item.name)
                else:
                    yield item, prefix + item.name
            case Group():
                yield from self.tokens(item.items, prefix, outer=outer)
            case Fork():
                yield self.fork(item, prefix)
            case Tap():
                self.refuse(f"`from {item.path}`", "a flow that goes on from an earlier layer")
            case Shared():
                self.refuse(f"`share {item.path}`", "a layer that is used twice")
            case Branch():
                self.head(item, prefix)
        if not prefix and isinstance(item, Layer):
            self.at = item.name

    def refuse(self, what: str, meaning: str) -> None:
        raise DrawError(f"{self.net}: {what} ({meaning}) is not drawn yet")

    def head(self, branch: Branch, prefix: str) -> None:
        """Put a head of the whole net aside; it leaves from what came before, or from its tap."""
        if prefix:
            self.refuse(f"`{branch.kind} {branch.name}`", "an output inside a block")
        items, tap = branch.items, self.at
        match items:
            case (Tap() as first, *rest):
                items, tap = tuple(rest), first.path
        parts = self.parts(items, prefix, outer=False)
        self.heads.append(Head(branch.name, branch.kind, tap, parts))

    def fork(self, fork: Fork, prefix: str) -> Split:
        arms = tuple(self.parts(arm, prefix, outer=False) for arm in fork.arms)
        return Split(arms, Row(fork.join.name, (fork.join,), (prefix + fork.join.name,), 0))

    def calls(
        self, calls: tuple[Call, ...], prefix: str, number: int, *, outer: bool
    ) -> Iterator[Token]:
        """Equal calls in a row: a stage, a frame, or what they hold when that is a single row."""
        call, module = calls[0], calls[0].module
        path = f"{prefix}{call.name}"
        rank = self.ranks.module(module)
        if rank == ROW:
            yield from self.rows(calls, prefix, outer=outer)
        elif len(calls) == 1 and not outer:
            yield from self.tokens(module.items, path + ".", outer=False)
        elif len(calls) == 1 and rank == STAGE and (module.block or _only_calls(module.items)):
            parts = self.parts(module.items, path + ".", outer=True)
            yield Band(call.name, path, parts, module.output)
        elif len(calls) == 1 and (rank > STAGE or not module.block):
            yield from self.opened(call, path + ".")
        else:
            inside = self.parts(module.items, path + ".", outer=False)
            last = prefix + calls[-1].name
            yield Frame(call.name, path, last, inside, module.output, len(calls), number)

    def opened(self, call: Call, path: str) -> Iterator[Token]:
        """What a container of stages, or an unnamed one, holds: rows under their whole names."""
        for part in self.parts(call.module.items, path, outer=True):
            yield _renamed(part, f"{call.name}.")

    def rows(self, calls: tuple[Call, ...], prefix: str, *, outer: bool) -> Iterator[Token]:
        """Calls of one row each: the row under the call's name, or its layers in a block."""
        for call in calls:
            tokens = self.tokens(call.module.items, f"{prefix}{call.name}.", outer=False)
            if not outer:
                yield from tokens
                continue
            for part in fuse(list(tokens)):
                yield replace(part, name=call.name) if isinstance(part, Row) else part


def _only_calls(items: tuple[Item, ...]) -> bool:
    return all(isinstance(item, Call) for item in items)


def _renamed(part: Part, prefix: str) -> Part:
    """The part with its whole name for the gutter."""
    if isinstance(part, Split):
        return replace(part, join=replace(part.join, name=prefix + part.join.name))
    return replace(part, name=prefix + part.name)


def _counted(parts: list[Part]) -> list[Part]:
    """Equal forks, and long runs of equal rows, as one frame; a few rows stay as they are."""
    out: list[Part] = []
    for key, group in groupby(parts, _key):
        run = tuple(group)
        least = 2 if isinstance(run[0], Split) else _FEW + 1
        counts = bool(key) and not isinstance(run[0], Frame)
        out.extend([_repeat(run)] if counts and len(run) >= least else run)
    return out


def _repeat(run: tuple[Part, ...]) -> Frame:
    first, last = (_paths(part) for part in (run[0], run[-1]))
    name = first[0].rpartition(".")[2]
    return Frame(name, " ".join(first), " ".join(last), run[:1], run[0].shape, len(run))


def _paths(part: Part) -> list[str]:
    """The paths of all layers of a row or fork; the join, which names a fork, comes first."""
    rows = [row for row in walk((part,)) if isinstance(row, Row)]
    if isinstance(part, Split):
        rows = rows[-1:] + rows[:-1]
    return [path for row in rows for path in row.paths]


def _key(part: Part) -> tuple[object, ...]:
    """What makes two rows or forks equal; empty for what is never counted here."""
    match part:
        case Row():
            return tuple((layer.op, layer.inputs, layer.shape) for layer in part.layers)
        case Split():
            arms = tuple(tuple(map(_key, arm)) for arm in part.arms)
            return ("fork", arms, _key(part.join))
        case Frame():
            return ("frame", part.count, *map(_key, part.parts))
        case Band():
            return ()


def _banded(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Without stages: runs of frames, else of convolutions, on one map size become bands."""
    if any(isinstance(part, Band) for part in parts):
        return parts
    framed = any(isinstance(part, Frame) for part in parts)
    out: list[Part] = []
    for (size, counts), group in groupby(parts, lambda part: _size_key(part, framed)):
        run = tuple(group)
        if counts and size and len(run) > 1:
            out.append(Band("", "", run, run[-1].shape))
        else:
            out.extend(run)
    return tuple(out)


def _size_key(part: Part, framed: bool) -> tuple[tuple[int, ...], bool]:
    """The map size that a part gives, and whether it may stand in a band."""
    counts = isinstance(part, Frame) if framed else isinstance(part, Row) and part.kind == "conv"
    return tuple(part.shape[1:]), counts
