"""A piece of work in a forked process, which has imported all already: no start of torch."""

import os
import sys
from collections.abc import Callable


def forked(work: Callable[[], int], out: str, err: str) -> int:
    """Do the work in a process of its own group, its output in two files; return its number.

    The process ends with the status that the work returns, or with 70 where it raises.
    """
    number = os.fork()
    if number:
        return number
    status = 70
    try:
        os.setpgid(0, 0)
        for stream, path in ((1, out), (2, err)):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream)
        sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")  # not pytest's
        status = work()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(status)
