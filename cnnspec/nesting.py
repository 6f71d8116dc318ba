"""Which layers share a line of a generated `forward`, and which ReLU works in place.

The torch backend writes by these rules and the count of live tensors follows them: a line holds its
temporaries until the next name is bound, so where a line ends decides what memory is in use.
"""

from __future__ import annotations

from typing import Final

FRESH: Final = frozenset({"conv", "linear", "norm", "add"})
"""Kinds of open expression that a ReLU may change in place."""

UNROLLED: Final = 8
"""A loop of more turns is one in Python; with fewer, and their number known, it is written out."""


def nests(kind: str, *, attribute: bool) -> bool:
    """Whether a layer of this kind may stand in the line of the one before it.

    `attribute` says that it is one of the module, `self.bn1`, and no function.
    """
    return kind in ("conv", "linear", "activation") or (kind == "norm" and attribute)


def stays_open(kind: str, last: str, *, heavy: bool, functions: bool) -> bool:
    """Whether a layer of this kind nests around the open expression.

    `last` is the kind that the expression ends in, `heavy` says that a convolution or linear layer
    is in it, `functions` that something of `torch.nn.functional` is.
    """
    if kind in ("conv", "linear"):
        return last == "activation" and not heavy
    if kind == "norm":
        return last in ("conv", "linear") and not functions
    return last in ("conv", "linear", "norm", "add", "concat", "mul", "sub", "mean", "max")
