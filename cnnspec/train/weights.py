"""Weights from files: a run's own, torchvision's, another net's (T14, and VGG's beginning, T2)."""

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from cnnspec.train.errors import UsageError, one_line

Weights = Mapping[str, Tensor]
ENDINGS = (".safetensors", ".pth", ".pt")


def read_weights(path: Path) -> tuple[dict[str, Tensor], dict[str, object]]:
    """Return a file's tensors, and the facts that a run wrote beside them.

    `.pth` is read with `weights_only=True` and nothing else; raise UsageError for any other file.
    """
    if path.is_dir():
        path = path / "model.safetensors"
    if path.suffix not in ENDINGS:
        raise UsageError(f"{path}: weights are {', '.join(ENDINGS)}, or a run")
    try:
        if path.suffix != ".safetensors":
            return _unwrapped(_loaded(path), path), {}
        with safe_open(path, framework="pt") as file:
            facts = json.loads((file.metadata() or {}).get("cnnspec", "{}"))
            return {name: file.get_tensor(name) for name in file.keys()}, facts  # noqa: SIM118
    except (OSError, ValueError, SafetensorError) as error:
        reason = getattr(error, "strerror", None) or one_line(error)
        raise UsageError(f"cannot read {path}: {reason}") from error


def _loaded(path: Path) -> object:
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except OSError:
        raise
    except Exception as error:  # what torch's own unpickler refuses has many types
        raise UsageError(
            f"{path} is not read: it is damaged, or holds more than tensors and plain values"
        ) from error


def _unwrapped(found: object, path: Path) -> dict[str, Tensor]:
    """Take a state_dict out of the wrappings that training scripts put round it."""
    for key in ("state_dict", "model"):
        if isinstance(found, Mapping) and isinstance(found.get(key), Mapping):
            found = found[key]
    if not isinstance(found, Mapping):
        raise UsageError(f"{path} is no state_dict")
    weights = {str(name).removeprefix("module."): value for name, value in found.items()}
    if not weights or not all(isinstance(value, Tensor) for value in weights.values()):
        raise UsageError(f"{path} is no state_dict: it should hold tensors by name")
    return weights


def put_weights(model: nn.Module, weights: Weights, name: str) -> list[str]:
    """Load weights by name and return the names that the model has no use for.

    A fully connected layer's weights go into a convolution of as many (VGG, section 3.2). Raises
    UsageError where a weight of the model is absent or of another shape.
    """
    wanted = model.state_dict()
    absent = [key for key in wanted if key not in weights and not key.endswith("_tracked")]
    if absent:
        more = f" and {len(absent) - 1} more" if len(absent) > 1 else ""
        raise UsageError(f"{name} has no {absent[0]}{more}: it is of another net")
    found = {}
    for key, tensor in wanted.items():
        value = weights.get(key, tensor)
        if value.shape != tensor.shape and _becomes(value, tensor):
            value = value.reshape(tensor.shape)
        if value.shape != tensor.shape:
            shapes = f"{_shown(value)}, and {_shown(tensor)} is wanted"
            raise UsageError(f"{name}: {key} is {shapes}")
        found[key] = value
    model.load_state_dict(found)
    return [key for key in weights if key not in wanted]


def _becomes(value: Tensor, tensor: Tensor) -> bool:
    same = value.numel() == tensor.numel() and value.shape[:1] == tensor.shape[:1]
    return same and {value.dim(), tensor.dim()} == {2, 4}


def _shown(tensor: Tensor) -> str:
    return "x".join(str(size) for size in tensor.shape) or "a number"


def init_from(model: nn.Module, weights: Weights) -> list[tuple[str, str]]:
    """Copy layers of another net and return their names, (there, here).

    Each convolution of that net goes to the first free one of the same shape, each fully connected
    layer likewise, in order (VGG, section 3.1); everything else keeps its random beginning.
    """
    layers = [(name, module) for name, module in model.named_modules()
              if isinstance(module, nn.Conv2d | nn.Linear)]  # fmt: skip
    taken: set[str] = set()
    copied = []
    for key, value in weights.items():
        there = key.removesuffix(".weight")
        if there == key or value.dim() not in (2, 4):
            continue
        for here, module in layers:
            if here not in taken and module.weight.shape == value.shape:
                taken.add(here)
                copied.append((there, here))
                _copy(module, value, weights.get(f"{there}.bias"))
                break
    return copied


@torch.no_grad()
def _copy(module: nn.Conv2d | nn.Linear, weight: Tensor, bias: Tensor | None) -> None:
    module.weight.copy_(weight)
    if module.bias is not None and bias is not None:
        module.bias.copy_(bias)


def begin_with(model: nn.Module, weights: str | None, run: str | None) -> list[str]:
    """Do what `--weights` and `--init-from` ask for; return what the first line says of it."""
    notes = []
    if weights is not None:
        extra = put_weights(model, read_weights(Path(weights))[0], weights)
        notes.append(f"weights of {weights}" + (f" without {len(extra)} of them" if extra else ""))
    if run is not None:
        copied = init_from(model, read_weights(Path(run))[0])
        if not copied:
            raise UsageError(f"--init-from {run}: no layer of it fits")
        shown = ", ".join(there if there == here else f"{there} to {here}"
                          for there, here in copied)  # fmt: skip
        notes.append(f"{len(copied)} layers from {run}: {shown}")
    return notes
