"""A folder with specs, and the program run in it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from cnnspec.cli.app import run

LENET = """\
source table61 = book("표 6-1 LeNet-5 예제 신경망 상세")

## LeNet-5 as the book's table prints it.
net lenet5(classes = 2) {
  default conv -> relu
  default linear -> relu

  input 1x32x32

  conv 6, 5x5 -> maxpool 2x2/2                     => 6x14x14
  conv 16, 5x5 -> maxpool 2x2/2 -> flatten
  linear 120
  linear 84
  bare linear classes -> softmax                   => [classes]

  claim layers = 5 from table61
}
"""

FAMILY = "net family(depth) { input 1x8x8\n repeat depth { conv 2, 3x3, pad=1 } }\n"

WRONG = """\
net wrong(classes = 2) {
  input 1x32x32
  conv 6, 5x5, padd=1
  linear 10
  claim params = 3
}
"""


@dataclass(frozen=True)
class Done:
    """What one run of the program left behind."""

    status: int
    out: str
    err: str


Program = Callable[..., Done]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with specs/, and no colour."""
    specs = tmp_path / "specs"
    (specs / "families").mkdir(parents=True)
    (specs / "lenet5.cnn").write_text(LENET, encoding="utf-8")
    (specs / "families" / "family.cnn").write_text(FAMILY, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name in ("FORCE_COLOR", "CNNSPEC_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def cnnspec(folder: Path, capsys: pytest.CaptureFixture[str]) -> Program:
    """Run a command in this process."""

    def call(*arguments: str) -> Done:
        status = run(arguments)
        captured = capsys.readouterr()
        return Done(status, captured.out, captured.err)

    return call


@pytest.fixture
def process(folder: Path) -> Program:
    """Run a command as its own process, as a user does."""

    def call(*arguments: str, stdin: str = "", **environment: str) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "cnnspec", *arguments],
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
            timeout=60,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    return call
