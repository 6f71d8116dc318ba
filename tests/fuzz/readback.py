"""PyTorch's words read back to ops: `nn.Conv2d(3, 8, 3)` is `conv 8, 3x3` made for 3 channels.

Nothing here looks at `Op.torch`, which writes those words: the two are independent, so that a
wrong argument there is found here.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

from cnnspec.ops import ops
from cnnspec.ops.op import Op
from cnnspec.ops.sliding import resolve
from cnnspec.values import TF_SAME, Beside, Padding, Window

Read = tuple[Op, int | None]
"""The op, and the channels that its module is made for (None: any number)."""


def of(name: str, *args: Any, **fields: Any) -> Op:
    return ops()[name](*args, **fields)


def two(value: Any) -> tuple[int, int]:
    """PyTorch's `int | tuple[int, int]`."""
    return value if isinstance(value, tuple) else (value, value)


def sides(value: Any) -> Padding:
    rows, columns = two(value)
    return Padding(rows, rows, columns, columns)


def window(a: Any) -> Window:
    return Window(two(a.kernel_size), two(a.kernel_size if a.stride is None else a.stride))


def _conv(a: Any) -> Read:
    form = Window(two(a.kernel_size), two(a.stride)), sides(a.padding), a.groups, two(a.dilation)
    return of("conv", a.out_channels, *form, a.bias, pad_mode=a.padding_mode), a.in_channels


def _conv_transpose(a: Any) -> Read:
    form = Window(two(a.kernel_size), two(a.stride)), sides(a.padding), sides(a.output_padding)
    conv = of("conv_transpose", a.out_channels, *form, a.groups, two(a.dilation), a.bias)
    return conv, a.in_channels


def _conv_same(a: Any) -> Read:
    form = Window(two(a.kernel_size), two(a.stride)), TF_SAME, a.groups, two(a.dilation)
    return of("conv", a.out_channels, *form, a.bias), a.in_channels


def _sparse(a: Any) -> Read:
    form = Window(two(a.kernel), two(a.stride)), sides(a.padding)
    return of("conv", a.channels, *form, bias=a.bias, connections=a.connections), a.in_channels


def _flatten(a: Any) -> Read:
    return of("flatten" if a.start_dim == 1 else f"flatten from {a.start_dim}"), None


def _prelu(a: Any) -> Read:
    """One slope is all channels', or that of the only channel."""
    shared = a.num_parameters == 1
    return of("prelu", shared), None if shared else a.num_parameters


def _pooled(a: Any) -> Read:
    return of("adaptive_avgpool", two(a.output_size)), None


def _maximum(a: Any) -> Read:
    return of("adaptive_maxpool", two(a.output_size)), None


def _over_channels(name: str) -> Callable[[Any], Read]:
    """A reduction along axis 1 that keeps it."""
    return lambda a: (of(name if (a.dim, a.keepdim) == (1, True) else f"{name} {a}"), None)


def _layer_norm(over: str) -> Callable[[Any], Read]:
    return lambda a: (of("ln", a.eps, a.elementwise_affine, over), a.normalized_shape)


def _border(mode: str) -> Callable[[Any], Read]:
    """A border: PyTorch names columns first."""

    def read(a: Any) -> Read:
        left, right, top, bottom = a.pad if hasattr(a, "pad") else a.padding
        word = "zeros" if mode == "constant" else mode
        return of("pad", Padding(top, bottom, left, right), word), None

    return read


def _interpolated(a: Any) -> Read:
    if a.size is not None and a.scale_factor is None:
        return of("resize", two(a.size), a.mode, bool(a.align_corners)), None
    assert a.align_corners is None
    return of("upsample", int(a.scale_factor), a.mode), None


@dataclass(frozen=True)
class Full:
    """`torch.full((channels, 1, 1), value)`."""

    size: tuple[int, ...]
    value: float

    @property
    def channels(self) -> int:
        assert self.size[1:] == (1, 1), self.size
        assert type(self.value) is float, "a parameter of integers"
        return self.size[0]


def _plain(name: str) -> Callable[[Any], Read]:
    return lambda a: (of(name), None)


POOL = "kernel_size, stride=None, padding=0"
NORM = "num_features, eps=1e-5, momentum=0.1, affine=True"
LAYER = "normalized_shape, eps=1e-5, elementwise_affine=True"
LRN = "size, alpha=1e-4, beta=0.75, k=1.0"

FORMS: dict[str, tuple[str, Callable[[Any], Read]]] = {
    "nn.Conv2d": (
        "in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1,"
        " bias=True, padding_mode='zeros'", _conv,
    ),
    "nn.ConvTranspose2d": (
        "in_channels, out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1,"
        " bias=True, dilation=1", _conv_transpose,
    ),
    "SparseConv2d": (
        "in_channels, channels, kernel, connections, stride=1, padding=0, bias=True", _sparse,
    ),
    "Conv2dSame": (
        "in_channels, out_channels, kernel_size, stride=1, *, dilation=1, groups=1, bias=True",
        _conv_same,
    ),
    "MaxPool2dSame": (
        "kernel_size, stride", lambda a: (of("maxpool", window(a), TF_SAME), None),
    ),
    "AvgPool2dSame": (
        "kernel_size, stride, count_include_pad=True",
        lambda a: (of("avgpool", window(a), TF_SAME, False, a.count_include_pad), None),
    ),
    "nn.Linear": (
        "in_features, out_features, bias=True",
        lambda a: (of("linear", a.out_features, a.bias, over="last"), a.in_features),
    ),
    **{
        name: (NORM, lambda a: (of("bn", a.eps, a.momentum, a.affine), a.num_features))
        for name in ("nn.BatchNorm2d", "nn.BatchNorm1d")
    },
    "nn.GroupNorm": (
        "num_groups, num_channels, eps=1e-5, affine=True",
        lambda a: (of("gn", a.num_groups, a.eps, a.affine), a.num_channels),
    ),
    **{
        name: (LAYER, _layer_norm(over))
        for name, over in (("nn.LayerNorm", "last"), ("LayerNorm2d", "channels"))
    },
    **{
        name: (words, lambda a: (of("lrn", a.size, a.alpha, a.beta, a.k), None))
        for name, words in (
            ("nn.LocalResponseNorm", LRN), ("F.local_response_norm", f"input, {LRN}"),
        )
    },
    **{
        name: (words, lambda a: (of("maxpool", window(a), sides(a.padding), a.ceil_mode), None))
        for name, words in (
            ("nn.MaxPool2d", f"{POOL}, *, ceil_mode=False, return_indices=False"),
            ("F.max_pool2d", f"input, {POOL}, *, ceil_mode=False, return_indices=False"),
        )
    },
    **{
        name: (
            f"{words}, ceil_mode=False, count_include_pad=True",
            lambda a: (
                of("avgpool", window(a), sides(a.padding), a.ceil_mode, a.count_include_pad), None,
            ),
        )
        for name, words in (("nn.AvgPool2d", POOL), ("F.avg_pool2d", f"input, {POOL}"))
    },
    "nn.AdaptiveAvgPool2d": ("output_size", _pooled),
    "F.adaptive_avg_pool2d": ("input, output_size", _pooled),
    "nn.AdaptiveMaxPool2d": ("output_size", _maximum),
    "F.adaptive_max_pool2d": ("input, output_size", _maximum),
    "nn.InstanceNorm2d": (
        "num_features, eps=1e-5, *, affine=False",
        lambda a: (of("instance_norm", a.affine, a.eps), a.num_features),
    ),
    "L2Norm": ("", lambda a: (of("l2norm"), None)),
    "F.normalize": ("input, *, dim", lambda a: (of("l2norm" if a.dim == 1 else "norm"), None)),
    "ChannelMean": ("", lambda a: (of("channel_mean"), None)),
    "ChannelMax": ("", lambda a: (of("channel_max"), None)),
    "torch.mean": ("input, dim, keepdim=False", _over_channels("channel_mean")),
    "torch.amax": ("input, dim, keepdim=False", _over_channels("channel_max")),
    **{
        name: (words, lambda a: (of("pixel_shuffle", a.upscale_factor), None))
        for name, words in (
            ("nn.PixelShuffle", "upscale_factor"), ("F.pixel_shuffle", "input, upscale_factor"),
        )
    },
    **{
        name: (words, lambda a: (of("pixel_unshuffle", a.downscale_factor), None))
        for name, words in (
            ("nn.PixelUnshuffle", "downscale_factor"),
            ("F.pixel_unshuffle", "input, downscale_factor"),
        )
    },
    "nn.Dropout2d": ("p=0.5", lambda a: (of("dropout2d", a.p), None)),
    "Times": ("factor", lambda a: (of("times", a.factor), None)),
    "torch.mul": ("input, other", lambda a: (of("times", a.other), None)),
    "nn.ZeroPad2d": ("padding", _border("zeros")),
    "nn.ReflectionPad2d": ("padding", _border("reflect")),
    "nn.ReplicationPad2d": ("padding", _border("replicate")),
    "nn.CircularPad2d": ("padding", _border("circular")),
    "F.pad": ('input, pad, mode="constant"', lambda a: _border(a.mode)(a)),
    "nn.Dropout": ("p=0.5", lambda a: (of("dropout", a.p), None)),
    "DropPath": ("p", lambda a: (of("drop_path", a.p), None)),
    **{
        name: (words, _plain(op))
        for op, *pair in (
            ("relu", ("nn.ReLU", "inplace=False"), ("F.relu", "input, inplace=False")),
            ("relu6", ("nn.ReLU6", "inplace=False"), ("F.relu6", "input, inplace=False")),
            ("sigmoid", ("nn.Sigmoid", ""), ("torch.sigmoid", "input")),
            ("tanh", ("nn.Tanh", ""), ("torch.tanh", "input")),
            ("silu", ("nn.SiLU", "inplace=False"), ("F.silu", "input, inplace=False")),
            ("hardswish", ("nn.Hardswish", ""), ("F.hardswish", "input")),
            ("hardsigmoid", ("nn.Hardsigmoid", ""), ("F.hardsigmoid", "input")),
            ("mish", ("nn.Mish", ""), ("F.mish", "input")),
            ("softplus", ("nn.Softplus", ""), ("F.softplus", "input")),
            ("selu", ("nn.SELU", "inplace=False"), ("F.selu", "input, inplace=False")),
            ("abs", ("Abs", ""), ("torch.abs", "input")),
            ("skip", ("nn.Identity", ""),),
        )
        for name, words in pair
    },
    **{
        name: (words, lambda a: (of("leaky_relu", a.negative_slope), None))
        for name, words in (
            ("nn.LeakyReLU", "negative_slope=0.01, inplace=False"),
            ("F.leaky_relu", "input, negative_slope=0.01, inplace=False"),
        )
    },
    **{
        name: (f"{words}alpha=1.0, inplace=False", lambda a: (of("elu", a.alpha), None))
        for name, words in (("nn.ELU", ""), ("F.elu", "input, "))
    },
    **{
        name: (
            f"{words}min_val=-1.0, max_val=1.0, inplace=False",
            lambda a: (of("hardtanh", a.min_val, a.max_val), None),
        )
        for name, words in (("nn.Hardtanh", ""), ("F.hardtanh", "input, "))
    },
    "nn.PReLU": ("num_parameters=1", _prelu),
    **{
        name: (f'{words}approximate="none"', lambda a: (of("gelu", a.approximate), None))
        for name, words in (("nn.GELU", ""), ("F.gelu", "input, *, "))
    },
    **{
        name: (words, lambda a: (of("softmax" if a.dim == 1 else f"softmax {a.dim}"), None))
        for name, words in (("nn.Softmax", "dim"), ("F.softmax", "input, dim"))
    },
    "nn.Flatten": ("start_dim=1", _flatten),
    "torch.flatten": ("input, start_dim=0", _flatten),
    **{
        name: (words, lambda a: (of("channel_shuffle", a.groups), None))
        for name, words in (("nn.ChannelShuffle", "groups"), ("F.channel_shuffle", "input, groups"))
    },
    **{
        name: (
            f'{words}*, size=None, scale_factor=None, mode="nearest", align_corners=None',
            _interpolated,
        )
        for name, words in (("nn.Upsample", ""), ("F.interpolate", "input, "))
    },
    "Scale": (
        "channels, bias=False, value=1.0",
        lambda a: (of("scale", a.bias, a.value), a.channels),
    ),
    "nn.Parameter": (
        "data", lambda a: (of("scale", False, a.data.value, True), a.data.channels),
    ),
    "ScaledTanh": (
        "amplitude, slope", lambda a: (of("scaled_tanh", a.amplitude, a.slope), None),
    ),
    "PadChannels": (
        "in_channels, channels", lambda a: (of("pad_channels", a.channels), a.in_channels),
    ),
    "CenterCrop": ("size", lambda a: (of("crop", two(a.size)), None)),
    "Slice": ("start, stop", lambda a: (of("slice", a.start, a.stop), None)),
    "Permute": ("order", lambda a: (of("permute", a.order), None)),
    "RBF": ("in_features, features", lambda a: (of("rbf", a.features), a.in_features)),
}  # fmt: skip
"""By the name in a module: the arguments that PyTorch (or the op's own class) takes, as a `def`
has them, and what reads them."""

HELPERS = {name for name in FORMS if "." not in name}
"""Classes that an op brings: their text is the op's, and its tests are."""


@dataclass(frozen=True)
class Signature:
    """The parameters of a name of PyTorch."""

    names: tuple[str, ...]
    defaults: dict[str, Any]
    positional: int

    def bind(self, args: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """Arguments by name; raises TypeError as Python would."""
        bound = dict(zip(self.names[: self.positional], args, strict=False))
        unknown = [name for name in keywords if name not in self.names or name in bound]
        bound = self.defaults | bound | keywords
        if len(args) > self.positional or unknown or set(bound) != set(self.names):
            raise TypeError(f"{args} and {keywords} for {', '.join(self.names)}")
        return SimpleNamespace(**bound)


def _signature(words: str) -> Signature:
    a = ast.parse(f"def f({words}): pass").body[0].args  # type: ignore[attr-defined]
    names = [x.arg for x in a.args]
    filled = names[len(names) - len(a.defaults) :] if a.defaults else []
    defaults = dict(zip(filled, map(ast.literal_eval, a.defaults), strict=True))
    named = [x.arg for x in a.kwonlyargs]
    given = zip(named, a.kw_defaults, strict=True)
    defaults |= {name: ast.literal_eval(d) for name, d in given if d is not None}
    return Signature((*names, *named), defaults, len(names))


SIGNATURES = {name: _signature(words) for name, (words, _) in FORMS.items()}


def read(name: str, args: tuple[Any, ...], keywords: dict[str, Any]) -> Read:
    """The op that a call is, in its canonical form. KeyError for a name that is not known."""
    op, arriving = FORMS[name][1](SIGNATURES[name].bind(args, keywords))
    return canonical(op), arriving


def canonical(op: Op) -> Op:
    """An op as far as a module can say it: padding in numbers, no `init`, one global pool."""
    changes: dict[str, Any] = {}
    form = getattr(op, "window", None)
    if form is not None:
        changes |= {"window": Window(form.kernel, form.stride)}
        pad: Any = op.pad  # type: ignore[attr-defined]
        if pad != TF_SAME:
            changes["pad"] = Padding(*resolve(pad, form, getattr(op, "dilation", (1, 1))))
    if hasattr(op, "init"):
        changes["init"] = None
    if op.name == "unpool":
        return of("unpool", Beside(canonical(op.pool.of)))  # type: ignore[attr-defined]
    if op.name.startswith("global_"):
        return of(op.name.replace("global", "adaptive"), (1, 1))
    return replace(op, **changes) if changes else op


def unpadded(op: Op) -> Op:
    """The op without padding of unequal sides, which a module of its own does."""
    pad = getattr(op, "pad", None)
    plain = not isinstance(pad, Padding) or pad.symmetric
    return op if plain else replace(op, pad=Padding(0, 0, 0, 0))  # type: ignore[call-arg]


def kept(op: Op) -> bool:
    """Whether two of an op's layers are never one: they have weights, channels or a mask."""
    return op.passes or op.name in PLACED


def keyed(op: Op) -> bool:
    """Whether a layer may have keys in the state_dict: their order is part of the contract."""
    return op.name in PLACED


PLACED = set(
    "bn conv conv_transpose gn instance_norm linear ln pad_channels prelu rbf scale".split()
)
