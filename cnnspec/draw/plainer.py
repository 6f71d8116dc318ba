"""What is drawn where a style has no place for a net: style block, nets side by side, plain lines.

A plainer figure with a line that says so is worth more than a refusal (F1).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf
from typing import TYPE_CHECKING

from cnnspec.draw.beside import beside, room_of
from cnnspec.draw.flow.block import block
from cnnspec.draw.flow.drawing import Page
from cnnspec.draw.flow.fit import Fitter
from cnnspec.draw.flow.steps import Flow, flow_of
from cnnspec.draw.flow.study import Study
from cnnspec.draw.options import Options
from cnnspec.draw.page.labels import op_text
from cnnspec.draw.page.scene import Scene
from cnnspec.draw.parts.contents import notes
from cnnspec.draw.parts.costs import by_path
from cnnspec.draw.parts.parts import Level, amount
from cnnspec.draw.table.cells import Said
from cnnspec.draw.table.table import Line, Table

if TYPE_CHECKING:
    from cnnspec.draw.flow.quotient import Quotient, Vertex
    from cnnspec.ir import Net

_LINES = 60
"""A table with more lines has its blocks closed."""


def plainer(
    nets: Sequence[Net], options: Options, why: str, make: Callable[[Net, Options], Scene] = block
) -> Scene:
    """The nets in style block, one beside the other; the note says why.

    `make` draws one of them, with all that its author says of it.
    """
    given: Options = {**options}
    given.pop("strict", None)
    if len(nets) == 1:
        scene = make(nets[0], given)
    else:
        given["width"] = room_of(len(nets), options)
        scene = beside([net.name for net in nets], [make(net, given) for net in nets])
    scene.note = f"drawn in style block: {why}" + (f"; {scene.note}" if scene.note else "")
    return scene


def plain_table(nets: Sequence[Net]) -> Table:
    """A line for every part of each net in order of execution, and what flows into it."""
    lines: list[Line] = []
    for at, net in enumerate(nets):
        flow = flow_of(net)
        graph = _closed(net, flow)
        into, _ = graph.ends()
        names: dict[int, str] = {}
        before = -1
        for vertex in graph.vertices:
            name = names[vertex.index] = vertex.name or _path(flow, vertex)
            sources = [names[wire.start.index] for wire in into[vertex.index]]
            said = _said(flow, vertex)
            if sources and [wire.start.index for wire in into[vertex.index]] != [before]:
                said += f", from {', '.join(dict.fromkeys(sources))}"
            cells = [()] * at + [(Said(said, _stands(flow, vertex)),)] + [()] * (len(nets) - at - 1)
            lines.append(Line(name, "×".join(map(str, vertex.shape[1:])) or "1×1", tuple(cells)))
            before = vertex.index
    costs = [by_path(net)[""] for net in nets]
    foot = (
        Line("parameters", "", tuple((Said(amount(cost.params)),) for cost in costs)),
        Line("MACs", "", tuple((Said(amount(cost.macs)),) for cost in costs)),
    )
    return Table(("layer", "output size", *(net.name for net in nets)), tuple(lines), foot)


def _closed(net: Net, flow: Flow) -> Quotient:
    """The net closed as far as a table of a page needs."""
    fitter = Fitter(Study(net, flow, {}), Page(inf, inf, 0))
    levels: tuple[Level, ...] = ("layer", "block", "stage")
    graphs = (fitter.closed(level) for level in levels)
    few = next((graph for graph in graphs if len(graph.vertices) <= _LINES), None)
    return few or fitter.closed("net")


def _path(flow: Flow, vertex: Vertex) -> str:
    """The path of what a vertex shows, where it has no name."""
    return flow.steps[vertex.steps[0]].path if vertex.steps else "output"


def _stands(flow: Flow, vertex: Vertex) -> tuple[str, ...]:
    steps = flow.steps
    return tuple(path for at in vertex.steps for path in steps[at].row.paths)


def _said(flow: Flow, vertex: Vertex) -> str:
    """What a part does, in words."""
    if vertex.kind in ("input", "output"):
        return f"{vertex.kind} {'×'.join(map(str, vertex.shape))}"
    if vertex.kind == "card" and vertex.span is not None and vertex.span.module is not None:
        found = notes(vertex.span.module)
        count = f"{vertex.count} × " if vertex.count > 1 else ""
        return count + (found.first or "block")
    rows = [flow.steps[at].row for at in vertex.steps]
    return ", ".join(op_text(layer) for row in rows for layer in row.layers)
