"""Builds the PyTorch model that a source names."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module, util
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from cnnspec.importing.sources import BadSource, ModelSource
from cnnspec.values import Shape

USUAL: Shape = (3, 224, 224)


def built(source: ModelSource) -> tuple[nn.Module, Shape]:
    """The model, and the input size that it is made for. Raises BadSource."""
    if source.kind == "torchvision":
        return _torchvision(source)
    if source.kind == "timm":
        return _timm(source)
    return _made(_factory(source), source), USUAL


def _torchvision(source: ModelSource) -> tuple[nn.Module, Shape]:
    models = _library("torchvision.models")
    try:
        builder = models.get_model_builder(source.target)
    except ValueError:
        raise BadSource(f"torchvision has no model {source.target}") from None
    taken: dict[str, Any] = {"weights": None}
    if source.target in models.list_models(module=models.segmentation):
        taken["weights_backbone"] = None
    if source.target in ("googlenet", "inception_v3"):
        taken["init_weights"] = False  # or it warns, and takes long
    made = _made(lambda *a, **k: builder(*a, **{**taken, **k}), source)
    return made, _torchvision_size(models, source.target)


def _torchvision_size(models: Any, name: str) -> Shape:
    """The size that the published weights are used at."""
    try:
        weights = next(iter(models.get_model_weights(name)))
        size = weights.transforms.keywords
    except (ValueError, StopIteration, AttributeError):
        return USUAL
    side = size.get("crop_size", size.get("resize_size", USUAL[1]))
    return 3, side, side


def _timm(source: ModelSource) -> tuple[nn.Module, Shape]:
    timm = _library("timm")
    if not timm.is_model(source.target):
        raise BadSource(f"timm has no model {source.target}")
    made = _made(lambda *a, **k: timm.create_model(source.target, *a, **k), source)
    size = getattr(made, "default_cfg", {}).get("input_size", USUAL)
    return made, tuple(size)


def _library(name: str) -> Any:
    top = name.partition(".")[0]
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        needed = (error.name or top).partition(".")[0]
        raise BadSource(f"{needed} is not installed: pip install {needed}") from None
    except Exception as error:  # an operator or a symbol that the other's library lacks
        top = "torchvision" if "torchvision" in str(error) else top
        raise BadSource(_unfit(top, " ".join(str(error).split()))) from None


def _unfit(library: str, error: str) -> str:
    """That a library is there and cannot be used beside this PyTorch, and what to do."""
    try:
        said = f"{library} {version(library)}"
    except PackageNotFoundError:
        said = library
    beside = f"torch {torch.__version__} ({error})"
    return f"{said} does not load beside {beside}: install the versions that belong together"


def _factory(source: ModelSource) -> Callable[..., Any]:
    """The class or function; the module that has it is run."""
    module = _file(source) if source.kind == "file" else _package(source)
    found: Any = module
    for word in source.target.split("."):
        if not hasattr(found, word):
            raise BadSource(f"{source.place} has no {source.target}")
        found = getattr(found, word)
    return found  # type: ignore[no-any-return]


def _file(source: ModelSource) -> Any:
    path = Path(source.place)
    if not path.is_file():
        raise BadSource(f"there is no file {source.place}")
    spec = util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = util.module_from_spec(spec)
    sys.modules[path.stem] = module
    sys.path.insert(0, str(path.parent.resolve()))
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise BadSource(f"{source.place} fails: {type(error).__name__}: {error}") from error
    finally:
        sys.path.pop(0)
    return module


def _package(source: ModelSource) -> Any:
    try:
        return import_module(source.place)
    except ImportError as error:
        raise BadSource(f"cannot import {source.place}: {error}") from None


def _made(factory: Any, source: ModelSource) -> nn.Module:
    """The model, without memory where it can be made so: weights are not looked at."""
    if isinstance(factory, nn.Module):
        return factory
    if not callable(factory):
        raise BadSource(f"{source.target} is no model, and nothing that makes one")
    found = _without_memory(lambda: factory(*source.args, **source.keywords))
    if found is None:
        found = _called(factory, source)
    if not isinstance(found, nn.Module):
        raise BadSource(f"{source.target} gives {type(found).__name__}, and no nn.Module")
    return found


def _without_memory(make: Callable[[], Any]) -> Any:
    """A model whose weights have no memory; None where it can only be made with weights.

    A RegNet computes its widths with tensors: those must have values, and then only what is made
    empty, to be drawn later, has none.
    """
    for context in (torch.device("meta"), _EmptyOnMeta()):
        try:
            with context, _Undrawn():
                return make()
        except Exception:
            continue
    return None


DRAWS = {torch.Tensor.uniform_, torch.Tensor.normal_, torch.Tensor.fill_, torch.Tensor.zero_}
"""Methods that fill a tensor; where it has no memory PyTorch spends milliseconds on nothing."""


class _Undrawn(TorchFunctionMode):
    """Tensors without memory are not filled."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        fills = func in DRAWS or getattr(func, "__module__", "") == "torch.nn.init"
        if fills and args and args[0].is_meta:
            return args[0]
        return func(*args, **(kwargs or {}))


class _EmptyOnMeta(TorchFunctionMode):
    """Tensors of no values yet, as layers make their weights, have no memory."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        if func is torch.empty and kwargs.get("device") is None:
            kwargs = {**kwargs, "device": "meta"}
        return func(*args, **kwargs)


def _called(factory: Callable[..., Any], source: ModelSource) -> Any:
    try:
        return factory(*source.args, **source.keywords)
    except Exception as error:
        raise BadSource(f"{source.target} fails: {type(error).__name__}: {error}") from error
