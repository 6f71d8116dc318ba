"""There and back: what `gen` wrote is imported, and `diff` finds nothing but a head (L16)."""

from __future__ import annotations

import linecache
import re
import sys
import types

import torch

from cnnspec import ir
from cnnspec.analyses.diff import Change, diff
from cnnspec.api import emit
from cnnspec.elaborate.workspace import Elaborated
from cnnspec.importing.options import Options
from cnnspec.importing.prove import elaborate
from cnnspec.importing.torch.source import import_module
from cnnspec.ops.op import Op
from cnnspec.records import replace


def there_and_back(net: Elaborated, *, verify: bool = False) -> Elaborated:
    """What the module that is written from a net becomes when it is imported. Raises Refused."""
    size = tuple(map(int, net.net.inputs[0].shape))
    found = import_module(module_of(net), size, net.net.name, Options(verify=verify))
    return elaborate(found.text, ir_name(found.text))


def differences(a: ir.Net, b: ir.Net) -> list[str]:
    """What the second of two nets has other than the first, as far as a module says it.

    Where both make the same of the same with the same weights, it is no difference what a layer
    without tensors is called, nor between which of them a head stands: a module has neither.
    """
    numbers: dict[object, int] = {}
    alike = _values(a, numbers) == _values(b, numbers)
    pair = (_without_heads(a), _without_heads(b)) if alike else (a, b)
    changes = [change for change in diff(*pair).changes if not unsaid(change, a)]
    if alike and any(change.what.startswith("share ") for change in changes):
        changes = [change for change in changes if not _once_more(change, b)]
    if alike and all(map(_names, changes)):
        changes = []
    return [f"{change.kind} {change.what} at {change.places[0]}" for change in changes]


def _once_more(change: Change, net: ir.Net) -> bool:
    """Whether it is a further use of a layer without tensors: a module just has it again."""
    nodes = [node for node in ir.graph(net) for place in change.places if _at(node, place.b)]
    return change.what.startswith("share ") or (
        change.kind == "added" and bool(nodes) and all(map(stateless, nodes))
    )


def _names(change: Change) -> bool:
    """Whether it is only what something is called, or that of one channel."""
    words = ("from ", "skip by unpool", "skip by resize", "skip by crop", "prelu shared")
    return change.kind == "renamed" or change.what.startswith(words)


def _without_heads(net: ir.Net) -> ir.Net:
    items = tuple(item for item in net.body.items if not isinstance(item, ir.Branch))
    return replace(net, body=replace(net.body, items=items))


def _values(net: ir.Net, numbers: dict[object, int]) -> list[int]:
    """For each output a number that stands for all that it is made of, and how."""
    made: list[int] = []
    flat = ir.graph(net)
    for node in flat:
        came = tuple(made[index] for index in node.inputs)
        if came and (node.op.identity or node.layer is net.head):
            made.append(came[0])
            continue
        key = "" if stateless(node) else node.shares or node.path
        said = _said(node) if came else node.shape
        made.append(numbers.setdefault((said, came, key), len(numbers)))
    return sorted(made[index] for index in flat.outputs.values())


def _said(node: ir.Node) -> Op:
    """What a module says of a layer."""
    op = node.op.on(*node.layer.inputs).canonical()
    return replace(op, value=1.0) if op.name == "scale" else op


def same_layers(a: ir.Net, b: ir.Net) -> bool:
    """Whether two nets have the same layers, which only stand in other blocks or another order."""
    return _layers(a) == _layers(b)


def _layers(net: ir.Net) -> list[str]:
    found = []
    for node in ir.graph(net):
        shapes = node.layer.inputs
        if shapes and node.layer is not net.head and not node.op.identity:
            key = "" if stateless(node) else node.shares or node.path
            found.append(f"{_said(node)} {shapes} {key}")
    return sorted(found)


def ir_name(text: str) -> str:
    """The name of the only net of a text."""
    (line,) = [line for line in text.splitlines() if line.startswith("net ")]
    return line[4:].split("(")[0].split()[0]


def module_of(net: Elaborated) -> torch.nn.Module:
    """The module that `gen` writes, without memory for its weights."""
    text, name = emit(net), "round_trip.py"
    module = types.ModuleType("round_trip")
    module.__file__ = name
    sys.modules["round_trip"] = module
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    exec(compile(text, name, "exec"), module.__dict__)
    with torch.device("meta"):
        made: torch.nn.Module = getattr(module, net.net.name)()
    return made


def unsaid(change: Change, net: ir.Net) -> bool:
    """Whether a module does not say what differs, so that nobody could bring it back.

    It leaves the head to the loss, it has no names for layers without tensors, a block without
    layers is nothing in it, and what a gain begins with is a weight like any other.
    """
    if change.kind == "renamed":
        places = [[n for n in ir.graph(net) if _at(n, place.a)] for place in change.places]
        return all(found and all(map(stateless, found)) for found in places)
    if re.fullmatch(r"scale value \S+ -> 1(\.0)?", change.what):
        return True
    head = net.head is not None and change.what == net.head.op.label()
    return head or (change.kind == "removed" and "(0 layers)" in change.what)


def _at(node: ir.Node, path: str) -> bool:
    """Whether a node stands at a path, which may leave out the block around it."""
    return f".{node.path}".endswith(f".{path}")


def stateless(node: ir.Node) -> bool:
    """Whether a layer has no tensors."""
    shapes = node.layer.inputs
    return not shapes or not (node.op.params(shapes[0]) or node.op.buffers(shapes[0]))
