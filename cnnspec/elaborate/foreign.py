"""Words of other tools, and what is written here in their place: for `did you mean`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from cnnspec.diagnostics import did_you_mean

_OPS: Final = {
    "conv": "conv2d convolution conv2",
    "bn": "batchnorm batchnorm2d batchnorm1d batchnormalization",
    "linear": "fc dense gemm fullyconnected innerproduct",
    "maxpool": "maxpool2d maxpooling maxpooling2d pool",
    "avgpool": "avgpool2d averagepool averagepooling2d",
    "global_avgpool": "gap globalavgpool2d globalaveragepool globalaveragepooling2d",
    "adaptive_avgpool": "adaptiveavgpool2d",
    "ln": "layernorm layernormalization",
    "gn": "groupnorm groupnormalization",
    "lrn": "localresponsenorm",
    "silu": "swish",
    "hardswish": "hswish",
    "leaky_relu": "lrelu",
    "concat": "cat concatenate depthconcat",
    "add": "sum plus",
    "mul": "multiply times",
    "skip": "identity shortcut",
    "drop_path": "stochasticdepth",
    "flatten": "view reshape",
    "upsample": "interpolate",
}
"""An op here -> what others call it, in small letters without `_`."""

_ARGUMENTS: Final = {
    "stride": "the stride stands in the window: `3x3/2`",
    "strides": "the stride stands in the window: `3x3/2`",
    "kernel": "write the window alone: `3x3`, or `3x3/2` with a stride",
    "kernel_size": "write the window alone: `3x3`, or `3x3/2` with a stride",
    "padding": "did you mean `pad`?",
    "in_channels": "leave it out: what arrives is known",
    "in_features": "leave it out: what arrives is known",
    "num_features": "leave it out: what arrives is known",
    "out_channels": "write the number alone, first: `conv 64, 3x3`",
    "filters": "write the number alone, first: `conv 64, 3x3`",
    "out_features": "write the number alone: `linear 120`",
    "units": "write the number alone: `linear 120`",
    "activation": "an activation follows: `-> relu`",
    "rate": "did you mean `p`?",
    "use_bias": "did you mean `bias`?",
    "num_groups": "did you mean `groups`?",
    "ceil_mode": "did you mean `ceil`?",
}
"""A keyword elsewhere -> what to write here."""


_SETTINGS: Final = {
    **dict.fromkeys(
        ("lr", "learning_rate", "momentum", "weight_decay", "nesterov"),
        "it stands in the optimizer: `optimizer = sgd(lr=0.1)`",
    ),
    "batch_size": "did you mean `batch`?",
    "scheduler": "did you mean `schedule`?",
    "dataset": "did you mean `data`?",
    "iterations": "did you mean `steps`?",
    "criterion": "did you mean `loss`?",
}
"""A key of a recipe elsewhere -> what to write here."""


def setting_meant(word: str, known: Iterable[str]) -> str:
    """`did you mean ...?` for a key of a recipe."""
    return _SETTINGS.get(word) or did_you_mean(word, known)


_AXES: Final = {
    "depth": "channels", "maps": "channels", "features": "channels", "rows": "height",
    "columns": "width",
}  # fmt: skip
"""An axis elsewhere -> what it is called here."""


def axis_meant(word: str, known: Iterable[str]) -> str:
    """`did you mean ...?` for a size of `in`."""
    return f"did you mean `{_AXES[word]}`?" if word in _AXES else did_you_mean(word, known)


def op_meant(word: str, known: Iterable[str]) -> str:
    """`did you mean ...?` for what is called by a name of another tool, or misspelt."""
    return _meant(word, list(known), _OPS)


_FUNCTIONS: Final = {
    "he_normal": "he kaiming kaimingnormal msra",
    "he_uniform": "kaiminguniform",
    "xavier": "glorot xavieruniform glorotuniform",
    "xavier_normal": "glorotnormal",
    "normal": "gaussian",
    "trunc_normal": "truncatednormal",
    "zeros": "zero",
    "ones": "one",
}
"""A function here -> what others call it, in small letters without `_`."""


def function_meant(word: str, known: Iterable[str]) -> str:
    """The same for a function or an initialiser."""
    return _meant(word, list(known), _FUNCTIONS)


def _meant(word: str, known: list[str], foreign: dict[str, str]) -> str:
    plain = word.lower().replace("_", "")
    for name in known:
        if plain == name.replace("_", "") or plain in foreign.get(name, "").split():
            return f"did you mean `{name}`?"
    return did_you_mean(word, known)


def argument_meant(word: str, known: Iterable[str]) -> str:
    """The same for a keyword."""
    known = list(known)
    foreign = _ARGUMENTS.get(word, "")
    named = foreign.partition("`")[2].partition("`")[0]
    if foreign and not (foreign.startswith("did") and named not in known):
        return foreign
    return did_you_mean(word, known)
