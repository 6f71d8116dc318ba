"""`cnnspec train`: hands its arguments, unparsed, to `python -m cnnspec.train`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from cnnspec.cli.faults import UsageFault

SETTINGS = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}


def command(
    arguments: Annotated[list[str] | None, typer.Argument(metavar="FILE.py ...")] = None,
) -> int:
    """Train a generated module, or a spec's; `cnnspec train -h` shows the trainer's options."""
    return run_train(arguments or [])


def run_train(arguments: Sequence[str]) -> int:
    """Generate the modules of specs that are named, as `cnnspec gen` does, and train."""
    return run_trainer([generated(item) if is_spec(item) else item for item in arguments])


def is_spec(argument: str) -> bool:
    """Whether an argument names a spec: `NET.cnn`, or `FILE.cnn:NET`."""
    return (
        not argument.startswith("-")
        and ".cnn" in argument
        and Path(argument.partition(".cnn")[0] + ".cnn").is_file()
    )


def generated(name: str, folder: Path = Path("generated")) -> str:
    """Write a net's module into a folder and return its path. Raises UsageFault."""
    from cnnspec.cli.gen import chosen, write
    from cnnspec.cli.literal import overrides
    from cnnspec.cli.targets import emitters

    nets = chosen([name], overrides([], None))
    (emitter,) = emitters("torch", None, 0)
    write(((f"{net.net.name}{emitter.suffix}", emitter.emit(net)) for net in nets), folder, False)
    return str(folder / f"{nets[0].net.name}.py")


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
