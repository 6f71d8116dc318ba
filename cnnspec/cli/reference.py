"""Net references: `specs/resnet34.cnn`, `FILE:NET`, a bare name, `-` (cli.md)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from cnnspec import shipped
from cnnspec.cli.faults import UsageFault
from cnnspec.records import record, replace
from cnnspec.resources import SHIPPED
from cnnspec.shipped import SUFFIX, spec_files

if TYPE_CHECKING:
    from cnnspec.analyses.checking import Overrides
    from cnnspec.elaborate.scope import Unit
    from cnnspec.elaborate.workspace import Workspace
    from cnnspec.values import Shape, Sizes

NAME = r"[A-Za-z_][A-Za-z0-9_]*"


@record(frozen=True)
class Reference:
    """A file to read (`-` is standard input), and a net of it if one was named.

    `sized` says that it was read from a model at the sizes that `--input` gives.
    """

    path: str
    net: str = ""
    sized: bool = False

    def beside(self, overrides: Overrides) -> Overrides:
        """What there is still to override."""
        return replace(overrides, input=None) if self.sized else overrides


def locate(text: str, input: Shape | Sizes | None = None) -> Reference:
    """Find the file that a reference means; a model is read at a size of `input`.

    Raises UsageFault.
    """
    if text == "-":
        return Reference("-")
    if re.fullmatch(NAME, text):
        return _by_name(text)
    if (path := _of_model(text, input)) is not None:
        return Reference(path, sized=bool(input))
    path, colon, net = text.rpartition(":")
    if colon and path and re.fullmatch(NAME, net) and not Path(text).exists():
        return Reference(path if path == "-" else _file(path), net)
    return Reference(_file(text))


def _of_model(text: str, input: Shape | Sizes | None) -> str | None:
    """The spec of a PyTorch or ONNX model, where a text names one and no spec."""
    if ":" not in text and not text.endswith(".onnx"):
        return None
    from cnnspec.cli.importing import spec_of_model

    return spec_of_model(text, input)


def _file(path: str) -> str:
    if Path(path).is_file():
        return path
    path = path.removeprefix(SHIPPED)
    for folder in shipped.folders():  # torchvision/googlenet.cnn
        if path.endswith(SUFFIX) and (folder / path).is_file():
            return str(folder / path)
    if Path(path).is_dir():
        raise UsageFault(f"{path} is a directory: name a file in it, such as {_example(path)}")
    if re.fullmatch(NAME, path):
        return _by_name(path).path
    raise UsageFault(f"there is no file {path}{_near(Path(path).stem)}")


def _example(directory: str) -> str:
    return next(iter(spec_files(directory)), str(Path(directory) / "resnet34.cnn"))


def _by_name(name: str) -> Reference:
    """The file `NAME.cnn`, else the first file that declares a net of the name (G5)."""
    found = shipped.by_name(name)
    if found is not None:
        return Reference(*found)
    if Path(name).is_file():
        return Reference(name)
    if Path(name).is_dir():
        raise UsageFault(f"{name} is a directory: name a file in it, such as {_example(name)}")
    raise UsageFault(
        f"there is no net {name} in specs/ or among the shipped specs"
        f"{_near(name) or ' (cnnspec list shows them)'}"
    )


def _near(name: str) -> str:
    close = shipped.near(name)
    return f": {close}" if close else ""


def read(workspace: Workspace, path: str) -> Unit | None:
    """Read a file; None when its text has errors. Raises UsageFault where it cannot be read."""
    try:
        return workspace.read(path)
    except OSError as error:
        raise UsageFault(f"cannot read {path}: {error.strerror or error}") from None


def own_net(unit: Unit, path: str) -> str:
    """The file's own net: the one with the file's name, else its only one. Raises UsageFault.

    A family and its one variant are one net, the variant.
    """
    from cnnspec.analyses.checking import is_family

    names = list(unit.nets)
    valued = [name for name in names if not is_family(unit, name)]
    if Path(path).stem in valued:
        return Path(path).stem
    if len(names) == 2 and len(valued) == 1:
        return valued[0]
    if Path(path).stem in names:
        return Path(path).stem
    if len(names) == 1:
        return names[0]
    if not names:
        raise UsageFault(f"{path} declares no net, only blocks")
    raise UsageFault(f"{path} declares {', '.join(names)}: say which, as in {path}:{names[0]}")
