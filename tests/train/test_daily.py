"""N3: seeds, loggers, early stopping, class weights, profiles: what daily work wants."""

import csv
import json
import sys
from pathlib import Path
from statistics import mean, stdev
from types import ModuleType
from typing import Any

import pytest
import torch
from torch.nn import functional as F

from cnnspec.train import device
from cnnspec.train.arguments import read_arguments
from cnnspec.train.errors import UsageError
from cnnspec.train.loss import loss_of
from tests.train.test_resume import metrics, weights

DIGITS = ("--data", "digits", "--steps", "12")


def test_n3_seeds_give_mean_and_deviation_and_are_not_trained_twice(
    write, train, folder: Path
) -> None:
    write()
    argv = ("tiny.py", *DIGITS, "--seeds", "3", "--name", "s")
    ended = train(*argv)
    assert ended.status == 0, ended.err
    runs = folder / "runs" / "tiny"
    errors = [json.loads((runs / f"s-seed{seed}" / "run.json").read_text())["result"]["top1_error"]
              for seed in range(3)]  # fmt: skip
    said = f"{mean(errors):.2f} +- {stdev(errors):.2f} % over 3 seeds"
    assert said in ended.out.splitlines()[-2]
    before = (runs / "s-seed1" / "model.safetensors").stat().st_mtime_ns
    again = train(*argv)
    assert (again.status, said in again.out, again.out.count("\n")) == (0, True, 2)
    assert (runs / "s-seed1" / "model.safetensors").stat().st_mtime_ns == before
    assert train("tiny.py", *DIGITS, "--seed", "1", "--name", "alone").status == 0
    assert weights(runs / "alone") == weights(runs / "s-seed1")
    ended = train(*argv, "--processes", "2")
    assert (ended.status, "--seeds takes one process" in ended.err) == (2, True)


def test_n3_an_interrupted_seed_goes_on(write, train, folder: Path) -> None:
    write()
    argv = ("tiny.py", *DIGITS, "--seeds", "2", "--name", "s", "--format", "json")
    assert train(*argv, "--stop-at", "5").status == 0
    ended = train(*argv)
    assert ended.status == 0, ended.err
    facts = json.loads(ended.out.splitlines()[-1])
    assert (facts["schema"], len(facts["errors"])) == ("cnnspec.seeds/1", 2)


def test_n3_early_stopping_ends_a_run_and_goes_on_to_the_bit(write, train, folder: Path) -> None:
    write()
    argv = ("tiny.py", "--data", "digits", "--steps", "400", "--eval-every", "4", "--lr", "0.3",
            "--patience", "3", "--schedule", "constant")  # fmt: skip
    assert train(*argv, "--name", "a").status == 0
    runs = folder / "runs" / "tiny"
    tests = [line for line in metrics(runs / "a") if line["split"] == "test"]
    errors = [float(str(line["top1_error"])) for line in tests]
    best = errors.index(min(errors))
    assert len(errors) == best + 4 < 100
    assert min(errors[-3:]) >= errors[best]
    result = json.loads((runs / "a" / "run.json").read_text())["result"]
    assert result["steps"] == tests[-1]["step"]
    train(*argv, "--name", "b", "--stop-at", str(int(str(tests[-1]["step"])) - 5))
    train(*argv, "--name", "b", "--resume")
    assert weights(runs / "a") == weights(runs / "b")


def test_n3_csv_has_every_line_also_of_a_resumed_run(write, train, folder: Path) -> None:
    write()
    argv = ("tiny.py", *DIGITS, "--log", "csv", "--log-every", "2", "--name", "a")
    train(*argv, "--stop-at", "5")
    train(*argv, "--resume")
    run = folder / "runs" / "tiny" / "a"
    with (run / "metrics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    lines = metrics(run)
    assert [int(row["step"]) for row in rows] == [line["step"] for line in lines]
    assert float(rows[-1]["loss"]) == lines[-1]["loss"]


class Writer:
    made: list[Any] = []  # noqa: RUF012

    def __init__(self, folder: str, purge_step: int) -> None:
        self.begun, self.added = purge_step, []
        Writer.made.append(self)

    def add_scalar(self, name: str, value: float, step: int) -> None:
        self.added.append((name, value, step))

    def close(self) -> None:
        self.added.append("closed")


def test_n3_tensorboard_is_told_and_continued(
    write, train, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = ModuleType("torch.utils.tensorboard")
    module.SummaryWriter = Writer  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", module)
    write()
    argv = ("tiny.py", *DIGITS, "--log", "tensorboard,csv", "--log-every", "4", "--name", "a")
    assert train(*argv, "--stop-at", "5").status == 0
    assert train(*argv, "--resume").status == 0
    one, two = Writer.made
    assert (one.begun, two.begun) == (0, 5)
    names = {item[0] for item in (*one.added, *two.added) if item != "closed"}
    assert {"train/loss", "test/top1_error", "train/lr"} <= names
    assert two.added[-1] == "closed"


def test_n3_wandb_is_told_under_the_runs_name(write, train, monkeypatch: pytest.MonkeyPatch
                                              ) -> None:  # fmt: skip
    calls: list[Any] = []

    class Told:
        def log(self, figures: dict[str, float], step: int) -> None:
            calls.append((step, figures))

        def finish(self) -> None:
            calls.append("finished")

    module = ModuleType("wandb")
    module.init = lambda **how: calls.append(how) or Told()  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "wandb", module)
    write()
    assert train("tiny.py", *DIGITS, "--log", "wandb", "--name", "a").status == 0
    assert (calls[0]["project"], calls[0]["name"], calls[0]["resume"]) == ("tiny", "a", "allow")
    assert any("test/top1_error" in item[1] for item in calls[1:-1])
    assert calls[-1] == "finished"


@pytest.mark.parametrize("name", ["wandb", "tensorboard"])
def test_n3_a_logger_that_is_not_installed_is_one_line_before_the_run(
    write, train, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    ended = train(write(), *DIGITS, "--log", name, "--name", "a")
    assert (ended.status, ended.err.count("\n")) == (2, 1)
    assert f"--log {name} needs {name}, which is not installed: pip install" in ended.err
    ended = train("tiny.py", *DIGITS, "--log", "csvv")
    assert "did you mean `csv`" in ended.err


def test_n3_class_weights_are_torchs(write, train, folder: Path) -> None:
    logits, labels = torch.randn(8, 3), torch.tensor([0, 0, 0, 0, 1, 1, 2, 0])
    given = torch.tensor([0.5, 2.0, 4.0])
    mine = loss_of(logits, labels, {}, 0.0, given)
    assert torch.equal(mine, F.cross_entropy(logits, labels, weight=given))
    write()
    assert train("tiny.py", *DIGITS, "--class-weights", "balanced", "--name", "a").status == 0
    ended = train("tiny.py", *DIGITS, "--class-weights", "1,2")
    assert (ended.status, "2 numbers for 10 classes" in ended.err) == (2, True)
    assert train("tiny.py", *DIGITS, "--class-weights", "1,x").status == 2
    equal = ",".join(["3"] * 10)
    train("tiny.py", *DIGITS, "--class-weights", equal, "--name", "b")
    train("tiny.py", *DIGITS, "--name", "c")
    runs = folder / "runs" / "tiny"
    for mine_line, theirs in zip(metrics(runs / "b"), metrics(runs / "c"), strict=True):
        assert mine_line["loss"] == pytest.approx(theirs["loss"], rel=1e-4)


def test_n3_a_profile_is_a_table_and_a_trace(write, train, folder: Path) -> None:
    write()
    ended = train("tiny.py", "--data", "digits", "--steps", "40", "--profile", "--name", "a")
    assert ended.status == 0, ended.err
    assert "20 steps are in runs/tiny/a/profile.txt and profile.json" in ended.err
    run = folder / "runs" / "tiny" / "a"
    assert "aten::" in (run / "profile.txt").read_text()
    assert json.loads((run / "profile.json").read_text())["traceEvents"]


def test_n3_gpu_takes_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    for argv, number in ((["--gpu", "1", "x.py"], 1), (["--gpu=2", "x.py"], 2),
                         (["--gpu", "x.py"], 0)):  # fmt: skip
        given = read_arguments(argv)
        assert (given.gpu, given.gpu_number, given.file) == (True, number, "x.py")
    chosen: list[int] = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "set_device", chosen.append)
    monkeypatch.setattr(torch, "set_float32_matmul_precision", lambda _: None)
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", False)
    device.choose(True, "bf16", True, 10, 1)
    assert chosen == [1]
    with pytest.raises(UsageError, match="--gpu 2: torch sees 2, from 0"):
        device.choose(True, "bf16", True, 10, 2)


@pytest.fixture
def torchvision_v2() -> None:
    """torchvision's transforms, also where its operators do not load."""
    from benchmarks.peers import torchvision_models

    if torchvision_models() is None:
        pytest.skip("torchvision is not installed")


MIXED = ("--mixup", "0.4", "--cutmix", "1", "--randaugment", "5", "--erase", "0.5")


def test_n3_torchvisions_transforms_go_on_to_the_bit(
    write, train, folder: Path, torchvision_v2: None
) -> None:
    write()
    argv = ("tiny.py", *DIGITS, *MIXED, "--log-every", "4")
    assert train(*argv, "--name", "a").status == 0
    train(*argv, "--name", "b", "--stop-at", "5")
    assert train(*argv, "--name", "b", "--resume").status == 0
    runs = folder / "runs" / "tiny"
    assert weights(runs / "a") == weights(runs / "b")
    assert metrics(runs / "a") == metrics(runs / "b")
    train("tiny.py", *DIGITS, "--name", "c")
    assert weights(runs / "a") != weights(runs / "c")
    said = train(*argv, "--dry-run").out
    assert "mixup 0.4, cutmix 1, randaugment 5, erase 0.5" in said
    streamed = ("--scale", "0.5,1", "--workers", "1", "--name", "d")
    assert train("tiny.py", *DIGITS, *MIXED, *streamed).status == 0


def test_n3_without_torchvision_its_transforms_are_one_line(
    write, train, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torchvision", None)
    ended = train(write(), *DIGITS, "--mixup", "0.2")
    assert (ended.status, ended.err.count("\n")) == (2, 1)
    assert "are torchvision's, which is not installed or does not load" in ended.err
