"""`cnnspec sweep`: a family over values of its parameters."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnnspec.cli import complete
from cnnspec.cli.faults import UsageFault
from cnnspec.cli.options import AsTable, TableFormat

if TYPE_CHECKING:
    from cnnspec.analyses.sweep import Sweep
    from cnnspec.elaborate.workspace import Workspace
    from cnnspec.values import Shape, Value

Family = Annotated[
    str,
    typer.Argument(
        metavar="FAMILY", help="A net or a family of specs/.", autocompletion=complete.nets
    ),
]
Values = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=V,V", help="Values of a parameter: --set n=3,5,7."),
]
Inputs = Annotated[
    str | None, typer.Option("--input", metavar="CxHxW,...", help="Input sizes to go through.")
]
Wanted = Annotated[
    str | None,
    typer.Option("--metrics", metavar="NAME,NAME", help="What to measure, as claims name it."),
]
Picture = Annotated[
    Path | None,
    typer.Option("-o", "--output", metavar="FILE", help="Plot the first metric: svg, pdf, png."),
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite a file that is not our figure.")]


def command(
    family: Family,
    values: Values = None,
    inputs: Inputs = None,
    metrics: Wanted = None,
    form: AsTable = TableFormat.TABLE,
    path: Picture = None,
    force: Force = False,
) -> int:
    """Measure a family over values of its parameters: a table, or a plot."""
    from cnnspec.analyses.sweep import DEFAULT
    from cnnspec.cli.gate import verdict
    from cnnspec.cli.literal import shape
    from cnnspec.cli.output import out, out_data, out_json, out_style, tell
    from cnnspec.elaborate.workspace import Workspace
    from cnnspec.report import sweep as report
    from cnnspec.report import table

    settings = dict(_values(text) for text in values or [])
    shapes = [shape(text.strip()) for text in inputs.split(",")] if inputs else []
    if not settings and not shapes:
        raise UsageFault("say what to go through: --set n=3,5,7 or --input 3x32x32,3x64x64")
    names = tuple(name.strip() for name in metrics.split(",")) if metrics else DEFAULT
    workspace = Workspace()
    found = _sweep(workspace, path is None, family, settings, shapes, names)
    if path is not None:
        from cnnspec.cli.picture import save
        from cnnspec.draw.styles.sweep import sweep_figure

        tell(save(path, force, lambda: sweep_figure(found)), beside=False)
        return 0
    match form:
        case TableFormat.TABLE:
            out(table.text(report.sweep_table(found), out_style()))
        case TableFormat.JSON:
            out_json(report.as_json(found))
        case _:
            out_data(table.write(report.sweep_table(found), form.value))
    return verdict(workspace)


def _values(text: str) -> tuple[str, tuple[Value, ...]]:
    """`n=3,5,7`, `depths=[3, 4, 6, 3],[3, 4, 23, 3]`: a name and its values."""
    from cnnspec.cli.literal import overrides

    name, equals, several = text.partition("=")
    if not equals or not several.strip():
        raise UsageFault(f"--set {text}: write name=value,value, such as --set n=3,5,7")
    read = overrides([f"{name}=[{several}]"], None).set
    ((name, found),) = read.items()
    return name, found


def _sweep(
    workspace: Workspace,
    measures: bool,
    family: str,
    settings: dict[str, tuple[Value, ...]],
    shapes: list[Shape],
    names: tuple[str, ...],
) -> Sweep:
    from cnnspec.analyses.metrics import Metrics, UnknownMetric, UnknownPath
    from cnnspec.analyses.sweep import Point, Sweep, combinations, measure
    from cnnspec.cli.gate import admitted, checked

    reference, points = _reference(family), []
    checked(workspace, reference, measures=measures)
    for values, changes in combinations(settings, shapes):
        net = admitted(workspace, [reference], changes, measures=measures)[0].net
        try:
            points.append(Point(values, measure(Metrics(net), names)))
        except UnknownMetric as unknown:
            known = ", ".join(unknown.known)
            raise UsageFault(f"--metrics: there is no metric {unknown.name}: {known}") from None
        except UnknownPath as unknown:
            raise UsageFault(f"--metrics: {family} has nothing at {unknown.path}") from None
    parameters = (*settings, *(["input"] if shapes else []))
    return Sweep(family, parameters, names, tuple(points))


def _reference(family: str) -> str:
    """A bare name may also be a file of specs/families/, here or among the shipped specs."""
    from cnnspec import resources

    places = [Path("specs")]
    with suppress(FileNotFoundError):
        places.append(resources.specs())
    if any((place / f"{family}.cnn").is_file() for place in places):
        return family
    files = (place / "families" / f"{family}.cnn" for place in places)
    return next((str(file) for file in files if file.is_file()), family)
