"""Files of tensors: .pth and .safetensors read, safetensors written. Nothing in them is run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cnnspec.backends.onnx.weights import in_checkpoint
from cnnspec.cli.faults import Refusal, UsageFault
from cnnspec.cli.runs import weights_file

MARK = "cnnspec"
"""The `producer` in a file's metadata, by which cnnspec knows it again (S4)."""

HOLDERS = ("state_dict", "model_state_dict", "model_state", "model", "net", "ema")
"""Where training programs put the weights in a checkpoint."""

_NEEDED = "weights need torch and safetensors: pip install 'cnnspec[train]'"


def read(path: Path) -> dict[str, Any]:
    """The tensors of a file, or of a run of the trainer, by name. Raises UsageFault and Refusal."""
    path = weights_file(path)
    if not path.is_file():
        raise UsageFault(f"there is no file {path}")
    try:
        found = _safetensors(path) if path.suffix == ".safetensors" else _pickled(path)
    except ImportError:
        raise UsageFault(_NEEDED) from None
    for holder in HOLDERS:
        if isinstance(found, dict) and isinstance(found.get(holder), dict):
            found = found[holder]
    tensors = {k: v for k, v in found.items() if _is_tensor(v)} if isinstance(found, dict) else {}
    if not tensors:
        raise Refusal(f"{path} holds no named tensors")
    return in_checkpoint(tensors)


def _is_tensor(value: Any) -> bool:
    import torch

    return isinstance(value, torch.Tensor)


def _safetensors(path: Path) -> Any:
    import torch  # noqa: F401  # what safetensors.torch gives are torch's tensors
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise Refusal(f"{path} is no safetensors file: {_line(error)}") from None


def _pickled(path: Path) -> Any:
    """A .pth file with tensors and plain values only; anything else is refused, not run."""
    import torch

    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        kind = type(error).__name__
        raise Refusal(
            f"{path} is no .pth file of tensors and plain values, so it is not loaded "
            f"({kind}{_besides(path)})"
        ) from None


def _besides(path: Path) -> str:
    """What a file holds besides tensors, and the way out; '' where it cannot be told."""
    import torch

    try:
        found = torch.serialization.get_unsafe_globals_in_checkpoint(str(path))
    except Exception:
        return ""
    if not found:
        return ""
    way = "torch.save(model.state_dict(), FILE)"
    return f": it holds {', '.join(found[:3])}; where it was made, write the weights alone: {way}"


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:160]


def write(path: Path, tensors: dict[str, Any], force: bool) -> None:
    """Write a safetensors file; one that is not ours stays without `force`. Raises UsageFault."""
    from safetensors.torch import save_file

    if path.exists() and not force and not _is_ours(path):
        raise UsageFault(f"{path} was not written by cnnspec: move it, or give --force")
    plain = {name: value.detach().clone().contiguous() for name, value in tensors.items()}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file(plain, path, metadata={"format": "pt", "producer": MARK})
    except OSError as error:
        raise UsageFault(f"cannot write {path}: {error.strerror or error}") from None


def _is_ours(path: Path) -> bool:
    with path.open("rb") as file:
        return f'"producer":"{MARK}"'.encode() in file.read(4096)
