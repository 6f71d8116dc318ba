"""Initial weights: `nn.init` and the language's initialisers, in one form that can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnnspec.ops.reading import Unread
from cnnspec.ops.skip import Skip
from cnnspec.ops.torch import parse
from cnnspec.values import Record

SIGNATURES = {
    form.name: form
    for form in (
        parse(text, Skip)
        for text in (
            "kaiming_normal_(a=0, mode='fan_in', nonlinearity='leaky_relu')",
            "kaiming_uniform_(a=0, mode='fan_in', nonlinearity='leaky_relu')",
            "xavier_normal_()",
            "xavier_uniform_()",
            "normal_(mean=0.0, std=1.0)",
            "trunc_normal_(mean=0.0, std=1.0)",
            "uniform_(a=0.0, b=1.0)",
            "constant_(val)",
            "ones_()",
            "zeros_()",
        )
    )
}
"""PyTorch's signatures after the tensor; what the language cannot say is left out."""

Initial = tuple[Any, ...]


def said(name: str, args: tuple[Any, ...], words: Mapping[str, Any]) -> Initial:
    """What `nn.init.NAME(tensor, ...)` does. Raises Unread for what no spec says."""
    form = SIGNATURES.get(name)
    if form is None:
        raise Unread(f"nn.init.{name} is no initialiser of a spec")
    bound = form.bind(args, words)
    if "mode" not in form.names:
        return (name[:-1], *(bound.real(n) for n in form.names))
    bound.only("a", 0, "no initialiser of a spec has a slope")
    mode, gain = bound.word("mode"), bound.word("nonlinearity")
    if mode not in ("fan_in", "fan_out") or gain not in ("relu", "leaky_relu"):
        raise Unread(f"nn.init.{name} with mode={mode!r} and nonlinearity={gain!r}")
    return (name[:-1], mode)


def wanted(record: Record) -> Initial:
    """What an initialiser of the language does; PyTorch's own draws are left as they are."""
    words = dict(record.keywords)
    match record.name:
        case "he_normal" | "he_uniform":
            return (record.name.replace("he", "kaiming"), f"fan_{words.get('fan', 'in')}")
        case "xavier":
            return ("xavier_uniform",)
        case "normal" | "trunc_normal":
            return (record.name, words.get("mean", 0.0), words.get("std", 1.0))
        case "uniform" if "fans" not in words:
            return ("uniform", words.get("low", 0.0), words.get("high", 1.0))
        case "constant":
            return ("constant", words["value"])
    return (record.name, *words.values())
