"""Reads a picture's rows, wires and groups, and says which edges of the graph it leaves out.

An edge is drawn when it is a wire, a seam between fused cells, or inside one closed group; edges
between repeats of a counted group are that group's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import product
from typing import Any
from urllib.parse import unquote

from cnnspec.draw import THEMES, figure
from cnnspec.draw.page.scene import Scene
from cnnspec.draw.parts.builder import plan
from cnnspec.draw.writers.svg import write_svg
from cnnspec.ir import Net, graph
from tests.draw.flow.truth import values


@dataclass
class Drawn:
    """What a picture says about paths."""

    rows: dict[str, int] = field(default_factory=dict)
    wires: list[tuple[str, str, set[str]]] = field(default_factory=list)
    groups: list[dict[str, str]] = field(default_factory=list)

    def first(self, path: str) -> tuple[str, tuple[int, ...]]:
        """The path in the first of equal blocks, and which of them it was in."""
        turns = []
        for group in (group for group in self.groups if group["count"] != "1"):
            for low, high in zip(listed(group["group"]), listed(group["last"]), strict=True):
                if low[-1].isalpha() and (path + ".").startswith(high + "."):
                    turns.append(1)
                    path = low + path[len(high) :]
                    continue
                stem = re.sub(r"\d+$", "", low)
                found = re.match(re.escape(stem) + r"(\d+)(?=\.|$)", path)
                if found and _turn(low) <= int(found[1]) <= _turn(high):
                    turns.append(int(found[1]) - _turn(low))
                    path = low + path[found.end() :]
        return path, tuple(turns)

    def collapsed(self, path: str) -> str:
        """The strip that stands for the path, or the path."""
        inside = (name for name in self.names if path.startswith(name + "."))
        return next((group for group in inside if path not in self.rows), path)

    @property
    def names(self) -> list[str]:
        """The group, or the list of paths, that each frame stands for."""
        return [unquote(group["group"]) for group in self.groups]

    def row(self, path: str) -> object:
        return self.rows.get(path, path)

    def closed(self, path: str) -> list[str]:
        """The groups that stand for a path without showing what they hold."""
        inside = (name for name in self.names if path.startswith(name + "."))
        return [group for group in inside if not any(r.startswith(group + ".") for r in self.rows)]

    def joined(self, source: str, target: str) -> bool:
        """Whether a wire runs between the rows of two paths, straight or through a skip's box."""
        for src, dst, via in self.wires:
            begins = self.row(source) == self.row(src) or source in via
            begins |= self.collapsed(source) == self.collapsed(self.first(src)[0]) != source
            ends = self.row(self.collapsed(target)) == self.row(dst) or target in via
            ends |= self.collapsed(target) == self.collapsed(self.first(dst)[0]) != target
            if begins and ends:
                return True
        return False


def listed(value: str) -> list[str]:
    """The paths that a `data-` attribute lists."""
    return [unquote(path) for path in value.split()]


def _turn(path: str) -> int:
    return int(re.sub(r"^.*?(\d+)$", r"\1", path))


def read(svg: str, picture: Any) -> Drawn:
    found = picture(svg)
    drawn = Drawn(groups=[frame for frame in found.frames if "head" not in frame])
    with_ops = [element for element in found.root.iter() if "data-op" in element.attrib]
    for index, element in enumerate(with_ops):
        drawn.rows.update(dict.fromkeys(listed(element.attrib["data-op"]), index))
    for wire in found.wires:
        via = set(listed(wire.data.get("via", "")))
        ends = product(listed(wire.data["src"]), listed(wire.data["dst"]))
        drawn.wires += [(src, dst, via) for src, dst in ends]
    return drawn


def undrawn(
    net: Net, picture: Any, level: Any = "block", scene: Scene | None = None
) -> list[tuple[str, str]]:
    """The edges that nothing in the picture stands for, or more than one closed group."""
    scene = scene or figure(net, level=level)
    drawn = read(write_svg(scene, THEMES["light"]), picture)
    hidden = set(plan(net, level).hidden)
    nodes = graph(net).nodes
    missing = [(n.path, "") for n in nodes if len(drawn.closed(drawn.first(n.path)[0])) > 1]
    for node in nodes:
        for index in values(node):
            while nodes[index].path in hidden:
                (index,) = nodes[index].inputs
            (source, before), (target, after) = map(drawn.first, (nodes[index].path, node.path))
            inside = before and after and before != after
            strip = drawn.collapsed(source) == drawn.collapsed(target)
            fused = drawn.row(source) == drawn.row(target)
            hides = node.path in hidden or target in hidden
            if not (inside or strip or fused or hides or drawn.joined(source, target)):
                missing.append((source, target))
    return missing
