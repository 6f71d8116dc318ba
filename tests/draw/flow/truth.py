"""Flattens a figure back into the edges of its net: wires, ops on wires, insides, counts.

`untrue` says which edges of the graph the figure leaves out, and which it makes up.  Blocks that
are drawn once for several are compared once; what runs from one to the next must be the end of the
one and the begin of the other.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import NamedTuple

from cnnspec.draw.page.scene import Circle, Path, Scene, Text
from cnnspec.draw.parts.paths import paths_in
from cnnspec.ir import Net, Node, graph

Edge = tuple[str, str]


class Group(NamedTuple):
    """A frame: the calls or layers that it stands for, and whether it shows what they hold."""

    members: tuple[str, ...]
    closed: bool
    call: bool


class Turn(NamedTuple):
    """Which of the equal blocks of a frame a layer is in, from 0 to `last`."""

    frame: str
    at: int
    last: int


class Figure:
    """What the shapes of a scene say."""

    def __init__(self, scene: Scene) -> None:
        self.edges: Counter[Edge] = Counter()
        rows: list[list[str]] = []
        groups: list[tuple[tuple[str, ...], bool]] = []
        riding: set[str] = set()
        for shape in scene.shapes:
            if isinstance(shape, Circle | Text):
                continue
            data = dict(shape.data)
            if "op" in data:
                rows.append(paths_in(data["op"]))
            elif "group" in data and shape.stands:
                groups.append((shape.stands, True))
            elif "src" in data and isinstance(shape, Path):
                via = paths_in(data.get("via", ""))
                riding.update(via)
                self._wire(data, via)
            elif shape.stands:
                groups.append((shape.stands, False))
        self.shown = {path for row in rows for path in row} | riding
        for row in rows:
            self.edges.update(pairwise(row))
        for shape in scene.shapes:
            if not isinstance(shape, Circle | Text) and "gate" in dict(shape.data):
                self.shown.update(shape.stands)
        self.groups = [
            Group(stands, not any(self._under(path, stands[0]) for path in self.shown), call)
            for stands, call in groups
            if call or not set(stands) <= self.shown
        ]
        self.groups.sort(key=lambda group: len(group.members[0]))

    def _wire(self, data: dict[str, str], via: list[str]) -> None:
        out = "→ " if "output" in data else ""
        for source, end in zip(paths_in(data["src"]), paths_in(data["dst"]), strict=True):
            target = out + end
            way = [source, *via, target]
            self.edges.update(dict.fromkeys(pairwise(way), int(data.get("times", 1))))

    @staticmethod
    def _under(path: str, call: str) -> bool:
        return path == call or path.startswith(call + ".")

    def place(self, path: str) -> tuple[str, tuple[Turn, ...]]:
        """Where a layer is drawn: its own path, or the frame that hides it; and its turns."""
        turns: list[Turn] = []
        for group in self.groups:
            for turn, member in enumerate(group.members):
                if group.call and self._under(path, member):
                    path = group.members[0] + path[len(member) :]
                    if len(group.members) > 1:
                        turns.append(Turn(group.members[0], turn, len(group.members) - 1))
                    if group.closed:
                        return f"[{group.members[0]}]", tuple(turns)
                    break
            else:
                if not group.call and path in group.members:
                    return f"[{group.members[0]}]", tuple(turns)
        return path, tuple(turns)

    def drawn(self) -> Counter[Edge]:
        """The edges between places."""
        found: Counter[Edge] = Counter()
        for (source, target), count in self.edges.items():
            ends = (self.place(source)[0], self.place(target)[0])
            if ends[0] != ends[1]:
                found[ends] += count
        return found


def untrue(net: Net, scene: Scene) -> dict[str, list[Edge]]:
    """The edges that are missing in a figure, made up, or drawn too often or too seldom."""
    figure, nodes = Figure(scene), graph(net)
    wanted: Counter[Edge] = Counter()
    wrong: list[Edge] = []
    for node in nodes:
        if node.path in scene.unseen:
            continue
        for index in values(node):
            source = seen(nodes.nodes, index, scene)
            (a, before), (b, after) = figure.place(source.path), figure.place(node.path)
            inside = [turn.frame for turn in before] == [turn.frame for turn in after]
            if inside and before != after:
                if not _follows(before, after):
                    wrong.append((source.path, node.path))
            elif a != b and not any(turn.at for turn in after):
                wanted[a, b] += 1
                around = {turn.frame for turn in after}
                if any(turn.at < turn.last for turn in before if turn.frame not in around):
                    wrong.append((source.path, node.path))
    for name, index in nodes.outputs.items():
        wanted[figure.place(seen(nodes.nodes, index, scene).path)[0], f"→ {name}"] += 1
    drawn = figure.drawn()
    closed = {f"[{group.members[0]}]" for group in figure.groups if group.closed}
    for edge in list(drawn):
        if edge in wanted and (edge[0] in closed or edge[1] in closed):
            drawn[edge] = wanted[edge]
    missing, invented = wanted - drawn, set(drawn) - set(wanted)
    found = {"missing": sorted(missing), "invented": sorted(invented), "wrong": wrong}
    return {what: edges for what, edges in found.items() if edges}


def values(node: Node) -> list[int]:
    """The nodes whose numbers a node reads; of the map that `crop to=` names it reads the size."""
    op = node.op
    return list(node.inputs if op.places else node.inputs[: op.carries])


def _follows(before: tuple[Turn, ...], after: tuple[Turn, ...]) -> bool:
    """Whether one block comes right behind another of its run."""
    for a, b in zip(before, after, strict=True):
        if a != b:
            return b.at == a.at + 1
    return True


def seen(nodes: list[Node], index: int, scene: Scene) -> Node:
    """The node that gives the value of another one that computes nothing."""
    while nodes[index].path in scene.unseen and nodes[index].inputs:
        index = nodes[index].inputs[0]
    return nodes[index]
