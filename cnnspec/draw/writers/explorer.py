"""Nets as JSON for Google's Model Explorer: layers as nodes, blocks as nested namespaces."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cnnspec.draw.page.labels import op_text, op_words
from cnnspec.draw.parts.costs import by_path
from cnnspec.values import dims

if TYPE_CHECKING:
    from cnnspec.ir import Net, Node


def write_json(nets: Sequence[Net]) -> str:
    """A collection with one graph for each net."""
    graphs = [
        {"id": net.name, "nodes": _nodes(net), "groupNodeAttributes": _groups(net)} for net in nets
    ]
    label = ", ".join(net.name for net in nets)
    return json.dumps({"label": label, "graphs": graphs}, indent=1, ensure_ascii=True) + "\n"


def _nodes(net: Net) -> list[dict[str, object]]:
    from cnnspec.ir import graph

    found = graph(net)
    names: dict[int, list[str]] = {}
    for name, index in found.outputs.items():
        names.setdefault(index, []).append(name)
    return [_node(node, found.nodes, names.get(node.index, [])) for node in found.nodes]


def _groups(net: Net) -> dict[str, dict[str, str]]:
    """What every block costs, by its namespace; the whole net stands under the empty one."""
    from cnnspec.ir import graph

    costs, found = by_path(net), dict[str, dict[str, str]]()
    for node in graph(net).nodes:
        spaces = _spaces(node)
        for depth in range(len(spaces) + 1):
            cost = costs[".".join(node.path.split(".")[:depth])]
            space = "/".join(spaces[:depth])
            found[space] = {"params": f"{cost.params:,}", "MACs": f"{cost.macs:,}"}
    return found


def _spaces(node: Node) -> list[str]:
    """The blocks that a layer stands in; a slash or semicolon would part a name there."""
    *spaces, _ = node.path.split(".")
    return [space.replace("/", "_").replace(";", "_") for space in spaces]


def _node(node: Node, nodes: Sequence[Node], outputs: Sequence[str]) -> dict[str, object]:
    from cnnspec.analyses.cost import layer_cost

    cost = layer_cost(node.layer)
    params = 0 if node.shares else cost.params
    attrs = {
        "path": node.path,
        "op": op_text(node.layer),
        "params": f"{params:,}" if params else "",
        "MACs": f"{cost.macs:,}" if cost.macs else "",
        "training only": "yes" if node.training else "",
        "weights of": node.shares,
        "output": ", ".join(outputs),
    }
    edges = [
        {
            "sourceNodeId": str(source),
            "sourceNodeOutputId": "0",
            "targetNodeInputId": str(at),
        }
        for at, source in enumerate(node.inputs)
    ]
    name = node.path.rpartition(".")[2]
    return {
        "id": str(node.index),
        "label": f"{name}: {', '.join(op_words(node.layer))}",
        "namespace": "/".join(_spaces(node)),
        "incomingEdges": edges,
        "attrs": [{"key": key, "value": value} for key, value in attrs.items() if value],
        "outputsMetadata": [{"id": "0", "attrs": [{"key": "shape", "value": dims(node.shape)}]}],
    }
