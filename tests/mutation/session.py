"""A pytest session that runs, for each mutant, the tests that reach its lines."""

from __future__ import annotations

import functools
import gc
import os
import pickle
import signal
import sys
import time
from collections import defaultdict
from pathlib import Path

import pytest

from tests.mutation.breaker import ROOT, Change
from tests.mutation.live import exchange

TIMEOUT = 90
"""Seconds that the tests of one mutant may take: an endless loop is killed too."""

ALIKE = 0.25
"""Seconds of a test that are worth as much as none: the order among quick tests stays."""

LONG = 1.0
"""Seconds of a test that is left out, if it does not stand in the first of the folders."""

Reach = dict[tuple[str, int], list[int]]


class Session:
    """The plugin: measures which tests reach which line, then tries every change in a fork."""

    def __init__(self, work: list[Change], tests: list[str], jobs: int) -> None:
        self.work, self.first, self.jobs = work, tests[0], jobs
        self.own: set[int] = set()
        self.alive: list[Change] = []
        self.elsewhere: list[Change] = []
        self.failed = False
        self.seconds: dict[int, float] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed |= report.failed

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.own = {at for at, i in enumerate(session.items) if str(i.path).startswith(self.first)}
        reach, self.seconds = self.measured(session)
        running: dict[int, Change] = {}
        for done, change in enumerate(self.work, 1):
            tests = self.tests_of(change, reach)
            if not tests:
                self.elsewhere.append(change)
                continue
            running[self.attempt(session, change, tests)] = change
            while len(running) >= self.jobs:
                self.settle(running)
            if done % 100 == 0:
                print(f"{done}/{len(self.work)}", file=sys.stderr, flush=True)
        while running:
            self.settle(running)
        return True

    def settle(self, running: dict[int, Change]) -> None:
        """Wait for one of the processes: 0 has seen a failure, 1 has not, 2 could not be made."""
        child, status = os.wait()
        change = running.pop(child)
        code = os.waitstatus_to_exitcode(status)
        if code == 1:
            self.alive.append(change)
            print(change, flush=True)
        elif code == 2:
            self.elsewhere.append(change)

    def measured(self, session: pytest.Session) -> tuple[Reach, dict[int, float]]:
        """The tests that reach each line, and how long each takes; from a process of its own."""
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(read)
            with os.fdopen(write, "wb") as pipe:
                pickle.dump(self.traced(session), pipe)
            os._exit(int(self.failed))
        os.close(write)
        with os.fdopen(read, "rb") as pipe:
            result: tuple[Reach, dict[int, float]] = pickle.load(pipe)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
            raise pytest.UsageError("the tests fail without any change")
        return result

    def traced(self, session: pytest.Session) -> tuple[Reach, dict[int, float]]:
        import coverage

        files = sorted({str(ROOT / change.file) for change in self.work})
        tracer = coverage.Coverage(data_file=None, config_file=False, include=files)
        seconds = {}
        tracer.start()
        for at, item in enumerate(session.items):
            forget()
            tracer.switch_context(str(at))
            start = time.perf_counter()
            run(session, at, None)
            seconds[at] = time.perf_counter() - start
            if self.failed:
                print(f"fails without a change: {item.nodeid}", file=sys.stderr, flush=True)
                break
        tracer.stop()
        data = tracer.get_data()
        reach: Reach = defaultdict(list)
        for file in files:
            for line, contexts in data.contexts_by_lineno(file).items():
                reached = (int(context) for context in contexts if context)
                reach[file, line] += [a for a in reached if a in self.own or seconds[a] < LONG]
        return dict(reach), seconds

    def tests_of(self, change: Change, reach: Reach) -> list[int]:
        """The tests that reach a change: the first folder's, then others, quick ones first."""
        path = str(ROOT / change.file)
        found = {test for line in change.lines for test in reach.get((path, line), ())}
        return sorted(found, key=lambda at: (at not in self.own, self.seconds[at] // ALIKE, at))

    def attempt(self, session: pytest.Session, change: Change, tests: list[int]) -> int:
        """Start a process that makes the change and runs the tests until one fails."""
        child = os.fork()
        if child:
            return child
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        signal.alarm(TIMEOUT)
        try:
            if not exchange(change):
                os._exit(2)
            forget()
            for at, following in zip(tests, [*tests[1:], None], strict=True):
                run(session, at, following)
                if self.failed:
                    os._exit(0)
        except BaseException:
            os._exit(0)
        os._exit(1)


def run(session: pytest.Session, at: int, following: int | None) -> None:
    """One test with its fixtures."""
    item = session.items[at]
    after = None if following is None else session.items[following]
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)


@functools.cache
def caches(modules: int) -> list[functools._lru_cache_wrapper[object]]:
    """What cnnspec and the tests remember of earlier calls, with so many modules imported."""
    return [
        found
        for found in gc.get_objects()
        # not isinstance: some proxies of PyTorch warn when they are asked for their class
        if type(found) is functools._lru_cache_wrapper
        and str(found.__module__).split(".")[0] in ("cnnspec", "tests")
        and found is not caches
    ]


def forget() -> None:
    """A test reaches a line also when an earlier one had the same question answered."""
    for cached in caches(len(sys.modules)):
        cached.cache_clear()


def files_of(words: list[str]) -> list[Path]:
    """The files that a word of the command line means: a folder of cnnspec, or a file."""
    found: list[Path] = []
    for word in words:
        folder = ROOT / "cnnspec" / word
        found += sorted(folder.glob("*.py")) if folder.is_dir() else [Path(word).resolve()]
    return found
