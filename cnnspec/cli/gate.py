"""The one gate: what `check` refuses, every command refuses, with the same diagnostics (G3 18).

A claim that fails is no fault of the layers: a command that measures shows its result, then what
the claims say, and ends with 1, so that a person sees why a figure differs.  What writes a file
writes none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnspec.cli.faults import Findings, UsageFault
from cnnspec.cli.progress import tracked
from cnnspec.cli.reference import locate, own_net, read
from cnnspec.syntax.tree import Figure

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cnnspec.analyses.checking import Overrides
    from cnnspec.cli.reference import Reference
    from cnnspec.elaborate.scope import Unit
    from cnnspec.elaborate.sheet import Sheet
    from cnnspec.elaborate.workspace import Elaborated, Workspace
    from cnnspec.values import Sizes

_CLAIMS = "E04"
"""How the codes of claims begin."""


def admitted(
    workspace: Workspace,
    names: Sequence[str],
    overrides: Overrides,
    *,
    measures: bool = False,
    sizes: Sizes = (),
) -> list[Elaborated]:
    """The nets that references mean, once `check` of these finds no error in any of them.

    Models are read at `sizes`, if nothing overrides them.  With `measures` the errors of claims are
    left to `verdict`.  Raises UsageFault, and Findings
    where a spec has errors.
    """
    found = [_net(workspace, locate(name, overrides.input or sizes), overrides) for name in names]
    _refuse(workspace, measures)
    return [_whole(unit, name, net, workspace) for unit, name, net in found]


def admitted_files(
    workspace: Workspace, files: Iterable[str], overrides: Overrides
) -> list[Elaborated]:
    """Every net of several files that has all its values. Raises as `admitted`."""
    nets = []
    for path in tracked(list(files), "reading"):
        unit = read(workspace, path)
        if unit is not None:
            _check(workspace, unit, unit.nets, overrides)
            nets += [_elaborate(workspace, unit, name, overrides) for name in unit.nets]
    _refuse(workspace, measures=False)
    return [net for net in nets if net is not None]


def admitted_figure(
    workspace: Workspace, name: str, overrides: Overrides
) -> tuple[Elaborated, Sheet] | None:
    """The net and the sheet of a figure that a reference means; None where it means a net.

    Raises as `admitted`.
    """
    from cnnspec.elaborate.sheets import sheet

    reference = locate(name, overrides.input)
    overrides = reference.beside(overrides)
    unit = read(workspace, reference.path)
    if unit is None:
        raise Findings(workspace)
    figures = {d.name: d for d in unit.file.declarations if isinstance(d, Figure)}
    alone = next(iter(figures)) if len(figures) == 1 and not unit.nets else ""
    figure = figures.get(reference.net or alone)
    if figure is None:
        return None
    _check(workspace, unit, [figure.net] if figure.net in unit.nets else [], overrides)
    net = _elaborate(workspace, unit, figure.net, overrides)
    _refuse(workspace, measures=False)
    if net is None:
        raise Findings(workspace)
    return net, sheet(figure)


def checked(workspace: Workspace, name: str, *, measures: bool = False) -> None:
    """Check what a reference means, be it a family without values. Raises as `admitted`."""
    from cnnspec.analyses.checking import Overrides

    _net(workspace, locate(name), Overrides())
    _refuse(workspace, measures)


def verdict(workspace: Workspace) -> int:
    """What the claims say beside a result that stands: shown, and the exit status."""
    from cnnspec.cli.output import show_diagnostics

    if not workspace.diagnostics.errors:
        return 0
    workspace.finish()
    show_diagnostics(workspace.diagnostics)
    return 1


def _net(
    workspace: Workspace, reference: Reference, overrides: Overrides
) -> tuple[Unit, str, Elaborated | None]:
    """The net that a reference means, its file checked as `check` with that reference does."""
    overrides = reference.beside(overrides)
    unit = read(workspace, reference.path)
    if unit is None:
        raise Findings(workspace)
    try:
        name = reference.net or own_net(unit, reference.path)
        if name not in unit.nets:
            known = ", ".join(unit.nets) or "none"
            raise UsageFault(f"{reference.path} declares no net {name}; it has {known}")
    except UsageFault:
        _check(workspace, unit, unit.nets, overrides)
        _refuse(workspace, measures=False)
        raise
    _check(workspace, unit, [name] if reference.net else unit.nets, overrides)
    return unit, name, _elaborate(workspace, unit, name, overrides)


def _check(workspace: Workspace, unit: Unit, names: Iterable[str], overrides: Overrides) -> None:
    """Elaborate nets as written and judge their claims; overridden nets make no claims."""
    from cnnspec.analyses.checking import check_unit

    if not overrides:
        check_unit(workspace, unit, names)


def _elaborate(
    workspace: Workspace, unit: Unit, name: str, overrides: Overrides
) -> Elaborated | None:
    return workspace.elaborate(unit, name, set=overrides.set or None, input=overrides.input)


def _refuse(workspace: Workspace, measures: bool) -> None:
    errors = workspace.diagnostics.errors
    if any(not (measures and error.code.startswith(_CLAIMS)) for error in errors):
        workspace.finish()
        raise Findings(workspace)


def _whole(unit: Unit, name: str, net: Elaborated | None, workspace: Workspace) -> Elaborated:
    from cnnspec.analyses.checking import is_family

    if net is not None:
        return net
    if not is_family(unit, name):
        raise Findings(workspace)
    raise UsageFault(f"{name} is a family, its parameters have no values: {_wanted(unit, name)}")


def _wanted(unit: Unit, name: str) -> str:
    params = getattr(unit.nets[name], "params", ())
    missing = [param.name for param in params if param.default is None]
    return "give them with " + " ".join(f"--set {name}=..." for name in missing)
