"""Shell completion: what a shell asks for, and what it gets."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def complete(process, *words: str) -> list[str]:
    done = process(
        _CNNSPEC_COMPLETE="complete_bash",
        COMP_WORDS=" ".join(("cnnspec", *words)),
        COMP_CWORD=str(len(words)),
    )
    assert done.status == 0
    return done.out.split()


def test_commands(process):
    assert complete(process, "su") == ["summary"]
    assert complete(process, "ch") == ["check"]
    assert complete(process, "nix") == []


def test_options_and_their_values(process):
    assert complete(process, "check", "--fo") == ["--format"]
    assert complete(process, "check", "--format", "s") == ["sarif"]
    assert complete(process, "check", "--ig") == ["--ignore"]


def test_codes_ops_and_metrics_of_explain(process):
    assert complete(process, "explain", "W0208") == ["W0208"]
    assert complete(process, "explain", "E030")[:2] == ["E0301", "E0302"]
    assert complete(process, "explain", "con") == ["concat", "conv", "connections"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_asks_the_program(process, shell):
    done = process(_CNNSPEC_COMPLETE=f"source_{shell}")
    assert done.status == 0
    assert f"_CNNSPEC_COMPLETE=complete_{shell}" in done.out


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_itself_completes(process, tmp_path: Path):
    program = tmp_path / "bin" / "cnnspec"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m cnnspec "$@"\n')
    program.chmod(0o755)
    script = (
        'eval "$(cnnspec --show-completion bash)"\n'
        "COMP_WORDS=(cnnspec check --str); COMP_CWORD=2; _cnnspec_completion cnnspec\n"
        'echo "${COMPREPLY[@]}"\n'
    )
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "--norc", "-c", script], capture_output=True, text=True, check=True,
        env={**os.environ, "PATH": path},
    )  # fmt: skip
    assert done.stdout == "--strict\n"
