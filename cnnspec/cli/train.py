"""`cnnspec train`: hands its arguments, unparsed, to `python -m cnnspec.train`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated

import typer

from cnnspec.cli.faults import UsageFault

if TYPE_CHECKING:
    from subprocess import Popen

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
    said = os.environ | {"CNNSPEC_COMMAND": "cnnspec train"}  # what a resume line begins with
    process = subprocess.Popen([sys.executable, "-m", module, *arguments], env=said)
    with _handed_on(process):
        while True:
            try:
                status = process.wait()
            except KeyboardInterrupt:  # the terminal tells both
                continue
            return status if status >= 0 else 128 - status


@contextmanager
def _handed_on(process: Popen[bytes]) -> Iterator[None]:
    """Hand SIGTERM on while the trainer runs: it is told to this process alone."""
    try:
        before = signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    except ValueError:  # another thread: the host program keeps its handlers
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
