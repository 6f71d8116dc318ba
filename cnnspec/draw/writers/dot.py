"""A net's graph in the dot language: every layer a node, every named block a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnnspec.draw.errors import DrawError
from cnnspec.draw.page.labels import op_text
from cnnspec.draw.page.palette import THEMES
from cnnspec.values import dims

if TYPE_CHECKING:
    from cnnspec.ir import Net, Node

_LIMIT = 2000
"""So many layers dot still lays out; more are no picture."""

_COLOURS = {"conv": "conv1", "linear": "linear", "pool": "pool", "join": "background"}


def write_dot(net: Net, *, collapsed: bool = False) -> str:
    """The layers of a net for Graphviz; names are escaped for its quoting rules.

    `collapsed`: each named block of the net itself is one node.
    """
    from graphviz import escape

    from cnnspec.ir import graph

    nodes = graph(net).nodes
    if collapsed:
        return _blocks(net, nodes)
    if len(nodes) > _LIMIT:
        raise DrawError(f"{net.name} has {len(nodes)} layers; dot draws at most {_LIMIT}")
    drawing = _drawing(net)
    for node in nodes:
        _node(drawing, node, escape)
    for node in nodes:
        for source in node.inputs:
            drawing.edge(f"n{source}", f"n{node.index}")
    return str(drawing.source)


def _drawing(net: Net) -> Any:
    """An empty graph in the look of the package."""
    from graphviz import Digraph, escape

    drawing = Digraph(escape(net.name))
    drawing.attr("graph", rankdir="TB", nodesep=".1", ranksep=".2", fontname="Liberation Sans")
    style = {"shape": "box", "style": "filled,rounded", "fontsize": "9", "penwidth": ".6"}
    drawing.attr("node", fontname="Liberation Sans", **style)
    drawing.attr("edge", arrowsize=".4", penwidth=".7")
    return drawing


def _blocks(net: Net, nodes: list[Node]) -> str:
    """One node for every name of the net's own body."""
    from graphviz import escape

    drawing = _drawing(net)
    names = {node.index: node.path.partition(".")[0] for node in nodes}
    last = {names[node.index]: node for node in nodes}
    for index, (name, node) in enumerate(last.items()):
        label = f"{escape(name)}\\n{dims(node.shape).replace('x', '×')}"
        drawing.node(f"n{index}", label=label, fillcolor=THEMES["light"]["cell"])
    order = {name: index for index, name in enumerate(last)}
    edges = {(names[source], names[node.index]) for node in nodes for source in node.inputs}
    for source, target in sorted(edges, key=lambda edge: (order[edge[0]], order[edge[1]])):
        if source != target:
            drawing.edge(f"n{order[source]}", f"n{order[target]}")
    return str(drawing.source)


def _node(drawing: Any, node: Node, escape: Any) -> None:
    op, said = node.op, op_text(node.layer)
    label = f"{escape(node.path)}\\n{escape(said)}\\n{dims(node.shape).replace('x', '×')}"
    colours = THEMES["light"]
    fill = colours[_COLOURS.get(op.kind, "cell")]
    shape = {"shape": "invtrapezium"} if op.kind == "pool" else {}
    dashed = {"style": "filled,rounded,dashed"} if node.training else {}
    drawing.node(f"n{node.index}", label=label, fillcolor=fill, **shape, **dashed)
