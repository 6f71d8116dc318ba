"""`cnnspec train`: hands its arguments, unparsed, to `python -m cnnspec.train`."""

from __future__ import annotations

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
    """Run a module of the trainer in a process of its own and pass its exit status on."""
    import subprocess

    if find_spec("torch") is None:
        raise UsageFault("training needs PyTorch: pip install 'cnnspec[train]'")
    process = subprocess.Popen([sys.executable, "-m", module, *arguments])
    while True:
        try:
            status = process.wait()
        except KeyboardInterrupt:
            continue
        return status if status >= 0 else 128 - status
