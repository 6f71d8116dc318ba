"""Names that a person would have given: of parameters, and of blocks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from keyword import iskeyword

from cnnspec.importing.holes import Incoming, Param, Product
from cnnspec.importing.infer import leaving
from cnnspec.importing.items import Item
from cnnspec.importing.labels import LONGEST
from cnnspec.ops import ops
from cnnspec.syntax.words import GENERATED, RESERVED

TAKEN = {"i", "n", "inputs", "wide", "narrow"}
"""Names that a block's own loops and lets have."""


HINTS = {"p": "rate"}
"""What a number is called where it is a parameter, if not as the argument that it fills."""


def name_params(params: list[Param], items: list[Item], arriving: Sequence[int]) -> None:
    """Give every parameter a name: `channels`, `stride`, or of the layer whose number it is.

    `arriving` are the channels that reach each call.
    """
    end = leaving(items)
    taken = set(TAKEN)
    for param in sorted(params, key=lambda one: not _leaves(one, end)):
        base = _base(param, params, end, arriving)
        base = re.sub(r"\W", "_", base, flags=re.ASCII).strip("_").lower()[:LONGEST] or param.hint
        base = _plural(base) if param.kind.startswith("list of ") else base
        base = f"{base}_" if base in RESERVED else base
        param.name, number = base, 2
        while param.name in taken:
            param.name, number = f"{base}_{number}", number + 1
        taken.add(param.name)


def _plural(word: str) -> str:
    """What a list is called: `depths`, `widths`."""
    word = "width" if word == "channels" else word
    return word if word.endswith("s") else f"{word}s"


def _base(param: Param, params: list[Param], end: object, arriving: Sequence[int]) -> str:
    alike = [other for other in params if other.kind == param.kind]
    label = param.holes[0].label
    if param.kind == "channels":
        if len(alike) == 1 and _keeps_width(end) and _narrows(param, arriving):
            return "squeezed"
        if _leaves(param, end) or len(alike) == 1:
            return "channels"
        label = "" if label in RESERVED else label
        return label or ("hidden" if param.hint in ("channels", "features") else param.hint)
    if len(alike) > 1 and param.kind in ("window", "stride", "depth") and label:
        return f"{label}_{param.hint}"
    return param.hint


def _keeps_width(end: object) -> bool:
    """Whether as many channels leave as arrive."""
    return isinstance(getattr(end, "expression", None), Incoming)


def _narrows(param: Param, arriving: Sequence[int]) -> bool:
    """Whether a width is below what arrives, as in the middle of a squeeze-and-excitation."""
    return all(value < arriving[caller] for caller, value in param.values.items())


def _leaves(param: Param, end: object) -> bool:
    """Whether the width of what leaves is this parameter, or a multiple of it."""
    if any(hole is end for hole in param.holes):
        return True
    said = getattr(end, "expression", None)
    return isinstance(said, Product) and said.right is param


def net_name(word: str) -> str:
    """A name for a net from what its class, file or user calls it: `Net` is `net_model`."""
    word = re.sub(r"\W+", "_", word, flags=re.ASCII).strip("_")[:LONGEST] or "model"
    word = word if word[:1].isalpha() else f"net_{word}"
    taken = word in RESERVED or word in GENERATED or word in ops() or iskeyword(word)
    return f"{word}_model" if taken else word


def block_names(kinds: Iterable[str], nets: Iterable[str]) -> list[str]:
    """A name for each block: its class in small letters."""
    taken = {*RESERVED, *ops(), *nets}
    found = []
    for kind in kinds:
        base = snake(kind)
        word, number = base, 2
        while word in taken:
            word, number = f"{base}{number}", number + 1
        taken.add(word)
        found.append(word)
    return found


def snake(kind: str) -> str:
    """`BasicConv2d` is `basic_conv`."""
    word = re.sub(r"2[dD]|^_+", "", kind) or kind
    word = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", word).lower()
    word = re.sub(r"\W|__+", "_", word, flags=re.ASCII)
    word = word.replace("norm_activation", "norm").strip("_")
    word = (word if word[:1].isalpha() else f"block_{word}")[:LONGEST]
    return f"{word}_block" if word in RESERVED or word in ops() else word
