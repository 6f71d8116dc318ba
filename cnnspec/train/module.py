"""Loading a generated module: the one place in the package that runs Python from a file.

The rules M1 to M4 say what such a file offers; any Python file that keeps them can be trained.
"""

import hashlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from torch import nn

from cnnspec.train.errors import UsageError, one_line, unknown

Number = int | float


@dataclass(frozen=True)
class NetModule:
    """A loaded module: its net's name, the function that builds it, input size and raw recipe."""

    path: Path
    name: str
    factory: Callable[..., nn.Module]
    parameters: dict[str, object]
    input_size: tuple[int, int, int]
    recipe: object
    sha256: str  # of the file
    spec_sha256: str  # of the spec that it was generated from, as its docstring says; or ''


def load(path: Path) -> NetModule:
    """Run the Python file at path and check what it offers (M1, M2, M3).

    Raises UsageError, one line, when the file is absent, fails on import or lacks a part.
    """
    source = _read(path)
    module = _execute(path)
    name = path.stem
    factory = getattr(module, name, None)
    if not callable(factory):
        raise UsageError(f"{path} defines no function `{name}`: the net is named like its file")
    if not hasattr(module, "RECIPE"):
        raise UsageError(f"{path} has no RECIPE: a dict, or {{}} for the trainer's defaults")
    return NetModule(
        path=path,
        name=name,
        factory=factory,
        parameters=_keyword_parameters(factory),
        input_size=_input_size(module, path),
        recipe=module.RECIPE,
        sha256=hashlib.sha256(source).hexdigest(),
        spec_sha256=_spec_hash(module),
    )


def _read(path: Path) -> bytes:
    if path.is_dir():
        raise UsageError(f"{path} is a directory: name the generated module in it, {path}/NET.py")
    if path.suffix == ".cnn":
        made = f"generated/{path.stem}.py"
        raise UsageError(f"{path} is a spec: train what is generated from it, {made}")
    if path.suffix != ".py" or not path.stem.isidentifier():
        raise UsageError(f"{path} is no generated module: it should be called NET.py")
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error


def _execute(path: Path) -> ModuleType:
    name = f"cnnspec_generated_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{path} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # typing.NamedTuple and dataclasses look their module up
    keep, sys.dont_write_bytecode = sys.dont_write_bytecode, True  # no __pycache__ beside it
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        text = f"{type(error).__name__}: {one_line(error)}"
        raise UsageError(f"{path} cannot be imported: {text}") from error
    finally:
        sys.dont_write_bytecode = keep
    return module


def _spec_hash(module: ModuleType) -> str:
    found = re.search(r"sha256 ([0-9a-f]{8,64})", module.__doc__ or "")
    return found.group(1) if found else ""


def _input_size(module: ModuleType, path: Path) -> tuple[int, int, int]:
    size = getattr(module, "INPUT_SIZE", None)
    if size is None:
        raise UsageError(f"{path} has no INPUT_SIZE: (channels, height, width)")
    if not isinstance(size, tuple) or len(size) != 3:
        raise UsageError(f"{path}: INPUT_SIZE is {size!r} and should be (channels, height, width)")
    if not all(type(item) is int and item > 0 for item in size):
        raise UsageError(f"{path}: INPUT_SIZE is {size!r} and should be three positive integers")
    return size


def _keyword_parameters(factory: Callable[..., nn.Module]) -> dict[str, object]:
    parameters = inspect.signature(factory).parameters.values()
    return {item.name: item.default for item in parameters if item.default is not item.empty}


def build(net: NetModule, settings: Sequence[str]) -> nn.Module:
    """Build the net with `--set name=value` settings; PyTorch's random state decides the weights.

    Raises UsageError for a name that is no parameter, a value that is no number, a failing build.
    """
    arguments = dict(_setting(net, text) for text in settings)
    try:
        model = net.factory(**arguments)
    except Exception as error:
        shown = ", ".join(f"{key}={value}" for key, value in arguments.items())
        raise UsageError(f"{net.name}({shown}) fails: {one_line(error)}") from error
    if not isinstance(model, nn.Module):
        raise UsageError(f"{net.path}: {net.name}() returns {type(model).__name__}, no nn.Module")
    return model


def _setting(net: NetModule, text: str) -> tuple[str, Number]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"--set {text}: write --set name=value")
    if name not in net.parameters:
        raise UsageError(f"--set {text}: {net.name}: {unknown('parameter', name, net.parameters)}")
    for kind in (int, float):
        try:
            return name, kind(value)
        except ValueError:
            continue
    raise UsageError(f"--set {text}: {value!r} is no number")
