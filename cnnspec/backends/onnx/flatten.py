"""From the graph to flat nodes: which layers are needed, what open sizes allow, what is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnspec.backends.errors import BackendError
from cnnspec.backends.onnx.flat import Flat, FlatNode, Writer
from cnnspec.backends.onnx.sizes import Dims, dimensions
from cnnspec.ir import Graph, Node, graph, measured
from cnnspec.statedict import entries

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cnnspec.elaborate.workspace import Elaborated
    from cnnspec.ir import Net


def flatten(elaborated: Elaborated) -> Flat:
    """The net at inference as flat nodes. Raises BackendError."""
    net = elaborated.net
    whole = graph(net)
    ends = output_nodes(net, whole)
    needed = reached(whole, ends.values())
    flat, dims = Flat(), dimensions(elaborated, whole, needed)
    values = _write(whole, needed, flat, dims)
    flat.inputs = {node.path: dims[node.index] for node in whole if not node.layer.inputs}
    for name, end in ends.items():
        if name in flat.state:
            message = f"ONNX has one name for one thing, and `{name}` is an output and a tensor"
            raise BackendError(message, whole.nodes[end].layer.span)
        _rename(flat, values, end, name, dims[end])
    flat.spare = _spare(whole) - set(flat.state)
    return flat


def output_nodes(net: Net, whole: Graph) -> dict[str, int]:
    """Output -> the node that gives it: before its head (L16), without auxiliary ones (L15)."""
    heads = {branch.name: branch.head for branch in net.branches}
    heads["logits"] = net.head
    aux = {branch.name for branch in net.branches if branch.kind == "aux"}
    return {
        name: end if heads[name] is None else whole.nodes[end].inputs[0]
        for name, end in whole.outputs.items()
        if name not in aux
    }


def reached(whole: Graph, ends: Iterable[int]) -> list[Node]:
    """The nodes that the outputs come from, in order; inputs of the net always."""
    wanted = set(ends)
    for node in reversed(whole.nodes):
        if node.index in wanted:
            wanted.update(node.inputs)
    return [n for n in whole.nodes if n.index in wanted or not n.layer.inputs]


def _write(whole: Graph, nodes: list[Node], flat: Flat, dims: list[Dims]) -> dict[int, str]:
    """Let every op write itself; index of a node -> the name of its value."""
    writer, values = Writer(flat), {}
    for node in nodes:
        if not node.layer.inputs:
            values[node.index] = node.path
            continue
        writer.begin(node)
        try:
            value = node.op.onnx(writer, *(values[i] for i in measured(whole, node)))
        except NotImplementedError as reason:
            raise BackendError(str(reason), node.layer.span) from None
        values[node.index] = writer.end(value)
        flat.values[values[node.index]] = dims[node.index]
    return values


def _rename(flat: Flat, values: dict[int, str], end: int, name: str, dims: Dims) -> None:
    """Give an output's value the output's name; another output or an input is copied."""
    old = values[end]
    if name != old and any(n.output == name for n in flat.nodes):
        _give_way(flat, values, name)
    flat.outputs[name] = dims
    if old == name:
        return
    if old in flat.inputs or old in flat.outputs:
        flat.nodes.append(FlatNode(f"{name}/Identity", "Identity", [old], name, {}))
        return
    for node in flat.nodes:
        node.inputs = [name if value == old else value for value in node.inputs]
        node.output = name if node.output == old else node.output
    for index, value in values.items():
        values[index] = name if value == old else value
    flat.values.pop(old, None)


def _give_way(flat: Flat, values: dict[int, str], name: str) -> None:
    """A layer's value that has the name of an output: the output has it, as in PyTorch."""
    free = f"{name}/value"
    for node in flat.nodes:
        node.inputs = [free if value == name else value for value in node.inputs]
        node.output = free if node.output == name else node.output
    for index, value in values.items():
        values[index] = free if value == name else value
    if name in flat.values:
        flat.values[free] = flat.values.pop(name)


def _spare(whole: Graph) -> set[str]:
    """All names of the net's state_dict."""
    return {tensor.name for tensor in entries(whole)}
