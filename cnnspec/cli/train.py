"""`cnnspec train`: hands its arguments, unparsed, to `python -m cnnspec.train`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Annotated

import typer

from cnnspec.cli.faults import UsageFault

SETTINGS = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}


def command(
    arguments: Annotated[list[str] | None, typer.Argument(metavar="FILE.py ...")] = None,
) -> int:
    """Train a generated module; `cnnspec train -h` shows the trainer's own options."""
    return run_trainer(arguments or [])


def run_trainer(arguments: Sequence[str], module: str = "cnnspec.train") -> int:
    """Run a module of the trainer and pass its exit status on.

    Where the system can, the trainer takes this process's place: signals then reach it, and not a
    process that only waits for it.
    """
    if find_spec("torch") is None:
        raise UsageFault("training needs PyTorch: pip install 'cnnspec[train]'")
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
