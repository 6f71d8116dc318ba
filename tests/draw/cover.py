"""Walks what a style made and says which layers of the net are missing in it, or out of order.

A layer is found when an item stands for it: a box, a wire that carries it, or a group that names
it. An order is one that the graph allows when no layer stands above or left of what feeds it; a
figure of boxes and wires (its wires name the outputs) has arrowheads instead: tests/draw/flow.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import NamedTuple

from cnnspec.draw import DrawError, architecture_table, figure
from cnnspec.draw.page.scene import Circle, Path, Rect, Scene, Shape, Text
from cnnspec.draw.parts.builder import plan
from cnnspec.draw.parts.sized import sized
from cnnspec.draw.table.table import table
from cnnspec.draw.writers.dot import write_dot
from cnnspec.draw.writers.explorer import write_json
from cnnspec.ir import Net, Node, graph

LEVELS = ("net", "stage", "block", "layer")
STYLES = (*(f"block {level}" for level in LEVELS), "columns", "module", "trunk", "volumes", "table")
"""Every style that is a scene or a table, block at each of its levels."""

NOT_DRAWN = {"flatten", "skip"}
"""The ops that compute nothing: a figure may leave them out, and says so."""


class Item(NamedTuple):
    """Something in a picture: what it stands for, and where it is."""

    stands: tuple[str, ...]
    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


def faults(net: Net, style: str) -> list[str]:
    """What is missing or out of order. Raises DrawError where the style does not take the net."""
    name, _, level = style.partition(" ")
    if name == "table":
        made = table([plan(net, "block")])
        for form in ("tex", "md", "html"):
            architecture_table(net, form=form)
        read = [stands for row in made.lines for stands in row.stands]
        rows = [Item(stands, at, at, at, at) for at, stands in enumerate(read)]
        return _judge(net, rows, set(made.unseen))
    scene = figure(net, style=name, **({"level": level} if level else {}))  # type: ignore[arg-type]
    shown = sized(net)  # what an op takes the size of alone feeds it no values
    return _judge(shown, _items(scene), set(scene.unseen), ordered=not _wired(scene))


def _wired(scene: Scene) -> bool:
    """Whether the figure is one of boxes and wires, in which the flow may go up."""
    paths = (shape for shape in scene.shapes if isinstance(shape, Path))
    return any("output" in dict(path.data) for path in paths)


def _items(scene: Scene) -> list[Item]:
    return [_item(shape) for shape in scene.shapes if _stands(shape)]


def _stands(shape: Shape) -> tuple[str, ...]:
    return () if isinstance(shape, Circle) else shape.stands


def _item(shape: Shape) -> Item:
    match shape:
        case Rect():
            ends = (shape.x + shape.width, shape.y + shape.height)
            return Item(shape.stands, shape.x, shape.y, *ends)
        case Path():
            points = [at[-2:] for _, at in shape.segments if at]
            xs, ys = zip(*points, strict=True)
            return Item(shape.stands, min(xs), min(ys), max(xs), max(ys))
        case Text():
            return Item(shape.stands, shape.x, shape.y - shape.size, shape.x, shape.y)
    raise AssertionError(shape)


class _Places:
    """Path of a layer -> its own item, and the group around it that stands for several blocks."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.own: dict[str, Item] = {}
        self.groups: dict[str, Item] = {}
        for item in items:
            for path in item.stands:
                known = self.own.get(path)
                if known is not None and len(known.stands) < len(item.stands):
                    self.groups[path] = item
                    continue
                if known is not None:
                    self.groups[path] = known
                self.own[path] = item

    def row(self, node: Node) -> Item | None:
        return self.own.get(node.path)

    def nearest(self, path: str) -> Item | None:
        """The innermost group that names the layer: a frame in a stage's frame, say."""
        names = path.split(".")
        found = (".".join(names[:depth]) for depth in range(len(names) - 1, 0, -1))
        return next((self.own[name] for name in found if name in self.own), self.groups.get(path))

    def group(self, path: str) -> Item | None:
        """The outermost group that names the layer."""
        names = path.split(".")
        found = (".".join(names[:depth]) for depth in range(1, len(names)))
        for name in found:
            if name in self.own:
                return self.own[name]
        return self.groups.get(path)


def _judge(net: Net, items: Sequence[Item], unseen: set[str], *, ordered: bool = True) -> list[str]:
    places, nodes = _Places(items), graph(net).nodes
    found: list[str] = []
    drawn = {node.path for node in nodes if places.row(node)}
    for node in nodes:
        if node.op.name == "input" or node.path in drawn:
            continue
        around = places.nearest(node.path)
        if node.path in unseen:
            if node.op.name not in NOT_DRAWN:
                found.append(f"{node.path} ({node.op.name}) is left out")
        elif around is None:
            found.append(f"{node.path} ({node.op.name}) is missing")
        elif _opened(around, node.path, drawn) and node.op.name not in NOT_DRAWN:
            found.append(f"{node.path} ({node.op.name}) is missing in {around.stands[0]}")
    return found + (_disordered(nodes, places) if ordered else [])


def _opened(around: Item, path: str, drawn: set[str]) -> bool:
    """Whether the block of the path is shown with its inside, so that the layer should be too."""
    first = around.stands[0]
    inside = path.startswith(first + ".")
    return inside and any(other.startswith(first + ".") for other in drawn)


def _disordered(nodes: Sequence[Node], places: _Places) -> list[str]:
    found = []
    for node in nodes:
        for index in node.inputs:
            while places.row(nodes[index]) is None and places.group(nodes[index].path) is None:
                if not nodes[index].inputs:
                    break
                index = nodes[index].inputs[0]
            if not _ordered(nodes[index], node, places):
                found.append(f"{node.path} stands before {nodes[index].path}, which feeds it")
    return found


def _ordered(source: Node, target: Node, places: _Places) -> bool:
    a, b = places.row(source), places.row(target)
    if a is not None and b is not None:
        return places.groups.get(source.path, a) is b or a is b or _follows(a, b)
    a, b = places.group(source.path) or a, places.group(target.path) or b
    return a is None or b is None or a is b or _follows(a, b)


def _follows(a: Item, b: Item) -> bool:
    """Whether b is read behind a: below it, or in a column to its right."""
    return a.middle <= b.middle + 1e-6 or a.right <= b.left + 1e-6


def graph_faults(net: Net) -> list[str]:
    """What the formats that show the graph itself, dot and json, leave out or turn round."""
    nodes = graph(net).nodes
    wanted = {(source, node.index) for node in nodes for source in node.inputs}
    (shown,) = json.loads(write_json([net]))["graphs"]
    found = [f"json: {n.path}" for n, s in zip(nodes, shown["nodes"], strict=True)
             if n.path not in {a["value"] for a in s["attrs"]}]  # fmt: skip
    edges = {
        (int(edge["sourceNodeId"]), int(node["id"]))
        for node in shown["nodes"]
        for edge in node["incomingEdges"]
    }
    found += [f"json: edge {edge}" for edge in wanted ^ edges]
    try:
        dot = write_dot(net)
    except DrawError:
        return found
    found += [f"dot: {n.path}" for n in nodes if f"n{n.index} [" not in dot]
    edges = {(int(a), int(b)) for a, b in re.findall(r"n(\d+) -> n(\d+)", dot)}
    return found + [f"dot: edge {edge}" for edge in wanted ^ edges]


def html_faults(net: Net) -> list[str]:
    """The layers that no picture of the page shows, in itself or in a group."""
    from cnnspec.draw.html import pages

    items = [item for scene in pages([net], "block", {}).values() for item in _items(scene)]
    stands = {path for item in items for path in item.stands}
    return [
        f"html: {node.path}"
        for node in graph(net).nodes
        if node.op.name not in {*NOT_DRAWN, "input"}
        and not any(name in stands for name in _around(node.path))
    ]


def _around(path: str) -> list[str]:
    names = path.split(".")
    return [".".join(names[:depth]) for depth in range(1, len(names) + 1)]
