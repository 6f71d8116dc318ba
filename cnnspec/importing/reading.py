"""A model by its source, its net by its name, as a proved spec: what commands and the API ask."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnnspec.importing.importer import Imported
from cnnspec.importing.options import Options
from cnnspec.importing.sources import ModelSource
from cnnspec.values import Shape


class Lacking(Exception):
    """A library that reading a model needs and that is not installed."""


@dataclass(frozen=True)
class Found:
    """A proved spec, and the files of Python or ONNX that it was read from."""

    imported: Imported
    files: tuple[Path, ...] = ()


def read_source(source: ModelSource, options: Options) -> Found:
    """The spec of the model that a source names. Raises BadSource, Refused and Lacking."""
    try:
        if source.kind == "onnx":
            from cnnspec.importing.onnx.source import import_onnx

            path = Path(source.place)
            return Found(import_onnx(path, options, source.name), (path,))
        from cnnspec.importing.torch.build import built
    except ImportError as error:
        raise Lacking(str(error.name or error)) from error
    model, size = built(source)
    return read_module(model, options, options.size or size, source.name)


def read_module(model: Any, options: Options, size: Shape, name: str) -> Found:
    """The spec of a module that exists already. Raises Refused."""
    from cnnspec.importing.torch.source import import_module, sources_of

    imported = import_module(model, size, options.name or name, options)
    return Found(imported, sources_of(model))
