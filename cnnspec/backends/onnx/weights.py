"""The values of a model's tensors: drawn by the spec's initialisation, or from a file.

numpy is imported inside functions only: nothing but this backend needs it.
"""

from __future__ import annotations

import zlib
from math import prod, sqrt
from typing import TYPE_CHECKING, Any

from cnnspec.backends.onnx.flat import Tensor
from cnnspec.backends.onnx.safetensors import WeightsError, read

if TYPE_CHECKING:
    from pathlib import Path

    from cnnspec.values import Record, Shape

Array = Any
"""A numpy array of float32."""


def drawn(state: dict[str, Tensor], seed: int) -> dict[str, Array]:
    """Initial values. Each tensor has a generator of its own, so no other tensor changes it."""
    import numpy

    found = {}
    for name, tensor in state.items():
        random = numpy.random.default_rng([seed, zlib.crc32(name.encode())])
        found[name] = _values(random, tensor.initial, tensor.shape).astype(numpy.float32)
    return found


def _values(random: Any, initial: Record, shape: Shape) -> Array:
    """What torch.nn.init fills in for an initialiser of the language, in distribution."""
    import numpy

    match initial.name:
        case "zeros" | "ones" | "constant":
            value = {"zeros": 0.0, "ones": 1.0}.get(initial.name, initial.get("value"))
            return numpy.full(shape, value)
        case "walsh":
            return _walsh(shape)
        case "normal":
            return random.normal(initial.get("mean", 0.0), initial.get("std", 1.0), shape)
        case "trunc_normal":
            return _truncated(random, initial.get("std", 1.0), shape)
        case "uniform" if initial.get("fans"):
            bounds = numpy.array(initial.get("fans"), float) ** -0.5
            return _by_map(initial.get("fans"), bounds, shape) * random.uniform(-1, 1, shape)
        case "uniform":
            return random.uniform(initial.get("low", 0.0), initial.get("high", 1.0), shape)
    bound = sqrt(3) * spread(initial, shape)
    if initial.name in ("he_uniform", "xavier"):
        return random.uniform(-bound, bound, shape)
    return random.normal(0.0, spread(initial, shape), shape)


def spread(initial: Record, shape: Shape) -> float:
    """The standard deviation of He et al. 2015 or Glorot and Bengio 2010."""
    field = prod(shape[2:])
    into, out = shape[1] * field, shape[0] * field
    if initial.name.startswith("xavier"):
        return sqrt(2 / (into + out))
    return sqrt(2 / (out if initial.get("fan") == "out" else into))


def _by_map(fans: tuple[int, ...], bounds: Array, shape: Shape) -> Array:
    """One bound for all, one for each output map, or for each kernel of a connection table."""
    import numpy

    if len(fans) == 1 or len(fans) == shape[0]:
        return bounds.reshape(-1, *[1] * (len(shape) - 1))
    kernels = [fan // prod(shape[1:]) for fan in fans]
    return numpy.repeat(bounds, kernels).reshape(-1, *[1] * (len(shape) - 1))


def _walsh(shape: Shape) -> Array:
    """Rows of a Walsh-Hadamard matrix behind its first, which is all ones."""
    import numpy

    both = numpy.arange(1, shape[0] + 1)[:, None] & numpy.arange(shape[1])
    parity = sum(both >> bit & 1 for bit in range(31)) % 2
    return 1.0 - 2.0 * parity


def _truncated(random: Any, std: float, shape: Shape) -> Array:
    """A normal distribution cut at -2 and 2, as torch.nn.init.trunc_normal_ cuts it."""
    import numpy

    values = random.normal(0.0, std, shape)
    while (far := numpy.abs(values) > 2).any():
        values[far] = random.normal(0.0, std, int(far.sum()))
    return values


def loaded(state: dict[str, Tensor], path: Path, spare: set[str]) -> dict[str, Array]:
    """The tensors of a safetensors file. Raises WeightsError where it does not fit the net."""
    found = in_checkpoint(read(path))
    missing = [name for name in state if name not in found]
    unknown = [name for name in found if name not in state and name not in spare]
    wrong = [
        f"{name} is {list(found[name].shape)} and should be {list(tensor.shape)}"
        for name, tensor in state.items()
        if name in found and found[name].shape != tensor.shape
    ]
    problems = wrong + [f"no {name}" for name in missing] + [f"unknown {n}" for n in unknown]
    if problems:
        more = f", and {len(problems) - 4} more" if len(problems) > 4 else ""
        raise WeightsError(f"{path} does not fit the net: {', '.join(problems[:4])}{more}")
    return {name: found[name] for name in state}


def in_checkpoint(tensors: dict[str, Array]) -> dict[str, Array]:
    """The weights among the tensors of a trainer's checkpoint; those of another file as they are.

    Where a run takes the mean of its weights, the mean is what it tests and keeps.
    """
    held = {k.removeprefix("model."): v for k, v in tensors.items() if k.startswith("model.")}
    if "meter" not in tensors or not held:
        return tensors
    return {name: tensors.get(f"average.{name}", value) for name, value in held.items()}


__all__ = ["WeightsError", "drawn", "in_checkpoint", "loaded"]
