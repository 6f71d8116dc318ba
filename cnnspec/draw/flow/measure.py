"""From vertices to boxes of today's engine: rows, forks and frames that know their size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from math import ceil, inf
from typing import TYPE_CHECKING, Literal, NamedTuple

from cnnspec.draw.block.box import Box, RowBox
from cnnspec.draw.block.look import Sheet, main_width, make_columns
from cnnspec.draw.block.skipbox import lane_width
from cnnspec.draw.flow.bodies import NAME_MOST, BoxBody, JoinBody, ListBody, TextBody
from cnnspec.draw.flow.body import Body
from cnnspec.draw.flow.calls import Span
from cnnspec.draw.flow.cards import CardBody, ClosedBody
from cnnspec.draw.flow.explain import FEW, Explain, frames, title_of
from cnnspec.draw.flow.held import Held
from cnnspec.draw.flow.insetpage import Insets, Run
from cnnspec.draw.flow.insets import fill
from cnnspec.draw.flow.insides import Insides
from cnnspec.draw.flow.key import fused, unsaid
from cnnspec.draw.flow.quotient import Quotient, Vertex
from cnnspec.draw.flow.rowboxes import NamedMeasurer, NotesBox, RunBox
from cnnspec.draw.flow.said import crowded, gives_of, heading, holds_of, wired
from cnnspec.draw.flow.steps import Flow
from cnnspec.draw.flow.strands import Strand, short
from cnnspec.draw.flow.strip import StripBody
from cnnspec.draw.flow.varied import Told, varied
from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import text_width
from cnnspec.draw.page.labels import op_text
from cnnspec.draw.parts.contents import Notes, notes
from cnnspec.draw.parts.costs import said
from cnnspec.draw.parts.parts import Frame, Part, Row, Shades, Split, walk

if TYPE_CHECKING:
    from cnnspec.analyses.cost import Cost
    from cnnspec.ir import Module

Detail = Literal["open", "named"]
"""Whether cards show their inside, or say what they hold in words."""

_LABEL, _NARROW = 104.0, 34.0
"""A label that is wider takes two lines, where two lines are narrower."""
_MORE = 8.0
"""By so much labels may make the card of a stage wider than its name does."""
_PORT = 5.5
_ROWS = 2
"""So many rows have more to say than a count of them."""
_SAID = 3
"""So many kinds of ops are named of a box that no block gives a name."""


class Look(NamedTuple):
    """How much boxes show: cards open or closed, and the most room for an open one.

    `narrow` boxes break their labels in two lines wherever they can; with `insets` closed cards
    say their block, which is drawn once.
    """

    detail: Detail = "open"
    narrow: bool = False
    wide: float = 190
    high: float = 150
    insets: bool = False
    strip: bool = False
    """Whether blocks stand on one line, each with its skip over it: see `strip.py`."""
    broken: bool = False
    """Whether the names of blocks stand over their channels."""
    nested: bool = False
    """Whether in insets the blocks of a block stand as names, with insets of their own."""
    terse: bool = False
    """Whether insets do not say what is fused to convolutions, stages may stand as names, and small
    calls show themselves in fewer places."""
    tight: bool = False
    """Whether boxes are no wider than two lines of words need: a line of the page holds more."""
    brief: bool = False
    """Whether cards have their names alone, for a page that is too low for more."""


class Bodies:
    """Measures the vertices of one figure; boxes of equal look are made from equal parts."""

    def __init__(
        self,
        flow: Flow,
        insides: Insides,
        costs: Mapping[str, Cost] | None = None,
        shades: Shades | None = None,
    ) -> None:
        self.flow, self.insides, self.costs = flow, insides, costs or {}
        self.explains = {
            (nested, terse): Explain(insides, nested=nested, terse=terse)
            for nested in (False, True)
            for terse in (False, True)
        }
        self.most, self.broken = _LABEL, False
        self.insets = Insets()
        self.told: Mapping[int, Row] = {}
        self.cards: Mapping[str, str] = {}
        self.instead: Mapping[int, Row] = {}
        self.strands: Mapping[int, Strand] = {}
        self.aside = self.tight = self.brief = False
        self.space = measures.ROOM
        self.crowded: set[int] = set()
        self._opened: dict[int, tuple[Body, Sequence[Part]]] = {}
        self._known: dict[int, Notes] = {}
        self._boxes: dict[tuple[float, ...], tuple[tuple[Part, ...], list[Box]]] = {}
        """Boxes by the room of labels and the parts, which stay so that none takes their place."""
        rows = [step.row for step in flow.steps if step.kind != "input"]
        channels = {row.layer.shape[0] for row in rows if row.kind == "conv"}
        levels, told = shades if shades and shades.levels else Shades(tuple(sorted(channels)))
        self.sheet = Sheet(make_columns(rows[:1]), levels, told=told)

    def measure(
        self,
        graphs: Sequence[Quotient],
        look: Look,
        strands: Mapping[int, Strand] | None = None,
        *,
        aside: bool = False,
        laid: Sequence[Held] = (),
    ) -> list[Part]:
        """Give every vertex its body and size; returns the parts that are shown.

        The first graph is the figure, the others are what its stacks hold.  `aside`: inputs stand
        at the side, so that their shapes have room under their names.  `laid` are the insets of
        blocks that are laid out like a figure.
        """
        self.most = 0.0 if look.strip or look.tight else _NARROW if look.narrow else _LABEL
        self.tight, self.brief = look.tight, look.brief
        self.space = measures.SNUG if look.tight and look.narrow else measures.ROOM
        self.broken = look.broken
        self.strands = strands or {}
        self.aside = aside
        vertices = [vertex for graph in graphs for vertex in graph.vertices if not vertex.owner]
        wires = {at: count for graph in graphs for at, count in wired(graph).items()}
        self.crowded = {at for graph in graphs for at in crowded(graph)}
        self.told = {at: row for held in laid for at, row in held.rows.items()}
        self.cards = {path: said for held in laid for path, said in held.cards.items()}
        self.instead = {id(self.flow.steps[at].row): row for at, row in self.told.items()}
        known = {span.path for held in laid for span in held.calls}
        several = {v.index for held in laid if len(held.calls) > 1 for v in held.graph.vertices}
        own = [v for v in vertices if v.index not in several]  # others print what all calls have
        self._opened = self._open_all(own, look, wires, known)
        closed = [v for v in vertices if v.index not in self._opened]
        self._explain(vertices, closed, look, laid)
        shown = [part for inset in self.insets.shown for part in inset.parts]
        for vertex in vertices:
            vertex.body, parts = self._body(vertex, look, wires[vertex.index])
            shown += parts
            vertex.width, vertex.height = ceil(vertex.body.width), ceil(vertex.body.height)
        return shown

    def _explain(
        self,
        vertices: Sequence[Vertex],
        closed: Sequence[Vertex],
        look: Look,
        laid: Sequence[Held],
    ) -> None:
        """Make the insets of cards that show nothing themselves, with room for whole labels."""
        self.insets = Insets()
        if not look.insets and look.detail != "open":
            return
        most, space = self.most, self.space
        self.most, self.space = _LABEL if look.tight else most, measures.ROOM
        self._fill(vertices, closed, look, laid)
        if look.terse and look.narrow:
            self.insets.lettered.clear()  # the inset says the range of what cards do not say
        self.most, self.space = most, space
        self.insets.packed = self.insets.under = look.tight

    def _fill(
        self,
        vertices: Sequence[Vertex],
        closed: Sequence[Vertex],
        look: Look,
        laid: Sequence[Held],
    ) -> None:
        """Make the insets; each says what is fused to its convolutions if the key cannot."""
        explain = self.explains[look.nested, look.terse]
        fill(closed, self, explain, laid)
        open_ = [v for v in vertices if v.kind != "card"]
        shown: list[Part] = [self.row(at) for v in open_ for at in v.steps]
        shown += [part for _, parts in self._opened.values() for part in parts]
        shown += [part for inset in self.insets.shown for part in inset.parts]
        if (self.insets.shown or laid) and not look.terse and unsaid(fused(shown)):
            self.insets = Insets(noted=True)
            fill(closed, self, explain, laid)
            for held in laid:
                rows = [self.row(at) for v in held.graph.vertices if v.kind not in
                        ("input", "output", "card") for at in v.steps]  # fmt: skip
                note = self.insets.notes[held.calls[0].path] = fused(rows)
                self.insets.told |= {id(row) for row in rows} if note else set()

    def _open_all(
        self,
        vertices: Iterable[Vertex],
        look: Look,
        wires: Mapping[int, int],
        laid: Collection[str],
    ) -> dict[int, tuple[Body, Sequence[Part]]]:
        """The cards that show what they hold, by the index of their vertex."""
        found: dict[int, tuple[Body, Sequence[Part]]] = {}
        for vertex in vertices:
            if vertex.index in self.strands:
                found[vertex.index] = self._strip(vertex, look, self.strands[vertex.index])
            elif vertex.kind == "card" and self._shows(vertex, look, laid):
                opened = self._open(vertex, look, wires[vertex.index])
                found |= {vertex.index: opened} if opened else {}
        return found

    def _shows(self, vertex: Vertex, look: Look, laid: Collection[str]) -> bool:
        """Whether a card may show what it holds; a small one that is no block as well does so."""
        if vertex.span is not None and vertex.span.path in laid:
            return False
        if look.detail == "open":
            return True
        module = vertex.span.module if vertex.span and vertex.members else None
        if vertex.span is None or vertex.stack or vertex.count > 1 or (module and module.block):
            return False
        words = look.terse or not look.insets
        if words and (look.narrow or len(vertex.steps) > _ROWS):
            return False
        return self.explains[False, False].few(vertex.span, FEW)

    def row(self, at: int) -> Row:
        """What is drawn of a step, with what it prints for all calls of the inset that it is in."""
        return self.told.get(at) or self.flow.steps[at].row

    def _body(self, vertex: Vertex, look: Look, wires: int) -> tuple[Body, Sequence[Part]]:
        rows = [self.row(at) for at in vertex.steps]
        match vertex.kind:
            case "input" | "output" if vertex.gathered:
                return ListBody(vertex), ()
            case "input" | "output":
                return TextBody(vertex, stacked=vertex.kind == "input" and self.aside), ()
            case "join":
                crowded = vertex.index in self.crowded
                return JoinBody(rows[0], wires, crowded=crowded), rows
            case "step" if vertex.label:
                return CardBody(vertex, self.boxes(rows), vertex.label), rows
            case "step":
                (box,) = self.boxes(rows)
                assert isinstance(box, RowBox)
                return BoxBody(box), rows
            case "cell":
                return CardBody(vertex, self.boxes(rows), ""), rows
        return self._opened.get(vertex.index) or self._closed(vertex, wires)

    def _open(
        self, vertex: Vertex, look: Look, wires: int
    ) -> tuple[CardBody, Sequence[Part]] | None:
        """The card with its inside; None where that is a knot or too large."""
        parts = self.inside(vertex, staged=False)
        for staged in (False, True):
            parts = self.inside(vertex, staged=staged)
            if parts is None or sum(isinstance(one, Row) for one in walk(parts)) > 40:
                continue
            boxes, parts, said = self._for_all(vertex, parts)
            body = CardBody(vertex, boxes, heading(vertex), said + self._costs(vertex))
            room = wires == 1 or body.width > _PORT * (wires + 1)
            if body.width <= look.wide and body.height <= look.high and room:
                return body, parts
        return None

    def _for_all(
        self, vertex: Vertex, parts: tuple[Part, ...]
    ) -> tuple[list[Box], tuple[Part, ...], list[str]]:
        """The inside of a card with what holds for all of its calls, and what letters stand for."""
        if not vertex.among:
            return self.boxes(parts), parts, []
        calls = [
            Told(path, self.insides.of(span.first, span.last) or (), gives)
            for path, gives in zip(vertex.members, vertex.among, strict=True)
            for span in (self.insides.spans[path],)
        ]
        found = varied(calls)
        boxes = self.boxes(found.parts)
        return boxes, found.parts, found.captions(boxes)

    def _strip(
        self, vertex: Vertex, look: Look, strand: Strand
    ) -> tuple[StripBody, Sequence[Part]]:
        """A block, or the stage that it leads, on the line of a strip."""
        module = vertex.span.module if vertex.span else None
        stride = self._notes(module).strides if module and vertex.leads else ""
        rows = [short(row, stride=not vertex.leads) for row in strand.rows]
        self.most = 0.0 if look.narrow else _LABEL
        body = StripBody(vertex, self.boxes(rows), strand, stride)
        self.most = 0.0
        if strand.join is None:
            return body, rows
        return body, [Split((tuple(rows), strand.skip), strand.join)]

    def inside(
        self, vertex: Vertex, *, staged: bool, opening: bool = True
    ) -> tuple[Part, ...] | None:
        """The parts of a card, behind the join that opens it; None for a knot."""
        if vertex.span is None or not vertex.span.clean:
            return None
        first, last = vertex.span.first, vertex.span.last
        found = self.insides.stage(first, last) if staged else self.insides.of(first, last)
        if found is None:
            return None
        found = tuple(self.instead.get(id(part), part) for part in found)
        return (*self._before(vertex), *found) if opening else found

    def boxes(self, parts: Iterable[Part]) -> list[Box]:
        """Boxes of today's engine, rows of one width with their main op alone."""
        parts = tuple(parts)
        named = id(self.insets) if any(True for _ in frames(parts)) else 0
        key = (self.most, self.space.inset, named, *map(id, parts))
        if key not in self._boxes:
            self._boxes[key] = (parts, self._made(parts))
        return list(self._boxes[key][1])

    def _made(self, parts: tuple[Part, ...]) -> list[Box]:
        rows = [part for part in walk(parts) if isinstance(part, Row)]
        cells = [row for row in rows if row.kind != "join"] or rows
        width = max((self._width(row) for row in cells), default=20.0)
        lane = lane_width(parts, self.space.inset)
        sheet = replace(self.sheet, lane=lane, space=self.space)
        measurer = NamedMeasurer(sheet, self._name)
        return [measurer.box(part, 0, 1, width) for part in parts]

    def _width(self, row: Row) -> float:
        """Room for the label of a row, in two lines where it is long."""
        wide = main_width(row)
        wide = wide if wide <= self.most else max(main_width(row, tight=True), self.most)
        return round(max(wide, 17) + 2 * self.space.inset + 0.499)

    def _closed(self, vertex: Vertex, wires: int) -> tuple[Body, Sequence[Part]]:
        """The card in words, behind the join that opens it."""
        module = vertex.span.module if vertex.span else None
        holds = self._summary(vertex) if module is None else self._called(vertex, module)
        if vertex.index in self.insets.names and module is not None:
            shrinks = self._notes(module).strides
            told = self.cards.get(vertex.members[0]) if vertex.members else None
            own = (
                self.insets.own(vertex.members[0]) if vertex.count == 1 or not vertex.among else ""
            )
            gives = f"{gives_of(vertex)} {shrinks}".rstrip()
            said = told or gives + own
            name = self.insets.names[vertex.index]
            broken = self.broken and not self._before(vertex)
            holds = [f"{name},", said] if self.tight or broken else [f"{name}, {said}"]
            if broken and own and not told:
                holds = [f"{name},", f"{gives},", own.removeprefix(", ")]
        elif vertex.shares and module is not None:
            holds = [f"as {vertex.shares}, {gives_of(vertex)}"]
        if vertex.index in self.insets.runs:
            before, shown = self._before(vertex), self.insets.runs[vertex.index]
            block = self._shared(shown) if self.tight else ""
            title, captions = heading(vertex), [*([block] if block else []), *self._costs(vertex)]
            room = self._room(title, captions) if self.tight else inf
            boxes = [*self.boxes(before), *(self._run(run, block, room) for run in shown)]
            loose = [self.flow.steps[run.begin].row for run in shown if not run.spans]
            return CardBody(vertex, boxes, title, captions), [*before, *loose]
        if before := self._before(vertex):
            last = self.flow.steps[vertex.steps[-1]].row.paths[-1]
            entry = self.insets.entry(vertex.span) if vertex.span else ""
            words = NotesBox(vertex, holds, (entry, last), 120)
            boxes = [*self.boxes(before), words]
            return CardBody(vertex, boxes, heading(vertex), self._costs(vertex)), before
        holds = [] if self.brief else [*holds, *self._costs(vertex)]
        body = ClosedBody(vertex, heading(vertex), holds, 150, brief=self.brief)
        body.front = max(body.front, ceil(_PORT * (wires + 1)))
        body.width = body.front + body.behind
        return body, ()

    def _shared(self, shown: Iterable[Run]) -> str:
        """The block of a stage, where letters alone tell its blocks apart."""
        spans = [run.spans[0] for run in shown if run.spans]
        found = {self.insets.called.get(span.path, "").rpartition(" ")[0] for span in spans}
        return found.pop() if len(found) == 1 else ""

    def _room(self, title: str, captions: Iterable[str]) -> float:
        """Room for a label in a card that is little wider for it, or no wider."""
        said = max((text_width(text, measures.CAPTION) for text in captions), default=0.0)
        wide = min(max(text_width(title, measures.NAME, bold=True), said), NAME_MOST)
        more = _MORE if self.space is measures.ROOM else 0.0
        return wide - 2 * measures.SNUG.inset + more

    def _run(self, run: Run, block: str = "", room: float = inf) -> Box:
        """Equal blocks of a stage by their name, or the step between two of them.

        The letter alone says which `block` it is, where the stage says that; a label that has no
        `room` takes two lines.
        """
        if not run.spans:
            (box,) = self.boxes([self.row(run.begin)])
            return box
        first = run.spans[0]
        assert first.module
        name = self.insets.called.get(first.path, first.module.block)
        name = name.removeprefix(block).lstrip() if block else name
        shrinks = self._notes(first.module).strides
        count = f"{run.times} × " if run.times > 1 else ""
        gives = f"{self.flow.steps[first.last].shape[0]} {shrinks}".rstrip()
        gives += self.insets.own(first.path)
        label = f"{count}{name}, {self.cards.get(first.path, gives)}"
        last = self.flow.steps[run.end].row.paths[-1]
        paths = [span.path for span in run.spans]
        return RunBox(paths, label, self._entry(first), last, room=room)

    def _name(self, frame: Frame, least: float) -> RunBox:
        """Equal blocks in an inset by their name."""
        span = self.insides.spans[frame.path]
        name = self.insets.called.get(frame.path, title_of(span))
        count = f"{frame.count} × " if frame.count > 1 else ""
        label = f"{count}{name}, {frame.notes[0]}"
        return RunBox(frame.members, label, self._entry(span), frame.last, least)

    def _entry(self, span: Span) -> Callable[[], str]:
        """Says at which layer the drawing of a call begins, once all insets are made."""
        insets, first = self.insets, self.flow.steps[span.first].row.paths[0]
        return lambda: insets.entry(span) or first

    def _called(self, vertex: Vertex, module: Module) -> list[str]:
        """The block of a card with the channels that it gives, and what it holds.

        What it holds alone where boxes are narrow.
        """
        found = self._notes(module)
        said = f"{module.block}, {gives_of(vertex)} {found.strides}".rstrip()
        short = self.most == _NARROW or not module.block
        return holds_of(found) if short else [said, *found.lines[:1]]

    def _notes(self, module: Module) -> Notes:
        """What a block says of itself; each is asked once."""
        if id(module) not in self._known:
            self._known[id(module)] = notes(module)
        return self._known[id(module)]

    def _before(self, vertex: Vertex) -> list[Row]:
        """The join that opens a card, which is no part of its call."""
        first = vertex.span.first if vertex.span else 0
        return [self.row(at) for at in vertex.steps if at < first]

    def _costs(self, vertex: Vertex) -> list[str]:
        """What all calls of a card cost, in two lines, where the figure says so."""
        if not self.costs or not vertex.members:
            return []
        first, *others = (self.costs[path] for path in vertex.members)
        return said(sum(others, first)).split(" · ")

    def _summary(self, vertex: Vertex) -> list[str]:
        """What a stretch without a name holds: how many ops, and the most frequent ones."""
        rows = [self.flow.steps[at].row for at in vertex.steps]
        found = Counter(op_text(row.layer).split(",")[0] for row in rows if row.kind != "join")
        most = [
            f"{count} × {said}" if count > 1 else said for said, count in found.most_common(_SAID)
        ]
        ops = sum(len(row.layers) for row in rows)
        return [f"{ops} ops" if ops > 1 else "1 op", *most]
