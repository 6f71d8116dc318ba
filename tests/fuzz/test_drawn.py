"""A seed is the same nets in every process: what is red for one of us is red for all."""

import subprocess
import sys

import pytest

DRAW = "from tests.fuzz.strategies import drawn; print(*(spec.text for spec in drawn(7, 8)))"


def nets(before: str) -> str:
    code = f"{before}\n{DRAW}"
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout


@pytest.mark.parametrize("modules", ["cnnspec.draw, tests.draw.flow.run", "cnnspec.train.cli"])
def test_nets_do_not_depend_on_what_is_imported(modules: str):
    assert nets(f"import {modules}") == nets("")
