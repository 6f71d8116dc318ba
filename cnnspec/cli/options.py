"""Options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from cnnspec.cli import complete

Net = Annotated[
    str,
    typer.Argument(
        metavar="NET", help="A file, FILE:NET, a name, or -.", autocompletion=complete.nets
    ),
]
Specs = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="FILE or DIR",
        help="Specs; without any: specs/.",
        show_default=False,
        autocompletion=complete.nets,
    ),
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Override a parameter: --set classes=10."),
]
Input = Annotated[
    list[str] | None,
    typer.Option(
        "--input",
        metavar="CxHxW",
        help="Override the input size: --input 3x160x160; of several: --input left=1x32x32.",
    ),
]

Select = Annotated[
    list[str] | None,
    typer.Option("--select", metavar="CODES", help="Warnings to report: --select W0203,W0208."),
]
Ignore = Annotated[
    list[str] | None,
    typer.Option("--ignore", metavar="CODES", help="Warnings to leave out: --ignore W0209."),
]


class TableFormat(StrEnum):
    """How a table is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"
    LATEX = "latex"


class CheckFormat(StrEnum):
    """How diagnostics are written."""

    TEXT = "text"
    CONCISE = "concise"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


AsTable = Annotated[TableFormat, typer.Option("--format", help="How to write it.")]
AsCheck = Annotated[CheckFormat, typer.Option("--format", help="How to write it.")]
