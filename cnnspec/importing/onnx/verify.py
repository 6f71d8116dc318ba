"""Whether the module that a spec becomes gives what onnxruntime gives for the file, to 1e-5."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from onnx import numpy_helper

from cnnspec.importing.prove import Unequal, keys
from cnnspec.importing.trace import Trace

if TYPE_CHECKING:
    from cnnspec.elaborate.workspace import Elaborated

TOLERANCE = 1e-5
SEED = 16


class Absent(Exception):
    """torch or onnxruntime is not installed."""


def verify(
    path: Path, model: Any, trace: Trace, names: Mapping[str, str], elaborated: Elaborated
) -> float:
    """The largest difference of an output. Raises Unequal, and Absent where nothing can be run."""
    try:
        runtime = import_module("onnxruntime")
        torch = import_module("torch")
    except ImportError as error:
        raise Absent from error
    from cnnspec.backends.torch import emit

    module = import_module("cnnspec.importing.torch.verify").build(emit(elaborated), trace.name)
    module.load_state_dict(_state(path, model, trace, names, module, torch), strict=False)
    options = runtime.SessionOptions()
    options.log_severity_level = 4
    session = runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    takes, drawn = session.get_inputs(), np.random.default_rng(SEED)
    batch = takes[0].shape[0] if isinstance(takes[0].shape[0], int) else 2
    images = [
        drawn.standard_normal((batch, *value.shape)).astype(np.float32) for value in trace.inputs
    ]
    theirs = session.run(
        [*trace.outputs], {one.name: x for one, x in zip(takes, images, strict=True)}
    )
    with torch.no_grad():
        ours = module.eval()(*map(torch.from_numpy, images))
    found = [ours] if isinstance(ours, torch.Tensor) else [*ours]
    return max(_apart(a, [one.numpy() for one in found], elaborated) for a in theirs)


def _apart(theirs: Any, ours: list[Any], elaborated: Elaborated) -> float:
    """How far the nearest output is, relative to the largest number."""
    largest = float(np.abs(theirs).max()) or 1.0
    if elaborated.net.head is not None:
        ours = [*ours, *map(_softmax, ours), *(1 / (1 + np.exp(-one)) for one in ours)]
    alike = [one for one in ours if one.shape == theirs.shape]
    near = [float(np.abs(theirs - one).max()) / largest for one in alike]
    if not near or not min(near) <= TOLERANCE:
        raise Unequal(f"an output differs by {min(near):.1e}" if near else "an output is missing")
    return min(near)


def _softmax(x: Any) -> Any:
    shifted = np.exp(x - x.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def _state(
    path: Path, model: Any, trace: Trace, names: Mapping[str, str], module: Any, torch: Any
) -> dict[str, Any]:
    """The file's tensors under the spec's names, turned where the file has them so."""
    weights = {one.name: one for one in model.graph.initializer}
    shapes = {key: tuple(one.shape) for key, one in module.state_dict().items()}
    found = {}
    for key, new in keys(trace).items():
        if key not in names:
            continue
        value = numpy_helper.to_array(weights[names[key]], base_dir=str(path.parent))
        if value.ndim == 2 and value.shape != shapes[new] and value.T.shape == shapes[new]:
            value = value.T
        found[new] = torch.from_numpy(np.array(value, dtype=np.float32).reshape(shapes[new]))
    return found
