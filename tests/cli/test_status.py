"""Exit statuses, and the one line that says what to do (S7)."""

import gc
import os
import subprocess
import sys

import pytest

from cnnspec import diagnostics
from cnnspec.cli import app


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["check", "nothing.cnn"], "cnnspec check: there is no file nothing.cnn"),
        (["check", "nix.cnn"], "cnnspec check: there is no file nix.cnn: did you mean `nin`?"),
        (["check", "empty"], "cnnspec check: empty holds no .cnn files"),
        (["summary", "lnet5"], "cnnspec summary: there is no net lnet5 in specs/ or among the "
         "shipped specs: did you mean `lenet5`?"),
        (["summary", "specs"], "cnnspec summary: specs is a directory: name a file in it, such as "
         "specs/lenet5.cnn"),
        (["summary", "specs/lenet5.cnn:nix"], "cnnspec summary: specs/lenet5.cnn declares no net "
         "nix; it has lenet5"),
        (["summary", "specs/families/family.cnn"], "cnnspec summary: family is a family, its "
         "parameters have no values: give them with --set depth=..."),
        (["summary", "two.cnn"], "cnnspec summary: two.cnn declares a, b: say which, as in "
         "two.cnn:a"),
        (["summary", "lenet5", "--input", "3"+"x"], "cnnspec summary: --input 3x: write channels x "
         "height x width, such as 3x160x160"),
        (["summary", "lenet5", "--set", "classes"], "cnnspec summary: --set classes: write "
         "name=value, such as --set classes=10"),
        (["explain", "cov"], "cnnspec explain: there is no code, op or metric cov: "
         "did you mean `conv`?"),
        (["chek"], "cnnspec: No such command 'chek'. Did you mean 'check'? "
         "(cnnspec -h shows the usage)"),
        (["draw", "lenet5", "lenet5"],
         "cnnspec draw: say where to: -o nets.svg (or .pdf, .eps, .png, .tex, .pptx, .html)"),
        (["draw", "lenet5", "-o", "x.svg", "--width", "wide"],
         "cnnspec draw: --width wide: a length such as 3.4in, 86mm or 245pt"),
    ],
)  # fmt: skip
def test_wrong_usage_is_one_line_and_status_2(cnnspec, folder, arguments, line):
    (folder / "empty").mkdir()
    (folder / "two.cnn").write_text("net a { input 1x8x8 }\nnet b { input 1x8x8 }\n")
    done = cnnspec(*arguments)
    assert (done.status, done.out, done.err) == (2, "", line + "\n")


def test_no_specs_here(cnnspec, folder, monkeypatch):
    (folder / "empty").mkdir()
    monkeypatch.chdir(folder / "empty")
    done = cnnspec("check")
    assert done.err == "cnnspec check: there is no specs/ here: name a file or a directory\n"
    assert done.status == 2


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file(cnnspec, folder):
    (folder / "specs" / "lenet5.cnn").chmod(0)
    done = cnnspec("check", "lenet5")
    assert (done.status, done.err.count("\n")) == (2, 1)


def test_findings_of_another_command_go_to_standard_error(cnnspec, folder):
    (folder / "w.cnn").write_text("net w { input 1x8x8\n liner 3 }\n")
    done = cnnspec("summary", "w.cnn")
    assert (done.status, done.out) == (1, "")
    assert done.err.startswith("error[E0102]")


def test_an_internal_fault_is_one_line_and_status_70(cnnspec, monkeypatch):
    def broken(*_):
        raise RuntimeError("two\nlines \x1b[31m")

    monkeypatch.setattr("cnnspec.cli.checking.check", broken)
    done = cnnspec("check", "lenet5")
    assert done.status == 70
    assert done.err.startswith(
        "cnnspec check: internal fault, not your spec's: RuntimeError: two lines \\x1b[31m. "
    )
    assert done.err.count("\n") == 1


def test_the_debug_variable_shows_the_traceback(cnnspec, monkeypatch):
    def broken(*_):
        raise RuntimeError("here")

    monkeypatch.setattr("cnnspec.cli.checking.check", broken)
    monkeypatch.setenv("CNNSPEC_DEBUG", "1")
    with pytest.raises(RuntimeError, match="here"):
        cnnspec("check", "lenet5")


def test_help_and_version(cnnspec):
    import cnnspec as package

    assert cnnspec("--version").out == f"cnnspec {package.__version__}\n"
    for arguments in (["-h"], ["check", "-h"], ["gen", "--help"]):
        done = cnnspec(*arguments)
        assert done.status == 0
        assert done.out.startswith("Usage: cnnspec")
    assert cnnspec().status == 2


def test_as_a_process(process):
    assert process("check", "lenet5").status == 0
    assert process("check", "nix.cnn").status == 2
    assert process("check", "lenet5", NO_COLOR="1").out.count("\x1b") == 0


def test_a_closed_pipe_is_quiet(folder):
    process = subprocess.Popen(
        [sys.executable, "-m", "cnnspec", "list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    error = process.stderr.read()
    process.stderr.close()
    assert (process.wait(), error) == (141, b"")


def test_train_hands_its_arguments_over_and_passes_the_status_on(process):
    done = process("train", "nix.py", "--steps", "3")
    assert done.status == 2
    assert done.err.startswith("cnnspec train: ")


@pytest.mark.parametrize(("command", "collects"), [("check", False), ("gen", False), ("lsp", True)])
def test_no_garbage_is_looked_for_while_a_command_reads_nets(monkeypatch, command, collects):
    collecting = []
    monkeypatch.setattr(sys, "argv", ["cnnspec", command])
    monkeypatch.setattr(app, "run", lambda arguments: collecting.append(gc.isenabled()) or 0)
    monkeypatch.setattr(gc, "freeze", lambda: None)  # of this process, which goes on
    try:
        with pytest.raises(SystemExit):
            app.main()
    finally:
        gc.enable()
    assert collecting == [collects]


def test_what_one_command_compared_leaves_the_next_its_suggestions(cnnspec, monkeypatch):
    monkeypatch.setattr(diagnostics, "COMPARED_MAX", 0)
    for _ in range(2):
        assert cnnspec("check", "nix.cnn").err.endswith("did you mean `nin`?\n")
