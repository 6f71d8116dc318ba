"""`cnnspec reproduce`: hands its arguments, unparsed, to `python -m cnnspec.train.reports`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from cnnspec.cli.train import run_trainer

SETTINGS = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}


def command(
    arguments: Annotated[list[str] | None, typer.Argument(metavar="NAME ...")] = None,
) -> int:
    """Repeat a paper's experiment; `cnnspec reproduce -h` shows the options."""
    return run_unparsed(arguments or [])


def run_unparsed(arguments: Sequence[str]) -> int:
    """Run it in a process of its own."""
    return run_trainer(["reproduce", *arguments], "cnnspec.train.reports")
