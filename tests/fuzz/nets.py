"""One net against PyTorch: shapes at every node, state, parameters, multiply-adds, values."""

from __future__ import annotations

import sys
import types

import torch

from cnnspec import ir
from cnnspec.analyses.metrics import METRICS, Metrics
from cnnspec.backends.torch import draft, emit
from cnnspec.backends.torch.proof import Unproved, prove
from cnnspec.diagnostics import Severity
from cnnspec.elaborate.workspace import Elaborated, Workspace
from tests.fuzz.oracle import BATCH, Oracle
from tests.fuzz.strategies import Spec


class Mismatch(AssertionError):
    """cnnspec and PyTorch disagree about a net."""


class Invalid(Mismatch):
    """The spec has an error."""


def same(what: str, ours: object, theirs: object) -> None:
    if ours != theirs:
        raise Mismatch(f"{what}: {ours} here, {theirs} by PyTorch")


def elaborate(text: str, path: str = "") -> Elaborated:
    """The net `it` of a spec without errors."""
    workspace = Workspace()
    unit = workspace.read_text(text, "net.cnn", path)
    found = workspace.elaborate(unit, "it") if unit else None
    errors = [f"{d.span.line}:{d.span.column} {d.code} {d.message}" for d in workspace.diagnostics
              if d.severity is Severity.ERROR]  # fmt: skip
    if found is None or errors:
        raise Invalid(f"a valid net is refused: {errors}")
    return found


def module_of(text: str, name: str = "it") -> torch.nn.Module:
    """The net of a generated module, imported from its text, its children in eval mode."""
    module = types.ModuleType("generated_net")
    sys.modules["generated_net"] = module
    exec(compile(text, "generated_net", "exec"), module.__dict__)
    return getattr(module, name)().eval()


def check(spec: Spec) -> Elaborated:
    """Raise Mismatch where cnnspec and PyTorch disagree about a net; the emitter refuses none."""
    return compare(elaborate(spec.text), spec.input)


def compare(elaborated: Elaborated, size: tuple[int, ...], text: str = "") -> Elaborated:
    """The same for a net whose image has this size; `text` is a module given for its own."""
    measure(elaborated)
    oracle, metrics = Oracle(elaborated.net), Metrics(elaborated.net)
    torch.manual_seed(0)
    built = module_of(text or emit(elaborated), elaborated.net.name).double()
    state = built.state_dict()
    same("state", {k: tuple(v.shape) for k, v in state.items()}, oracle.state())
    same("state by the ops", stated(oracle.graph), oracle.state())
    same("params", metrics.cost.params, oracle.parameters(training=False))
    same("params(all)", metrics.cost.params_all, oracle.parameters(training=True))
    randomise(state)
    x = torch.randn(BATCH, *size, dtype=torch.float64)
    values, macs = oracle.run(x, state)
    for node in oracle.graph:
        same(f"shape of {node.path}", node.shape, tuple(values[node.index].shape[1:]))
    same("macs", metrics.cost.macs, macs)
    check_outputs(elaborated.net, built, x, oracle.logits(values))
    return elaborated


def agrees(elaborated: Elaborated, size: tuple[int, ...], text: str) -> bool:
    """Whether a text runs, and PyTorch finds no difference to the net."""
    try:
        compare(elaborated, size, text)
    except (Mismatch, RuntimeError, TypeError, ValueError, LookupError, AttributeError, NameError):
        return False
    return True


def unproved(elaborated: Elaborated) -> str:
    """The module as the emitter writes it first, where the proof refuses that; else nothing."""
    text = draft(elaborated)
    try:
        prove(elaborated.net, text, args=elaborated.args, recipe=elaborated.recipe)
    except Unproved:
        return text
    return ""


def stated(graph: ir.Graph) -> dict[str, tuple[int, ...]]:
    """Parameters and buffers as the ops say them, by path."""
    found = {}
    for node in graph:
        if node.layer.inputs and not node.shares:
            x = node.layer.inputs[0]
            for key, shape in {**node.op.params(x), **node.op.buffers(x)}.items():
                found[node.path + f".{key}" * bool(key)] = tuple(map(int, shape))
    return found


def measure(elaborated: Elaborated) -> None:
    """Every figure of the catalogue can be computed."""
    metrics = Metrics(elaborated.net)
    for name in METRICS:
        metrics.value(name, "conv" if name == "count" else "")


def randomise(state: dict[str, torch.Tensor]) -> None:
    """Weights that tell layers apart: also norms begin with something else than 1 and 0."""
    with torch.no_grad():
        for key, tensor in state.items():
            if key.endswith(("running_var", "running_mean")):
                tensor.uniform_(0.5, 1.5)
            elif tensor.is_floating_point() and tensor.dim() in (1, 3):
                tensor.uniform_(-1.0, 1.0)


def check_outputs(
    net: ir.Net, built: torch.nn.Module, x: torch.Tensor, wanted: dict[str, torch.Tensor]
) -> None:
    """What `forward` returns: at inference, and with the auxiliary heads of training."""
    auxiliary = {b.name for b in net.branches if b.kind == "aux"}
    for training in (False, True) if auxiliary else (False,):
        built.training = training  # of the net alone: dropout and norms stay in eval mode
        with torch.no_grad():
            result = built(x.clone())
        names = [n for n in wanted if training or n not in auxiliary]
        given = result if isinstance(result, tuple) else (result,)
        if len(names) > 1:
            same("names of outputs", result._fields, tuple(names))
        same("number of outputs", len(given), len(names))
        for name, ours in zip(names, given, strict=True):
            close(name, ours, wanted[name])


def close(name: str, ours: torch.Tensor, theirs: torch.Tensor) -> None:
    same(f"shape of {name}", tuple(ours.shape), tuple(theirs.shape))
    size = theirs.abs().nan_to_num().max().item()
    if not torch.allclose(ours, theirs, rtol=1e-7, atol=1e-7 * max(size, 1e-3), equal_nan=True):
        apart = (ours - theirs).abs().max().item()
        raise Mismatch(f"values of {name}: {apart} apart, the largest is {size}")
