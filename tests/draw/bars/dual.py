"""Reads a figure of bars as a person does: bars are maps, arrows are ops by colour and key.

Nothing but shapes, colours and words is looked at, no data of an arrow; the layers that a bar
stands for say which map it is.  `lies` compares what was read with the net's graph.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise, permutations

from cnnspec.draw.page.areas import area_of
from cnnspec.draw.page.scene import Area, Path, Rect, Scene, Shape, Text
from cnnspec.draw.writers.things import corners
from cnnspec.ir import Net, Node, graph
from tests.draw.flow.truth import seen, values

Look = tuple[str, bool, float]
"""The colour of an arrow, whether it is dashed, and how wide its line is."""
Point = tuple[float, float]
JOINS = {"mul": "multiply", "mean": "average", "max": "take the larger"}
NEAR = 4.0
"""In points: an arrow that ends nearer to a bar than this belongs to it."""


@dataclass(eq=False)
class Bar:
    """A map: its layers, the room that it takes with its words, and what stands over it."""

    stands: tuple[str, ...]
    area: Area
    words: list[str]
    box: Area
    yellow: bool

    @property
    def value(self) -> str:
        return self.stands[-1]


@dataclass(eq=False)
class Arrow:
    """From one point to another, with a number where its colour does not say all."""

    points: list[Point]
    look: Look
    number: str = ""


@dataclass
class Read:
    """What stands in a figure."""

    bars: list[Bar] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    key: dict[tuple[Look, str], str] = field(default_factory=dict)

    def text(self, arrow: Arrow) -> str:
        return self.key.get((arrow.look, arrow.number), "")

    def ends(self, arrow: Arrow) -> tuple[Bar | None, Bar | None]:
        """The bars at the begin and at the tip of an arrow, if one is near enough."""
        begin, tip = (self.at(point) for point in (arrow.points[0], arrow.points[-1]))
        return begin, tip

    def at(self, point: Point) -> Bar | None:
        near = [(_away(point, bar.area), at, bar) for at, bar in enumerate(self.bars)]
        distance, _, bar = min(near)
        return bar if distance < NEAR else None


def _away(point: Point, area: Area) -> float:
    x, y = point
    across = max(area.left - x, x - area.right, 0.0)
    return across + max(area.top - y, y - area.bottom, 0.0)


def read(scene: Scene) -> Read:
    """The bars, arrows and lines of the key of a scene."""
    found = Read(key=dict(_key(scene.shapes[scene.foot[0] : scene.foot[1]])))
    for group in scene.groups:
        shapes = scene.shapes[group.first : group.last]
        if group.kind == "wire":
            arrow = Arrow([*_points(shapes)], _look(shapes[0]))
            after = scene.shapes[group.last]
            if isinstance(after, Text) and after.bold and after.text.isdigit():
                arrow.number = after.text
            found.arrows.append(arrow)
        elif group.kind == "box":
            words = [shape.text for shape in shapes if isinstance(shape, Text)]
            boxes = [area_of(shape) for shape in shapes if isinstance(shape, Rect) and shape.stands]
            room, yellow = _union(map(area_of, shapes)), any(map(_yellow, shapes))
            found.bars.append(Bar(group.paths, room, words, _union(boxes), yellow))
    return found


def _yellow(shape: Shape) -> bool:
    return isinstance(shape, Rect) and shape.fill == "linear"


def _union(areas: object) -> Area:
    lefts, tops, rights, bottoms = zip(*areas, strict=True)  # type: ignore[call-overload]
    return Area(min(lefts), min(tops), max(rights), max(bottoms))


def _points(shapes: list[Shape]) -> list[Point]:
    line, head = shapes
    assert isinstance(line, Path) and isinstance(head, Path)
    return [*corners(line.segments)[:-1], head.segments[0][1][-2:]]  # type: ignore[list-item]


def _look(shape: Shape) -> Look:
    assert isinstance(shape, Path)
    return shape.stroke, shape.dash, shape.line


def _key(shapes: list[Shape]) -> Iterator[tuple[tuple[Look, str], str]]:
    for line, _, text in zip(shapes[::3], shapes[1::3], shapes[2::3], strict=True):
        assert isinstance(text, Text)
        number, colon, said = text.text.partition(": ")
        yield (_look(line), number if colon else ""), said if colon else text.text


def label(node: Node) -> str:
    """What an op is called, without its channels."""
    said = re.sub(r", \d+(?=,|$)", "", node.op.label())
    said = re.sub(r"^(resize|crop) .*", r"\1", said)
    groups = getattr(node.op, "groups", 1)
    if groups > 1 and groups == node.layer.inputs[0][0]:  # depthwise
        said = said.replace(f", {groups} groups", "").replace(" conv", " dw conv")
    window = getattr(node.op, "window", None)
    if window is not None and window.kernel == window.stride:
        return said
    first, comma, rest = said.partition(", ")
    return f"{first} {node.op.stride_label()}".strip() + comma + rest


def lies(net: Net, scene: Scene) -> list[str]:
    """What a figure says that the net is not, and what it leaves out."""
    nodes, found = graph(net), read(scene)
    at = {node.path: node for node in nodes}
    value = {bar.value: bar for bar in found.bars}
    drawn: set[str] = set()
    out: list[str] = []
    arrows = [(*found.ends(arrow), arrow) for arrow in found.arrows]
    marks = [a for _, _, a in arrows if found.text(a) == "places of maxima"]
    arrows = [each for each in arrows if each[2] not in marks]
    out += [
        f"an arrow from nowhere or to nowhere: {a.points}" for s, e, a in arrows if not (s and e)
    ]
    out += [f"no line of the key for {a.look}, {a.number}" for _, _, a in arrows
            if not found.text(a) and a.look[0] != "wire"]  # fmt: skip
    for bar in found.bars:
        own = [at[path] for path in bar.stands]
        drawn |= {*bar.stands}
        arms = [
            _arm(nodes.nodes, i, scene, value)
            for i in values(own[0])[: 1 if own[0].op.places else None]
        ]
        drawn |= {node.path for _, ops in arms for node in ops}
        into = [(s.value if s else "", a) for s, e, a in arrows if e is bar]
        if not _same(found, own, arms, into):
            said = [(source, found.text(arrow)) for source, arrow in into]
            out.append(f"{bar.value} is said to come from {said}, not from "
                       f"{[(s, [n.path for n in ops]) for s, ops in arms]}")  # fmt: skip
        out += _shape(bar, own)
    out += [f"{path} is left out" for path in at.keys() - drawn - {*scene.unseen}]
    out += _order(found, at)
    ends = {seen(nodes.nodes, index, scene).path for index in nodes.outputs.values()}
    if {bar.value for bar in found.bars if bar.yellow} != ends:
        out.append(f"the maps that leave are {ends}")
    wanted = sum(bool(at[bar.stands[0]].op.places) for bar in found.bars)
    out += [f"{len(marks)} of {wanted} arrows of places"] * (len(marks) != wanted)
    return out + [f"{mark.points} joins no pool to its unpool" for mark in marks
                  if not _places(mark, arrows, at, nodes.nodes)]  # fmt: skip


def _arm(
    nodes: list[Node], index: int, scene: Scene, value: dict[str, Bar]
) -> tuple[str, list[Node]]:
    """The map that an input comes from, and the ops on the way."""
    ops: list[Node] = []
    node = seen(nodes, index, scene)
    while node.path not in value:
        ops.insert(0, node)
        node = seen(nodes, values(node)[0], scene)
    return node.path, ops


def _same(
    found: Read, own: list[Node], arms: list[tuple[str, list[Node]]], into: list[tuple[str, Arrow]]
) -> bool:
    """Whether arrows into a map say what its arms are, each with one."""
    return len(arms) == len(into) and any(
        all(source == arm[0] and _said(found, own, arm[1], arrow)
            for arm, (source, arrow) in zip(arms, order, strict=True))
        and (len(arms) < 2 or sum(arrow.look[0] == "level" for _, arrow in order) == 1)
        for order in permutations(into)
    )  # fmt: skip


def _said(found: Read, own: list[Node], ops: list[Node], arrow: Arrow) -> bool:
    """Whether the key says of an arrow what stands on it."""
    join = own[0].op.join
    if arrow.look[0] == "level":
        crop = ops and all(node.op.name == "crop" for node in ops)
        words = ["crop"] if crop else [label(node) for node in ops] or ["copy"]
        takes = [JOINS.get(own[0].op.name, own[0].op.name), *map(label, own[1:])]
        return found.text(arrow) == f"{', '.join(words)} and {', '.join(takes)}"
    return found.text(arrow) == ", ".join(map(label, [*ops, *(() if join else own)]))


def _shape(bar: Bar, own: list[Node]) -> Iterator[str]:
    """Whether the channels over a bar are those of the map."""
    parts = Counter(bar.words[0].split("+"))
    channels = [own[-1].shape[0]]
    if own[0].op.stacks:
        channels = [shape[0] for shape in own[0].layer.inputs]
    if parts != Counter(map(str, channels)):
        yield f"{bar.value} has {channels} channels, not {bar.words[0]}"


def _order(found: Read, at: dict[str, Node]) -> Iterator[str]:
    """Whether larger maps are higher bars, and more channels are wider ones."""
    bars = [(at[bar.value].shape, bar.box) for bar in found.bars if "+" not in bar.words[0]]
    for one, a in bars:
        for two, b in bars:
            if one[1] * one[2] > two[1] * two[2] and a.bottom - a.top < b.bottom - b.top - 0.01:
                yield f"{one} is lower than {two}"
            if one[0] > two[0] and a.right - a.left < b.right - b.left - 0.01:
                yield f"{one} is narrower than {two}"


def _places(
    mark: Arrow, arrows: list[tuple[Bar | None, Bar | None, Arrow]], at: dict[str, Node],
    nodes: list[Node],
) -> bool:  # fmt: skip
    """Whether an arrow runs from that of a pool to that of who takes its places."""
    ends = []
    for point in (mark.points[0], mark.points[-1]):
        ends += [tip for _, tip, arrow in arrows if tip and _on(point, arrow.points)][:1]
    if len(ends) < 2:
        return False
    taker = at[ends[1].stands[0]]
    return bool(taker.op.places) and nodes[taker.inputs[1]].path in ends[0].stands


def _on(point: Point, points: list[Point]) -> bool:
    return any(
        _away(point, _union([Area(*a, *a), Area(*b, *b)])) < 1.5 for a, b in pairwise(points)
    )
