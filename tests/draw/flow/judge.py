"""What a machine can say of a figure in style block: truth, room, wires, and arrowheads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import combinations, product
from typing import Any
from unittest.mock import patch

from cnnspec.draw import figure
from cnnspec.draw.flow import compose as composing
from cnnspec.draw.flow.audit import Audit, audit, stretches
from cnnspec.draw.flow.drawing import Drawing
from cnnspec.draw.flow.fit import Fitter
from cnnspec.draw.flow.quotient import Quotient, Vertex
from cnnspec.draw.flow.route import Point, Way
from cnnspec.draw.options import planned
from cnnspec.draw.page.scene import Area, Scene, Text
from cnnspec.draw.parts.sized import sized
from cnnspec.ir import Net
from tests.draw.conftest import _faults
from tests.draw.flow.truth import Edge, untrue

HEAD = 7.0
"""In points: how near to the tip of an arrow nothing crosses it or leaves it."""
PAGE = 8.5 * 72
TWO_COLUMNS = 495.0


class Seen:
    """A figure with the drawing that it was painted from; None where today's engine drew it.

    `force` draws a chain with forks as a flow too.
    """

    def __init__(self, net: Net, *, force: bool = False, **options: Any) -> None:
        self.drawing: Drawing | None = None
        self.net, self.options = net, options
        with self._kept():
            if force:
                told = sized(net)
                self.scene = composing.compose(told, planned(told, options), options)  # type: ignore[arg-type]
            else:
                self.scene = figure(net, style="block", **options)

    @contextmanager
    def _kept(self) -> Iterator[None]:
        fit, by_name = Fitter.fit, Fitter.named

        def kept(fitter: Fitter, asked: Any, **given: Any) -> Drawing | None:
            self.drawing = fit(fitter, asked, **given)
            return self.drawing

        def named(fitter: Fitter) -> Drawing | None:
            self.drawing = by_name(fitter)
            return self.drawing

        with patch.object(Fitter, "fit", kept), patch.object(Fitter, "named", named):
            yield

    @property
    def ways(self) -> list[Way]:
        return list(self.drawing.ways.values()) if self.drawing else []

    @property
    def graphs(self) -> list[tuple[Quotient, dict[int, Way]]]:
        """The figure and the insets that are laid out like one, each with its ways."""
        if self.drawing is None:
            return []
        held = [(one.graph, one.ways) for one in self.drawing.held]
        return [(self.drawing.graph, self.drawing.ways), *held]

    @property
    def audits(self) -> list[Audit]:
        return [audit(graph.boxes, list(ways.values())) for graph, ways in self.graphs]

    @property
    def audit(self) -> Audit:
        """That of the figure without its insets."""
        return self.audits[0] if self.drawing else audit([], [])


def wrong(seen: Seen) -> list[str]:
    """Everything that is wrong with a figure, in words."""
    out = [f"untrue: {what} {edges}" for what, edges in told(seen).items()]
    for (_, ways), found in zip(seen.graphs, seen.audits, strict=True):
        out += [f"{count} {what}" for what, count in (
            ("wires through boxes", found.through), ("shared tracks", found.shared),
            ("boxes over boxes", found.overlaps),
        ) if count]  # fmt: skip
        near = crowded(list(ways.values()), found.crossings)
        out += [f"at an arrowhead: {point}" for point in near]
        out += [f"a label on a crossing: {text}" for text in covered(seen.scene, found.crossings)]
    out += over(seen)
    out += [f"circled: {fault}" for fault in _faults(seen.scene)]
    out += [f"{what} from no box" for what in loose(seen)]
    width = seen.options.get("width") or TWO_COLUMNS
    small = seen.scene.note.startswith("drawn ") and "no part" in seen.scene.note
    if not small and (seen.scene.width > width + 0.01 or seen.scene.height > PAGE + 0.01):
        out.append(f"{seen.scene.width:.0f} x {seen.scene.height:.0f} pt is larger than its page")
    return out


def over(seen: Seen) -> list[str]:
    """Insets that stand over each other or over the figure."""
    if seen.drawing is None:
        return []
    insets = [
        Area(one.x, one.y, one.x + one.body.width, one.y + one.body.height)
        for one in seen.drawing.insets.shown
    ]
    boxes = seen.drawing.graph.boxes
    figure = [Area(box.x, box.y, box.x + box.width, box.y + box.height) for box in boxes]
    figure += [Area(*bit[:4]) for bit in stretches(seen.drawing.ways.values())]
    both = [*combinations(insets, 2), *product(insets, figure)]
    return [f"insets over each other: {a} {b}" for a, b in both if _meet(a, b)]


def _meet(a: Area, b: Area) -> bool:
    across = min(a.right, b.right) - max(a.left, b.left)
    return across > 0.1 and min(a.bottom, b.bottom) - max(a.top, b.top) > 0.1


def told(seen: Seen) -> dict[str, list[Edge]]:
    """The edges that a figure leaves out or makes up; a chain says its only output by its end."""
    found = untrue(seen.net, seen.scene)
    if seen.drawing is None:
        edges = [edge for edge in found.pop("missing", []) if not edge[1].startswith("→ ")]
        found |= {"missing": edges} if edges else {}
    return found


def crowded(ways: list[Way], crossings: list[Point]) -> list[Point]:
    """The crossings, dots and corners of other wires nearer than `HEAD` to the tip of an arrow."""
    found = []
    for way in ways:
        others = [other for other in ways if other is not way]
        turns = [point for other in others for point in other.points[1:-1]]
        dots = [other.points[0] for other in ways if other.branches]
        found += [
            point
            for point in (*crossings, *dots, *turns)
            if _on(point, way.points[-1], way.points[-2]) < HEAD - 0.01
        ]
    return found


def _on(point: Point, tip: Point, before: Point) -> float:
    """How far before a tip a point lies on its last bit; endless where it does not."""
    level = tip[1] == before[1]
    along, aside = (0, 1) if level else (1, 0)
    low, high = sorted((tip[along], before[along]))
    on = abs(point[aside] - tip[aside]) < 0.01 and low <= point[along] <= high
    return abs(point[along] - tip[along]) if on else 1e9


def covered(scene: Scene, crossings: list[Point]) -> list[str]:
    """The texts that lie on a crossing."""
    areas = ((text, _area(text)) for text in scene.shapes if isinstance(text, Text))
    return [
        text.text for text, area in areas for x, y in crossings
        if area.left < x < area.right and area.top < y < area.bottom
    ]  # fmt: skip


def _area(text: Text) -> Area:
    from cnnspec.draw.page.areas import area_of

    return area_of(text)


def loose(seen: Seen) -> Counter[str]:
    """How many wires lack a way, and how many ways begin or end at no box."""
    found: Counter[str] = Counter()
    wires = [(wire, ways.get(id(wire))) for graph, ways in seen.graphs for wire in graph.wires]
    for wire, way in wires:
        if way is None:
            found["wire without a way"] += 1
        elif not on_border(wire.end, way.points[-1]):
            found["end"] += 1
        elif not way.branches and not on_border(wire.start, way.points[0]):
            found["begin"] += 1
    return found


def on_border(vertex: Vertex, point: Point) -> bool:
    """Whether a point is on the edge of a box."""
    x, y = point[0] - vertex.x, point[1] - vertex.y
    sides = min(abs(x), abs(x - vertex.width)) < 0.01, min(abs(y), abs(y - vertex.height)) < 0.01
    return any(sides) and -0.01 <= x <= vertex.width + 0.01 and -0.01 <= y <= vertex.height + 0.01
