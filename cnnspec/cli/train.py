"""`cnnspec train`: hands its arguments, unparsed, to `python -m cnnspec.train`.

A spec in the place of a module is compiled first.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from cnnspec.cli.commandline import TrainerCommand
from cnnspec.cli.reference import NAME

SETTINGS = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}
CLASS = TrainerCommand

_SPEC = re.compile(r".*\.cnn(:[A-Za-z_][A-Za-z0-9_]*)?", re.DOTALL)


def _complete(ctx: typer.Context, incomplete: str) -> list[str]:
    """Values of the flag before, else what can be trained."""
    from cnnspec.cli.complete import train_values, trained

    before = (ctx.params.get("arguments") or [""])[-1]
    values = train_values(before, incomplete)
    return trained(incomplete) if values is None else values


Arguments = Annotated[
    list[str] | None, typer.Argument(metavar="NET or FILE.py ...", autocompletion=_complete)
]


def command(arguments: Arguments = None) -> int:
    """Train a generated module, or a net, which is generated first.

    `cnnspec train -h` shows the trainer's own options.
    """
    return run_unparsed(arguments or [])


def run_unparsed(arguments: Sequence[str]) -> int:
    """Generate the module where a net is named, then run the trainer."""
    given = _module(arguments)
    if given is None or not _is_net(given):
        return run_trainer(arguments)
    from cnnspec.cli.gen import generate
    from cnnspec.cli.output import say

    paths, status = generate([given], Path("generated"))
    if status:
        return status
    say(f"{paths[0]}  generated from {given}")
    return run_trainer([str(paths[0]) if word == given else word for word in arguments])


def _module(arguments: Sequence[str]) -> str | None:
    """The argument in FILE.py's place; None where there is none or a flag is misspelt."""
    if {"-h", "--help"} & {*arguments}:
        return None
    from cnnspec.train.arguments import make_parser
    from cnnspec.train.errors import UsageError

    try:
        file = make_parser().parse_args([*arguments]).file
    except UsageError:
        return None
    return None if file is None else str(file)


def _is_net(given: str) -> bool:
    if Path(given).exists() and not given.endswith(".cnn"):
        return False
    return _SPEC.fullmatch(given) is not None or re.fullmatch(NAME, given) is not None


def run_trainer(arguments: Sequence[str], module: str = "cnnspec.train") -> int:
    """Run a module of the trainer and pass its exit status on.

    It says itself what it lacks: `--help` needs nothing.  Where the system can, the trainer takes
    this process's place: signals then reach it, and not a process that only waits for it.
    """
    command = [sys.executable, "-m", module, *arguments]
    environment = os.environ | {
        "CNNSPEC_COMMAND": "cnnspec train"
    }  # what a resume line begins with
    if os.name == "posix":
        sys.stdout.flush()
        sys.stderr.flush()
        os.execve(sys.executable, command, environment)
    import subprocess

    return subprocess.run(command, env=environment, check=False).returncode
