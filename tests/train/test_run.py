"""T3: the run's folder, its files, its first and last lines."""

import fcntl
import json
import re
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from cnnspec.train.progress import clock, counted
from cnnspec.train.run import create

ARGUMENTS = ("--data", "digits", "--epochs", "2")


def test_t3_the_files_of_a_run(write, train, folder: Path) -> None:
    write()
    assert train("tiny.py", *ARGUMENTS, "--name", "a").status == 0
    run = folder / "runs" / "tiny" / "a"
    settings = json.loads((run / "run.json").read_text())
    assert settings["spec_sha256"] == "0123456789ab"
    assert settings["machine"]["torch"] == torch.__version__
    assert settings["recipe"]["optimizer"]["lr"] == 0.05
    assert settings["result"]["top1_error"] < 60
    found = load_file(run / "model.safetensors")
    assert {"conv.weight", "bn.running_mean", "fc.bias"} < set(found)
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines if line["split"] == "test"] == [22, 44]
    for key in ("loss", "top1_error", "top5_error", "lr", "images_per_second", "memory_bytes"):
        assert all(key in line for line in lines if line["split"] == "train")
    assert (run / "curves.svg").read_text().startswith("<?xml")


def test_t3_m3_first_and_last_lines(write, train) -> None:
    write()
    lines = train("tiny.py", *ARGUMENTS, "--name", "a").out.splitlines()
    assert lines[0] == (
        "tiny · digits 1,437 train / 360 test, 8x8 resized to 12x12 · cpu, 1 thread, channels_last"
        " · trainer's defaults: sgd lr 0.05, cosine, batch 64 · 2 epochs · seed 0"
    )
    lowest = r"( \(lowest \d+\.\d\d % at step \d+\))?"
    assert re.fullmatch(
        rf"tiny: test top-1 error \d+\.\d\d %{lowest} after 2 epochs in 0:\d\d", lines[-2]
    )
    assert (
        lines[-1]
        == "  runs/tiny/a/  model.safetensors  best.safetensors  metrics.jsonl  curves.svg"
    )
    assert lines[1].startswith("  epoch 1/2   step  4/44  ")


def test_t3_json_is_one_object(write, train) -> None:
    write()
    ended = train("tiny.py", *ARGUMENTS, "--format", "json")
    assert json.loads(ended.out)["schema"] == "cnnspec.train/1"


def test_t3_equal_runs_give_equal_bytes(write, train, folder: Path) -> None:
    write()
    for name in "ab":
        train("tiny.py", *ARGUMENTS, "--name", name)
    runs = folder / "runs" / "tiny"
    for file in ("model.safetensors", "curves.svg"):
        assert (runs / "a" / file).read_bytes() == (runs / "b" / file).read_bytes()


def test_t11_two_runs_in_one_folder_are_refused(write, train, folder: Path) -> None:
    write()
    train("tiny.py", *ARGUMENTS, "--name", "a", "--stop-at", 3)
    before = (folder / "runs" / "tiny" / "a" / "metrics.jsonl").exists()
    ended = train("tiny.py", *ARGUMENTS, "--name", "a")
    assert ended.status == 2
    assert "runs/tiny/a holds a run already: go on with it by --resume runs/tiny/a" in ended.err
    assert (folder / "runs" / "tiny" / "a" / "metrics.jsonl").exists() == before
    with (folder / "runs" / "tiny" / "a" / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        ended = train("--resume", "runs/tiny/a")
    assert (ended.status, ended.err) == (
        2,
        "cnnspec train: runs/tiny/a is in use by another run\n",
    )


def test_t3_runs_of_one_minute_get_numbers(folder: Path) -> None:
    names = [create(folder, "net", None).folder.name for _ in range(3)]
    assert len(set(names)) == 3


@pytest.mark.parametrize("name", ["", "..", "a/b"])
def test_s4_a_run_stays_in_its_folder(write, train, name: str) -> None:
    write()
    ended = train("tiny.py", *ARGUMENTS, "--name", name)
    assert ended.status == 2
    assert "give a plain name" in ended.err


def test_the_words_for_speed_and_time() -> None:
    assert [counted(3912.4), counted(11.26)] == ["3,912", "11.3"]
    assert [clock(9.4), clock(754), clock(3723)] == ["0:09", "12:34", "1:02:03"]
