"""The card of a stack with its ports, and the inset that shows one of its stretches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil

from cnnspec.draw.block.repeatbadge import badge, badge_width
from cnnspec.draw.flow.bodies import BEHIND, EDGE, GLYPH, HEAD, LINE, NAME_MOST
from cnnspec.draw.flow.body import Body
from cnnspec.draw.flow.calls import Span
from cnnspec.draw.flow.cards import Framed
from cnnspec.draw.flow.key import Riding
from cnnspec.draw.flow.ports import Mode
from cnnspec.draw.flow.quotient import Quotient, Vertex
from cnnspec.draw.flow.route import Way
from cnnspec.draw.flow.sketch import Sketch, ink
from cnnspec.draw.flow.stacks import Stack
from cnnspec.draw.flow.steps import Flow
from cnnspec.draw.flow.varied import captions
from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import shorten, text_width
from cnnspec.draw.page.pen import Pen
from cnnspec.draw.page.scene import Area
from cnnspec.draw.parts.parts import Row

_CLEAR = 2.6
"""How far the numbers of wires stay from those of others."""
_MARGIN = 5.0
"""From the frame of an inset to its wires."""
_NUMBER = 6.0
"""Room for the number of the last wire, on its right."""


@dataclass(slots=True, eq=False)
class Held:
    """One stretch of a stack, laid out like a figure: `turn` says which one it is."""

    stack: Stack
    card: Vertex
    turn: int
    graph: Quotient
    mode: Mode
    name: str
    """Where it begins and ends."""
    modes: tuple[Mode, ...] = ()
    """The ways in which it may be laid out; the first is the one that it calls for."""
    block: str = ""
    """The block that it is, where it is a call."""
    called: str = ""
    """What its inset is called."""
    calls: tuple[Span, ...] = ()
    """The calls that it stands for; the first is drawn, with what all of them print."""
    inner: tuple[Span, ...] = ()
    """What stands in the other calls where it has boxes for calls."""
    letters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The letters in it, each with its value in every call."""
    rows: dict[int, Row] = field(default_factory=dict)
    """A step -> what it prints for all calls."""
    cards: dict[str, str] = field(default_factory=dict)
    """The path of a call in it -> the channels and the stride that it prints for all calls."""
    note: str = ""
    """What is fused to its convolutions, where it says that itself."""
    ways: dict[int, Way] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.modes = self.modes or (self.mode,)

    @property
    def keeps(self) -> bool:
        """Whether another way than the first is for want of room alone."""
        return self.modes[0] == "lanes"

    @property
    def numbered(self) -> bool:
        """Whether its ports have numbers, because their lanes do not tell them apart."""
        for kind in ("input", "output"):
            lanes = [vertex.level for vertex in self.graph.vertices if vertex.kind == kind]
            if self.mode != "lanes" or len(set(lanes)) < len(lanes):
                return True
        return False

    def said(self, room: float) -> list[str]:
        """What its inset says under the name, in lines of so much room."""
        if self.block:
            alone = len(self.calls) == 1 and self.name != self.called
            lines = [f"as {self.name}"] if alone else []
            return [*lines, *captions(self.letters, room, self.note)]
        if len(self.stack.ports) == 1:
            return [f"as {self.name}", "in series"]
        way = "port" if self.numbered else "lane"
        return [f"as {self.name}", f"in series: every {way} goes on in the next one"]


class StackBody(Framed):
    """The card of a stack: its name, the inset that shows it, and how often it stands here."""

    def __init__(self, vertex: Vertex, name: str, called: str) -> None:
        self.vertex, self.full, self.called = vertex, name, called
        self.title = shorten(name, measures.NAME, NAME_MOST, bold=True)
        self.badge = 0.0
        named = text_width(self.title, measures.NAME, bold=True) + 1
        said = text_width(called, measures.CAPTION) + 1
        assert vertex.stack
        self.beside = len(vertex.stack.ports) == 1  # the card is too low for a badge under the text
        more = 3 + badge_width(vertex.count) if self.beside else 0
        self.front = ceil(max(named, said + more) + 2 * EDGE)
        self.low = self.named = ceil(HEAD + (LINE if called else 0) + EDGE)
        self.width, self.height = self.front + BEHIND, self.low + BEHIND
        self.enters = self.leaves = self.low / 2

    def paint(self, pen: Pen, x: float, y: float, src: str) -> None:
        with self.group(pen):
            self.low = self.vertex.height - BEHIND
            said = [self.called] if self.called else []
            self.outline(pen, x, y, said, said)
            middle = x + self.front - EDGE - badge_width(self.vertex.count) / 2
            down = 0.6 if self.beside else 2
            badge(pen, self.vertex.count, middle, y + HEAD + down * LINE)


class PortBody(Body):
    """The room of a lane in the card of a stack; `number` stands there if lanes say too little.

    That of the first lane has the card's name in it, which is `named` high.
    """

    def __init__(self, width: float, number: str, *, named: int, leaving: int) -> None:
        self.number = number
        self.width, self.height = width, max(named + (GLYPH if number else 0), GLYPH)
        self.enters = self.leaves = self.height - GLYPH / 2 if number else self.height / 2
        self.height = max(self.height, ceil(self.enters + 5 * leaving))

    def paint(self, pen: Pen, x: float, y: float, src: str) -> None:
        if self.number:
            wide = text_width(self.number, measures.CAPTION)
            pen.caption(x + EDGE, y + self.enters, self.number, width=wide + 0.1)


class HeldBody(Framed):
    """The frame of an inset with a layout of its own."""

    def __init__(self, flow: Flow, held: Held, name: str) -> None:
        steps = list(held.stack.member(held.turn))
        self.flow, self.held, self.said = flow, held, list[str]()
        self.vertex = Vertex(-1, "card", name, steps, held.card.shape)
        self.title = self.full = name
        self.badge = 0.0
        self.enters = self.leaves = 0.0
        self.riding: Riding | None = None
        self.begins: Callable[[Vertex], str] = lambda _: ""
        self.width: float
        self.height: float
        self.settle()

    def settle(self) -> None:
        """Find the size, with the wires as far as they are there."""
        held = self.held
        left, top, right, bottom = ink(held.graph, held.ways)
        inner = right - left + 2 * _MARGIN + _NUMBER
        self.said = held.said(inner - 2 * EDGE - 1)
        self.head = HEAD + LINE * len(self.said)
        named = [text_width(self.title, measures.NAME, bold=True)]
        named += [text_width(said, measures.CAPTION) for said in self.said]
        self.width = self.front = ceil(max(inner, max(named) + 2 * EDGE + 1))
        self.height = self.low = ceil(self.head + bottom - top + 2 * _MARGIN)

    def paint(self, pen: Pen, x: float, y: float, src: str) -> None:
        assert self.riding is not None
        held = self.held
        sketch = Sketch(self.flow, held.graph, held.ways, {}, self.riding, self.begins)
        sketch.clear = _CLEAR
        right, low = x + self.front, y + self.low
        sketch.kept += [
            Area(x, y, right, y + self.head + 1),
            Area(x - _MARGIN, y, x + 1, low),
            Area(right - 1, y, right + _MARGIN, low),
        ]  # no number of a wire stands on what is written above or on the frame
        sketch.stand(x + _MARGIN, y + self.head + _MARGIN)
        held.ways = sketch.ways
        with self.group(pen):
            self.outline(pen, x, y, self.said, self.said)
            sketch.paint(pen)
