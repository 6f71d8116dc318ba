"""`cnnspec` without a command: help and version."""

from __future__ import annotations

from typing import Annotated

import typer

from cnnspec.cli.output import out


def _print_version(wanted: bool) -> None:
    if wanted:
        import cnnspec

        out(f"cnnspec {cnnspec.__version__}\n")
        raise typer.Exit


Version = Annotated[
    bool,
    typer.Option("--version", help="Show the version.", callback=_print_version, is_eager=True),
]


def top(context: typer.Context, version: Version = False) -> None:
    """Compile .cnn architecture specs: check, count, draw, emit PyTorch, train."""
    if context.invoked_subcommand is None:
        out(context.get_help() + "\n")
        raise typer.Exit(2)
