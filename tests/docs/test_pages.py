"""Pages of docs/ that a reader follows with the hands: every command prints what stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TIME = re.compile(r" +\([0-9.]+ s\)$", re.MULTILINE)
FILES = {
    "tutorial.md": "digits.cnn", "howto/ci.md": "", "howto/cite.md": "small.cnn",
    "howto/figures.md": "paper.cnn",
}  # fmt: skip
"""Page -> the file that its fences of `cnnspec` are, each in place of the one before."""


def printed(command: str, folder: Path) -> str:
    """What a command of cnnspec prints, without the seconds it took; `| tail -n N` as a shell."""
    line, _, tail = command.partition(" | tail -n ")
    environment = os.environ | {"NO_COLOR": "1", "COLUMNS": "100", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-m", "cnnspec", *line.split()[1:]], cwd=folder, env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=False,
    )  # fmt: skip
    lines = TIME.sub("", done.stdout).splitlines(keepends=True)
    return "".join(lines[-int(tail) :] if tail else lines)


def written(page: str, file: str, folder: Path) -> str:
    """The page with the output of every command."""

    def fresh(fence: re.Match[str]) -> str:
        kind, body = fence.groups()
        if kind == "cnn":
            (folder / file).write_text(body, encoding="utf-8")
        if kind != "console":
            return fence[0]
        command = body.partition("\n")[0]
        return f"```console\n{command}\n{printed(command[2:], folder)}```"

    return FENCE.sub(fresh, page)


@pytest.mark.parametrize("page", FILES)
def test_v4_the_page_is_current(page: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    place = ROOT / "docs" / page
    kept = place.read_text(encoding="utf-8")
    fresh = written(kept, FILES[page], tmp_path)
    if request.config.getoption("--update-golden", default=False):
        place.write_text(fresh, encoding="utf-8", newline="\n")
        return
    assert kept == fresh, f"pytest {Path(__file__).name} --update-golden writes docs/{page} again"


def test_v4_the_op_of_the_page_is_an_op() -> None:
    """The class of docs/howto/ops.md is the one that tests/ops/test_plugins.py installs."""
    from tests.ops.test_plugins import CYCLIC

    page = (ROOT / "docs" / "howto" / "ops.md").read_text(encoding="utf-8")
    assert CYCLIC.strip() in page
