"""A fault of ours: one line, how to report it, status 70; CNNSPEC_DEBUG shows the traceback."""

import os
import subprocess
import sys

import pytest

BROKEN = """
import sys
import cnnspec.elaborate.workspace as workspace

def broken(*_, **__):
    raise {error}

workspace.Workspace.read = broken
from cnnspec.cli.app import main
main()
"""


def broken(error: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", BROKEN.format(error=error), *arguments],
        capture_output=True, text=True, check=False, env={**os.environ, **environment},
    )  # fmt: skip


@pytest.mark.parametrize("command", ["check", "summary", "sizes"])
@pytest.mark.parametrize(
    "error", ["RuntimeError('lost')", "RecursionError('deep')", "MemoryError()"]
)
def test_one_line_and_status_70(folder, command, error):
    done = broken(error, command, "lenet5")
    assert (done.returncode, done.stdout) == (70, "")
    kind = error.partition("(")[0]
    assert done.stderr.startswith(f"cnnspec {command}: internal fault, not your spec's: {kind}")
    assert "Please report it with the spec and the traceback" in done.stderr
    assert "CNNSPEC_DEBUG=1" in done.stderr
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_the_variable_shows_the_traceback(folder):
    done = broken("RuntimeError('lost')", "check", "lenet5", CNNSPEC_DEBUG="1")
    assert done.returncode == 1
    assert done.stderr.startswith("Traceback (most recent call last):")
    assert done.stderr.endswith("RuntimeError: lost\n")


@pytest.mark.parametrize("value", ["", "0"])
def test_the_variable_is_off_when_empty_or_0(folder, value):
    assert broken("RuntimeError('lost')", "check", "lenet5", CNNSPEC_DEBUG=value).returncode == 70


def test_an_interrupt_is_no_fault(folder):
    done = broken("KeyboardInterrupt", "check", "lenet5")
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
