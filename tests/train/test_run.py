"""T3: the run's folder, its files, its first and last lines."""

import fcntl
import json
import re
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from cnnspec.train import progress, session
from cnnspec.train.errors import UsageError
from cnnspec.train.progress import clock, counted
from cnnspec.train.reports.__main__ import main as report
from cnnspec.train.run import create
from cnnspec.train.sketch import BLOCKS, sketch
from tests.train.test_stream import write_tree

ARGUMENTS = ("--data", "digits", "--epochs", "2")
TWO = (
    "from torch import nn\nINPUT_SIZE = (3, 8, 8)\nRECIPE = {}\n\ndef net() -> nn.Module:\n"
    "    return nn.Sequential(nn.Flatten(), nn.Linear(192, 2))\n"
)


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


def test_n3_the_curves_are_text_in_a_terminal(write, train, folder: Path, capsys) -> None:
    """Each column is as high as the mean of its steps, beside the largest; a test is held."""
    lines: list[dict[str, float | str]] = [
        *({"split": "train", "step": step, "loss": 4.0 / step} for step in range(1, 11)),
        {"split": "test", "step": 5, "top1_error": 80.0},
        {"split": "test", "step": 10, "top1_error": 0.5},
    ]
    drawn = sketch(lines, columns=10)
    assert drawn[0].split() == ["training", "loss", "test", "error,", "%"]
    assert drawn[-1].split() == ["0", "step", "10"] * 2
    heights = [sum(BLOCKS.index(row[9 + column]) for row in drawn[1:-1]) for column in range(10)]
    assert heights == [round(40 / step) for step in range(1, 11)]
    tests = [row.ljust(40)[30:40] for row in drawn[1:-1]]
    assert tests == ["    █████ "] * 4 + ["    █████▁"]
    assert (drawn[1].split()[0], drawn[1][21:29].strip()) == ("4", "80")
    assert sketch([]) == []
    for line in lines:
        line |= {"loss": 0.0, "top1_error": 0.0}
    assert "▁" * 10 in sketch(lines, columns=10)[-2]


def test_n3_a_terminal_shows_the_curves_and_a_report_those_of_any_run(
    write, train, folder: Path, capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    write()
    monkeypatch.setattr(session, "make_reporter", lambda total, _: progress.Live(total))
    out = train("tiny.py", *ARGUMENTS, "--name", "a").out
    assert "training loss" in out.split("curves.svg")[1]
    assert train("tiny.py", *ARGUMENTS, "--name", "b", "--stop-at", 30).status == 0
    capsys.readouterr()
    assert report(["report", "runs/tiny/a", "runs/tiny/b", "--curves"]) == 0
    shown = capsys.readouterr().out
    assert shown.count("test error, %") == 2
    assert "tiny · runs/tiny/b\n" in shown
    with pytest.raises(UsageError, match="give one of them"):
        report(["report", "runs/tiny/a", "--curves", "-o", "x.md"])


def test_n3_top5_is_written_only_where_the_classes_allow(
    write, train, folder: Path, capsys
) -> None:
    """The best five of five are always right: 0 % would be no figure."""
    tree = write_tree(folder, 16)  # two classes
    write("net", text=TWO)
    argv = ("--data", f"folder:{tree}", "--batch", "8", "--steps", "4", "--log-every", "2")
    assert train("net.py", *argv, "--name", "a").status == 0
    run = folder / "runs" / "net" / "a"
    assert "top5_error" not in (run / "metrics.jsonl").read_text()
    assert json.loads((run / "run.json").read_text())["result"]["top5_error"] is None
    assert report(["report", "runs/net/a"]) == 0
    assert " / " not in capsys.readouterr().out
