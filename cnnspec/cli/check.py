"""`cnnspec check`: parse, elaborate, check shapes, asserts and claims of every net."""

from __future__ import annotations

from typing import Annotated

import typer

from cnnspec.cli.options import AsCheck, CheckFormat, Ignore, Input, Select, Set, Specs

Fix = Annotated[
    bool, typer.Option("--fix", help="Write what messages say to write, where that is sure.")
]
Strict = Annotated[bool, typer.Option("--strict", help="Warnings make the check fail too.")]


def command(
    paths: Specs = None,
    form: AsCheck = CheckFormat.TEXT,
    strict: Strict = False,
    settings: Set = None,
    inputs: Input = None,
    select: Select = None,
    ignore: Ignore = None,
    fix: Fix = False,
) -> int:
    """Check specs: shapes, asserts and claims; all errors of all files in one run."""
    from cnnspec.cli.checking import run_check
    from cnnspec.cli.selection import selection

    return run_check(
        paths or [], form.value, strict, settings, inputs, selection(select, ignore), fix
    )
