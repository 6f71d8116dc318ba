"""Functions on a module's own tensors: `F.batch_norm(x, self.running_mean, ...)` is its `bn`.

Classes that inherit from nn.BatchNorm2d or nn.Conv2d and write the forward anew call these.  The
op is what the module of PyTorch would be, with the key of the module that has the tensors.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor

from cnnspec.importing.made import op
from cnnspec.importing.torch.called import Called
from cnnspec.importing.torch.shapes import over
from cnnspec.ops.op import Op
from cnnspec.ops.reading import Unread
from cnnspec.ops.torch import form


def read(called: Called) -> None:
    """Enter a function with tensors of its own. Raises Unread where they are no module's."""
    words = dict(zip(NAMES[called.name], called.args, strict=False)) | called.kwargs
    held = {name: words.get(name) for name in TENSORS}
    path = _holder(called, [one for one in held.values() if isinstance(one, Tensor)])
    made = _op(called.name, words["input"], words)
    step = called.tracer.record(made, [words["input"]], called.out)
    step.path, step.stateful = path, True
    called.tracer.used.add(path)


TENSORS = ("weight", "bias", "running_mean", "running_var")
_NORM = ("weight", "bias", "eps")
NAMES: dict[str, tuple[str, ...]] = {
    "batch_norm": ("input", "running_mean", "running_var", "weight", "bias", "training", "momentum",
                   "eps"),
    "group_norm": ("input", "num_groups", *_NORM),
    "layer_norm": ("input", "normalized_shape", *_NORM),
    "linear": ("input", "weight", "bias"),
    "conv2d": ("input", "weight", "bias", "stride", "padding", "dilation", "groups"),
}  # fmt: skip
"""The arguments of each function in order."""


def _holder(called: Called, held: list[Tensor]) -> str:
    """The path of the module that has these tensors, under the names that PyTorch's have."""
    keys = [called.tracer.key(one) for one in held]
    paths = {key.rpartition(".")[0] for key in keys}
    known = all(key.rpartition(".")[2] in TENSORS for key in keys)
    if len(paths) != 1 or not known or paths == {""}:
        raise Unread(f"F.{called.name} with tensors of its own: make it a module")
    (path,) = paths
    if path in called.tracer.used:
        raise Unread(f"F.{called.name} once more with the tensors of {path}")
    return path


def _op(name: str, x: Tensor, words: dict[str, Any]) -> Op:
    bias = words.get("bias") is not None
    weight = words.get("weight")
    eps = {"eps": words.get("eps", 1e-5)}
    match name:
        case "batch_norm":
            _alike(words)
            given = {"num_features": x.shape[1], "momentum": words.get("momentum", 0.1)} | eps
            return _made("nn.BatchNorm2d", given | {"affine": weight is not None})
        case "group_norm":
            given = {"num_groups": words["num_groups"], "num_channels": x.shape[1]} | eps
            return _made("nn.GroupNorm", given | {"affine": weight is not None})
        case "conv2d":
            return _conv(x, words)
        case "layer_norm":
            if len(words["normalized_shape"]) > 1:
                raise Unread("F.layer_norm over several axes has no op")
            return op("ln", affine=weight is not None, **eps, **over("F.layer_norm", x))
    features = words["weight"].shape[0]
    return op("linear", features=features, bias=bias, **over("F.linear", x))


def _alike(words: dict[str, Any]) -> None:
    if words.get("running_mean") is None:
        raise Unread("F.batch_norm without running averages has no op")


def _conv(x: Tensor, words: dict[str, Any]) -> Op:
    weight, bias = words["weight"], words.get("bias") is not None
    pairs = {"stride": 1, "padding": 0, "dilation": 1}
    given = {name: _pair(words.get(name, usual)) for name, usual in pairs.items()}
    sizes = {"in_channels": x.shape[1], "out_channels": weight.shape[0]}
    kernel = {"kernel_size": tuple(weight.shape[2:]), "groups": words.get("groups", 1)}
    return _made("nn.Conv2d", {**sizes, **kernel, **given, "bias": bias})


def _pair(value: Any) -> Any:
    if isinstance(value, int):
        return value, value
    return tuple(value) if isinstance(value, list | tuple) and len(value) == 2 else value


def _made(name: str, words: dict[str, Any]) -> Op:
    found = form(name)
    assert found is not None
    return found.read((), words).op
