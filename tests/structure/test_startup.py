"""What `check` imports: the measure of how fast it starts."""

from __future__ import annotations

import subprocess
import sys

import pytest

KEPT_OUT = {
    "ast", "asyncio", "dataclasses", "dis", "email", "http", "importlib.metadata", "inspect",
    "logging", "random", "socket", "subprocess", "tempfile", "tokenize", "typing_extensions",
    "zipfile",
}  # fmt: skip
"""Modules of Python's own that cost more than a module of ours."""

OURS_AT_MOST = 110
"""Of ours, with the ops of LeNet-5 and ResNet-34."""

CHECK = """
import sys
from cnnspec.cli.app import run
status = run(["check", "specs/lenet5.cnn", "specs/resnet34.cnn"])
print(*sys.modules, file=sys.stderr)
sys.exit(status)
"""


@pytest.fixture(scope="module")
def imported() -> set[str]:
    done = subprocess.run([sys.executable, "-c", CHECK], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def test_check_imports_nobody_elses_package(imported: set[str]) -> None:
    known = {*sys.stdlib_module_names, "cnnspec", "__main__", "sitecustomize", "_distutils_hack"}
    tops = {name.partition(".")[0] for name in imported}
    assert {name for name in tops - known if not name.startswith("__editable__")} == set()


def test_check_imports_no_heavy_module(imported: set[str]) -> None:
    assert imported & KEPT_OUT == set()


def test_check_imports_what_the_spec_uses(imported: set[str]) -> None:
    ours = {name for name in imported if name.startswith("cnnspec")}
    assert len(ours) <= OURS_AT_MOST
    assert {name for name in ours if name.startswith("cnnspec.ops.")} >= {"cnnspec.ops.conv"}
    assert "cnnspec.ops.gelu" not in ours


def test_importing_the_package_imports_nothing() -> None:
    code = "import sys; old = set(sys.modules); import cnnspec; print(*set(sys.modules) - old)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) <= {"cnnspec", "__future__"}
