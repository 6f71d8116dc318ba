"""What is left of a flow when stretches of it are closed: vertices and wires."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from cnnspec.draw.block.gutter import shape_text
from cnnspec.draw.flow.body import Body
from cnnspec.draw.flow.calls import Likeness, Span
from cnnspec.draw.flow.steps import Flow, Step
from cnnspec.draw.flow.turns import turned
from cnnspec.values import Shape

if TYPE_CHECKING:
    from cnnspec.draw.flow.stacks import Stack

Kind = Literal["input", "output", "step", "join", "card", "cell", "port"]
"""What a vertex is: `card` a closed call or stretch, `cell` steps in series in one box.

A `port` is the place of one lane in a card of several values in and out.
"""


class Link(NamedTuple):
    """An edge of the net: a step, and one that reads it as its input number `slot`.

    The target -1 is the output number `slot`.
    """

    source: int
    target: int
    slot: int


@dataclass(slots=True, eq=False)
class Vertex:
    """Something with a place of its own; its steps are `first` to `last` where it is a card.

    `members` are the calls that a counted card stands for, `level` is its resolution.
    """

    index: int
    kind: Kind
    name: str
    steps: list[int]
    shape: Shape
    level: int = 0
    training: bool = False
    shares: str = ""
    span: Span | None = None
    members: list[str] = field(default_factory=list)
    holds: tuple[str, ...] = ()
    """The paths of its layers, where it is a closed stretch that is no call."""
    gathered: list[str] = field(default_factory=list)
    """The outputs that it stands for, where it is a list of them."""
    among: tuple[int, ...] = ()
    """The channels that each of its calls gives, where they differ in channels."""
    label: str = ""
    """What its author calls it in print."""
    leads: bool = False
    """Whether the first of its blocks alone has the stride that it shows, and its changed skip."""
    changes: bool = False
    """Whether all blocks of one that leads have the changed skip."""
    stage: str = ""
    """The path of the call whose blocks it stands for, where it stands for all of them."""
    up: bool = False
    """Drawn from the bottom to the top: what flows in comes from below."""
    stack: Stack | None = None
    """The equal stretches that it stands for, where several values pass between them."""
    brief: bool = False
    """Whether it stands for these by its name alone, and no inset shows one of them."""
    owner: Vertex | None = None
    """The card that a port is part of."""
    port: int = -1
    """The number of a port, in a card or as an input or output of what it shows."""
    body: Body | None = None
    x: float = 0
    y: float = 0
    width: float = 0
    height: float = 0

    @property
    def count(self) -> int:
        """How many equal ones in a row it stands for."""
        return self.stack.count if self.stack else max(len(self.members), 1)

    @property
    def centre(self) -> tuple[float, float]:
        """Its middle."""
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(slots=True, eq=False)
class Wire:
    """From one vertex to another; it stands for the edges `links` of the net.

    `ops` are steps that ride on it: every link then runs through all of them.
    """

    start: Vertex
    end: Vertex
    links: list[Link]
    ops: list[int] = field(default_factory=list)

    @property
    def times(self) -> int:
        """How often the reader takes the value, where one step reads it several times."""
        whole = self.start.owner is None and self.end.owner is None
        return len(self.links) if whole and len({link[:2] for link in self.links}) == 1 else 1

    @property
    def net(self) -> tuple[int, tuple[int, ...], tuple[int, ...]]:
        """Equal for wires that may share their way: one value with the same ops on it."""
        return (
            self.start.index,
            tuple(sorted({link.source for link in self.links})),
            tuple(self.ops),
        )


@dataclass(slots=True, eq=False)
class Quotient:
    """A graph in topological order: every wire runs to a vertex with a higher index."""

    vertices: list[Vertex]
    wires: list[Wire]
    cards: list[Vertex] = field(default_factory=list)
    """What stands as its ports among the vertices."""
    places: dict[int, int] = field(default_factory=dict)
    """The outputs that an author wants in an order, by index, and their places in it."""

    @property
    def boxes(self) -> list[Vertex]:
        """What has a place on the page for itself."""
        return [vertex for vertex in self.vertices if vertex.owner is None] + self.cards

    def ends(self) -> tuple[dict[int, list[Wire]], dict[int, list[Wire]]]:
        """The wires into and out of every vertex by its index."""
        into: dict[int, list[Wire]] = defaultdict(list)
        out: dict[int, list[Wire]] = defaultdict(list)
        for wire in self.wires:
            into[wire.end.index].append(wire)
            out[wire.start.index].append(wire)
        return into, out

    def contract(self, gone: dict[int, Vertex]) -> None:
        """Merge vertices into others; wires between the two of a pair vanish."""
        self.vertices = [vertex for vertex in self.vertices if vertex.index not in gone]
        kept = []
        for wire in self.wires:
            wire.start = gone.get(wire.start.index, wire.start)
            wire.end = gone.get(wire.end.index, wire.end)
            if wire.start is not wire.end:
                kept.append(wire)
        self.wires = kept


def quotient(flow: Flow, level: list[int], closed: Iterable[Span]) -> Quotient:
    """The flow with disjoint stretches closed."""
    vertices, of = vertices_of(flow, level, closed, range(len(flow.steps)))
    wires = wires_of(flow, {}, of)
    for number, (name, at) in enumerate(flow.outputs.items()):
        said = name if len(flow.outputs) > 1 else ""
        end = Vertex(len(vertices), "output", said, [], flow.steps[at].shape, level[at])
        end.training = name in flow.aux
        vertices.append(end)
        wires.append(Wire(of[at], end, [Link(at, -1, number)]))
    _tell_apart(vertices)
    return Quotient(vertices, wires)


def _tell_apart(vertices: Iterable[Vertex]) -> None:
    """Calls that share a name are called by more of their paths: `up1.conv` and `up2.conv`."""
    same: dict[str, list[tuple[Vertex, str]]] = defaultdict(list)
    for vertex in vertices:
        if vertex.kind == "card" and vertex.span is not None and vertex.members:
            same[vertex.name].append((vertex, vertex.span.path))
    for name, cards in same.items():
        words = name.count(".") + 1
        while len(cards) > 1 and len({_tail(path, words) for _, path in cards}) < len(cards):
            words += 1
        for vertex, path in cards if len(cards) > 1 else ():
            vertex.name = _tail(path, words)


def _tail(path: str, words: int) -> str:
    return ".".join(path.split(".")[-words:])


def vertices_of(
    flow: Flow, level: list[int], closed: Iterable[Span], inside: range, begin: int = 0
) -> tuple[list[Vertex], dict[int, Vertex]]:
    """The vertices of a range of steps, numbered from `begin` on, and that of every step."""
    owner = {at: span for span in closed for at in range(span.first, span.last + 1)}
    made: dict[str, Vertex] = {}
    of: dict[int, Vertex] = {}
    vertices: list[Vertex] = []
    for at in inside:
        span, number = owner.get(at), begin + len(vertices)
        if span is None:
            vertices.append(_step(flow, level, at, number))
        elif span.path not in made:
            made[span.path] = _card(flow, level, span, number)
            vertices.append(made[span.path])
        of[at] = made[span.path] if span else vertices[-1]
    return vertices, of


def gather(graph: Quotient, kind: Literal["input", "output"]) -> None:
    """Make all outputs, or all inputs, one vertex that lists them."""
    ends = [vertex for vertex in graph.vertices if vertex.kind == kind]
    first, *others = ends
    if not others:
        return
    listed = ends
    if kind == "output" and graph.places:
        by_index = {vertex.index: vertex for vertex in ends}
        listed = [by_index[index] for index in turned([*by_index], graph.places)]
        graph.places = {}
    first.gathered = [f"{vertex.name} {shape_text(vertex.shape)}" for vertex in listed]
    graph.contract({vertex.index: first for vertex in others})
    found: dict[tuple[int, int], Wire] = {}
    kept = []
    for wire in graph.wires:
        first_of = found.setdefault((wire.start.index, wire.end.index), wire)
        if first in (wire.start, wire.end) and first_of is not wire:
            first_of.links += wire.links
            continue
        kept.append(wire)
    graph.wires = kept


def _step(flow: Flow, level: list[int], at: int, index: int) -> Vertex:
    step = flow.steps[at]
    kind: Kind = "input" if step.kind == "input" else "join" if step.kind == "join" else "step"
    name = step.path if kind == "input" else ""
    return Vertex(
        index, kind, name, [at], step.shape, level[at], step.training, shares=step.row.shares
    )


def _card(flow: Flow, level: list[int], span: Span, index: int) -> Vertex:
    steps = list(range(span.first, span.last + 1))
    first, last = flow.steps[span.first], flow.steps[span.last]
    shares = first.row.shares.rpartition(".")[0] if first.row.shares else ""
    called = span.module is not None
    holds = () if called else tuple(path for at in steps for path in flow.steps[at].row.paths)
    name, members = (spoken(span.path), [span.path]) if called else (ends_of(first, last), [])
    return Vertex(
        index, "card", name, steps, last.shape, level[span.last], first.training, shares, span,
        members, holds, stack=span.stack,
    )  # fmt: skip


def ends_of(first: Step, last: Step) -> str:
    """What a stretch is called that is no call: where it begins and ends, below what is around."""
    one, two = (step.row.paths[end].split(".") for step, end in ((first, 0), (last, -1)))
    while len(one) > 1 and len(two) > 1 and one[0] == two[0]:
        one, two = one[1:], two[1:]
    return one[0] if one[0] == two[0] else f"{one[0]} – {two[0]}"


def spoken(path: str) -> str:
    """What a call is called: its name, with those around it up to one that is no number."""
    *around, name = path.split(".")
    while around and name.partition(".")[0].isdigit():
        name = f"{around.pop()}.{name}"
    return name


def wires_of(flow: Flow, outside: dict[int, Vertex], inside: dict[int, Vertex]) -> list[Wire]:
    """The wires into the vertices of steps from those and from others; one a value at a stack."""
    found: dict[tuple[int, int, int], Wire] = {}
    of = outside | inside
    for at, end in inside.items():
        for slot, source in enumerate(flow.steps[at].feeds):
            start = of[source]
            if start is end:
                continue
            apart = source if start.stack or end.stack else -1
            wire = found.setdefault((start.index, end.index, apart), Wire(start, end, []))
            wire.links.append(Link(source, at, slot))
    return list(found.values())


def repeats(graph: Quotient, likeness: Likeness) -> None:
    """Equal cards in a row become one with a count."""
    into, out = graph.ends()
    gone: dict[int, Vertex] = {}
    for vertex in graph.vertices:
        if vertex.index in gone or vertex.kind != "card" or not _repeatable(vertex):
            continue
        assert vertex.span is not None
        key = likeness.of(vertex.span.first, vertex.span.last)
        at = vertex
        while len(out[at.index]) == 1 and not out[at.index][0].ops:
            after = out[at.index][0].end
            if after.span is None or not _repeatable(after) or len(into[after.index]) != 1:
                break
            if likeness.of(after.span.first, after.span.last) != key:
                break
            gone[after.index] = vertex
            vertex.members.append(after.span.path)
            vertex.steps += after.steps
            at = after
    graph.contract(gone)


def _repeatable(vertex: Vertex) -> bool:
    """Whether a card stands for a call with one way in and one way out."""
    return vertex.span is not None and vertex.span.clean and bool(vertex.members)
