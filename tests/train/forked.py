"""A piece of work in a forked process, which has imported all already: no start of torch."""

import os
import runpy
import signal
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

SECONDS = 60.0


@dataclass(frozen=True)
class Ended:
    """What a process, or a call of the trainer, left behind."""

    status: int
    out: str
    err: str


def forked(work: Callable[[], int], out: str, err: str) -> int:
    """Do the work in a process of its own group, its output in two files; return its number.

    The process ends with the status that the work returns, with 70 where it raises, and with 120
    where its output cannot be written, as Python does.
    """
    number = os.fork()
    if number:
        return number
    status = 70
    try:
        os.setpgid(0, 0)
        for stream, path in ((1, out), (2, err)):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream)
        # not pytest's; and those of a forked parent, which end here, are not to close the numbers
        sys.stdout, sys.stderr = (os.fdopen(number, "w", closefd=False) for number in (1, 2))
        status = work()
        status = _flushed(status)
        sys.stderr.flush()
    finally:
        os._exit(status)


def _flushed(status: int) -> int:
    """End standard output as the interpreter does, which says what it cannot write."""
    try:
        sys.stdout.flush()
    except OSError as error:
        sys.stderr.write(f"Exception ignored in: <stdout>\nOSError: {error}\n")
        return 120
    return status


def wait(number: int, seconds: float = SECONDS) -> int:
    """Wait for a process and return its status; one that takes longer is killed."""
    deadline = time.monotonic() + seconds
    while not (found := os.waitpid(number, os.WNOHANG))[0]:
        if time.monotonic() > deadline:
            os.killpg(number, signal.SIGKILL)
            deadline += seconds
        time.sleep(0.01)
    return os.waitstatus_to_exitcode(found[1])


def as_python_starts() -> None:
    """Take back what pytest made of warnings, which a program of its own would not see."""
    warnings.resetwarnings()
    for kind in (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning):
        warnings.simplefilter("ignore", kind)
    sys.unraisablehook = sys.__unraisablehook__


class Program:
    """`python -m MODULE ARGUMENT...`, or the program of a path, forked from this process."""

    def __init__(
        self, *argv: object, module: str = "cnnspec.train", name: str = "program",
        out: str | None = None,
    ) -> None:  # fmt: skip
        self.out, self.err = Path(out or f"{name}.1"), Path(f"{name}.2")
        self.module, self.argv = module, [str(item) for item in argv]
        self.status: int | None = None
        self.number = forked(self._work, str(self.out), str(self.err))

    def _work(self) -> int:
        as_python_starts()
        sys.argv = [self.module, *self.argv]
        try:
            if self.module.endswith(".py"):
                runpy.run_path(self.module, run_name="__main__")
            else:
                runpy.run_module(self.module, run_name="__main__", alter_sys=True)
        except SystemExit as error:
            return int(error.code or 0)
        return 0

    def poll(self) -> int | None:
        """Return the status, None while it runs."""
        if self.status is None and (found := os.waitpid(self.number, os.WNOHANG))[0]:
            self.status = os.waitstatus_to_exitcode(found[1])
        return self.status

    def ended(self, seconds: float = SECONDS) -> Ended:
        """Wait for its end; return its status, output and messages."""
        if self.status is None:
            self.status = wait(self.number, seconds)
        out = self.out.read_text() if self.out.is_file() else ""
        return Ended(self.status, out, self.err.read_text())
