"""Where in a model the nodes of a file stand: by the names of their weights, else by their own.

PyTorch's exporter names a node `/layer1/layer1.0/conv1/Conv`, each part the module's whole path or
its last words; cnnspec's own names one `layer1.0.conv1`.
"""

from __future__ import annotations

import re
from collections import Counter

from cnnspec.importing.onnx.graph import Graph, Node
from cnnspec.importing.onnx.ops import WEIGHTS

_KEY = re.compile(r"([\w.-]+)\.(weight|bias|running_mean|running_var)")


def tensors_of(graph: Graph, node: Node) -> dict[str, str]:
    """The tensors of a node: the name in the state_dict of its module -> the name in the file."""
    names = WEIGHTS.get(node.kind, ())
    pairs = zip(names, node.inputs[1:], strict=False)
    return {key: graph.source(name) for key, name in pairs if name and graph.is_weight(name)}


def paths(graph: Graph) -> list[str]:
    """The module path of each node; "" for one that stands in no module of its own."""
    found = [_path(graph, node) for node in graph.nodes]
    count = Counter(path for path, node in zip(found, graph.nodes, strict=True) if path)
    around = {path.rpartition(".")[0] for path in found}
    around |= {outer for path in [*around] for outer in _outer(path)}
    kinds: dict[str, set[str]] = {}
    for path, node in zip(found, graph.nodes, strict=True):
        kinds.setdefault(path, set()).add(node.kind)
    for place, (path, node) in enumerate(zip(found, graph.nodes, strict=True)):
        again = count[path] > 1 and len(kinds[path]) == 1 and not tensors_of(graph, node)
        if path in around:
            found[place] = f"{path}." if path else ""
        elif again:  # one activation module, used in several places
            outer = path.rpartition(".")[0]
            found[place] = f"{outer}." if outer else ""
    return found


def _outer(path: str) -> list[str]:
    words = path.split(".")
    return [".".join(words[:end]) for end in range(1, len(words))]


def _path(graph: Graph, node: Node) -> str:
    """A module's path; the scope's own where a function of it is meant (`paths` tells)."""
    if tensors_of(graph, node):
        for name in node.inputs[1:]:  # their own names: equal tensors are one in the file
            if match := _KEY.fullmatch(name):
                return match[1]
    if "/" in node.name:
        return _joined(node.name.strip("/").split("/")[:-1])
    return node.name if re.fullmatch(r"[\w.-]+", node.name) else ""


def _joined(parts: list[str]) -> str:
    path = local = ""
    for part in parts:
        if local and part.startswith(f"{local}."):
            path = path[: len(path) - len(local)] + part
        else:
            path = f"{path}.{part}" if path else part
        local = part
    return path
