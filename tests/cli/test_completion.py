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
    assert complete(process, "explain", "con") == [
        "concat",
        "conv",
        "conv_transpose",
        "connections",
    ]


def test_13_6_nets_by_name_of_specs_and_of_the_shipped(process, folder):
    assert complete(process, "summary", "lenet5_b") == ["lenet5_book"]
    (folder / "specs" / "lenet9.cnn").write_text("net lenet9 { input 4 }\n")
    found = complete(process, "draw", "lenet")
    assert found[0] == "lenet5"
    assert "lenet9" in found
    for command in ("check", "gen", "sizes", "field", "claims", "fmt"):
        assert "lenet9" in complete(process, command, "lenet9")
    assert "lenet9" in complete(process, "diff", "resnet18", "lenet9")


def test_13_6_paths_of_specs_and_folders(process, folder):
    (folder / "specs" / "notes.txt").write_text("")
    (folder / "specs" / ".hidden.cnn").write_text("")
    assert complete(process, "summary", "spec") == ["specs/"]
    assert complete(process, "summary", "specs/") == ["specs/families/", "specs/lenet5.cnn"]
    assert complete(process, "check", f"{folder}/specs/le") == [f"{folder}/specs/lenet5.cnn"]
    assert complete(process, "summary", "nowhere/") == []


def test_13_6_nets_of_a_file(process, folder):
    (folder / "two.cnn").write_text("net a { input 4 }\nnet b = a()\nblock c { relu }\n")
    assert complete(process, "summary", "two.cnn:") == ["two.cnn:a", "two.cnn:b"]
    assert complete(process, "summary", "two.cnn:b") == ["two.cnn:b"]


def test_13_6_the_trainer_s_flags_values_and_modules(process, folder):
    assert complete(process, "train", "--optim") == ["--optimizer"]
    assert complete(process, "train", "x.py", "--wei") == ["--weights", "--weight-decay"]
    assert complete(process, "train", "x.py", "--optimizer", "s") == ["sgd"]
    assert complete(process, "train", "--lr", "") == []
    (folder / "generated").mkdir()
    (folder / "generated" / "a.py").write_text("")
    assert complete(process, "train", "generated/") == ["generated/a.py"]
    assert complete(process, "train", "--gpu", "lenet5_b") == ["lenet5_book"]


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
