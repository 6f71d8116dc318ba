"""Which weights are trained, at which share of the rate, and which of them decay."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import MethodType

import torch
from torch import nn

from cnnspec.train.errors import UsageError, shorten

NORMS = (nn.modules.batchnorm._BatchNorm, nn.GroupNorm, nn.LayerNorm, nn.LocalResponseNorm)


@dataclass
class Group:
    """Weights that are updated alike: `factor` times the rate, with weight decay or without."""

    factor: float
    decays: bool
    weights: list[nn.Parameter] = field(default_factory=list)


def groups(
    model: nn.Module, no_decay: Sequence[str] = (), factors: Sequence[tuple[str, float]] = ()
) -> list[Group]:
    """Sort the weights that are trained into groups, in the order in which they first come.

    `no_decay` names kinds: "bn" the scales and shifts of norms, "bias" all biases. `factors` are
    paths of modules or weights; of several that hold a weight the longest decides. Raises
    UsageError for a path that is none.
    """
    for path, _ in factors:
        _check(model, path, "--lr-of")
    norms = {id(weight) for module in model.modules() if isinstance(module, NORMS)
             for weight in module.parameters(recurse=False)}  # fmt: skip
    found: dict[tuple[float, bool], Group] = {}
    for name, weight in model.named_parameters():
        if not weight.requires_grad:
            continue
        is_bias = name.rpartition(".")[2] == "bias"
        plain = ("bn" in no_decay and id(weight) in norms) or ("bias" in no_decay and is_bias)
        holding = [(len(path), factor) for path, factor in factors if _holds(path, name)]
        factor = max(holding)[1] if holding else 1.0
        found.setdefault((factor, not plain), Group(factor, not plain)).weights.append(weight)
    return list(found.values())


def freeze(model: nn.Module, paths: Sequence[str]) -> str:
    """Leave weights and running statistics as they are; return what the first line says of it.

    Frozen modules stay in eval mode. Raises UsageError for a path that is none, or where nothing is
    left to train.
    """
    count = 0
    for path in paths:
        _check(model, path, "--freeze")
        for name, weight in model.named_parameters():
            if _holds(path, name):
                weight.requires_grad_(False)
        for name, module in model.named_modules():
            if _holds(path, name):
                module.train = MethodType(_stays, module)
    for weight in model.parameters():
        count += 0 if weight.requires_grad else weight.numel()
    if not any(weight.requires_grad for weight in model.parameters()):
        raise UsageError(f"--freeze {', '.join(paths)}: nothing is left to train")
    return f"{count:,} weights frozen ({shorten(paths)})"


@torch.no_grad()
def begin_biases(model: nn.Module, biases: Sequence[tuple[str, float]]) -> None:
    """Let the biases of some layers begin with a constant; raise UsageError for no such layer.

    Krizhevsky et al. 2012, section 5: ones, so that ReLUs have positive inputs at first.
    """
    known = dict(model.named_parameters())
    for path, value in biases:
        if f"{path}.bias" not in known:
            raise UsageError(f"RECIPE, bias: the net has no layer {path} with a bias")
        known[f"{path}.bias"].fill_(value)


def _stays(module: nn.Module, mode: bool = True) -> nn.Module:
    """Stand in the place of `train`: a frozen module normalises by what it has learnt."""
    return nn.Module.train(module, False)


def _holds(path: str, name: str) -> bool:
    return name == path or name.startswith(f"{path}.")


def _check(model: nn.Module, path: str, flag: str) -> None:
    if not any(_holds(path, name) for name, _ in model.named_parameters()):
        known = shorten((name for name, _ in model.named_children()), 8)
        raise UsageError(f"{flag} {path}: the net has no such module or weight; it has {known}")
