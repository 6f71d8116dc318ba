"""Runs without dropout, so that two modules can be compared; what it would drop is noted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn
from torch.nn import functional

from cnnspec.importing.prove import DIGITS

FUNCTIONS = ("dropout", "dropout2d", "dropout3d")
PATHS = {"StochasticDepth": "p", "DropPath": "drop_prob"}
"""Classes of torchvision, timm and ours that drop a way, by name, and what they call its share."""
Dropped = list[tuple[str, float]]
"""What was let through: the function or `drop_path`, and the share that it drops."""


@contextmanager
def let_through(model: nn.Module) -> Iterator[Dropped]:
    """In here dropout and stochastic depth of a model let everything through."""
    dropped: Dropped = []
    kept = {name: getattr(functional, name) for name in FUNCTIONS}
    paths = [(one, word) for one in model.modules() if (word := _share(one))]
    shares = [getattr(one, word) for one, word in paths]
    for name in FUNCTIONS:
        setattr(functional, name, _through(name, dropped))
    hooks = []
    for (one, word), share in zip(paths, shares, strict=True):
        hooks.append(one.register_forward_pre_hook(_notes(dropped, share)))
        setattr(one, word, 0.0)
    try:
        yield dropped
    finally:
        for name, function in kept.items():
            setattr(functional, name, function)
        for (one, word), share, hook in zip(paths, shares, hooks, strict=True):
            setattr(one, word, share)
            hook.remove()


def _share(module: nn.Module) -> str:
    """The attribute of a module that drops a way; "" where it is none."""
    if type(module).__name__ not in PATHS:
        return ""
    return next((word for word in PATHS.values() if hasattr(module, word)), "")


def _through(name: str, dropped: Dropped) -> Callable[..., Tensor]:
    def through(
        input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
    ) -> Tensor:
        if training and p:
            dropped.append((name, round(p, DIGITS)))
        return input

    return through


def _notes(dropped: Dropped, share: float) -> Callable[..., None]:
    def note(module: nn.Module, came: Any) -> None:
        if module.training and share:
            dropped.append(("drop_path", round(share, DIGITS)))

    return note
