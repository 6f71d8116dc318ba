"""What every op's test needs: the op of a call, and the PyTorch that it says, built and run."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from cnnspec import ir
from cnnspec.backends.onnx.flat import Flat, FlatNode, Writer
from cnnspec.backends.onnx.model import protobuf
from cnnspec.elaborate.evaluate import NOWHERE
from cnnspec.ops import ops
from cnnspec.ops.arguments import bind, signature
from cnnspec.ops.op import Op, OpError, TorchForm, TorchInput, call
from cnnspec.values import SAME, TF_SAME, Dims, Keyword, Padding, Shape, Value, Window

BATCH = 2


def window(text: str) -> Value:
    """The value of `3x3/2` in the language; without a stride it is read as sizes."""
    kernel, slash, stride = text.partition("/")
    sizes = tuple(int(n) for n in kernel.split("x"))
    if not slash:
        return Dims(sizes)
    rows, _, columns = stride.partition("x")
    return Window((sizes[0], sizes[1]), (int(rows), int(columns or rows)), written=True)


def make(name: str, *positional: Value, **keywords: Value) -> Op:
    """The op that a call makes; strings such as `3x3/2` stand for windows."""
    names = list(signature(ops()[name]))
    windows = [
        value if at != "window" else window(value)
        for at, value in zip(names, positional, strict=False)
    ]
    return bind(ops()[name], windows, keywords)


def form(op: Op, *shapes: Shape) -> TorchForm:
    return op.torch(*(TorchInput(shape[0], shape) for shape in shapes))


def names(helper: str) -> dict[str, Any]:
    """What generated code sees: the imports of its head, and a helper class."""
    scope = {"torch": torch, "nn": nn, "F": F, "Tensor": Tensor}
    exec(helper, scope)
    return scope


def module(op: Op, *shapes: Shape) -> nn.Module:
    """The module that the emitted text builds."""
    said = form(op, *shapes)
    text = call(said.module, *said.args, **dict(said.keywords))
    built: nn.Module = eval(text, names(said.helper))
    if said.pad is None:
        return built
    top, bottom, left, right = said.pad
    return nn.Sequential(nn.ZeroPad2d((left, right, top, bottom)), built)


def function(op: Op, *inputs: Tensor) -> Tensor:
    """The result of the emitted function on `inputs`."""
    said = form(op, *(tuple(x.shape[1:]) for x in inputs))
    words = [f"x{i}" for i in range(len(inputs))]
    text = said.function.format(*words, x=words[0])
    scope = names("" if said.module else said.helper)
    result: Tensor = eval(text, scope, dict(zip(words, inputs, strict=True)))
    return result


def tensors(*shapes: Shape) -> list[Tensor]:
    torch.manual_seed(0)
    return [torch.randn(BATCH, *shape) for shape in shapes]


def check(op: Op, *shapes: Shape) -> Tensor:
    """Compare every fact that the op states with PyTorch; return PyTorch's output."""
    inputs = tensors(*shapes)
    said = form(op, *shapes)
    outputs, built = [], nn.Identity()
    if said.module:
        built = module(op, *shapes).eval()
        assert state(built) == (op.params(shapes[0]), op.buffers(shapes[0]))
        outputs.append(built(*inputs))
    if said.function:
        outputs.append(function(op, *inputs))
    assert outputs, f"{op.name} has neither a module nor a function"
    for output in outputs:
        assert tuple(output.shape) == (BATCH, *op.shape(*shapes))
        torch.testing.assert_close(output, outputs[0], rtol=0, atol=0)
    if onnx_is_known(op):
        found = onnx_run(op, built, inputs)
        torch.testing.assert_close(found, outputs[0].detach(), rtol=1e-5, atol=1e-5)
    if said.inplace:
        copy = inputs[0].clone()
        text = said.function.replace("{x}", "x").removesuffix(")") + ", inplace=True)"
        torch.testing.assert_close(eval(text, names(""), {"x": copy}), outputs[0])
        torch.testing.assert_close(copy, outputs[0])
    survives_symbols(op, *shapes)
    return outputs[0]


def state(built: nn.Module) -> tuple[dict[str, Shape], dict[str, Shape]]:
    """Parameters and buffers of the state_dict; the padding before a module adds no level."""
    if isinstance(built, nn.Sequential):
        built = built[1]
    kept = built.state_dict()
    params = {name: tuple(p.shape) for name, p in built.named_parameters()}
    return params, {name: tuple(b.shape) for name, b in kept.items() if name not in params}


def onnx_is_known(op: Op) -> bool:
    """False for what ONNX cannot say: LRN over an even number of channels."""
    return not (op.name == "lrn" and getattr(op, "size", 1) % 2 == 0)


def onnx_run(op: Op, built: nn.Module, inputs: list[Tensor]) -> Tensor:
    """The output of a model that holds the op alone, with the state of a PyTorch module."""
    import onnxruntime

    flat, names = Flat(), [f"x{i}" for i in range(len(inputs))]
    shapes = tuple(tuple(x.shape[1:]) for x in inputs)
    layer = ir.Layer("y", op, shapes, op.shape(*shapes), NOWHERE)
    writer = Writer(flat)
    writer.begin(ir.Node(0, "y", layer, ()))
    value = writer.end(op.onnx(writer, *names))
    if value != "y":
        flat.nodes.append(FlatNode("y", "Identity", [value], "y", {}))
    flat.inputs, flat.outputs = dict(zip(names, shapes, strict=True)), {"y": layer.shape}
    kept = built[1] if isinstance(built, nn.Sequential) else built
    state = {name: kept.state_dict()[name.removeprefix("y.")].numpy() for name in flat.state}
    content = protobuf(flat, state, "op", "").SerializeToString()
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    fed = {name: x.numpy() for name, x in zip(names, inputs, strict=True)}
    return torch.from_numpy(session.run(None, fed)[0])


def macs(op: Op, shape: Shape) -> int:
    """Multiply-adds of one image, counted by PyTorch."""
    x = torch.zeros(1, *shape)
    built = module(op, shape)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        built(x)
    flops: int = counter.get_total_flops()
    return flops // 2


def refused(code: str, op: Op, *shapes: Shape) -> OpError:
    """The error of an op that must refuse what arrives."""
    with pytest.raises(OpError) as caught:
        op.shape(*shapes)
    error = caught.value
    assert error.code == code
    assert error.argument in {"", *(f.name for f in dataclasses.fields(op))}
    return error


def accepted(op: Op, shape: Shape) -> Shape | None:
    """Our output shape, or None where we refuse."""
    try:
        return op.shape(shape)
    except OpError:
        return None


def accepted_by_torch(op: Op, shape: Shape) -> Shape | None:
    """PyTorch's output shape without computing it, or None where it refuses."""
    try:
        with torch.device("meta"):
            output = module(op, shape)(torch.empty(1, *shape))
    except (RuntimeError, ValueError):
        return None
    return tuple(output.shape[1:])


class Symbol:
    """A name in generated code: prints itself, equals only itself, and refuses arithmetic."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Symbol) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)


def survives_symbols(op: Op, *shapes: Shape) -> None:
    """`torch` must work where a number of a field is a name in the generated class."""
    fields = {f.name: getattr(op, f.name) for f in dataclasses.fields(op)}
    kept = {"window", "dilation"} if fields.get("pad") in (SAME, TF_SAME) else set()
    symbols = {n: value if n in kept else symbolic(n, value) for n, value in fields.items()}
    general = dataclasses.replace(op, **symbols)
    said = general.torch(*(TorchInput(Symbol("in_channels"), shape) for shape in shapes))
    text = call(said.module, *said.args, **dict(said.keywords)) + said.function
    used = [n for n, value in symbols.items() if isinstance(value, Symbol)]
    assert all(name in text for name in used), text
    compile(call(said.module or "f", *said.args, **dict(said.keywords)), "emitted", "eval")


def symbolic(name: str, value: Any) -> Any:
    match value:
        case Window():
            return Window((Symbol("kernel"), Symbol("kernel")), (Symbol("stride"),) * 2)
        case Padding() if value.symmetric:
            return Padding(*[Symbol("pad")] * 4)
        case Padding() | Keyword() | bool():
            return value
        case int() | float():
            return Symbol(name)
        case _:
            return value
