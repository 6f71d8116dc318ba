"""Opens an ONNX file: sizes are checked before allocation, nothing outside is read (S20).

Weights in files of their own stay there; only what decides the graph is looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import onnx
from onnx import shape_inference

from cnnspec.importing.errors import refuse
from cnnspec.values import Shape, Sizes

BYTES_MAX = 2 * 2**30
"""The most that is read of a file, and the most that its weights may have."""
OPSETS = range(7, onnx.defs.onnx_opset_version() + 1)


def load(path: Path, given: Sizes) -> Any:
    """The model with the shape of every value. Raises Refused."""
    if not path.is_file():
        raise refuse(f"there is no file {path}")
    if path.stat().st_size > BYTES_MAX:
        raise refuse(f"{path.name} has more than 2 GiB")
    try:
        model = onnx.load(str(path), load_external_data=False)
    except Exception as error:
        raise refuse(f"{path.name} is no ONNX file: {_line(error)}") from None
    _check(model, path)
    _sized(model.graph, given)
    try:
        return shape_inference.infer_shapes(model, data_prop=True)
    except Exception as error:
        raise refuse(f"{path.name} has no shapes that fit: {_line(error)}") from None


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:100]


def _check(model: Any, path: Path) -> None:
    for opset in model.opset_import:
        if opset.domain in ("", "ai.onnx") and opset.version not in OPSETS:
            raise refuse(f"opset {opset.version} is not known")
    total = 0
    for tensor in model.graph.initializer:
        total += _external(tensor, path) if tensor.external_data else len(tensor.raw_data)
        if any(size < 0 for size in tensor.dims) or total > BYTES_MAX:
            raise refuse(f"{path.name} has more than 2 GiB of weights")
    made = {one.name for one in [*model.graph.input, *model.graph.initializer]}
    for node in model.graph.node:
        if lacking := [name for name in node.input if name and name not in made]:
            raise refuse(f"{node.name or node.op_type} reads {lacking[0]}, which nothing makes yet")
        made.update(node.output)


def _external(tensor: Any, path: Path) -> int:
    """The bytes of a tensor that lies in another file, which must be in the folder."""
    said = {entry.key: entry.value for entry in tensor.external_data}
    folder = path.parent.resolve()
    file = (folder / said.get("location", "")).resolve()
    if not file.is_relative_to(folder) or not file.is_file():
        raise refuse(f"{tensor.name} lies outside the folder of {path.name}")
    length, offset = int(said.get("length", 0)), int(said.get("offset", 0))
    if min(length, offset) < 0 or offset + length > file.stat().st_size:
        raise refuse(f"{tensor.name} is longer than the file that it lies in")
    return length


def _sized(graph: Any, given: Sizes) -> None:
    """Give each input a size where it is open, or another that is asked for. Raises Refused."""
    weights = {one.name for one in graph.initializer}
    inputs = [one for one in graph.input if one.name not in weights]
    wanted = _wanted([str(one.name) for one in inputs], given)
    for one in inputs:
        _size(one, wanted.get(one.name))
    for value in [*graph.output, *graph.value_info]:
        value.type.tensor_type.ClearField("shape")


def _wanted(names: Sequence[str], given: Sizes) -> dict[str, Shape]:
    """By input the size that is asked for. Raises Refused."""
    named = {name: shape for name, shape in given if name}
    left = [name for name in names if name not in named]
    placed = [shape for name, shape in given if not name]
    if unknown := [name for name in named if name not in names]:
        raise refuse(f"the file has no input {unknown[0]}: it has {', '.join(names)}")
    if len(placed) > len(left):
        raise refuse(f"the file takes {', '.join(names)}, and {len(given)} shapes are given")
    return named | dict(zip(left, placed, strict=False))


def _size(one: Any, size: Shape | None) -> None:
    """Give an input its sizes. Raises Refused."""
    sizes = one.type.tensor_type.shape.dim
    wanted = size or tuple(dim.dim_value for dim in sizes[1:])
    if len(wanted) != len(sizes) - 1 or not all(wanted):
        raise refuse(
            f"the size of the input {one.name} is open",
            help=f"say it with --input {one.name}=3x224x224",
        )
    for dim, number in zip(sizes, (sizes[0].dim_value or 1, *wanted), strict=True):
        dim.Clear()
        dim.dim_value = number
