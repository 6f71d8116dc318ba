"""T9 to T11: a sample of tests/train/fuzz_train.py, and the faults that end a run in one line."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from cnnspec.train import loop
from cnnspec.train.datasets import decode
from tests.train.forked import Program

ARGUMENTS = ("--data", "digits", "--epochs", "2", "--save-every", "5", "--name", "a")


def test_t9_t10_a_sample_of_kills_flips_cuts_and_refusals(folder: Path, root: Path) -> None:
    program = root / "tests" / "train" / "fuzz_train.py"
    counts = ("--kills", "2", "--flips", "30", "--cuts", "20", "--terms", "1", "--every", "40")
    ended = Program(*counts, module=str(program)).ended(170)
    assert ended.status == 0, ended.out + ended.err
    assert json.loads(ended.out)["ok"] is True


def sums(folder: Path) -> dict[str, str]:
    """The sha256 of every file of the checkpoints of the run."""
    files = sorted((folder / "runs" / "tiny" / "a" / "checkpoint").glob("step-*/*"))
    return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


@pytest.fixture
def stopped(write, train, folder: Path) -> dict[str, str]:
    """A run with two checkpoints."""
    write()
    assert train("tiny.py", *ARGUMENTS, "--stop-at", "10").status == 0
    found = sums(folder)
    assert len(found) == 6
    return found


def test_t11_a_second_run_a_wrong_spec_and_a_wrong_label_touch_nothing(
    stopped, train, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = folder / "tiny.py"
    good = net.read_text()
    ended = train("tiny.py", *ARGUMENTS)
    assert (ended.status, ended.err.count("\n")) == (2, 1)
    net.write_text(good.replace("width * 36", "width * 36 * 1"))
    ended = train("--resume", "runs/tiny/a")
    assert (ended.status, ended.err.count("\n")) == (2, 1)
    assert "has changed since" in ended.err
    net.write_text(good)
    monkeypatch.setattr("cnnspec.train.datasets.digits.COUNT", 1796)
    ended = train("--resume", "runs/tiny/a")
    assert (ended.status, ended.err.count("\n")) == (2, 1)
    assert sums(folder) == stopped


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(28, "No space left on device"), "No space left on device"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), "give a smaller --batch"),
        (torch.OutOfMemoryError("CUDA out of memory. Tried"), "give a smaller --batch"),
        (MemoryError(), "give a smaller --batch"),
    ],
)
def test_t11_disk_and_memory_end_a_run_in_one_line(
    stopped, train, folder: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(loop, "take_step", fail)
    ended = train("--resume", "runs/tiny/a")
    assert (ended.status, ended.err.count("\n")) == (1, 1)
    assert said in ended.err
    assert "untouched" in ended.err
    assert sums(folder) == stopped


def test_t11_a_bad_loss_keeps_the_checkpoint_before_it(
    stopped, train, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state before the bad step is saved beside it; the newest older one stays as it was."""
    monkeypatch.setattr(
        "cnnspec.train.step.loss_of", lambda outputs, *_: outputs.float().sum() * float("nan")
    )
    ended = train("--resume", "runs/tiny/a")
    assert (ended.status, ended.err.count("\n")) == (1, 1)
    assert "loss is not finite at step 11 (batch 11 of epoch 1" in ended.err
    assert sums(folder) == stopped


def test_t11_memory_that_the_system_refuses_is_one_line(write, folder: Path, root: Path) -> None:
    """A limit of the kernel, not a stand-in: the batch alone is larger than what is allowed."""
    text = (
        "import resource\nfrom torch import nn\nINPUT_SIZE = (1, 2048, 2048)\nRECIPE = {}\n"
        "def net() -> nn.Module:\n"
        "    resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))\n"
        "    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1, 10))\n"
    )
    write("net", text=text)
    argv = ("net.py", "--data", "synthetic", "--batch", "512", "--steps", "1")
    ended = subprocess.run(
        [sys.executable, "-m", "cnnspec.train", *argv],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1), ended.stderr
    assert "out of memory: give a smaller --batch" in ended.stderr


def test_t1_a_tree_beyond_memory_is_left_to_the_workers(
    write, train, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from PIL import Image

    monkeypatch.setattr(decode, "MEMORY", 1000)
    for split in ("train", "val"):
        for label in ("a", "b"):
            place = folder / "tree" / split / label
            place.mkdir(parents=True)
            for index in range(4):
                Image.new("L", (20, 14), 60 * index).save(place / f"{index}.png")
    argv = ("--data", "folder:tree", "--set", "classes=2", "--batch", "4", "--epochs", "1")
    ended = train(write(), *argv, "--workers", "0")
    assert ended.status == 0, ended.err
    assert "cut to 12x12, from 12x12, by workers with " in ended.out
