"""`cnnspec diff`: what changed between two nets."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cnnspec.cli import complete


class Form(StrEnum):
    """How the differences are written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


A = Annotated[
    str,
    typer.Argument(metavar="A", help="A file, FILE:NET, or a name.", autocompletion=complete.nets),
]
B = Annotated[
    str,
    typer.Argument(metavar="B", help="The net to compare it with.", autocompletion=complete.nets),
]
Picture = Annotated[
    Path | None,
    typer.Option("-o", "--output", metavar="FILE", help="Draw both side by side: svg, pdf, png."),
]
Sizes = Annotated[
    list[str] | None,
    typer.Option("--input", metavar="CxHxW", help="The input size that models are read at."),
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite a file that is not our figure.")]


def command(
    a: A,
    b: B,
    form: Annotated[Form, typer.Option("--format", help="How to write it.")] = Form.TEXT,
    path: Picture = None,
    force: Force = False,
    inputs: Sizes = None,
) -> int:
    """Show what differs between two architectures; exit 1 when something does."""
    from cnnspec.analyses.checking import Overrides
    from cnnspec.analyses.diff import diff
    from cnnspec.analyses.metrics import Metrics
    from cnnspec.cli.gate import admitted, verdict
    from cnnspec.cli.literal import sizes
    from cnnspec.cli.output import out, out_data, out_json, out_style, tell
    from cnnspec.elaborate.workspace import Workspace
    from cnnspec.report import diff as report

    workspace = Workspace()
    read = sizes(inputs or [])
    nets = admitted(workspace, [a, b], Overrides(), measures=path is None, sizes=read)
    left, right = nets[0].net, nets[1].net
    found = diff(left, right)
    if path is not None:
        from cnnspec.cli.picture import save
        from cnnspec.draw.styles.diff import diff_figure

        said = save(path, force, lambda: diff_figure(left.name, right.name, found.steps))
        tell(said, beside=form is not Form.TEXT)
    both = Metrics(left), Metrics(right)
    match form:
        case Form.JSON:
            out_json(report.as_json(found, *both))
        case Form.MARKDOWN:
            out_data(report.as_markdown(found, *both))
        case Form.TEXT:
            out(report.as_text(found, *both, out_style()))
    return max(int(bool(found)), verdict(workspace))
