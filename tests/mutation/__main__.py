"""Mutation testing: `python -m tests.mutation ops` breaks the code and runs its tests.

One change at a time, in a process of its own; a mutant lives when every test that reaches it
passes. What lives is printed; `--again FILE` tries what an earlier run printed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

import pytest

from tests.mutation import fresh
from tests.mutation.breaker import ROOT, Change, changes
from tests.mutation.session import TIMEOUT, Session, files_of

FOCUSED = {
    "ops": [
        *("tests/ops", "tests/errors", "tests/language"),
        *(f"tests/elaborate/test_{name}.py" for name in ("mistakes", "rare", "foresee")),
        *("tests/backends/test_onnx_ops.py", "tests/backends/test_constructs.py"),
        "tests/backends/test_golden.py",
    ],
    "analyses": [
        *("tests/analyses", "tests/claims", "tests/language", "tests/report"),
        *(f"tests/cli/test_{name}.py" for name in ("diff", "field", "sizes", "summary", "sweep")),
    ],
}
"""The tests that may notice a change in a folder, its own first; none that takes times."""


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("where", nargs="+", help="`ops`, `analyses`, or files of these")
    parser.add_argument("--every", type=int, default=1, help="a sample: one mutant in so many")
    parser.add_argument("--again", type=Path, help="those only that this file lists: a printed run")
    parser.add_argument("--jobs", type=int, default=2)
    return parser.parse_args()


def anew(work: list[Change], tests: list[str], jobs: int) -> list[Change]:
    """Those that live of the changes for which everything is imported again."""
    alive: list[Change] = []
    running: dict[int, Change] = {}
    for at in range(len(work) + jobs):
        if running and (at >= len(work) or len(running) >= jobs):
            child, status = os.wait()
            change = running.pop(child)
            if os.waitstatus_to_exitcode(status) == 1:
                alive.append(change)
                print(change, flush=True)
        if at < len(work):
            running[started(work[at], tests)] = work[at]
    return alive


def started(change: Change, tests: list[str]) -> int:
    """The process that tries a change."""
    import signal

    child = os.fork()
    if child:
        return child
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    signal.alarm(TIMEOUT)
    try:
        alive = fresh.survives(change, tests)
    except BaseException:
        alive = False
    os._exit(int(alive))


def main() -> int:
    """List the mutants that live."""
    import torch

    torch.set_num_threads(1)
    wanted = options()
    files = files_of(wanted.where)
    work = [c for file in files for c in changes(file)][:: wanted.every]
    if wanted.again:
        listed = set(wanted.again.read_text(encoding="utf-8").splitlines())
        work = [change for change in work if str(change) in listed]
    tests = [str(ROOT / test) for test in FOCUSED[files[0].parent.name]]
    session = Session(work, tests, wanted.jobs)
    quiet = ["-o", "addopts=--import-mode=importlib", "-p", "no:cacheprovider", "-p", "no:terminal"]
    if pytest.main([*quiet, *tests], plugins=[session]) not in (0, 5):
        return 2
    alive = session.alive + anew(session.elsewhere, tests, wanted.jobs)
    killed = 1 - len(alive) / max(len(work), 1)
    print(json.dumps({"mutants": len(work), "alive": len(alive), "killed": round(killed, 4)}))
    return int(killed < 0.95)


if __name__ == "__main__":
    sys.exit(main())
