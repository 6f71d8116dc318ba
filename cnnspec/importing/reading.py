"""A model by its source, its net by its name, as a proved spec: what commands and the API ask."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cnnspec.importing.importer import Imported, Model, write
from cnnspec.importing.options import Options
from cnnspec.importing.sizes import Given
from cnnspec.importing.sources import ModelSource


class Lacking(Exception):
    """A library that reading a model needs and that is not installed."""


@dataclass(frozen=True)
class Found:
    """A proved spec, and the files of Python or ONNX that it was read from."""

    imported: Imported
    files: tuple[Path, ...] = ()


@contextmanager
def uncollected() -> Iterator[None]:
    """In here nobody looks for garbage, which costs a fifth of an import: there is next to none."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def read_source(source: ModelSource, options: Options) -> Found:
    """The spec of the model that a source names. Raises BadSource, Refused and Lacking."""
    return read_sources([source], options)


@uncollected()
def read_sources(sources: Sequence[ModelSource], options: Options) -> Found:
    """One spec of several models, a family where they are one.

    Raises BadSource, Refused and Lacking.  The name of the options is the family's, or the one
    model's.
    """
    several = len(sources) > 1
    names = _distinct([source.name for source in sources]) if several else [options.name]
    read = [
        _captured(source, replace(options, name=name))
        for source, name in zip(sources, names, strict=True)
    ]
    family = options.name if several else ""
    imported = write([model for model, _ in read], only_flat=options.flat, family=family)
    return Found(imported, tuple(dict.fromkeys(file for _, files in read for file in files)))


def _distinct(names: Sequence[str]) -> list[str]:
    """Names of nets; those that are one get a number: `net_1` and `net_2`."""
    return [
        name if names.count(name) == 1 else f"{name}_{names[: place + 1].count(name)}"
        for place, name in enumerate(names)
    ]


def _captured(source: ModelSource, options: Options) -> tuple[Model, tuple[Path, ...]]:
    """What the model of a source is, and the files that it was read from."""
    try:
        if source.kind == "onnx":
            from cnnspec.importing.onnx.source import captured as captured_onnx

            path = Path(source.place)
            return captured_onnx(path, options, source.name), (path,)
        from cnnspec.importing.torch.build import built
        from cnnspec.importing.torch.source import captured, sources_of
    except ImportError as error:
        raise Lacking(str(error.name or error)) from error
    model, size = built(source)
    name = options.name or source.name
    return captured(model, options.sizes or size, name, options), sources_of(model)


@uncollected()
def read_module(model: Any, options: Options, size: Given, name: str) -> Found:
    """The spec of a module that exists already. Raises Refused."""
    from cnnspec.importing.torch.source import import_module, sources_of

    imported = import_module(model, size, options.name or name, options)
    return Found(imported, sources_of(model))
