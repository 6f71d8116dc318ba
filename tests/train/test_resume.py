"""T4, T10, T11: stopped, killed or failed, a run goes on to the same bits."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cnnspec.train.checkpoint import load_checkpoint
from cnnspec.train.cli import main
from tests.train.conftest import TINY
from tests.train.forked import Program

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


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Runs that nothing stopped, each trained once: by flags, the folder of the run."""
    made: dict[tuple[str, ...], Path] = {}

    def run(*flags: str) -> Path:
        if flags not in made:
            made[flags] = tmp_path_factory.mktemp("whole")
            (made[flags] / "tiny.py").write_text(TINY.replace("{recipe}", "{}"))
            argv = (made[flags] / "tiny.py", *ARGUMENTS, *flags, "--name", "whole", "--out")
            assert main([str(item) for item in (*argv, made[flags])]) == 0
        return made[flags] / "tiny" / "whole"

    return run


@pytest.mark.parametrize("flags", [(), FLAGS, AVERAGED])
@pytest.mark.parametrize("step", [1, 14, 28])
def test_t10_a_stopped_run_ends_with_the_same_bytes(
    write, train, folder: Path, uninterrupted: Callable[..., Path], step: int,
    flags: tuple[str, ...],
) -> None:  # fmt: skip
    """With batch norm, dropout, augmentation; after steps 14 and 28 work is due."""
    write()
    whole = uninterrupted(*flags)
    halved = train("tiny.py", *ARGUMENTS, *flags, "--name", "halved", "--stop-at", step)
    assert halved.status == 0
    assert halved.out.endswith(
        f"stopped after step {step}, and saved. To go on:\n"
        "  cnnspec train --resume runs/tiny/halved\n"
    )
    assert train("--resume", "runs/tiny/halved").status == 0
    run = folder / "runs" / "tiny" / "halved"
    assert weights(whole) == weights(run)
    assert metrics(whole) == metrics(run)


def test_t10_lines_after_the_checkpoint_are_written_anew(
    write, train, folder: Path, uninterrupted: Callable[..., Path]
) -> None:
    write()
    train("tiny.py", *ARGUMENTS, "--name", "halved", "--stop-at", 20)
    run = folder / "runs" / "tiny" / "halved"
    with (run / "metrics.jsonl").open("a") as file:
        file.write('{"split": "train", "step": 21}\n')
    train("tiny.py", "--resume")
    assert metrics(run) == metrics(uninterrupted())


def test_t9_a_damaged_checkpoint_is_named_and_the_run_ends_the_same(
    write, train, folder: Path, uninterrupted: Callable[..., Path]
) -> None:
    write()
    train("tiny.py", *ARGUMENTS, "--name", "halved", "--save-every", 10, "--stop-at", 25)
    run = folder / "runs" / "tiny" / "halved"
    damaged = run / "checkpoint" / "step-00000025" / "state.safetensors"
    damaged.write_bytes(damaged.read_bytes()[:-1])
    resumed = train("--resume", "runs/tiny/halved")
    assert resumed.status == 0
    assert "step-00000025 is damaged" in resumed.err
    assert "step-00000020 is used" in resumed.err
    assert weights(run) == weights(uninterrupted())


def wait_for(path: Path, process: "Program | subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + 60
    while not path.exists() and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.01)


LONG = ("tiny.py", "--data", "synthetic", "--epochs", "5000", "--name", "long", "--threads", "1")


def test_t4_sigterm_finishes_the_step_saves_and_says_how_to_go_on(write, folder: Path) -> None:
    write()
    process = Program(*LONG)
    wait_for(folder / "runs" / "tiny" / "long" / "metrics.jsonl", process)
    os.kill(process.number, signal.SIGTERM)
    ended = process.ended(20)
    saved_by_sigterm(folder, ended.status, ended.out, "python -m cnnspec.train")


def test_t4_sigterm_reaches_the_trainer_through_cnnspec_train(
    write, folder: Path, root: Path
) -> None:
    """`cnnspec train` starts the trainer in a process of its own, and is the one that is told."""
    pytest.importorskip("typer", reason="the trainer is tested without the compiler")
    write()
    process = subprocess.Popen(
        [sys.executable, "-m", "cnnspec", "train", *LONG], cwd=folder, text=True,
        env=os.environ | {"PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"}, stdout=subprocess.PIPE,
    )  # fmt: skip
    wait_for(folder / "runs" / "tiny" / "long" / "metrics.jsonl", process)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=20)
    saved_by_sigterm(folder, process.returncode, out, "cnnspec train")


def saved_by_sigterm(folder: Path, status: int, out: str, command: str) -> None:
    assert status == 128 + signal.SIGTERM
    assert f"To go on:\n  {command} --resume runs/tiny/long\n" in out
    assert list((folder / "runs" / "tiny" / "long" / "checkpoint").glob("step-*"))


def test_t10_a_killed_run_ends_with_the_same_bytes(write, train, folder: Path) -> None:
    write()
    argv = ("--data", "digits", "--steps", "400", "--save-every", "5", "--log-every", "50")
    train("tiny.py", *argv, "--threads", "1", "--name", "whole")
    process = Program("tiny.py", *argv, "--threads", "1", "--name", "killed")
    run = folder / "runs" / "tiny" / "killed"
    wait_for(run / "checkpoint" / "step-00000060", process)
    os.kill(process.number, signal.SIGKILL)
    assert process.ended().status == -signal.SIGKILL
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
        "cnnspec train: a resumed run keeps its settings: --lr was 0.05 and is now 0.2; leave it "
        "out\n",
    )
    path.write_text(path.read_text() + "\n# changed\n")
    ended = train("--resume", "runs/tiny/a")
    assert ended.status == 2
    assert "tiny.py has changed since runs/tiny/a began" in ended.err
    assert "is no run: it has no run.json" in train("--resume", "runs").err


def test_n1_5_the_same_command_begins_a_run_and_goes_on_with_it(write, train, folder: Path) -> None:
    """A requeued job runs what it ran; flags that are the recipe's own values change nothing."""
    write("tiny", {"batch": 96, "epochs": 2, "data": {"name": "digits"}})
    argv = ("tiny.py", "--data", "digits", "--log-every", "7", "--batch", "96", "--epochs", "2")
    argv += ("--lr", "0.05", "--loss", "logits=1", "--name", "a", "--resume")
    begun = train(*argv, "--stop-at", "5")
    assert (begun.status, "resumed" in begun.out) == (0, False)
    assert begun.err == "cnnspec train: there is nothing to resume yet: the run begins\n"
    gone_on = train(*argv)
    assert (gone_on.status, gone_on.err) == (0, "")
    assert "resumed after step 5" in gone_on.out
    assert train(*argv[:-3], "--name", "b").status == 0
    runs = folder / "runs" / "tiny"
    assert weights(runs / "a") == weights(runs / "b")
    done = train(*argv)  # requeued once more after its end
    assert (done.status, "resumed after step 28" in done.out) == (0, True)


def test_n1_5_a_run_killed_before_its_first_checkpoint_begins_again(
    write, train, folder: Path
) -> None:
    write()
    left = folder / "runs" / "tiny" / "a"
    left.mkdir(parents=True)
    (left / "metrics.jsonl").write_text("half a li")
    argv = ("tiny.py", "--data", "digits", "--steps", "3", "--name", "a")
    assert train(*argv).status == 2  # without --resume the folder is somebody's
    assert train(*argv, "--resume").status == 0
    assert len(metrics(left)) == 4


def test_n1_5_settings_that_differ_are_named_with_both_values(write, train) -> None:
    write()
    argv = ("tiny.py", "--data", "digits", "--steps", "6", "--name", "a")
    train(*argv, "--stop-at", "3")
    for flags, said in (
        (("--seed", "3"), "--seed was 0 and is now 3"),
        (("--steps", "5"), "--steps was 6 and is now 5"),
        (("--set", "classes=10"), "--set was nothing and is now classes=10"),
        (("--epochs", "9"), "--epochs was not given and is now 9"),
        (("--no-channels-last",), "--channels-last was True and is now False"),
    ):
        ended = train("--resume", "runs/tiny/a", *flags)
        assert (ended.status, said in ended.err) == (2, True), ended.err


def test_n1_5_n3_a_longer_run_goes_on(write, train, folder: Path) -> None:
    """Also one that was done; with a constant rate it ends as if it had been that long at once."""
    write()
    argv = ("tiny.py", "--data", "digits", "--schedule", "constant", "--log-every", "5",
            "--eval-every", "5")  # fmt: skip
    train(*argv, "--steps", "10", "--name", "a")
    longer = train("--resume", "runs/tiny/a", "--steps", "20")
    assert longer.status == 0, longer.err
    train(*argv, "--steps", "20", "--name", "b")
    runs = folder / "runs" / "tiny"
    assert weights(runs / "a") == weights(runs / "b")
    assert metrics(runs / "a") == metrics(runs / "b")
    settings = json.loads((runs / "a" / "run.json").read_text())
    assert (settings["steps"], settings["result"]["steps"]) == (20, 20)
