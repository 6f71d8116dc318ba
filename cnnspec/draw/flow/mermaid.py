"""A net as Mermaid's text, for pages that draw it themselves: READMEs, wikis, notebooks.

Mermaid lays it out; a page refuses more than 500 edges or 50,000 characters, so what is larger is
closed until it fits.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from math import inf
from typing import TYPE_CHECKING

from cnnspec.draw.flow.block import LEVELS
from cnnspec.draw.flow.compose import said_of
from cnnspec.draw.flow.drawing import Page
from cnnspec.draw.flow.fit import Fitter
from cnnspec.draw.flow.part import part_of
from cnnspec.draw.flow.quotient import Quotient, Vertex
from cnnspec.draw.flow.steps import Flow, flow_of
from cnnspec.draw.flow.study import Study
from cnnspec.draw.options import Options
from cnnspec.draw.page.labels import op_text
from cnnspec.draw.page.palette import THEMES, Theme
from cnnspec.draw.page.signs import MEANS
from cnnspec.draw.parts.contents import notes
from cnnspec.draw.parts.parts import Level, Row

if TYPE_CHECKING:
    from cnnspec.ir import Net

_EDGES, _CHARACTERS = 480, 48_000
"""What a page still draws, and a little less."""
_LINES = 4
"""A box names so many ops one by one."""
_SHAPES = {
    "input": ('(["', '"])'),
    "linear": ('("', '")'),
    "pool": ('[\\"', '"/]'),
    "join": ('{{"', '"}}'),
    "card": ('[["', '"]]'),
}
"""Kind of a node -> what opens and closes it; others are plain boxes."""
_COLOURS = {"conv": "conv2", "pool": "pool", "linear": "linear", "card": "cell"}
_UNSAFE = re.compile("[^\\w .,:/()+\\-=×–·≈→]")


def write_mermaid(net: Net, options: Options, theme: Theme = "light") -> tuple[str, str]:
    """The text of a flowchart, and what was closed so that a page draws it."""
    flow = flow_of(net)
    if only := options.get("only", ""):
        flow = part_of(flow, only)
    asked = options.get("level", "block")
    fitter = Fitter(Study(net, flow, options), Page(inf, inf, 0), "down")
    for level in LEVELS[LEVELS.index(asked) :]:
        graph = fitter.closed(level)
        text = _text(net, flow, graph, level, options, theme)
        if len(graph.wires) <= _EDGES and len(text) <= _CHARACTERS:
            return text, said_of(level, asked, None) if level != asked else ""
    graph = fitter.closed("net", cut=24)
    said = f"drawn in stretches: {net.name} has too many parts for Mermaid"
    return _text(net, flow, graph, "net", options, theme), said


def _text(
    net: Net, flow: Flow, graph: Quotient, level: Level, options: Options, theme: Theme
) -> str:
    way = "LR" if options.get("direction") == "right" else "TB"
    colours = THEMES[theme]
    out = [f"flowchart {way}", f"  accTitle: {_plain(net.name)}, {level} level"]
    out += list(_nested(flow, graph) if level == "layer" else _nodes(flow, graph.vertices, "  "))
    for wire in graph.wires:
        ops = ", ".join(_words(flow.steps[step].row) for step in wire.ops)
        said = f"×{wire.times}" if wire.times > 1 else ops
        arrow = f'-->|"{literal(said)}"|' if said else "-->"
        out.append(f"  n{wire.start.index} {arrow} n{wire.end.index}")
    for kind, role in _COLOURS.items():
        line = colours.get(f"{kind}-line", colours["frame-line"])
        out.append(f"  classDef {kind} fill:{colours[role]},stroke:{line},color:{colours['ink']}")
    return "\n".join(out) + "\n"


def _nested(flow: Flow, graph: Quotient) -> Iterator[str]:
    """Nodes in the blocks that they stand in."""
    around: list[str] = []
    for vertex in graph.vertices:
        row = flow.steps[vertex.steps[0]].row if vertex.steps else None
        calls = row.paths[0].split(".")[:-1] if row else []
        same = 0
        while same < min(len(calls), len(around)) and calls[same] == around[same]:
            same += 1
        for depth in range(len(around) - 1, same - 1, -1):
            yield "  " * (depth + 1) + "end"
        for depth in range(same, len(calls)):
            name = literal(calls[depth])
            yield "  " * (depth + 1) + f'subgraph s{vertex.index}_{depth}["{name}"]'
        around = calls
        yield from _nodes(flow, [vertex], "  " * (len(calls) + 1))
    for depth in range(len(around) - 1, -1, -1):
        yield "  " * (depth + 1) + "end"


def _nodes(flow: Flow, vertices: list[Vertex], indent: str) -> Iterator[str]:
    for vertex in vertices:
        kind, lines = _said(flow, vertex)
        begin, end = _SHAPES.get(kind, ('["', '"]'))
        said = "<br>".join(literal(line) for line in lines if line)
        colour = f":::{kind}" if kind in _COLOURS else ""
        yield f"{indent}n{vertex.index}{begin}{said}{end}{colour}"


def _said(flow: Flow, vertex: Vertex) -> tuple[str, list[str]]:
    """The kind of a node, and its lines."""
    shape = "×".join(map(str, vertex.shape))
    if vertex.kind in ("input", "output"):
        training = "training only" if vertex.training else ""
        return "input", [vertex.label or vertex.name, shape, training]
    if vertex.kind == "card":
        count = f" ×{vertex.count}" if vertex.count > 1 else ""
        shares = f"weights of {vertex.shares}" if vertex.shares else ""
        return "card", [(vertex.label or vertex.name) + count, *_holds(flow, vertex), shape, shares]
    row = flow.steps[vertex.steps[0]].row
    sign = row.layer.op.sign
    known = sign and sign not in MEANS  # there is no key that says what those mean
    return row.kind, [sign if known else _words(row), shape]


def _holds(flow: Flow, vertex: Vertex) -> list[str]:
    """The ops of a closed block where they are few, else how many it holds of each kind."""
    rows = [flow.steps[at].row for at in vertex.steps[: len(vertex.steps) // vertex.count]]
    ops = [op_text(row.layer) for row in rows if row.kind != "join"]
    if len(ops) <= _LINES:
        return ops
    if vertex.span is not None and vertex.span.module is not None:
        found = notes(vertex.span.module)
        return [found.first] if found.lines else []
    return [f"{count} × {said}" for said, count in Counter(ops).most_common(_LINES)]


def _words(row: Row) -> str:
    return ", ".join(op_text(layer) for layer in row.layers)


def literal(text: str) -> str:
    """Text that Mermaid shows as it is: what could mean something becomes its number (S24)."""
    return _UNSAFE.sub(lambda match: _numbered(match[0]), text)


def _numbered(char: str) -> str:
    if char == "\\":
        return "\N{SET MINUS}"  # before an n it would break the line, number or not
    return f"#{ord(char)};" if char.isprintable() else "#65533;"


def _plain(text: str) -> str:
    """Text for a line that knows no numbers."""
    return _UNSAFE.sub("_", text)
