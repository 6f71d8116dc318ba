"""Reads a safetensors file: 8 bytes of length, a JSON table, the bytes of the tensors.

The format is a table of places, so hostile bytes can only be wrong, and each way is refused.
"""

from __future__ import annotations

import json
from math import prod
from pathlib import Path
from typing import Any

_KINDS = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4",
          "U8": "<u1"}  # fmt: skip
_HEADER_MAX = 16 * 2**20


class WeightsError(Exception):
    """A file of weights that cannot be read, or does not fit the net; one line."""


def read(path: Path) -> dict[str, Any]:
    """Every tensor as a numpy array of float32. Raises WeightsError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"cannot read {path}: {error.strerror or error}") from None
    try:
        return _tensors(data)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise WeightsError(f"{path} is no safetensors file: {error}") from None


def _tensors(data: bytes) -> dict[str, Any]:
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > min(_HEADER_MAX, len(data) - 8):
        raise ValueError("its header is cut off")
    table = json.loads(data[8 : 8 + length])
    body = memoryview(data)[8 + length :]
    return {name: _tensor(entry, body) for name, entry in table.items() if name != "__metadata__"}


def _tensor(entry: dict[str, Any], body: memoryview) -> Any:
    import numpy

    kind = entry["dtype"]
    if kind not in _KINDS:
        raise ValueError(f"tensors of {kind} are not known here")
    dtype, shape = numpy.dtype(_KINDS[kind]), tuple(map(int, entry["shape"]))
    start, stop = map(int, entry["data_offsets"])
    if not 0 <= start <= stop <= len(body) or stop - start != prod(shape) * dtype.itemsize:
        raise ValueError("a tensor's place does not fit its shape")
    values = numpy.frombuffer(body[start:stop], dtype)
    if kind == "BF16":
        values = (values.astype(numpy.uint32) << 16).view(numpy.float32)
    return values.astype(numpy.float32).reshape(shape)
