"""Weights from files: a run's own, torchvision's, another net's (T14, and VGG's beginning, T2)."""

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from cnnspec.train.checkpoint import TENSORS, load_checkpoint, load_state
from cnnspec.train.errors import UsageError, one_line, shorten
from cnnspec.train.run import SETTINGS, WEIGHTS

Weights = Mapping[str, Tensor]
HOLDERS = ("state_dict", "model_state_dict", "model_state", "model", "net")
ENDINGS = (".safetensors", ".pth", ".pt")


def read_weights(path: Path) -> tuple[dict[str, Tensor], dict[str, object]]:
    """Return a file's tensors, and the facts that a run wrote beside them.

    `.pth` is read with `weights_only=True` and nothing else; raise UsageError for any other file.
    """
    if path.is_dir():
        return _of_folder(path)
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


def _of_folder(path: Path) -> tuple[dict[str, Tensor], dict[str, object]]:
    """Return the weights of a run, of its newest checkpoint where it is not done, or of that.

    What a run keeps is the mean of its weights where it takes one.
    """
    if (path / WEIGHTS).is_file():
        return read_weights(path / WEIGHTS)
    if (path / TENSORS).is_file():
        run, found = path.parent.parent, load_state(path)
    elif any((path / "checkpoint").glob("step-*")):
        run, found = path, load_checkpoint(path / "checkpoint").tensors
    else:
        raise UsageError(f"{path} holds no weights: it is no run, or stopped before its first")
    weights = {key: found.get(f"average.{key}", value) for key, value in _under("model.", found)}
    return weights, _facts_of(run)


def _under(prefix: str, tensors: Weights) -> list[tuple[str, Tensor]]:
    return [(key.removeprefix(prefix), value)
            for key, value in tensors.items() if key.startswith(prefix)]  # fmt: skip


def _facts_of(run: Path) -> dict[str, object]:
    """Return the means and deviations that a run feeds its net by, where run.json says them."""
    try:
        data = json.loads((run / SETTINGS).read_bytes()).get("data", {})
    except (OSError, ValueError):
        return {}
    return {key: data[key] for key in ("mean", "std") if key in data}


def _loaded(path: Path) -> object:
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except OSError:
        raise
    except Exception as error:  # what torch's own unpickler refuses has many types
        raise UsageError(
            f"{path} is not read: it is damaged, or holds more than tensors and plain values"
            f"{_besides(path)}"
        ) from error


def _besides(path: Path) -> str:
    """Return what a file holds besides tensors, and the way out; '' where it cannot be told."""
    try:
        found = torch.serialization.get_unsafe_globals_in_checkpoint(str(path))
    except Exception:  # damaged: there is nothing to list
        return ""
    if not found:
        return ""
    way = "torch.save(model.state_dict(), FILE)"
    return f": {shorten(found)}. Write the weights alone with {way} in the program that made it"


def _unwrapped(found: object, path: Path) -> dict[str, Tensor]:
    """Take a state_dict out of the wrappings that training scripts put round it."""
    for key in HOLDERS:
        if isinstance(found, Mapping) and isinstance(found.get(key), Mapping):
            found = found[key]
    if not isinstance(found, Mapping):
        raise UsageError(f"{path} is no state_dict")
    weights = {str(name).removeprefix("module."): value for name, value in found.items()}
    if not weights or not all(isinstance(value, Tensor) for value in weights.values()):
        keys = shorten(f"`{name}`" for name in weights)
        raise UsageError(f"{path} is no state_dict: it should hold tensors by name, not {keys}")
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
            way = f"--init-from {name} takes all that fits and begins the rest anew"
            raise UsageError(f"{name}: {key} is {shapes}; {way}")
        found[key] = value
    model.load_state_dict(found)
    return [key for key in weights if key not in wanted]


def _becomes(value: Tensor, tensor: Tensor) -> bool:
    same = value.numel() == tensor.numel() and value.shape[:1] == tensor.shape[:1]
    return same and {value.dim(), tensor.dim()} == {2, 4}


def _shown(tensor: Tensor) -> str:
    return "x".join(str(size) for size in tensor.shape) or "a number"


def init_from(model: nn.Module, weights: Weights) -> tuple[list[str], list[str]]:
    """Take every tensor whose name and shape are the model's; return the names taken, and the new.

    Batch norm's running statistics come along. Counters that older files lack are not told.
    """
    own = model.state_dict()
    taken = {key: value for key, value in weights.items()
             if key in own and value.shape == own[key].shape}  # fmt: skip
    model.load_state_dict(taken, strict=False)
    new = [key for key in own if key not in taken and not key.endswith("_tracked")]
    return list(taken), new


def init_by_shape(model: nn.Module, weights: Weights) -> list[tuple[str, str]]:
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


def begin_with(
    model: nn.Module, weights: str | None, other: str | None, by_shape: bool = False
) -> list[str]:
    """Do what `--weights` and `--init-from` ask for; return what the first line says of it."""
    notes = []
    if weights is not None:
        extra = put_weights(model, read_weights(Path(weights))[0], weights)
        notes.append(f"weights of {weights}" + (f" without {len(extra)} of them" if extra else ""))
    if other is not None:
        found = read_weights(Path(other))[0]
        notes.append((_by_shape if by_shape else _by_name)(model, found, other))
    return notes


def _by_name(model: nn.Module, found: Weights, other: str) -> str:
    taken, new = init_from(model, found)
    if not taken:
        raise UsageError(f"--init-from {other}: no tensor of it has a name and shape of the net's")
    said = f"{len(taken)} of {len(taken) + len(new)} tensors from {other}"
    return f"{said}; new: {shorten(new)}" if new else said


def _by_shape(model: nn.Module, found: Weights, other: str) -> str:
    copied = init_by_shape(model, found)
    if not copied:
        raise UsageError(f"--init-from {other}: no layer of it fits")
    shown = ", ".join(there if there == here else f"{there} to {here}" for there, here in copied)
    return f"{len(copied)} layers from {other}: {shown}"
