"""Flattens a figure back into the edges of its net: wires, ops on wires, insides, counts.

`untrue` says which edges of the graph the figure leaves out, and which it makes up.  Blocks that
are drawn once for several are compared once; what runs from one to the next must be the end of the
one and the begin of the other.  A stack of equal stretches with ports is unrolled: what its inset
shows stands once for each of them, and a port is what its wires say, outside and inside.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import NamedTuple

from cnnspec.draw.flow.steps import containers
from cnnspec.draw.page.scene import Circle, Path, Scene, Text
from cnnspec.draw.parts.paths import listed, paths_in
from cnnspec.ir import Net, Node, graph

Edge = tuple[str, str]


class Group(NamedTuple):
    """A frame: the calls or layers that it stands for, and whether it shows what they hold."""

    members: tuple[str, ...]
    closed: bool
    call: bool
    size: int = 1
    """How many of the members, which are layers then, each of its turns has."""


class Turn(NamedTuple):
    """Which of the equal blocks of a frame a layer is in, from 0 to `last`."""

    frame: str
    at: int
    last: int


Place = tuple[str, int]
"""A stack by its first layer, and a port of it."""


class Figure:
    """What the shapes of a scene say."""

    def __init__(self, scene: Scene) -> None:
        self.edges: Counter[Edge] = Counter()
        self.ported: list[dict[str, str]] = []
        self.stacks: dict[str, list[tuple[str, ...]]] = {}
        """The first layer of each stack -> the layers of every stretch of it."""
        self.calls: dict[str, tuple[str, int, int]] = {}
        """A call around layers of a stack -> the place of the first of them."""
        rows: list[list[str]] = []
        groups: list[tuple[tuple[str, ...], bool, int]] = []
        riding: set[str] = set()
        for shape in scene.shapes:
            if isinstance(shape, Circle | Text):
                continue
            data = dict(shape.data)
            if "op" in data:
                rows.append(paths_in(data["op"]))
                if "output" in data:  # a map that leaves the net
                    self.edges[rows[-1][-1], f"→ {data['output']}"] += 1
            elif "stack" in data:
                size = len(shape.stands) // int(data["count"])
                self.stacks[data["stack"]] = [
                    shape.stands[at : at + size] for at in range(0, len(shape.stands), size)
                ]
            elif "group" in data and shape.stands:
                groups.append((shape.stands, True, len(paths_in(data["group"]))))
            elif "src" in data and isinstance(shape, Path):
                via = paths_in(data.get("via", ""))
                riding.update(via)
                self._wire(data, via)
            elif shape.stands:
                groups.append((shape.stands, False, 1))
        self.stretch = {
            path: (first, turn, at)
            for first, stretches in self.stacks.items()
            for turn, paths in enumerate(stretches)
            for at, path in enumerate(paths)
        }
        for path, (first, turn, at) in list(self.stretch.items()):
            for around in containers(path):
                self.calls.setdefault(around, (first, turn, at))
        self.turn = {first: self._turn(first) for first in self.stacks}
        shown = {path for row in rows for path in row} | riding
        self.shown = {self.once(path) for path in shown}
        for row in rows:
            self.edges.update(pairwise(row))
        for shape in scene.shapes:
            if not isinstance(shape, Circle | Text) and "gate" in dict(shape.data):
                self.shown.update(shape.stands)
        self.groups = [
            Group(stands, not any(self._under(path, stands[0]) for path in self.shown), call, size)
            for stands, call, size in groups
            if call or not set(stands) <= self.shown
        ]
        self.groups.sort(key=lambda group: len(group.members[0]))

    def _turn(self, first: str) -> int:
        """Which of a stack its inset shows."""
        for data in self.ported:
            if paths_in(data.get("leaves", ""))[:1] == [first] and "enters" not in data:
                (source,) = paths_in(data["src"])
                return self.stretch[source][1]
        return 0

    def once(self, path: str) -> str:
        """A layer of a stack as the one that the inset shows; others as they are."""
        found = self.find(path)
        return self.at(path, self.turn[found[0]]) if found else path

    def find(self, path: str) -> tuple[str, int, int] | None:
        """The stack, the stretch and the place there of a layer or of a call in one."""
        found = self.stretch.get(path) or self.calls.get(path)
        if found is None or path in self.stretch:
            return found
        first, turn, _ = found
        apart = any(a.startswith(path + ".") for a in self.stacks[first][turn - 1])
        return None if apart else found

    def tag(self, path: str) -> str:
        """Which stretch of which stack a layer is in."""
        found = self.find(path)
        return f"{found[0]}#{found[1]} " if found else ""

    def _wire(self, data: dict[str, str], via: list[str]) -> None:
        if paths_in(data.get("enters", "")) == ["", "0"] and "leaves" not in data:
            data = {key: value for key, value in data.items() if key != "enters"}
        if any(end in data for end in ("from", "into", "enters", "leaves")):
            self.ported.append(data)
            return
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
        path = self.once(path)
        for group in self.groups:
            for number, member in enumerate(group.members):
                if group.call and self._under(path, member):
                    turn, at = divmod(number, group.size)
                    path = group.members[at] + path[len(member) :]
                    if len(group.members) > group.size:
                        last = len(group.members) // group.size - 1
                        turns.append(Turn(group.members[0], turn, last))
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
        for (source, target), count in [*self.edges.items(), *self.unrolled().items()]:
            ends = (self.name(source), self.name(target))
            if ends[0] != ends[1]:
                found[ends] += count
        return found

    def name(self, path: str) -> str:
        """The place of a layer, with the stretch that it is in; an output as it is."""
        return path if path.startswith("→ ") else self.tag(path) + self.place(path)[0]

    def unrolled(self) -> Counter[Edge]:
        """The edges that the ports of stacks say, and those inside, for every stretch."""
        found: Counter[Edge] = Counter()
        for (source, target), count in self.edges.items():
            place = self.find(target)
            for other in range(len(self.stacks[place[0]])) if place else ():
                assert place
                begin = self._other(source, place[0], place[1], other)
                if begin and other != place[1]:
                    found[begin, self.at(target, other)] += count
        for data in self.ported:
            if paths_in(data.get("leaves", ""))[:1] == [""]:
                way = [*paths_in(data["src"]), *paths_in(data.get("via", ""))]
                found.update(pairwise(way))
            elif "enters" in data or "leaves" in data:
                first = paths_in(data.get("enters") or data["leaves"])[0]
                for turn in range(len(self.stacks[first])):
                    found.update(self._way(data, turn))
            else:
                found.update(self._way(data, 0))
        return found

    def _other(self, source: str, first: str, turn: int, other: int) -> str:
        """What one of a stack reads where another one reads a layer; nothing for none."""
        own = self.find(source)
        if own and own[:2] == (first, turn):
            return self.at(source, other)
        ports = {int(paths_in(data["enters"])[1]) for data in self.ported
                 if paths_in(data.get("enters", ""))[:1] == [first]}  # fmt: skip
        for port in sorted(ports):
            if self._entering(first, port, turn)[-1] == source:
                return self._entering(first, port, other)[-1]
        return ""

    def at(self, path: str, turn: int) -> str:
        """The layer in another stretch of its stack that is equal to one."""
        found = self.find(path)
        assert found
        first, own, at = found
        deeper = self.stacks[first][own][at].count(".") - path.count(".")
        return self.stacks[first][turn][at].rsplit(".", deeper)[0]

    def _way(self, data: dict[str, str], turn: int) -> Counter[Edge]:
        """The edges along a wire, in one of the stretches; one to a port ends before it."""
        way = self._before(data, turn)
        if "leaves" not in data and "into" not in data:
            (end,) = paths_in(data["dst"])
            inside = "enters" in data
            way.append(self.at(end, turn) if inside else "→ " * ("output" in data) + end)
        return Counter(pairwise(way))

    def _before(self, data: dict[str, str], turn: int) -> list[str]:
        """Where the value on a wire comes from, and the ops on its way."""
        via = paths_in(data.get("via", ""))
        if "enters" in data:
            first, port = paths_in(data["enters"])
            return [*self._entering(first, int(port), turn), *(self.at(path, turn) for path in via)]
        if "from" in data:
            first, port = paths_in(data["from"])
            last = len(self.stacks[first]) - 1
            return [*self._leaving(first, int(port), last), *via]
        (source,) = paths_in(data["src"])
        inside = "leaves" in data
        return [self.at(path, turn) if inside else path for path in (source, *via)]

    def _entering(self, first: str, port: int, turn: int) -> list[str]:
        """The way of the value that enters a stretch at a port."""
        if turn:
            return self._leaving(first, port, turn - 1)[-1:]
        return self._before(self._at("into", first, port), 0)[-1:]

    def _leaving(self, first: str, port: int, turn: int) -> list[str]:
        """The way of the value that leaves a stretch at a port; where none does, all read one."""
        found = [data for data in self.ported if data.get("leaves") == listed([first, str(port)])]
        return self._before(found[0], turn)[-1:] if found else self._entering(first, port, 0)

    def _at(self, end: str, first: str, port: int) -> dict[str, str]:
        return next(data for data in self.ported if data.get(end) == listed([first, str(port)]))


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
            (_, before), (_, after) = figure.place(source.path), figure.place(node.path)
            a, b = figure.name(source.path), figure.name(node.path)
            inside = [turn.frame for turn in before] == [turn.frame for turn in after]
            inside = inside and figure.tag(source.path) == figure.tag(node.path)
            if inside and before != after:
                if not _follows(before, after):
                    wrong.append((source.path, node.path))
            elif a != b and not any(turn.at for turn in after):
                wanted[a, b] += 1
                around = {turn.frame for turn in after}
                if any(turn.at < turn.last for turn in before if turn.frame not in around):
                    wrong.append((source.path, node.path))
    for name, index in nodes.outputs.items():
        wanted[figure.name(seen(nodes.nodes, index, scene).path), f"→ {name}"] += 1
    drawn = figure.drawn()
    closed = {f"[{group.members[0]}]" for group in figure.groups if group.closed}
    for edge in list(drawn):
        if edge in wanted and any(end[end.find("[") :] in closed for end in edge if "[" in end):
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
