"""Exit statuses and one line for each fault (cli.md, S3, S7, T1, T4); what is not imported."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from cnnspec.train import session
from cnnspec.train.lines import Clock, figures
from tests.train.forked import Program

BLOCKED = """
import sys

class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {names!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Block())
from cnnspec.train.cli import main
status = main(sys.argv[1:])
ours = {{name for name in sys.modules if name.startswith("cnnspec.")}}
assert all(name.startswith("cnnspec.train") for name in ours), ours
sys.exit(status)
"""
COMPILER = ("lark", "jinja2", "networkx", "graphviz", "typer")


def run_blocked(
    folder: Path, root: Path, names: tuple[str, ...], *argv: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", BLOCKED.format(names=names), *argv],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_m6_the_trainer_runs_without_the_compiler_and_its_dependencies(
    write, folder: Path, root: Path
) -> None:
    write()
    names = (*COMPILER, "rich", "matplotlib", "sklearn")
    ended = run_blocked(folder, root, names, "tiny.py", "--data", "synthetic", "--steps", "2")
    assert (ended.returncode, ended.stderr) == (0, "")
    files = "/  model.safetensors  best.safetensors  metrics.jsonl"
    assert ended.stdout.splitlines()[-1].endswith(files)


def test_without_torch_one_line_says_what_to_install(folder: Path, root: Path) -> None:
    ended = run_blocked(folder, root, ("torch",), "tiny.py")
    assert (ended.returncode, ended.stderr) == (
        2,
        "cnnspec train: training needs torch, which is not installed: "
        "pip install 'cnnspec[train]'\n",
    )


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_t4_gpu_without_a_gpu(write, train) -> None:
    ended = train(write(), "--data", "digits", "--gpu")
    assert ended.status == 2
    assert ended.err.startswith(f"cnnspec train: no CUDA device: torch {torch.__version__}")
    assert ended.err.count("\n") == 1


@pytest.mark.gpu
def test_t4_gpu_trains(write, train) -> None:
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    ended = train(write(), "--data", "synthetic", "--gpu", "--epochs", "2")
    assert ended.status == 0, ended.err


def test_t1_absent_imagenet_is_the_walkthroughs_line(write, train) -> None:
    ended = train(write("tiny", {"data": {"name": "imagenet"}}))
    assert (ended.status, ended.err) == (
        2,
        "cnnspec train: the recipe wants imagenet, and there is none under data/. Put "
        "train/CLASS/*.JPEG and val/CLASS/*.JPEG there, or name it with --data folder:PATH; "
        "--data synthetic measures the speed.\n",
    )


def test_t1_a_wrong_class_count_names_the_setting(write, train) -> None:
    ended = train(write(), "--data", "digits", "--set", "classes=2")
    assert (ended.status, ended.err) == (
        2,
        "cnnspec train: tiny has 2 classes and digits has 10: add --set classes=10\n",
    )


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ((), "name a generated module"),
        (("tiny.py",), "tiny.py names no data: add --data"),
        (("tiny.py", "--data", "digit"), "did you mean `digits`"),
        (("tiny.py", "--data", "digits", "--lrr", "1"), "unrecognized arguments: --lrr 1"),
        (("tiny.py", "--data", "digits", "--lr", "fast"), "invalid float value: 'fast'"),
        (("tiny.py", "--data", "digits", "--lr", "-1"), "lr is -1.0 and should be"),
        (("tiny.py", "--data", "digits", "--batch", "2000"), "larger than the 1,437 training"),
        (("tiny.py", "--data", "digits", "--input", "1x0x3"), "write channels, height and width"),
        (("tiny.py", "--data", "digits", "--input", "1x9x9"), "tiny does not take 1x9x9: "),
        (("tiny.py", "--data", "digits", "--threads", "0"), "--threads 0: give at least 1"),
        (("tiny.py", "--data", "digits", "--seed", "-1"), "--seed -1"),
        (("tiny.py", "--data", "tar:x\x1b[31m"), r"tar:x\x1b[31m"),
        (("--resume",), "name a generated module"),
        (("--resume", "runs/tiny/a"), "runs/tiny/a is no run: it has no run.json"),
    ],
)
def test_s7_wrong_usage_is_one_line_and_2(write, train, argv: tuple[str, ...], said: str) -> None:
    write()
    ended = train(*argv)
    assert ended.status == 2
    assert ended.err.startswith("cnnspec train: ")
    assert said in ended.err
    assert ended.err.count("\n") == 1
    assert not Path("runs").exists()


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (ValueError("what"), 70, "internal fault: ValueError: what (a bug: please report it"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), 1, "give a smaller --batch"),
        (OSError(28, "No space left on device", "x"), 1, "x: No space left on device; earlier"),
        (RuntimeError("DataLoader worker (pid 7) is killed by signal: Killed."), 1, "--resume"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_s7_what_nobody_foresaw_is_one_line(
    write, train, monkeypatch: pytest.MonkeyPatch, error: BaseException, status: int, said: str
) -> None:
    def fail(*_: object) -> int:
        raise error

    monkeypatch.setattr(session, "train_command", fail)
    ended = train(write(), "--data", "digits")
    assert ended.status == status
    assert said in ended.err
    assert ended.err.count("\n") == 1
    monkeypatch.setenv("CNNSPEC_DEBUG", "1")
    assert "Traceback" in train(write(), "--data", "digits").err


def test_help_names_the_data_sets_and_needs_no_torch(train) -> None:
    ended = train("--help")
    assert ended.status == 0
    assert "fashion-mnist" in ended.out


def test_input_and_grey_images_for_a_net_of_colour(write, train) -> None:
    text = (
        "from torch import nn\nINPUT_SIZE = (3, 20, 20)\nRECIPE = {}\n\ndef net() -> nn.Module:\n"
        "    return nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(12, 10))\n"
    )
    ended = train(write("net", text=text), "--data", "digits", "--epochs", 1, "--input", "3x16x16")
    assert ended.status == 0
    assert "grey as 3 channels, 8x8 resized to 16x16" in ended.out


def test_t1_digits_without_scikit_learn_say_what_to_install(
    write, train, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("sklearn", "sklearn.datasets"):
        monkeypatch.setitem(sys.modules, name, None)
    ended = train(write(), "--data", "digits")
    assert ended.status == 2
    assert "scikit-learn, which is not installed: pip install scikit-learn" in ended.err
    assert ended.err.count("\n") == 1


def test_n1_12_a_batch_norm_over_one_value_is_named_before_the_run(
    write, train, folder: Path
) -> None:
    text = (
        "from torch import nn\nINPUT_SIZE = (1, 8, 8)\nRECIPE = {}\n\ndef net() -> nn.Module:\n"
        "    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(1, 4, 1), nn.BatchNorm2d(4),"
        " nn.Flatten(), nn.Linear(4, 10))\n"
    )
    argv = (write("net", text=text), "--data", "digits", "--steps", "2")
    for flags in (("--batch", "1"), ("--batch", "4", "--accumulate", "4")):
        ended = train(*argv, *flags)
        assert (ended.status, ended.err.count("\n")) == (2, 1)
        assert ("net: 2 normalises one value for each channel: a map of 4x1x1 arrives"
                in ended.err)  # fmt: skip
    assert not (folder / "runs").exists()
    assert train(*argv, "--batch", "2").status == 0
    assert train(write(), "--data", "digits", "--steps", "2", "--batch", "1").status == 0


def test_n1_11_speed_is_said_only_once_time_has_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [10.0]
    monkeypatch.setattr("cnnspec.train.lines.time.monotonic", lambda: now[0])
    clock = Clock(10.0, 10.0, 10.0, 0, 0.0)
    assert clock.speed(4, 64) is None
    assert "–" in figures(None, 1.0, {})
    clock.begin(4)
    now[0] = 12.0
    assert clock.speed(8, 64) == 128.0


def test_n1_11_one_word_has_one_meaning(write, train, folder: Path) -> None:
    """The lines, the last one and the first speed say test error, and figures that can be."""
    ended = train(write(), "--data", "digits", "--steps", "20", "--log-every", "2")
    said = re.findall(r"test error (\d+\.\d\d) %", ended.out)
    last = re.search(r"test top-1 error (\d+\.\d\d) %", ended.out)
    assert last is not None
    assert said[-1] == last[1]
    assert all(float(text.replace(",", "")) < 1e8
               for text in re.findall(r"([\d,.]+) img/s", ended.out))  # fmt: skip


FULL = ("tiny.py", "--data", "synthetic", "--steps", "2")


@pytest.mark.parametrize("flags", [("--format", "json"), ("--dry-run",)])
def test_n1_17_a_full_standard_output_is_one_line(
    write, folder: Path, flags: tuple[str, ...]
) -> None:
    write()
    ended = Program(*FULL, *flags, out="/dev/full").ended()
    told_of_the_full_disk(ended.status, ended.err)


def test_n1_17_nothing_more_is_said_when_the_interpreter_ends(
    write, folder: Path, root: Path
) -> None:
    write()
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "cnnspec.train", *FULL], cwd=folder, stdout=full,
            env=os.environ | {"PYTHONPATH": str(root)}, stderr=subprocess.PIPE, text=True,
            timeout=60, check=False,
        )  # fmt: skip
    told_of_the_full_disk(ended.returncode, ended.stderr)


def told_of_the_full_disk(status: int, err: str) -> None:
    assert (status, err.count("\n")) == (1, 1), err
    assert "cannot write: No space left on device" in err


def test_n1_17_help_needs_no_torch(folder: Path, root: Path) -> None:
    ended = run_blocked(folder, root, ("torch", "numpy", "PIL", "safetensors"), "--help")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "--resume" in ended.stdout
