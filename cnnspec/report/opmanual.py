"""The manual page of an op: signature, what it is, an example with its figures, a mistake."""

from __future__ import annotations

from inspect import getdoc
from textwrap import indent
from typing import TYPE_CHECKING

from cnnspec.ops import examples, ops
from cnnspec.ops.arguments import signature_text
from cnnspec.ops.op import Op, TorchInput, call
from cnnspec.report.manual import says
from cnnspec.values import dims

if TYPE_CHECKING:
    from cnnspec import ir
    from cnnspec.diagnostics import Diagnostic
    from cnnspec.elaborate.workspace import Elaborated


def tried(arriving: str, line: str) -> tuple[Elaborated | None, list[Diagnostic]]:
    """A net of one line: what it is, and what is wrong with it."""
    from cnnspec.elaborate.workspace import Workspace

    workspace = Workspace()
    unit = workspace.read_text(f"net it {{\n  input {arriving}\n  {line}\n}}\n", "net.cnn")
    net = workspace.elaborate(unit, "it") if unit else None
    return net, list(workspace.diagnostics)


def page(name: str) -> str:
    """The page of an op; one that examples.toml does not have yet says what it is."""
    cls = ops()[name]
    text = f"{signature_text(cls)}\n\n{getdoc(cls)}"
    entry = examples().get(name)
    if entry is None:
        return text + "\n"
    net, _ = tried(entry["input"], entry["example"])
    assert net is not None
    _, found = tried(entry["input"], entry["mistake"])
    lines = [f"input {entry['input']}", entry["example"], "", *_figures(net, cls)]
    return (
        f"{text}\n\n"
        f"Example:\n\n{indent(chr(10).join(lines), '    ')}\n\n"
        f"A mistake easily made, and what it says:\n\n{indent(says(found), '    ')}"
    )


def _figures(elaborated: Elaborated, cls: type[Op]) -> list[str]:
    """What the op of the example makes of what arrives there, and what it is in PyTorch."""
    from cnnspec.ir import graph

    node = next((n for n in graph(elaborated.net) if type(n.op) is cls), None)
    if node is None:
        return [f"makes {dims(elaborated.net.body.output)}; a skip computes nothing"]
    op, inputs = node.op, node.layer.inputs
    params = sum(_count(shape) for shape in op.params(inputs[0]).values())
    macs = op.macs(inputs[0], node.shape)
    words = [f"{cls.name} makes {dims(node.shape)} of {' and '.join(map(dims, inputs))}"]
    words += [f"{params:,} parameters"] if params else []
    words += [f"{macs:,} multiply-adds"] if macs else []
    return [", ".join(words), f"in PyTorch: {_torch(node.layer)}"]


def _count(shape: tuple[int, ...]) -> int:
    from math import prod

    return prod(map(int, shape))


def _torch(layer: ir.Layer) -> str:
    form = layer.op.torch(*(TorchInput(x[0], x) for x in layer.inputs))
    if form.module and not form.helper:
        return call(form.module, *form.args, **dict(form.keywords))
    names = [chr(ord("x") + i) if i < 3 else f"x{i}" for i in range(len(layer.inputs))]
    return form.function.format(*names, x="x") if form.function else f"{form.module}(...)"
