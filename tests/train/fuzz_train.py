"""Kills, flips and cuts: what a run loses, as one JSON line. Nothing is what it should print.

    python tests/train/fuzz_train.py [--kills 50] [--flips 300] [--cuts 200] [--terms 20]

The run has 3 epochs, augmentation by workers, dropout, batch norm, a schedule that changes, an
auxiliary head, tests and frequent checkpoints. Children are forked from this process, which has
imported all, so that a moment costs a second and not an import of torch.
"""

import argparse
import contextlib
import errno
import hashlib
import importlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cnnspec.train import loop
from cnnspec.train.checkpoint import load_checkpoint
from cnnspec.train.cli import main
from cnnspec.train.errors import TrainError
from cnnspec.train.optim import answer_for_absent
from tests.train.forked import forked

NET = """
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

INPUT_SIZE = (1, 8, 8)
RECIPE = {"schedule": {"name": "step", "at": [1, 2], "factor": 0.3}, "epochs": 3, "batch": 16,
          "data": {"scale": [0.6, 1.0], "flip": True}, "loss": {"logits": 1.0, "aux": 0.3}}


class Out(NamedTuple):
    logits: Tensor
    aux: Tensor


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, bias=False)
        self.bn = nn.BatchNorm2d(4)
        self.drop = nn.Dropout(0.3)
        self.fc = nn.Linear(144, 4)
        self.head = nn.Linear(64, 4)

    def forward(self, x: Tensor):
        y = self.drop(torch.flatten(F.relu(self.bn(self.conv(x))), 1))
        logits = self.fc(y)
        return Out(logits, self.head(torch.flatten(x, 1))) if self.training else logits


def net() -> nn.Module:
    return Net()
"""
ARGUMENTS = ("net.py --data folder:images --threads 1 --log-every 4 --save-every 2 --eval-every 5 "
             "--workers 1").split()  # fmt: skip
TOLD = {"images_per_second", "memory_bytes"}
KILLED = -signal.SIGKILL
CALLS = 20  # a save makes fewer before its last rename; what follows may fail without harm


def write_images() -> None:
    """Write 96 images to train on and 32 to test on, of four classes, 8x8: noise on a shade."""
    numbers = random.Random(0)
    for split, count in (("train", 24), ("val", 8)):
        for label in range(4):
            folder = Path("images") / split / str(label)
            folder.mkdir(parents=True)
            for index in range(count):
                shades = [50 * label + numbers.randrange(100) for _ in range(64)]
                Image.frombytes("L", (8, 8), bytes(shades)).save(folder / f"{index:02}.png")


def child(argv: list[str], before: Callable[[], None] = lambda: None) -> int:
    """Fork; in the child, run the trainer in silence. Return the child's number."""

    def work() -> int:
        before()
        return main(argv)

    return forked(work, os.devnull, "messages.txt")


def ended(number: int) -> int:
    """Wait for a child and return its status, negative where a signal ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])


def run_to_end(argv: list[str]) -> None:
    """Run the trainer in a child; leave the program where it fails."""
    if status := ended(child(argv)):
        sys.exit(f"{argv} ended with {status}: {Path('messages.txt').read_text()}")


def outcome(name: str) -> tuple[str, list[dict[str, object]]]:
    """Return the sha256 of a run's weights and its metrics without speed and memory."""
    run = Path("runs/net") / name
    text = (run / "metrics.jsonl").read_text().splitlines()
    lines = [{key: value for key, value in json.loads(line).items() if key not in TOLD}
             for line in text]  # fmt: skip
    return hashlib.sha256((run / "model.safetensors").read_bytes()).hexdigest(), lines


def resumed_equal(name: str, wanted: object) -> bool:
    """Go on with a run, compare it with the uninterrupted one, and remove it."""
    folder = Path("runs/net") / name
    fresh = not list((folder / "checkpoint").glob("step-*"))
    if fresh:  # killed before its first checkpoint: there is nothing to go on from
        shutil.rmtree(folder, ignore_errors=True)
    run_to_end([*ARGUMENTS, "--name", name] if fresh else ["--resume", str(folder)])
    equal = outcome(name) == wanted
    shutil.rmtree(folder)
    return equal


def kills(count: int, seconds: float, wanted: object) -> dict[str, object]:
    """Kill at random moments between the first checkpoint and the end."""
    equal = hit = evaluating = 0
    while hit < count:
        name = f"kill{hit}"
        number = child([*ARGUMENTS, "--name", name], note_tests)
        checkpoint = Path("runs/net") / name / "checkpoint"
        while not checkpoint.exists():
            time.sleep(0.001)
        time.sleep(random.uniform(0, seconds))
        os.kill(number, signal.SIGKILL)
        if ended(number) != KILLED:
            shutil.rmtree(checkpoint.parent)
            continue
        hit += 1
        evaluating += Path("testing").exists()
        Path("testing").unlink(missing_ok=True)
        equal += resumed_equal(name, wanted)
    return {"kills": count, "equal": equal, "during_evaluation": evaluating}


def note_tests() -> None:
    """Leave a file while the test set is scored, so that the killer knows what it hit."""
    real = loop.log_test

    def noted(*args: object) -> None:
        Path("testing").touch()
        real(*args)  # type: ignore[arg-type]
        Path("testing").unlink()

    loop.log_test = noted


def counting(at: int, act: Callable[[], None]) -> Callable[[], None]:
    """Return what makes a child act at one of its input and output calls, once training began."""

    def install() -> None:
        calls = 0

        def wrapped(real: Callable[..., object]) -> Callable[..., object]:
            def call(*args: object, **more: object) -> object:
                nonlocal calls
                calls += 1
                if calls == at:
                    act()
                return real(*args, **more)

            return call

        for owner, name in ((os, "fsync"), (os, "open"), (os, "close"), (os, "rename"),
                            (os, "replace"), (os, "mkdir"), (os, "rmdir"), (os, "unlink"),
                            (Path, "open"), (Path, "rename"), (Path, "replace"),
                            (shutil, "rmtree")):  # fmt: skip
            setattr(owner, name, wrapped(getattr(owner, name)))

    return install


def at_save(install: Callable[[], None], number: int) -> Callable[[], None]:
    """Return what installs the counting when the run saves for the nth time."""

    def prepare() -> None:
        real, saves = loop.save_checkpoint, 0

        def save(*args: object) -> object:
            nonlocal saves
            saves += 1
            if saves == number:
                install()
            return real(*args)  # type: ignore[arg-type]

        loop.save_checkpoint = save  # type: ignore[assignment]

    return prepare


def every_call(wanted: object, every: int, save: int = 4) -> dict[str, object]:
    """Kill at the first, second, ... input or output call of a save, until there is none."""
    equal = killed = call = 0
    while True:
        name = f"call{call}"
        die = counting(call + 1, lambda: os.kill(os.getpid(), signal.SIGKILL))
        argv = [*ARGUMENTS, "--name", name, "--stop-at", str(2 * save - 2)]
        if ended(child(argv, at_save(die, save))) != KILLED:
            return {"io_calls": call, "io_calls_killed": killed, "io_equal": equal}
        call += every
        killed += 1
        equal += resumed_equal(name, wanted)


def terms(count: int, seconds: float, wanted: object) -> dict[str, object]:
    """Send SIGTERM at random moments; the run is to save and end within ten seconds."""
    saved = equal = sent = 0
    slowest = 0.0
    while sent < count:
        name = f"term{sent}"
        number = child([*ARGUMENTS, "--name", name])
        checkpoint = Path("runs/net") / name / "checkpoint"
        while not list(checkpoint.glob("step-*")):
            time.sleep(0.001)
        time.sleep(random.uniform(0, seconds))
        begun = time.monotonic()
        os.killpg(number, signal.SIGTERM)  # workers get it too, as from a terminal or a scheduler
        status = ended(number)
        settings = json.loads((checkpoint.parent / "run.json").read_text())
        if status == 0 or "result" in settings:  # it was over
            shutil.rmtree(checkpoint.parent)
            continue
        slowest = max(slowest, time.monotonic() - begun)
        sent += 1
        saved += status == 128 + signal.SIGTERM
        equal += resumed_equal(name, wanted)
    return {"terms": count, "terms_saved": saved, "terms_equal": equal,
            "terms_slowest_s": round(slowest, 2)}  # fmt: skip


def damage(flips: int, cuts: int) -> dict[str, object]:
    """Flip bits and cut ends off the newest checkpoint; loading has to use the one before."""
    folder = Path("runs/net/whole/checkpoint")
    newest, previous = sorted(folder.iterdir(), reverse=True)
    noticed = {"flips_noticed": 0, "cuts_noticed": 0}
    for kind, count in (("flips_noticed", flips), ("cuts_noticed", cuts)):
        for _ in range(count):
            file = random.choice(sorted(newest.iterdir()))
            good = file.read_bytes()
            place = random.randrange(len(good))
            wrong = bytearray(good)
            wrong[place] ^= 1 << random.randrange(8)
            file.write_bytes(bytes(wrong) if kind == "flips_noticed" else good[:place])
            with contextlib.suppress(TrainError):
                found = load_checkpoint(folder)
                noticed[kind] += found.path == previous and len(found.damaged) == 1
            file.write_bytes(good)
    return {"flips": flips, "cuts": cuts, **noticed}


def no_space(wanted: object, every: int, save: int = 4) -> dict[str, object]:
    """Refuse each input or output call of a save: one line, and the older checkpoints unchanged."""
    lines = untouched = equal = tried = call = 0

    def refuse() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    while True:
        name = f"full{call}"
        argv = [*ARGUMENTS, "--name", name, "--stop-at", str(2 * save - 2)]
        status = ended(child(argv, at_save(counting(call + 1, refuse), save)))
        folder = Path("runs/net") / name
        tried += 1
        before = load_checkpoint(folder / "checkpoint")
        text = Path("messages.txt").read_text()
        told = status == 0 or (text.count("\n") == 1 and "No space left" in text)
        sys.stderr.write("" if told else f"call {call}, status {status}: {text}")
        lines += told
        untouched += before.damaged == []
        equal += resumed_equal(name, wanted)
        call += every
        if status == 0 and call > CALLS:
            return {"disk_full": tried, "disk_full_one_line": lines,
                    "disk_full_untouched": untouched, "disk_full_equal": equal}  # fmt: skip


def measure(given: argparse.Namespace) -> dict[str, object]:
    """Do all that was asked for, in a folder of its own."""
    Path("net.py").write_text(NET)
    write_images()
    begun = time.monotonic()
    number = child([*ARGUMENTS, "--name", "whole"])
    checkpoint, first = Path("runs/net/whole/checkpoint"), 0.0
    while not first:
        time.sleep(0.001)
        first = time.monotonic() if checkpoint.exists() else 0.0
    if ended(number):
        sys.exit(Path("messages.txt").read_text())
    seconds = time.monotonic() - first
    wanted = outcome("whole")
    result: dict[str, object] = {"program": "fuzz_train", "run_s": round(seconds, 2)}
    result |= damage(given.flips, given.cuts)
    result |= kills(given.kills, seconds, wanted)
    result |= terms(given.terms, seconds * 0.8, wanted)
    result |= every_call(wanted, given.every)
    result |= no_space(wanted, given.every)
    return result | {"seconds": round(time.monotonic() - begun, 1)}


def verdict(result: dict[str, object]) -> bool:
    """Say whether nothing was lost."""
    pairs = [("kills", "equal"), ("flips", "flips_noticed"), ("cuts", "cuts_noticed"),
             ("terms", "terms_saved"), ("terms", "terms_equal"),
             ("io_calls_killed", "io_equal"), ("disk_full", "disk_full_one_line"),
             ("disk_full", "disk_full_untouched"), ("disk_full", "disk_full_equal")]  # fmt: skip
    return all(result.get(asked) == result.get(found) for asked, found in pairs)


def import_all() -> None:
    """Import what a run imports late: the first optimizer brings torch._dynamo, and takes 2 s."""
    answer_for_absent()
    weight = torch.nn.Parameter(torch.zeros(1))
    weight.grad = torch.zeros(1)
    torch.optim.SGD([weight], lr=0.1).step()
    importlib.import_module("cnnspec.train.session")


def run() -> int:
    """Measure, print the line, write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    for name, count in (("kills", 50), ("flips", 300), ("cuts", 200), ("terms", 20)):
        parser.add_argument(f"--{name}", type=int, default=count)
    parser.add_argument("--every", type=int, default=1, help="of so many calls of a save, one")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-o", "--output", type=Path)
    given = parser.parse_args()
    output = given.output.resolve() if given.output else None
    random.seed(given.seed)
    torch.set_num_threads(1)  # a child of a process with more hangs
    import_all()
    with contextlib.suppress(ImportError):
        importlib.import_module("matplotlib.backends.backend_svg")
        importlib.import_module("matplotlib.figure")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        result = measure(given)
        os.chdir("/")
    result["ok"] = verdict(result)
    line = json.dumps(result)
    print(line)
    if output:
        output.write_text(line + "\n")
    return 0 if result["ok"] else 1


if __name__ == "__main__":
    sys.exit(run())
