"""Copies of a model to run: the user's own is never touched, and no weight is copied."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

VALUES = (bool, int, float, str, tuple, type(None))
"""What the attributes of PyTorch's layers are: a copy may hold the same."""


def copied(model: nn.Module, device: str) -> nn.Module:
    """A copy of a model whose tensors are empty; on the device "meta" they have no memory."""
    memo: dict[int, Any] = {}
    for one in [*model.parameters(), *model.buffers()]:
        empty: Tensor = torch.empty(one.shape, dtype=one.dtype, device=device)
        learnt = isinstance(one, nn.Parameter)
        memo[id(one)] = nn.Parameter(empty, one.requires_grad) if learnt else empty
    for module in model.modules():
        if _layer(module):
            memo[id(module)] = _copy(module, memo)
    return copy.deepcopy(model, memo)


def _layer(module: nn.Module) -> bool:
    """A layer of PyTorch's own that nobody hung anything on; a net is mostly these."""
    own = type(module).__module__.startswith("torch.nn.modules")
    return own and not module._modules and all(_shared(name, v) for name, v in _attributes(module))


def _attributes(module: nn.Module) -> Iterator[tuple[str, Any]]:
    held = ("_parameters", "_buffers")
    return ((name, value) for name, value in vars(module).items() if name not in held)


def _shared(name: str, value: Any) -> bool:
    """Whether a copy may hold the same value: a plain one, or an empty list of hooks."""
    if isinstance(value, list):
        return all(type(one) is int for one in value)
    names = name == "_non_persistent_buffers_set"
    return isinstance(value, VALUES) or names or (isinstance(value, dict) and not value)


def _copy(module: nn.Module, memo: dict[int, Any]) -> nn.Module:
    """What `copy.deepcopy` makes of a layer, at a fifth of its time."""
    made = type(module).__new__(type(module))
    for name, value in _attributes(module):
        vars(made)[name] = value if isinstance(value, VALUES) else copy.copy(value)
    for held in ("_parameters", "_buffers"):
        found = vars(module)[held].items()
        vars(made)[held] = {name: None if one is None else memo[id(one)] for name, one in found}
    return made
