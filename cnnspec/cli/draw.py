"""`cnnspec draw`: figures of nets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnnspec.cli.faults import UsageFault
from cnnspec.cli.options import Input, Set

if TYPE_CHECKING:
    from cnnspec.elaborate.workspace import Elaborated

Names = Annotated[
    list[str] | None, typer.Argument(metavar="NET...", help="Nets; several stand side by side.")
]
To = Annotated[
    Path | None,
    typer.Option("-o", "--output", metavar="FILE", help="The figure; its ending says the format."),
]
Level = Annotated[str, typer.Option("--level", help="net, stage, block or layer.")]
All = Annotated[bool, typer.Option("--all", help="Draw every net of specs/ into the folder -o.")]


def command(
    names: Names = None,
    path: To = None,
    level: Level = "block",
    everything: All = False,
    settings: Set = None,
    input_size: Input = None,
) -> int:
    """Draw nets as a figure: SVG, PDF, PNG, dot."""
    from cnnspec.cli.gen import chosen
    from cnnspec.cli.literal import overrides

    if path is None:
        raise UsageFault("say where to: -o resnet34.svg (or .pdf, .png, .dot)")
    if bool(names) == everything:
        raise UsageFault("name nets, or give --all")
    nets = chosen(names or [], overrides(settings or [], input_size))
    if not everything:
        return _draw(nets, path, level)
    for net in nets:
        _draw([net], path / f"{net.net.name}.svg", level)
    return 0


def _draw(nets: list[Elaborated], path: Path, level: str) -> int:
    from cnnspec.cli.output import out
    from cnnspec.draw import draw
    from cnnspec.draw.errors import DrawError, MissingExtra

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        described = draw(nets, path, level)
    except (DrawError, MissingExtra) as error:
        raise UsageFault(str(error)) from None
    except OSError as error:
        raise UsageFault(f"cannot write {path}: {error.strerror or error}") from None
    out(f"{path}  {described}\n")
    return 0
