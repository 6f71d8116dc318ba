"""T8: two gloo processes on the CPU, started by torchrun."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from cnnspec.train.errors import UsageError
from cnnspec.train.feed import Share, check_batch

ARGUMENTS = (
    "--data",
    "digits",
    "--steps",
    "12",
    "--batch",
    "64",
    "--log-every",
    "4",
    "--threads",
    "1",
)
TEXT = (
    "from torch import nn\nINPUT_SIZE = (1, 8, 8)\nRECIPE = {}\n\ndef net() -> nn.Module:\n"
    "    return nn.Sequential(nn.Flatten(), nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 10))\n"
)


def torchrun(folder: Path, root: Path, *argv: str) -> "subprocess.CompletedProcess[str]":
    start = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2")
    return subprocess.run(
        [sys.executable, *start, "-m", "cnnspec.train", *argv],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def lines(run: Path) -> list[dict[str, float]]:
    found = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [{key: line[key] for key in ("step", "loss", "top1_error")} for line in found]


def test_t8_two_processes_train_what_one_does_and_resume(
    write, train, folder: Path, root: Path
) -> None:
    """The same images in the same steps: equal but for the order of a sum. No batch norm here."""
    write("net", text=TEXT)
    assert train("net.py", *ARGUMENTS, "--name", "one").status == 0
    both = torchrun(folder, root, "net.py", *ARGUMENTS, "--name", "two", "--stop-at", "7")
    assert both.returncode == 0, both.stderr
    assert both.stdout.count("digits 1,437 train") == 1  # one of them speaks
    both = torchrun(folder, root, "--resume", "runs/net/two")
    assert both.returncode == 0, both.stderr
    runs = folder / "runs" / "net"
    for mine, theirs in zip(lines(runs / "one"), lines(runs / "two"), strict=True):
        assert mine == pytest.approx(theirs, rel=1e-4)
    one, two = (load_file(runs / name / "model.safetensors") for name in ("one", "two"))
    for name, value in one.items():
        assert torch.allclose(value, two[name], atol=1e-4), name


def test_t8_a_batch_that_cannot_be_shared_is_one_line() -> None:
    with pytest.raises(UsageError, match="a batch of 63 cannot be shared by 2 processes evenly"):
        check_batch("digits", 63, 1437, Share(1, 2))


def test_t8_gpus_without_gpus_is_one_line(write, train) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    ended = train(write("net", text=TEXT), "--data", "digits", "--gpus", "2")
    assert (ended.status, ended.err.count("\n")) == (2, 1)
    assert "no CUDA device" in ended.err
