"""The public API behind the lazy names of `cnnspec`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnspec import shipped
from cnnspec.analyses.checking import NetResult, Overrides, check_unit
from cnnspec.analyses.metrics import Metrics
from cnnspec.diagnostics import Diagnostic
from cnnspec.elaborate.workspace import Workspace
from cnnspec.notebook.net import Net, as_net
from cnnspec.records import record

if TYPE_CHECKING:
    from os import PathLike

    from cnnspec.elaborate.scope import Unit
    from cnnspec.elaborate.workspace import Elaborated
    from cnnspec.importing.importer import Imported
    from cnnspec.importing.sizes import Given
    from cnnspec.values import Shape

__all__ = ["Checked", "Net", "SpecErrors", "check", "emit", "import_", "load", "loads", "measure"]


class SpecErrors(Exception):
    """A spec has errors; `diagnostics` are all of them, `str()` shows them as text."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__()
        self.diagnostics = diagnostics

    def __str__(self) -> str:
        from cnnspec.report.text import render

        return render(self.diagnostics)

    def __repr__(self) -> str:
        return f"SpecErrors({len(self.diagnostics)} diagnostics)"

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the spec's errors, and nothing of the compiler's inside."""
        return str(self).splitlines()


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
) -> Net:
    """One net of a file, or of the shipped specs by its bare name: `load("resnet34")`.

    `net` names one of a file's nets, else it is the file's own; `input` replaces the size of its
    input, `values` override its parameters.  Raises OSError, SpecErrors, and LookupError when there
    is no such net.
    """
    file, inner = _located(path)
    workspace = Workspace()
    unit = workspace.read(file)
    if unit is None:
        raise SpecErrors(tuple(workspace.diagnostics))
    return _net(workspace, unit, _chosen(unit, net or inner or None), values, input)


def loads(
    text: str, net: str | None = None, *, folder: str | PathLike[str] = ".", **values: Any
) -> Net:
    """One net of a text: the named one, else its last; imports are relative to `folder`.

    Raises SpecErrors, and LookupError when the text has no such net.
    """
    workspace = Workspace()
    unit = workspace.read_text(text, "<text>", str(Path(folder).resolve() / "text.cnn"))
    if unit is None:
        raise SpecErrors(tuple(workspace.diagnostics))
    name = net or next(reversed(unit.nets), "")
    if name not in unit.nets:
        raise LookupError(f"the text has {', '.join(unit.nets) or 'no nets'}, not {name or 'one'}")
    return _net(workspace, unit, name, values, None)


def analysed(text: str, name: str, path: str) -> tuple[list[Net], list[Diagnostic]]:
    """Every net of a text that has its values, and the warnings; raises SpecErrors."""
    workspace = Workspace()
    unit = workspace.read_text(text, name, path)
    results = check_unit(workspace, unit) if unit is not None else []
    workspace.finish()
    if unit is None or workspace.diagnostics.errors:
        raise SpecErrors(tuple(workspace.diagnostics))
    made = [(workspace.elaborate(unit, result.name), result) for result in results]
    return [as_net(net, result) for net, result in made if net], list(workspace.diagnostics)


def _net(
    workspace: Workspace, unit: Unit, name: str, values: dict[str, Any], input: Shape | None
) -> Net:
    """A net of a file that was read, checked. Raises SpecErrors, and LookupError for a family."""
    changes = Overrides(values, input)
    result = next(iter(check_unit(workspace, unit, [name], changes)), None)
    elaborated = workspace.elaborate(unit, name, set=values or None, input=input)
    if workspace.diagnostics.errors:
        raise SpecErrors(tuple(workspace.diagnostics))
    if elaborated is None or result is None:
        raise LookupError(f"{name} is a family: give its parameters their values")
    return as_net(elaborated, result)


def _located(path: str | PathLike[str]) -> tuple[str, str]:
    """The file that is meant, and a net of it that a bare name says. Raises LookupError."""
    if not (isinstance(path, str) and path.isidentifier()) or Path(path).is_file():
        return str(path), ""
    found = shipped.by_name(path)
    if found is None:
        close = shipped.near(path)
        raise LookupError(f"there is no net {path} among the shipped specs{close and f': {close}'}")
    return found


def _chosen(unit: Unit, net: str | None) -> str:
    own = net or Path(unit.source.name).stem
    if own in unit.nets:
        return own
    if net is None and len(unit.nets) == 1:
        return next(iter(unit.nets))
    raise LookupError(f"{unit.source.name} has {', '.join(unit.nets) or 'no nets'}, not {own}")


def import_(
    module: Any, input: Given = (3, 224, 224), name: str = "", *, verify: bool = True
) -> Imported:
    """The spec of a PyTorch module at an input of `input` (no batch axis), proved to be it.

    Of several inputs `input` is a list of shapes, or a dict by the names of forward's arguments.
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
