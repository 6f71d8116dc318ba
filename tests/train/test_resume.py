"""T4, T10, T11: stopped, killed or failed, a run goes on to the same bits."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from cnnspec.train.checkpoint import load_checkpoint

ARGUMENTS = ("--data", "digits", "--epochs", "3", "--log-every", "7", "--batch", "96")
AVERAGED = ("--optimizer", "rmsprop", "--momentum", "0.5", "--average", "ema")
AVERAGED += ("--average-decay", "0.9", "--average-start", "1")
FLAGS = ("--flip", "--optimizer", "adamw", "--schedule", "on_plateau")


def weights(run: Path) -> bytes:
    return (run / "model.safetensors").read_bytes()


def metrics(run: Path) -> list[dict[str, object]]:
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    told = {"images_per_second", "memory_bytes"}  # what the machine was doing, not the run
    return [{key: line[key] for key in line if key not in told} for line in lines]


@pytest.mark.parametrize("flags", [(), FLAGS, AVERAGED])
@pytest.mark.parametrize("step", [1, 14, 28])
def test_t10_a_stopped_run_ends_with_the_same_bytes(
    write, train, folder: Path, step: int, flags: tuple[str, ...]
) -> None:
    """With batch norm, dropout, augmentation; after steps 14 and 28 work is due."""
    write()
    assert train("tiny.py", *ARGUMENTS, *flags, "--name", "whole").status == 0
    halved = train("tiny.py", *ARGUMENTS, *flags, "--name", "halved", "--stop-at", step)
    assert halved.status == 0
    assert halved.out.endswith(
        f"stopped after step {step}, and saved. To go on:\n"
        "  cnnspec train --resume runs/tiny/halved\n"
    )
    assert train("--resume", "runs/tiny/halved").status == 0
    runs = folder / "runs" / "tiny"
    assert weights(runs / "whole") == weights(runs / "halved")
    assert metrics(runs / "whole") == metrics(runs / "halved")


def test_t10_lines_after_the_checkpoint_are_written_anew(write, train, folder: Path) -> None:
    write()
    train("tiny.py", *ARGUMENTS, "--name", "whole")
    train("tiny.py", *ARGUMENTS, "--name", "halved", "--stop-at", 20)
    run = folder / "runs" / "tiny" / "halved"
    with (run / "metrics.jsonl").open("a") as file:
        file.write('{"split": "train", "step": 21}\n')
    train("tiny.py", "--resume")
    assert metrics(run) == metrics(run.parent / "whole")


def test_t9_a_damaged_checkpoint_is_named_and_the_run_ends_the_same(
    write, train, folder: Path
) -> None:
    write()
    train("tiny.py", *ARGUMENTS, "--name", "whole")
    train("tiny.py", *ARGUMENTS, "--name", "halved", "--save-every", 10, "--stop-at", 25)
    run = folder / "runs" / "tiny" / "halved"
    damaged = run / "checkpoint" / "step-00000025" / "state.safetensors"
    damaged.write_bytes(damaged.read_bytes()[:-1])
    resumed = train("--resume", "runs/tiny/halved")
    assert resumed.status == 0
    assert "step-00000025 is damaged" in resumed.err
    assert "step-00000020 is used" in resumed.err
    assert weights(run) == weights(run.parent / "whole")


def spawn(
    folder: Path, *argv: str, program: Sequence[str] = ("cnnspec.train",)
) -> "subprocess.Popen[str]":
    root = Path(__file__).resolve().parents[2]
    environment = os.environ | {"PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", *program, *argv, "--threads", "1"]
    return subprocess.Popen(command, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE)


def wait_for(path: Path, process: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + 60
    while not path.exists() and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("program", "command"),
    [(("cnnspec.train",), "python -m cnnspec.train"), (("cnnspec", "train"), "cnnspec train")],
)
def test_t4_sigterm_finishes_the_step_saves_and_says_how_to_go_on(
    write, folder: Path, program: tuple[str, ...], command: str
) -> None:
    """`cnnspec train` starts the trainer in a process of its own, and is the one that is told."""
    if program[0] == "cnnspec":
        pytest.importorskip("typer", reason="the trainer is tested without the compiler")
    write()
    argv = ("tiny.py", "--data", "digits", "--epochs", "5000", "--name", "long")
    process = spawn(folder, *argv, program=program)
    run = folder / "runs" / "tiny" / "long"
    wait_for(run / "metrics.jsonl", process)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 128 + signal.SIGTERM
    assert f"To go on:\n  {command} --resume runs/tiny/long\n" in out
    assert list((run / "checkpoint").glob("step-*"))


def test_t10_a_killed_run_ends_with_the_same_bytes(write, train, folder: Path) -> None:
    write()
    argv = ("--data", "digits", "--steps", "400", "--save-every", "5", "--log-every", "50")
    train("tiny.py", *argv, "--threads", "1", "--name", "whole")
    process = spawn(folder, "tiny.py", *argv, "--name", "killed")
    run = folder / "runs" / "tiny" / "killed"
    wait_for(run / "checkpoint" / "step-00000060", process)
    process.kill()
    process.communicate(timeout=20)
    assert not (run / "model.safetensors").exists()
    assert train("--resume", "runs/tiny/killed").status == 0
    assert weights(run) == weights(run.parent / "whole")
    assert metrics(run) == metrics(run.parent / "whole")


def test_t11_a_bad_loss_stops_before_the_update_with_the_last_good_state(
    write, train, folder: Path
) -> None:
    write()
    argv = ("tiny.py", "--data", "digits", "--schedule", "constant", "--momentum", "0")
    ended = train(*argv, "--lr", "1e30", "--name", "bad")
    assert ended.status == 1
    assert ended.err.count("\n") == 1
    said = re.search(
        r"at step (\d) \(batch \d of epoch 1, lr 1e\+30\).* after step (\d), is", ended.err
    )
    assert said is not None
    assert int(said[1]) > int(said[2])
    state = load_checkpoint(folder / "runs" / "tiny" / "bad" / "checkpoint")
    assert state.values["step"] == int(said[2])
    assert all(tensor.isfinite().all() for tensor in state.tensors.values())


def test_t10_another_module_or_other_settings_are_no_resume(write, train) -> None:
    path = write()
    train("tiny.py", *ARGUMENTS, "--name", "a", "--stop-at", 3)
    ended = train("--resume", "runs/tiny/a", "--lr", "0.2")
    assert (ended.status, ended.err) == (
        2,
        "cnnspec train: a resumed run keeps its settings: leave out --lr\n",
    )
    path.write_text(path.read_text() + "\n# changed\n")
    ended = train("--resume", "runs/tiny/a")
    assert ended.status == 2
    assert "tiny.py has changed since runs/tiny/a began" in ended.err
    assert "is no run: it has no run.json" in train("--resume", "runs").err
