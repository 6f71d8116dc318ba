"""`cnnspec draw`: figures of nets."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnnspec.cli.faults import UsageFault
from cnnspec.cli.options import Input, Set
from cnnspec.cli.stamp import is_ours, stamp

if TYPE_CHECKING:
    from cnnspec.elaborate.workspace import Elaborated


class Detail(StrEnum):
    """How much of a net one box stands for."""

    BLOCK = "block"
    LAYER = "layer"


class Look(StrEnum):
    """The colours of a figure."""

    LIGHT = "light"
    DARK = "dark"


Names = Annotated[
    list[str] | None, typer.Argument(metavar="NET", help="Nets; several stand side by side.")
]
To = Annotated[
    Path | None,
    typer.Option("-o", "--output", metavar="FILE", help="The figure; its ending says the format."),
]
Level = Annotated[Detail, typer.Option("--level", help="What one box stands for.")]
Style = Annotated[Look, typer.Option("--style", help="The colours.")]
Width = Annotated[
    float | None, typer.Option("--width", metavar="INCHES", min=1, help="Width on the page.")
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite files that are not our figures.")]
All = Annotated[bool, typer.Option("--all", help="Draw every net of specs/ into the folder -o.")]


def command(
    names: Names = None,
    path: To = None,
    level: Level = Detail.BLOCK,
    style: Style = Look.LIGHT,
    width: Width = None,
    everything: All = False,
    force: Force = False,
    settings: Set = None,
    input_size: Input = None,
) -> int:
    """Draw a net as a figure for a paper: SVG, PDF, PNG or dot."""
    from cnnspec.cli.gen import chosen
    from cnnspec.cli.literal import overrides

    if path is None:
        raise UsageFault("say where to: -o resnet34.svg (or .pdf, .png, .dot)")
    if bool(names) == everything:
        raise UsageFault("name nets, or give --all")
    nets = chosen(names or [], overrides(settings or [], input_size))
    if not everything:
        _draw(nets, path, level, style, width, force)
        return 0
    for net in nets:
        _draw([net], path / f"{net.net.name}.svg", level, style, width, force)
    return 0


def _draw(
    nets: list[Elaborated],
    path: Path,
    level: Detail,
    style: Look,
    width: float | None,
    force: bool,
) -> None:
    from cnnspec.cli.output import out
    from cnnspec.draw import DrawError, MissingExtra, draw

    points = None if width is None else width * 72
    try:
        if path.exists() and not force and not is_ours(path):
            raise UsageFault(f"{path} was not drawn by cnnspec: move it, or give --force")
        path.parent.mkdir(parents=True, exist_ok=True)
        described = draw(nets, path, level=level.value, theme=style.value, width=points)
        stamp(path)
    except (DrawError, MissingExtra) as error:
        raise UsageFault(str(error)) from None
    except OSError as error:
        raise UsageFault(f"cannot write {path}: {error.strerror or error}") from None
    out(f"{path}  {described}\n")
