"""S5: over every limit there is one error, within time and 200 MB, measured as a process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cnnspec.elaborate.files import FILE_MAX

SECONDS = 1.0
"""Of CPU time, the start of Python included, on a core that makes 60 million turns of an empty loop
in one: a slow core is measured beside the check."""
BYTES = 200 * 2**20
TRIES = 6
"""The best of so many counts."""

pytestmark = pytest.mark.skipif(not hasattr(os, "wait4"), reason="needs wait4, for peak memory")


def net(statements: str, input: str = "1x1x1") -> str:
    return f"net it {{ input {input}\n{statements}\n}}\n"


def doubling(depth: int) -> str:
    """A chain of blocks that each call the one before twice."""
    text = "block b0() { relu; relu }\n"
    text += "".join(f"block b{n}() {{ b{n - 1}; b{n - 1} }}\n" for n in range(1, depth))
    return text + net(f"b{depth - 1}")


def deep(depth: int) -> str:
    text = "block b0() { relu }\n"
    text += "".join(f"block b{n}() {{ b{n - 1} }}\n" for n in range(1, depth))
    return text + net(f"b{depth - 1}")


OVER: dict[str, tuple[str, Callable[[], str]]] = {
    "a file of 256 KiB": ("E0019", lambda: "#" * (FILE_MAX + 1)),
    "nesting of braces": ("E0013", lambda: net("{" * 50_000 + "relu" + "}" * 50_000)),
    "nesting of parentheses": ("E0013", lambda: f"let x = {'(' * 100_000}1{')' * 100_000}\n"),
    "nesting of signs": ("E0013", lambda: f"let x = {'-' * 200_000}1\n"),
    "nesting of conditions": ("E0013", lambda: f"let x = {'1 if true else ' * 17_000}1\n"),
    "terms of a sum": ("E0016", lambda: f"let x = {'1 + ' * 60_000}1\n"),
    "terms of a condition": ("E0016", lambda: f"let x = {'true and ' * 28_000}true\n"),
    "a name": ("E0017", lambda: f"let {'a' * 200_000} = 1\n"),
    "an integer": ("E0015", lambda: f"let x = {'9' * 200_000}\n"),
    "a size of a window": ("E0015", lambda: f"let x = 3x{'9' * 200_000}\n"),
    "layers of one loop": ("E0019", lambda: net("repeat 1000 { repeat 1000 { relu } }")),
    "layers of nine loops": ("E0019", lambda: net("repeat 10 { " * 9 + "relu" + " }" * 9)),
    "layers of different shapes": (
        "E0019",
        lambda: net("for i in range(1, 90_000) { conv i, 1x1; relu }"),
    ),
    "layers of blocks that double": ("E0019", lambda: doubling(60)),
    "blocks in blocks": ("E0019", lambda: deep(2000)),
    "turns of a repeat": ("E0019", lambda: net("repeat 1_000_000_000_000 { relu }")),
    "turns of a for": ("E0019", lambda: net("for i in range(1_000_000_000_000) { relu }")),
    "turns of enumerate": ("E0019", lambda: "let x = enumerate(range(10_000_000_000))\n"),
    "evaluated expressions": (
        "E0019",
        lambda: net("repeat 100_000 { let x = [1, 2, 3, 4, 5, 6, 7, 8, 9] }"),
    ),
    "evaluated expressions in nested loops": (
        "E0019",
        lambda: net("for i in range(100_000) { for j in range(100_000) { let x = i } }"),
    ),
    "turns of empty loops": ("E0019", lambda: net("repeat 100_000 { repeat 100_000 { } }")),
    "turns of an empty for": (
        "E0019",
        lambda: net("for i in range(100_000) { for j in range(100_000) { } }"),
    ),
    "a result": ("E0202", lambda: "let x = 9_223_372_036_854_775_807 + 1\n"),
    "a power": ("E0202", lambda: "let x = 10 ^ 1_000_000_000_000\n"),
    "a real": ("E0202", lambda: "let x = 10.0 ^ 400\n"),
    "a size of the input": ("E0109", lambda: net("relu", "[1, 3_000_000_000, 1]")),
    "an asserted size": ("E0109", lambda: net("relu => [3_000_000_000, 1, 1]")),
    "an argument": ("E0108", lambda: net("conv 3_000_000_000, 1x1")),
    "a window": ("E0108", lambda: net("conv 1, kernel(3_000_000_000, 1)")),
    "a size that is computed": ("E0019", lambda: net("flatten", "[1, 2_000_000_000, 2]")),
    "a weight": ("E0019", lambda: net("linear 2_000_000", "2_000_000")),
}
"""What is over a limit -> the code of the error, and a file."""


MEASURE = """
import os, subprocess, sys, time

def second():
    began = time.process_time()
    for _ in range(3_000_000):
        pass
    return 20 * (time.process_time() - began)

before = second()
process = subprocess.Popen(sys.argv[1:])
_, status, usage = os.wait4(process.pid, 0)
seconds = (usage.ru_utime + usage.ru_stime) / max(before, second())
print(seconds, usage.ru_maxrss, os.waitstatus_to_exitcode(status), file=sys.stderr)
"""
"""A small process between, as the peak of a process begins with that of the one that forks it."""


def cost(path: Path) -> tuple[float, int, str]:
    """Seconds, peak bytes and output of a check as a process."""
    check = [sys.executable, "-m", "cnnspec", "check", str(path), "--format", "concise"]
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, *check], capture_output=True, text=True, check=True
    )
    seconds, peak, status = done.stderr.split()
    assert status == "1"
    return float(seconds), int(peak) * (1 if sys.platform == "darwin" else 1024), done.stdout


def frugal(path: Path, code: str) -> None:
    seconds = 2 * SECONDS
    for _ in range(TRIES):
        seconds, peak, out = cost(path)
        assert out.count("\n") == 1, out[:500]
        assert f"error[{code}]: " in out
        assert len(out) < 600
        assert peak < BYTES
        if seconds < SECONDS:
            return
    raise AssertionError(f"{seconds:.2f} s")


@pytest.mark.parametrize("name", OVER)
def test_over_a_limit(name: str, tmp_path: Path):
    code, make = OVER[name]
    path = tmp_path / "net.cnn"
    path.write_text(make())
    frugal(path, code)


def test_imports_of_over_1_mib(tmp_path: Path):
    for n in range(5):
        text = f'import a{n + 1} from "{n + 1}.cnn"\n' if n < 4 else ""
        text += f"block a{n}() {{ relu }}\n"
        (tmp_path / f"{n}.cnn").write_text(text + "# ".ljust(FILE_MAX - len(text), "#"))
    (tmp_path / "net.cnn").write_text('import a0 from "0.cnn"\n' + net("a0"))
    frugal(tmp_path / "net.cnn", "E0019")
