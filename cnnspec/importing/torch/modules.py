"""The op that a module of PyTorch is: by the `reads` of the ops, and a few classes of torchvision.

A module's attributes have the names of its constructor's arguments, so the table that the proof of
generated code reads serves here too.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

from torch import Tensor, nn

from cnnspec.importing.made import op
from cnnspec.importing.torch.shapes import adaptive_pool, axes, over
from cnnspec.importing.trace import Raw
from cnnspec.ops.op import Op
from cnnspec.ops.reading import Unread
from cnnspec.ops.torch import Form, form, forms, helper

PLAIN = {"inplace", "device", "dtype"}
"""Arguments that change no value."""


def form_of(module: nn.Module) -> Form | None:
    """The form of a module's class, or None where it is to be looked into.

    A class that inherits all that it computes from one of PyTorch is that class.
    """
    kind = type(module)
    for base in kind.__mro__:
        if base.__module__.startswith("torch.nn.modules"):
            same = all(getattr(kind, n, 0) is getattr(base, n, 0) for n in _COMPUTE)
            return form(f"nn.{base.__name__}") if same else _whole(module)
    return _whole(module)


def _whole(module: nn.Module) -> Form | None:
    """The form of a class that an op brings, where the module says all that the form asks."""
    kind: Any = type(module)
    found = _brought(kind)
    said = found and (found.name in _COUNTED or not _lacking(module, found)[1:])
    return found if said else None


def _lacking(module: nn.Module, found: Form) -> list[str]:
    """Arguments of the constructor that a module did not keep; the first may be what arrives."""
    lacking = [name for name in found.names if name not in PLAIN and not hasattr(module, name)]
    return lacking if not lacking or lacking[0] in ARRIVING else [*lacking, ""]


ARRIVING = ("in_channels", "in_features", "channels")
"""What a constructor calls the channels that arrive."""


_COMPUTE = ("forward", "_conv_forward", "__call__")
"""The methods in which a module of PyTorch computes."""


@cache
def _brought(kind: Any) -> Form | None:
    """The form of a class that an op brings into generated code: its source must be the same."""
    found = forms().get(kind.__name__)
    if found is None or not (source := found.op.brings()):
        return None
    try:
        own = helper(inspect.getsource(kind), kind.__name__)[1]
    except (OSError, TypeError, SyntaxError):
        return None
    return found if own == helper(source, kind.__name__)[1] else None


def known(module: nn.Module) -> bool:
    """Whether a module is one op, so that nobody need look into it."""
    if isinstance(module, nn.MaxUnpool2d) or getattr(module, "return_indices", False):
        return False  # the functions in it say where the maxima stood
    return _full(module) in _NAMED or form_of(module) is not None or _plain(module)


def _plain(module: nn.Module) -> bool:
    """A module of PyTorch itself that no op is: said as a whole, not by what it does inside."""
    containers = nn.Sequential | nn.ModuleList | nn.ModuleDict
    kind = type(module)
    return kind.__module__.startswith("torch.nn.modules") and not isinstance(module, containers)


def without_op(module: nn.Module) -> str:
    """What to say of a module of PyTorch that no op is."""
    name = type(module).__name__
    return f"nn.{name} has no op" + (": no spec has attention" if "Attention" in name else "")


def _full(module: nn.Module) -> str:
    return f"{type(module).__module__}.{type(module).__name__}"


def read(module: nn.Module, x: Tensor) -> Op | Raw:
    """The op that a known module is on `x`. Raises Unread where the language has no word for it."""
    special = _NAMED.get(_full(module))
    if special is not None:
        return special(module, x)
    found = form_of(module)
    if found is None:
        raise Unread(without_op(module))
    if found.name in _COUNTED:
        return found.read((), _COUNTED[found.name](module, x)).op
    if not found.op.brings() or found.name.startswith("nn."):
        _check_rest(module, found)
    arriving = dict.fromkeys(_lacking(module, found), x.shape[1])
    names = [name for name in found.names if name not in PLAIN and name not in arriving]
    values = {name: _attribute(module, name) for name in names} | arriving
    return found.read((), values).op


def _check_rest(module: nn.Module, found: Form) -> None:
    """Refuse arguments that the form leaves out and that are not PyTorch's defaults."""
    for name, parameter in inspect.signature(type(module).__init__).parameters.items():
        if name in found.names or name in PLAIN or name == "self":
            continue
        if name == "bias" and getattr(module, "weight", 0) is None:
            continue  # without a weight a norm has no bias either
        has = hasattr(module, name)
        value = _attribute(module, name) if has else parameter.default
        if value != parameter.default and parameter.default is not inspect.Parameter.empty:
            raise Unread(f"nn.{type(module).__name__}({name}={value!r}) has no word in a spec")


def _attribute(module: nn.Module, name: str) -> Any:
    value = getattr(module, name)
    if name == "bias":
        return value is not None
    if name == "normalized_shape" and len(value) == 1:
        return value[0]
    if name == "padding" and isinstance(value, str):
        return _padding(module, value)
    if name == "p":
        return float(value)
    if name == "output_size" and isinstance(value, list):
        return tuple(value)
    return value


def _padding(module: Any, word: str) -> tuple[int, int]:
    """PyTorch's "same" and "valid", where "same" is alike on opposite sides."""
    if word == "valid":
        return 0, 0
    spans = [d * (k - 1) for k, d in zip(module.kernel_size, module.dilation, strict=True)]
    if any(span % 2 for span in spans):
        raise Unread("nn.Conv2d(padding='same') with an even kernel has no word in a spec")
    return spans[0] // 2, spans[1] // 2


# --- what depends on the tensor, and classes of torchvision that stand for one op --------------


def _stochastic_depth(module: Any, x: Tensor) -> Op:
    if module.mode != "row":
        raise Unread("StochasticDepth(mode='batch') drops the whole batch")
    return op("drop_path", p=float(module.p))


def _permute(module: Any, x: Tensor) -> Op | Raw:
    return axes(tuple(module.dims))


def _layer_norm_map(module: Any, x: Tensor) -> Op:
    return op("ln", eps=module.eps, affine=module.elementwise_affine)


def _layer_norm(module: Any, x: Tensor) -> Op:
    if len(module.normalized_shape) != 1:
        raise Unread("nn.LayerNorm over several axes has no op")
    return op(
        "ln",
        eps=module.eps,
        affine=module.elementwise_affine,
        **over(f"nn.{type(module).__name__}", x),
    )


def _linear(module: Any, x: Tensor) -> Op:
    bias = module.bias is not None
    return op(
        "linear", features=module.out_features, bias=bias, **over(f"nn.{type(module).__name__}", x)
    )


def _adaptive(kind: str) -> Callable[[Any, Tensor], Op]:
    return lambda module, x: adaptive_pool(kind, module.output_size, x.shape[2:])


def _connections(module: Any, x: Tensor) -> dict[str, Any]:
    """What a SparseConv2d was made of: which kernels of its table are none."""
    channels, arriving, *kernel = module.size
    kernels, none = module.kernels, len(module.weight)
    rows = [kernels[i * arriving : (i + 1) * arriving] for i in range(channels)]
    pairs = [[(number, j) for j, number in enumerate(row) if number < none] for row in rows]
    table = tuple(tuple(j for _, j in sorted(row)) for row in pairs)
    given = {"in_channels": arriving, "channels": channels, "kernel": tuple(kernel)}
    sliding = {"stride": module.stride, "padding": module.padding}
    return {**given, **sliding, "connections": table, "bias": module.bias is not None}


def _gain(module: Any, x: Tensor) -> dict[str, Any]:
    """What a Scale was made of; what its gain began with is gone, as all initial weights are."""
    return {"channels": len(module.weight), "bias": module.bias is not None, "value": 1.0}


def _codes(module: Any, x: Tensor) -> dict[str, Any]:
    """What an RBF was made of."""
    features, arriving = module.codes.shape
    return {"in_features": arriving, "features": features}


def _max_pool(module: Any, x: Tensor) -> dict[str, Any]:
    """What a MaxPool2dSame was made of."""
    return {"kernel_size": module.kernel, "stride": module.stride}


def _avg_pool(module: Any, x: Tensor) -> dict[str, Any]:
    """What an AvgPool2dSame was made of."""
    return {**_max_pool(module, x), "count_include_pad": module.count_include_pad}


def _zeros(module: Any, x: Tensor) -> dict[str, Any]:
    """What a PadChannels was made of."""
    return {"in_channels": x.shape[1], "channels": x.shape[1] + sum(module.pad)}


_COUNTED: dict[str, Callable[[Any, Tensor], dict[str, Any]]] = {
    "AvgPool2dSame": _avg_pool,
    "MaxPool2dSame": _max_pool,
    "PadChannels": _zeros,
    "RBF": _codes,
    "Scale": _gain,
    "SparseConv2d": _connections,
}
"""Classes that an op brings and that keep what they were made of in another form."""
_NAMED: dict[str, Callable[[Any, Tensor], Op | Raw]] = {
    "torch.nn.modules.linear.Linear": _linear,
    "torch.nn.modules.normalization.LayerNorm": _layer_norm,
    "torch.nn.modules.pooling.AdaptiveAvgPool2d": _adaptive("avgpool"),
    "torch.nn.modules.pooling.AdaptiveMaxPool2d": _adaptive("maxpool"),
    "torchvision.ops.stochastic_depth.StochasticDepth": _stochastic_depth,
    "torchvision.ops.misc.Permute": _permute,
    "torchvision.models.convnext.LayerNorm2d": _layer_norm_map,
}
"""Classes by their full names."""
