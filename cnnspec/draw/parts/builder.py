"""From the IR's tree to the parts of a figure: levels, blocks, stages, repeats."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cnnspec.draw.parts.contents import layers, notes
from cnnspec.draw.parts.depth import ROW, STAGE, Ranks
from cnnspec.draw.parts.equality import Keys
from cnnspec.draw.parts.forkkind import gate_arm
from cnnspec.draw.parts.opened import View
from cnnspec.draw.parts.parts import Band, Frame, Head, Level, Mark, Part, Plan, Row, Split, walk
from cnnspec.draw.parts.renames import numbered, ranged, rates, renamed, sharing
from cnnspec.draw.parts.repeats import banded, counted
from cnnspec.draw.parts.rows import Token, fuse
from cnnspec.draw.parts.section import section
from cnnspec.draw.parts.tangled import Chainer
from cnnspec.draw.parts.taps import Flows, leaving
from cnnspec.ir import Branch, Call, Fork, Group, Item, Layer, Net, Shared, Tap
from cnnspec.values import Shape


def plan(
    net: Net,
    level: Level,
    *,
    only: str = "",
    expand: tuple[str, ...] = (),
    depth: int = 0,
    flows: Flows | None = None,
) -> Plan:
    """The parts of a net's figure at a level.

    `only` is the path of the part to draw, `expand` are paths whose equal blocks are drawn one by
    one (or that are opened, at level net or stage), `depth` is how many names deep boxes open.
    `flows` are the net's, where they are known.
    """
    from cnnspec.analyses.cost import Costs

    part = section(net, only)
    depth = 1 if level == "net" else depth
    view = View(level, part.prefix, expand, depth + part.prefix.count(".") if depth else 0)
    builder = PartsBuilder(net, view, part.entry, flows or Flows(net))
    inside = builder.parts(part.items, part.prefix, outer=True)
    stretch = ".." in only
    parts = banded(tuple(numbered(one, part.prefix, stretch=stretch) for one in inside))
    if only:
        builder.heads = [head for head in builder.heads if builder.shows(head, parts)]
    if builder.heads and not parts:
        parts = (Mark("", "", part.shape, "end"),)
    view.check(net.name)
    cost = Costs().items(part.items)
    found = tuple(builder.heads), tuple(builder.hidden)
    costs = (cost.params, cost.macs)
    inputs = 1 if only else len(net.inputs)
    return Plan(part.name, level, part.entry, part.shape, parts, *found, *costs, inputs=inputs)


class PartsBuilder:
    """Walks the tree; of equal neighbours only the first is looked at."""

    def __init__(self, net: Net, view: View, entry: str, flows: Flows) -> None:
        self.view, self.entry, self.flows = view, entry, flows
        self.keys, self.ranks = Keys(), Ranks(net.body)
        self.hidden: list[str] = []
        self.heads: list[Head] = []
        self.ends = frozenset(_ends(net))
        self.at = ""
        """The path of the last item of the net's own body."""

    def shape(self, path: str) -> Shape:
        """What a layer or an input gives that stands outside the figure."""
        found = self.flows.graph
        return found.nodes[found.ends[path]].shape if found else ()

    def whole(self, prefix: str) -> bool:
        """Whether the body at `prefix` is all that the figure shows."""
        return prefix == self.view.root

    def shows(self, head: Head, parts: tuple[Part, ...]) -> bool:
        """Whether a head leaves from a part of the figure, or from what flows in."""
        if head.layer == self.entry:
            return True
        rows = (row for row in walk(parts) if isinstance(row, Row))
        frames = (part.path for part in walk(parts) if isinstance(part, Frame | Band) and part.path)
        around = any((head.layer + ".").startswith(path + ".") for path in frames)
        return around or any(head.layer in row.paths for row in rows)

    def parts(self, items: tuple[Item, ...], prefix: str, *, outer: bool) -> tuple[Part, ...]:
        """The parts of a body; `outer` bodies show their blocks as frames, inner ones flow."""
        if self.flows.tangled(items, prefix):
            chainer = Chainer(self, prefix, self.entry, outer=outer)
            return chainer.chain(items)
        parts = self.fused(list(self.tokens(items, prefix, outer=outer)))
        return tuple(counted(parts, self.pinned) if self.view.counts(prefix) else parts)

    def fused(self, tokens: list[Token]) -> list[Part]:
        """Neighbouring layers as rows; a row knows whether its activation ends an output."""
        return [
            replace(part, ends=True) if isinstance(part, Row) and self._ends(part) else part
            for part in fuse(tokens, self.flows.exposed)
        ]

    def _ends(self, row: Row) -> bool:
        return row.paths[-1] in self.ends and row.layers[-1].op.kind == "activation"

    def pinned(self, part: Part) -> bool:
        """Whether something reads from inside a part, so that it stands for itself alone."""
        if not self.flows.exposed:
            return False
        rows = [row for row in walk((part,)) if isinstance(row, Row)]
        return any(path in self.flows.exposed for row in rows for path in row.paths)

    def tokens(self, items: tuple[Item, ...], prefix: str, *, outer: bool) -> Iterator[Token]:
        """What a body holds, in order: layers with their paths, and the parts of blocks."""
        number, counts = 1, self.view.counts(prefix)
        for run in self.keys.runs(items) if counts else ((item,) for item in items):
            if isinstance(run[0], Call):
                for calls in self.apart(run, prefix):
                    yield from self.calls(calls, prefix, number, outer=outer)
                    number += len(calls)
                    self.at = prefix + calls[-1].name if self.whole(prefix) else self.at
            else:
                yield from self.item(run[0], prefix, outer=outer)

    def apart(self, run: tuple[Item, ...], prefix: str) -> Iterator[tuple[Call, ...]]:
        """Equal calls in a row; one that something reads ends a run, or stands alone."""
        found: list[Call] = []
        for call in (item for item in run if isinstance(item, Call)):
            path = prefix + call.name
            if found and self.flows.inside(path):
                yield tuple(found)
                found = []
            found.append(call)
            if self.flows.exposed and self.flows.reads(path):
                yield tuple(found)
                found = []
        if found:
            yield tuple(found)

    def item(self, item: Item, prefix: str, *, outer: bool) -> Iterator[Token]:
        """What one item that is no call holds; heads and ops without a box are put aside."""
        match item:
            case Layer():
                if item.op.drawn:
                    yield item, prefix + item.name
                else:
                    self.hidden.append(prefix + item.name)
            case Group():
                yield from self.tokens(item.items, prefix, outer=outer)
            case Fork():
                yield self.fork(item, prefix)
            case Shared():
                yield from self.shared(item, prefix, outer=outer)
            case Branch():
                self.head(item, prefix, self.at)
        if self.whole(prefix) and isinstance(item, Layer) and item.op.drawn:
            self.at = prefix + item.name

    def shared(self, shared: Shared, prefix: str, *, outer: bool) -> Iterator[Token]:
        """Layers that are used once more, under their own names; boxes say whose weights."""
        same = replace(shared.item, name=shared.name)
        for part in self.fused(list(self.tokens((same,), prefix, outer=outer))):
            yield sharing(part, prefix + shared.name, prefix + shared.path)

    def head(self, branch: Branch, prefix: str, at: str) -> None:
        """Put a head of the whole net aside; it leaves from what came before, or from its tap."""
        before, tap, layer = self.at, at or self.entry, at or self.entry
        match branch.items:
            case (Tap() as first, *_):
                tap, layer = first.path, self.flows.source(prefix, first)
        parts = self.parts(leaving(branch), prefix, outer=False)
        self.at = before
        self.heads.append(Head(branch.name, branch.kind, tap, parts, layer, branch.shape))

    def fork(self, fork: Fork, prefix: str) -> Split:
        """A fork with the parts of its arms; its `gate` is the arm that weighs the others."""
        arms = tuple(self.parts(arm, prefix, outer=False) for arm in fork.arms)
        gate = gate_arm(fork)
        if gate >= 0 and not all(isinstance(part, Row) for part in arms[gate]):
            gate = -1
        join = Row(fork.join.name, (fork.join,), (prefix + fork.join.name,), 0)
        return Split(arms, join, gate)

    def calls(
        self, calls: tuple[Call, ...], prefix: str, number: int, *, outer: bool
    ) -> Iterator[Token]:
        """Equal calls in a row: a stage, a frame, or what they hold when that is a single row."""
        call, module = calls[0], calls[0].module
        path = f"{prefix}{call.name}"
        rank = self.ranks.module(module)
        knot = self.flows.tangled(module.items, path + ".")
        if knot and len(calls) == 1 and not outer:
            yield from self.parts(module.items, path + ".", outer=False)
        elif knot and not self.view.closes(path, stage=rank <= STAGE):
            yield self.frame(calls, prefix, number)
        elif rank == ROW and not knot:
            yield from self.rows(calls, prefix, outer=outer)
        elif outer and self.view.closes(path, stage=rank <= STAGE):
            members = tuple(prefix + one.name for one in calls)
            counts = (calls[-1].module.output, len(calls), number)
            said = notes(module)
            closed = Frame(call.name, path, members[-1], (), *counts, members=members)
            yield replace(closed, notes=said.lines, widest=said.widest, strides=said.beside)
        elif len(calls) == 1 and not outer:
            yield from self.tokens(module.items, path + ".", outer=False)
        elif len(calls) == 1 and rank == STAGE and (module.block or self.blocks(module.items)):
            parts = self.parts(module.items, path + ".", outer=True)
            yield Band(call.name, path, parts, module.output)
        elif len(calls) == 1 and (rank > STAGE or not module.block):
            yield from self.opened(call, path + ".")
        else:
            yield self.frame(calls, prefix, number)

    def blocks(self, items: tuple[Item, ...]) -> bool:
        """Whether a body holds blocks alone, so that it is a stage though it has no name."""
        return all(isinstance(one, Call) and self.ranks.module(one.module) > ROW for one in items)

    def frame(self, calls: tuple[Call, ...], prefix: str, number: int) -> Frame:
        """The frame of equal blocks, or of the layers of a dense block."""
        call, module = calls[0], calls[0].module
        members = tuple(prefix + one.name for one in calls)
        path, last = members[0], members[-1]
        inside = self.parts(module.items, path + ".", outer=False)
        inner = (one.module.items for one in calls)
        inside = ranged(inside, rates(layer for items in inner for _, layer in layers(items)))
        dense = self.keys.dense(module) if len(calls) > 1 else None
        if dense and self.keys.module(module) != self.keys.module(calls[-1].module):
            (split,) = inside
            assert isinstance(split, Split)
            join = replace(split.join, said=f"concat, +{dense.growth}")
            inside = (replace(split, join=join),)
        else:
            dense = None
        growth, end = dense.growth if dense else 0, calls[-1].module.output
        counts = (len(calls), number)
        opened = path in self.view.expand
        frame = Frame(call.name, path, last, inside, end, *counts, opened=opened, members=members)
        return replace(frame, start=module.input, growth=growth, block=module.block)

    def opened(self, call: Call, path: str) -> Iterator[Token]:
        """What a container of stages, or an unnamed one, holds: rows under their whole names."""
        for part in self.parts(call.module.items, path, outer=True):
            yield renamed(part, f"{call.name}.")

    def rows(self, calls: tuple[Call, ...], prefix: str, *, outer: bool) -> Iterator[Token]:
        """Calls of one row each: the row under the call's name, or its layers in a block."""
        for call in calls:
            tokens = self.tokens(call.module.items, f"{prefix}{call.name}.", outer=False)
            if not outer:
                yield from tokens
                continue
            for part in self.fused(list(tokens)):
                yield replace(part, name=call.name) if isinstance(part, Row) else part


def _ends(net: Net) -> Iterator[str]:
    """The paths of the layers that outputs end in; nothing for those that end in a fork."""
    flow = tuple(item for item in net.body.items if not isinstance(item, Branch))
    bodies: list[tuple[Item, ...]] = [flow] if net.logits is not None else []
    bodies += [item.items for item in net.branches]
    for items in bodies:
        prefix = ""
        while items:
            match items[-1]:
                case Layer(name=name):
                    yield prefix + name
                    break
                case Call(name=name, module=module):
                    prefix, items = f"{prefix}{name}.", module.items
                case Group(items=inner):
                    items = inner
                case Shared(name=name, item=item):
                    items = (replace(item, name=name),)
                case _:
                    break
