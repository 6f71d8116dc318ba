"""`cnnspec train`: every outcome is an exit status and, where it is an error, one line.

torch is imported only after the command line was understood: `--help` and a misspelt flag answer
at once.
"""

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress

from cnnspec.train.arguments import read_arguments
from cnnspec.train.errors import TrainError, UsageError, one_line, printable

INTERNAL_FAULT = 70
INTERRUPTED = 130


def main(argv: Sequence[str], command: str = "cnnspec train") -> int:
    """Train as argv says and return the exit status; `command` is what a resume line begins with.

    0 done or stopped as asked; 1 the run failed; 2 wrong usage or something missing; 70 a fault of
    cnnspec; 128 + n after signal n, the state saved.
    """
    return guarded(lambda: _run(argv, command))


def guarded(work: Callable[[], int], program: str = "cnnspec train") -> int:
    """Do some work and return its exit status; every failure is one line and a status."""
    try:
        status = work()
        sys.stdout.flush()
        return status
    except SystemExit as error:  # argparse, after --help
        return int(error.code or 0)
    except TrainError as error:
        return error.status if error.told else _fail(program, str(error), error.status)
    except KeyboardInterrupt:
        return _fail(program, "interrupted; the last checkpoint stands", INTERRUPTED)
    except BrokenPipeError:  # whoever read it has enough
        _drop_output()
        return 141
    except Exception as error:
        return _fail(program, *_unexpected(error))


def _drop_output() -> None:
    """Leave nothing to be written when the interpreter ends: it would say so once more."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(argv: Sequence[str], command: str) -> int:
    try:
        given = read_arguments(argv)
        if given.file is None and not given.resume:
            raise UsageError("name a generated module: cnnspec train generated/NET.py (see --help)")
    except UsageError as error:
        error.told = os.environ.get("RANK", "0") != "0"  # all processes of a run read the same
        raise
    try:
        from cnnspec.train.session import processes, train_command
    except ModuleNotFoundError as error:
        raise UsageError(
            f"training needs {error.name}, which is not installed: pip install 'cnnspec[train]'"
        ) from error
    if "WORLD_SIZE" not in os.environ:
        count, on_gpus = processes(given)
        if count > 1 and given.seeds is not None:
            raise UsageError("--seeds takes one process: with several, start each --seed by itself")
        if count > 1:
            from cnnspec.train.device import require_gpu
            from cnnspec.train.world import launch

            if on_gpus:
                require_gpu()
            return launch(count, list(argv), on_gpus)
    if given.seeds is not None:
        from cnnspec.train.seeds import train_seeds

        return train_seeds(given, command)
    return train_command(given, command)


def _unexpected(error: Exception) -> tuple[str, int]:
    """Turn what the run could not foresee into a line: memory, disk, or a fault of the trainer."""
    text = one_line(error)
    if isinstance(error, MemoryError) or "out of memory" in text or "can't allocate" in text:
        return "out of memory: give a smaller --batch; earlier checkpoints are untouched", 1
    if "DataLoader worker" in text:
        return f"a process that decodes images was killed: {text}; go on with --resume", 1
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else "cannot write: "
        _drop_output()
        return f"{where}{error.strerror}; earlier checkpoints are untouched", 1
    return (
        f"internal fault: {type(error).__name__}: {text} (a bug: please report it with the output "
        "of the same command under CNNSPEC_DEBUG=1)",
        INTERNAL_FAULT,
    )


def _fail(program: str, text: str, status: int) -> int:
    if os.environ.get("CNNSPEC_DEBUG") == "1":
        traceback.print_exc()
    with suppress(OSError):  # standard error may be full too
        print(printable(f"{program}: {text}"), file=sys.stderr)
    return status
