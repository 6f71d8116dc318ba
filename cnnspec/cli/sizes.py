"""`cnnspec sizes`: the input sizes that a net works on."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

import typer

from cnnspec.cli.faults import UsageFault
from cnnspec.cli.options import Input, Net, Set


class Form(StrEnum):
    """How the answer is written."""

    TEXT = "text"
    JSON = "json"


At = Annotated[
    str | None,
    typer.Option("--at", metavar="SIZE", help="Try one size, 224 or 224x320; exit 1 if it fails."),
]
Training = Annotated[bool, typer.Option("--training", help="With --at: auxiliary heads too.")]


def command(
    net: Net,
    form: Annotated[Form, typer.Option("--format", help="How to write it.")] = Form.TEXT,
    at: At = None,
    training: Training = False,
    settings: Set = None,
    inputs: Input = None,
) -> int:
    """Show which input sizes a net works on, the smallest, the output's formula, and why not."""
    from cnnspec import ir
    from cnnspec.analyses.sizes import Sizes
    from cnnspec.cli.gate import admitted, verdict
    from cnnspec.cli.literal import overrides
    from cnnspec.cli.output import out, out_json, out_style
    from cnnspec.elaborate.workspace import Workspace
    from cnnspec.report import sizes as report

    size = None if at is None else _size(at)
    workspace, changes = Workspace(), overrides(settings or [], inputs)
    (elaborated,) = admitted(workspace, [net], changes, measures=True)
    sizes = Sizes(elaborated.net, ir.graph(elaborated.net))
    if size is not None:
        failure = sizes.failure(size, training=training)
        out(report.failure_text(elaborated.net.name, failure, size))
        return max(int(failure is not None), verdict(workspace))
    if form is Form.JSON:
        out_json(report.as_json(elaborated, sizes))
    else:
        out(report.as_text(elaborated, sizes, out_style()))
    return verdict(workspace)


def _size(text: str) -> tuple[int, int]:
    match = re.fullmatch("([1-9][0-9]{0,8})(?:x([1-9][0-9]{0,8}))?", text)
    if match is None:
        raise UsageFault(f"--at {text}: write one size such as 224, or rows x columns: 224x320")
    return int(match[1]), int(match[2] or match[1])
