"""The public API behind the lazy names of `cnnspec`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnnspec.analyses.checking import NetResult, check_unit
from cnnspec.analyses.metrics import Metrics
from cnnspec.diagnostics import Diagnostic
from cnnspec.elaborate.workspace import Workspace
from cnnspec.records import record

if TYPE_CHECKING:
    from os import PathLike

    from cnnspec.elaborate.scope import Unit
    from cnnspec.elaborate.workspace import Elaborated
    from cnnspec.importing.importer import Imported
    from cnnspec.values import Shape

__all__ = ["Checked", "SpecErrors", "check", "emit", "import_", "load", "measure"]


class SpecErrors(Exception):
    """A spec has errors; `diagnostics` are all of them, `str()` shows them as text."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__()
        self.diagnostics = diagnostics

    def __str__(self) -> str:
        from cnnspec.report.text import render

        return render(self.diagnostics)


@record(frozen=True)
class Checked:
    """What `check` found in a file."""

    nets: tuple[NetResult, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def ok(self) -> bool:
        """No errors; warnings do not count."""
        return all(d.severity.value != "error" for d in self.diagnostics)


def check(path: str | PathLike[str]) -> Checked:
    """Elaborate every net of a file and check its claims.

    Raises OSError when the file cannot be read; what is wrong with the spec is in the result.
    """
    workspace = Workspace()
    unit = workspace.read(str(path))
    nets = check_unit(workspace, unit) if unit else []
    workspace.finish()
    return Checked(tuple(nets), tuple(workspace.diagnostics))


def load(
    path: str | PathLike[str],
    net: str | None = None,
    *,
    input: Shape | None = None,
    **values: Any,
) -> Elaborated:
    """Elaborate one net: the named one, else the file's own; `values` override its parameters.

    Raises OSError, SpecErrors, and LookupError when the file has no such net.
    """
    workspace = Workspace()
    unit = workspace.read(str(path))
    if unit is None:
        raise SpecErrors(tuple(workspace.diagnostics))
    elaborated = workspace.elaborate(unit, _chosen(unit, net), set=values or None, input=input)
    if elaborated is None or workspace.diagnostics.errors:
        raise SpecErrors(tuple(workspace.diagnostics))
    return elaborated


def _chosen(unit: Unit, net: str | None) -> str:
    from pathlib import Path

    own = net or Path(unit.source.name).stem
    if own in unit.nets:
        return own
    if net is None and len(unit.nets) == 1:
        return next(iter(unit.nets))
    raise LookupError(f"{unit.source.name} has {', '.join(unit.nets) or 'no nets'}, not {own}")


def import_(
    module: Any, input: Shape = (3, 224, 224), name: str = "", *, verify: bool = True
) -> Imported:
    """The spec of a PyTorch module at an input of `input` (no batch axis), proved to be it.

    The result's `text` is what `cnnspec import` writes.  With `verify` both also run on equal
    random weights; the module itself is left as it is.  Raises `cnnspec.importing.errors.Refused`
    with everything that the language cannot say.
    """
    from cnnspec.importing.naming import snake
    from cnnspec.importing.options import Options
    from cnnspec.importing.reading import read_module

    called = name or snake(type(module).__name__)
    return read_module(module, Options(verify=verify), input, called).imported


def measure(elaborated: Elaborated) -> Metrics:
    """The figures of a net: `measure(net).value("params", "layer2")`."""
    return Metrics(elaborated.net)


def emit(elaborated: Elaborated) -> str:
    """The PyTorch module of a net as text."""
    from cnnspec.backends.torch import emit as emit_torch

    return emit_torch(elaborated)
