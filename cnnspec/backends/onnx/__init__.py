"""The ONNX backend: an elaborated net to the bytes of one model, straight from the graph.

`flatten` asks every op to write itself (`Op.onnx`) and keeps plain records; `weights` fills the
tensors, from a safetensors file or by the spec's initialisation; `model` makes the protobuf.
Names are the language's paths: the node and value of a layer `layer1.0.conv1`, its tensor
`layer1.0.conv1.weight`.  The model is the net at inference, without
auxiliary heads, dropout and the head.  docs/codegen.md gives the rules.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cnnspec.backends.errors import BackendError

if TYPE_CHECKING:
    from cnnspec.elaborate.workspace import Elaborated


def emit(elaborated: Elaborated, weights: Path | None = None, seed: int = 0) -> bytes:
    """The model of a net: the same bytes each time.

    `weights` is a safetensors file with the paths of the net; without one the tensors begin as
    the spec says, drawn with `seed`.  Raises BackendError for what has no form in ONNX,
    WeightsError for weights that do not fit, ImportError where the extra `onnx` is not installed.
    """
    from cnnspec.backends.onnx.flatten import flatten
    from cnnspec.backends.onnx.model import check_size, model
    from cnnspec.backends.onnx.weights import drawn, loaded

    flat = flatten(elaborated)
    check_size(flat)
    tensors = (
        drawn(flat.state, seed) if weights is None else loaded(flat.state, weights, flat.spare)
    )
    return model(elaborated, flat, tensors)


__all__ = ["BackendError", "emit"]
