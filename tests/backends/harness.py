"""What the tests of the torch backend share: specs to text, text to modules."""

from __future__ import annotations

import sys
import types
from functools import cache
from pathlib import Path

import torch

from cnnspec import ir
from cnnspec.backends.torch import emit
from cnnspec.elaborate.workspace import Elaborated, Workspace
from cnnspec.ops.op import TorchInput, call

ROOT = Path(__file__).parents[2]
SPECS = ROOT / "specs"
CASES = Path(__file__).parent / "cases" / "specs"


@cache
def elaborate(source: str | Path, name: str = "") -> Elaborated:
    """Elaborate a net of a file, or of a text; once, for nothing changes what comes of it."""
    workspace = Workspace()
    unit = workspace.read_text(source) if isinstance(source, str) else workspace.read(str(source))
    assert unit is not None, [d.message for d in workspace.diagnostics]
    found = workspace.elaborate(unit, name or list(unit.nets)[-1])
    assert found is not None, [d.message for d in workspace.diagnostics]
    return found


@cache
def text_of(source: str | Path, name: str = "") -> str:
    """The generated module of a net."""
    return emit(elaborate(source, name))


def load(text: str, name: str = "generated_for_a_test") -> types.ModuleType:
    """Run a generated module."""
    module = types.ModuleType(name)
    sys.modules[name] = module
    exec(compile(text, name, "exec"), module.__dict__)
    return module


def build(text: str, name: str, **arguments: int) -> torch.nn.Module:
    """Build the net of a generated module."""
    return getattr(load(text), name)(**arguments)


@cache
def nets() -> list[tuple[Path, str]]:
    """Every net of specs/ and of the cases that has its values."""
    found = []
    for path in [*sorted(SPECS.glob("*.cnn")), *sorted(CASES.glob("*.cnn"))]:
        workspace = Workspace()
        unit = workspace.read(str(path))
        assert unit is not None, path
        names = [n for n in unit.nets if workspace.elaborate(unit, n) is not None]
        found += [(path, name) for name in names]
    return found


def expected_state(elaborated: Elaborated) -> dict[str, tuple[int, ...]]:
    """Parameters and buffers by the language's paths (L18)."""
    state = {}
    for node in ir.graph(elaborated.net):
        if node.layer.inputs and not node.shares:
            x = node.layer.inputs[0]
            for key, shape in {**node.op.params(x), **node.op.buffers(x)}.items():
                state[f"{node.path}.{key}"] = tuple(int(n) for n in shape)
    return state


def reference(elaborated: Elaborated, state: dict[str, torch.Tensor], x) -> list:
    """The outputs of the graph, layer by layer from the ops' own forms: nothing of the emitter.

    `x` is the image, or each input by its name.
    """
    values: dict[int, torch.Tensor] = {}
    graph = ir.graph(elaborated.net)
    nodes = list(graph)
    for node in nodes:
        if not node.layer.inputs:
            values[node.index] = x[node.path] if isinstance(x, dict) else x
        elif node.op.head and node.index == len(nodes) - 1:
            values[node.index] = values[node.inputs[0]]
        else:
            inputs = [values[i] for i in ir.measured(graph, node)]
            values[node.index] = _apply(node, inputs, state)
    return [values[end] for end in ir.graph(elaborated.net).outputs.values()]


def _apply(node: ir.Node, inputs: list[torch.Tensor], state: dict[str, torch.Tensor]):
    names = {"nn": torch.nn, "F": torch.nn.functional, "torch": torch, "Tensor": torch.Tensor}
    shown = [TorchInput(int(s[0]), tuple(map(int, s))) for s in node.layer.inputs]
    form = node.op.torch(*shown)
    if node.op.places:  # PyTorch's own pool says where its maxima stood
        _, inputs[1] = torch.nn.functional.max_pool2d(
            inputs[1], node.op.back.window.kernel, node.op.back.window.stride, node.op.sides(),
            ceil_mode=node.op.back.ceil, return_indices=True,
        )  # fmt: skip
    if len(inputs) > 1:
        exec(form.helper, names)
        labels = [f"a{i}" for i in range(len(inputs))]
        return eval(form.function.format(*labels), names | dict(zip(labels, inputs, strict=True)))
    if form.pad is not None:
        top, bottom, left, right = form.pad
        inputs = [torch.nn.functional.pad(inputs[0], (left, right, top, bottom))]
    if form.helper:
        exec(form.helper, names)
    module = eval(call(form.module, *form.args, **dict(form.keywords)), names).eval()
    path = f"{node.shares or node.path}."
    module.load_state_dict({k[len(path) :]: v for k, v in state.items() if k.startswith(path)})
    return module(inputs[0])
