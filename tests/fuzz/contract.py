"""The contract of the torch backend: a generated module says what the IR says, at every value.

Every argument of every constructor is the IR op's field, every key of the state_dict stands in the
IR's order at the IR's path, and what `forward` returns is computed as the graph computes it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cnnspec import ir
from cnnspec.backends.torch import emit
from cnnspec.elaborate.workspace import Elaborated, Workspace
from tests.fuzz.python import Fault, Interpreter, Leaf, Made, Tensor, Terms
from tests.fuzz.readback import canonical, kept, keyed, unpadded


class Difference(AssertionError):
    """The module is not what its spec says."""


@dataclass(frozen=True)
class Compared:
    """What was compared: nothing where the spec has an error."""

    valid: bool = False
    values: int = 0
    """At how many sets of parameters."""
    layers: int = 0


def check(text: str, name: str = "it") -> Compared:
    """Compare a net of a spec with its module, also at other numbers that its function takes.

    Raises Difference, or what the emitter raises when it fails: it refuses nothing.
    """
    workspace = Workspace()
    unit = workspace.read_text(text)
    net = workspace.elaborate(unit, name) if unit else None
    if unit is None or net is None or workspace.diagnostics.errors:
        return Compared()
    module = emit(net)
    layers = compare(net, module, {})
    values = 1
    for free, number in others(net, taken(module, net.net.name)):
        there = Workspace()
        again = there.read_text(text)
        found = there.elaborate(again, name, set={free: number}) if again else None
        if found is not None and not there.diagnostics.errors:
            values += 1
            layers += compare(found, module, {free: number})
    return Compared(valid=True, values=values, layers=layers)


def taken(module: str, name: str) -> set[str]:
    """The parameters of the function that builds a net; what is folded is none of them."""
    found = (n for n in ast.parse(module).body if isinstance(n, ast.FunctionDef) and n.name == name)
    return {argument.arg.removesuffix("_") for argument in next(found).args.args}


def others(net: Elaborated, names: set[str]) -> Iterator[tuple[str, int]]:
    """Each number that is free, one up and one down."""
    for name, value in net.free.items():
        if type(value) is int and name.removesuffix("_") in names:
            yield name, value + 1
            if value > 1:
                yield name, value - 1


def compare(net: Elaborated, text: str, values: dict[str, int]) -> int:
    """Raise Difference where the module is another net; else count its layers."""
    terms = Terms()
    interpreter = Interpreter(text, terms)
    words = {f"{n}_" if f"{n}_: int" in text else n: v for n, v in values.items()}
    at = f" at {values}" if values else ""
    try:
        made = interpreter.build(net.net.name, **words)
        graph = ir.graph(net.net)
        constructors(graph, made)
        inputs = tuple(Tensor(terms.number("input", i.name)) for i in net.net.inputs)
        for training in (False, True):
            found = interpreter.run(made, inputs, training=training)
            flow(outputs(net.net, graph, terms, training), found)
    except (Fault, Difference) as error:
        raise Difference(f"{error}{at}\n{text}") from None
    return len(graph.nodes)


def constructors(graph: ir.Graph, made: Made) -> None:
    """Every module is the op at its path, and those that keep tensors stand in the IR's order."""
    nodes = {node.path: node for node in graph if node.layer.inputs and not node.shares}
    leaves = dict(_leaves(made))
    for path, leaf in leaves.items():
        node = nodes.get(path)
        if node is None:
            raise Difference(f"`{path}` is {leaf.op}, and the spec has no layer there")
        ours = unpadded(canonical(node.op.on(*node.layer.inputs)))
        if ours != leaf.op:
            raise Difference(f"`{path}` is {leaf.op}, and the spec says {ours}")
        arriving = int(node.layer.inputs[0][node.op.axis])
        if leaf.arriving not in (None, arriving):
            raise Difference(f"`{path}` is made for {leaf.arriving} channels: {arriving} arrive")
    kept_here = [(path, node.op) for path, node in nodes.items() if keyed(node.op)]
    wanted = grouped([(path, getattr(op, "own_key", False)) for path, op in kept_here])
    found = [path for path, leaf in leaves.items() if keyed(leaf.op)]
    if found != wanted:
        raise Difference(f"the keys are those of {found}, and the spec's are {wanted}")


def _leaves(made: Made) -> Iterator[tuple[str, Leaf]]:
    for child in (*made.parameters.values(), *made.children.values()):
        if isinstance(child, Leaf):
            yield child.path, child
        elif isinstance(child, Made):
            yield from _leaves(child)


def grouped(paths: list[tuple[str, bool]]) -> list[str]:
    """The order of PyTorch: what one module holds stands together, its own parameters first."""
    tree: dict[str, Any] = {}
    for path, bare in paths:
        *outer, last = path.split(".")
        level = tree
        for word in outer:
            level = level.setdefault(word, {})
        level[last] = bare
    return list(_walk(tree, ""))


def _walk(tree: dict[str, Any], prefix: str) -> Iterator[str]:
    yield from (prefix + word for word, inner in tree.items() if inner is True)
    for word, inner in tree.items():
        if inner is False:
            yield prefix + word
        elif inner is not True:
            yield from _walk(inner, f"{prefix}{word}.")


def outputs(net: ir.Net, graph: ir.Graph, terms: Terms, training: bool) -> dict[str, int]:
    """The terms of the outputs, by name; a softmax or sigmoid at an end is not written (L16)."""
    values: list[int] = []
    for node in graph:
        inputs = tuple(values[i] for i in ir.measured(graph, node))
        if not node.layer.inputs:
            values.append(terms.number("input", node.path))
        else:
            op = canonical(node.op.on(*node.layer.inputs))
            path = node.shares or node.path
            values.append(terms.apply(op, path if kept(op) else "", inputs))
    auxiliary = {b.name for b in net.branches if b.kind == "aux"}
    heads = {id(head) for head in (net.head, *(b.head for b in net.branches)) if head is not None}
    found = {}
    for name, end in graph.outputs.items():
        if training or name not in auxiliary:
            node = graph.nodes[end]
            found[name] = values[node.inputs[0] if id(node.layer) in heads else end]
    return found


def flow(wanted: dict[str, int], found: dict[str, int]) -> None:
    """`forward` returns what the graph computes."""
    if list(wanted) != list(found):
        raise Difference(f"forward gives {list(found)}, and the spec {list(wanted)}")
    for name, term in wanted.items():
        if term != found[name]:
            raise Difference(f"`{name}` is computed otherwise than the spec says")
