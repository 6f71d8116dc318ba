"""A run's folder (T3): runs/NET/NAME/ with run.json, metrics.jsonl, weights and checkpoints."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO

import torch
from safetensors.torch import save
from torch import Tensor

from cnnspec.train.checkpoint import replace_file
from cnnspec.train.errors import TrainError, UsageError
from cnnspec.train.loggers import Logger

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

SETTINGS, METRICS, WEIGHTS, CURVES = "run.json", "metrics.jsonl", "model.safetensors", "curves.svg"
BEST = "best.safetensors"


class Run:
    """The folder of one run, and the files in it."""

    def __init__(self, folder: Path) -> None:
        """Name a folder; nothing is touched."""
        self.folder = folder
        self.checkpoints = folder / "checkpoint"
        self.metrics = folder / METRICS
        self.loggers: list[Logger] = []

    def write_settings(self, settings: Mapping[str, object]) -> None:
        """Write run.json, whole or not at all."""
        text = json.dumps(settings, indent=2, ensure_ascii=False) + "\n"
        replace_file(self.folder / SETTINGS, text.encode())

    def settings(self) -> dict[str, object]:
        """Read run.json; raise UsageError where there is none or it is damaged."""
        path = self.folder / SETTINGS
        try:
            settings = json.loads(path.read_bytes())
        except OSError as error:
            raise UsageError(f"{self.folder} is no run: it has no {SETTINGS}") from error
        except ValueError as error:
            raise UsageError(f"{path} is damaged: {error}") from error
        if not isinstance(settings, dict) or "arguments" not in settings:
            raise UsageError(f"{path} is not a run's: it has no arguments")
        return settings

    def has_begun(self) -> bool:
        """Say whether there is a checkpoint to go on from."""
        return (self.folder / SETTINGS).is_file() and any(self.checkpoints.glob("step-*"))

    def append(self, line: Mapping[str, object]) -> int:
        """Add one line to metrics.jsonl and return the file's length in bytes."""
        for logger in self.loggers:
            logger.write(line)
        with self.metrics.open("ab") as file:
            file.write(json.dumps(line, allow_nan=False).encode() + b"\n")
            return file.tell()

    def sync_metrics(self) -> None:
        """Wait until the metrics are on the disk: a checkpoint counts on them."""
        if self.metrics.exists():
            with self.metrics.open("rb+") as file:
                os.fsync(file.fileno())

    def cut_metrics(self, length: int) -> None:
        """Drop the lines that were written after the checkpoint that a run goes on from."""
        size = self.metrics.stat().st_size if self.metrics.exists() else 0
        if size < length:
            raise TrainError(f"{self.metrics} is damaged: {size:,} bytes of at least {length:,}")
        if size > length:
            with self.metrics.open("rb+") as file:
                file.truncate(length)

    def read_metrics(self) -> list[dict[str, float | str]]:
        """Return the lines of metrics.jsonl."""
        if not self.metrics.exists():
            return []
        return [json.loads(line) for line in self.metrics.read_text(encoding="utf-8").splitlines()]

    def write_weights(
        self, tensors: Mapping[str, Tensor], facts: Mapping[str, object], file: str = WEIGHTS
    ) -> str:
        """Write weights under state_dict names and return the file's sha256.

        The facts go into one metadata key: the order of several is not fixed, and equal weights
        are to give equal bytes.
        """
        contiguous = {name: tensor.cpu().clone(memory_format=torch.contiguous_format)
                      for name, tensor in tensors.items()}  # fmt: skip
        data = save(contiguous, {"cnnspec": json.dumps(facts, sort_keys=True)})
        replace_file(self.folder / file, data)
        return hashlib.sha256(data).hexdigest()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder: a second process in it is refused; a killed one lets go by itself."""
        path = self.folder / ".lock"
        with path.open("w") as file:
            if fcntl is not None:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError as error:
                    raise UsageError(f"{self.folder} is in use by another run") from error
            _held.append(file)
            try:
                yield  # the file stays: removing it would let a third process lock another one
            finally:
                _held.remove(file)


_held: list[IO[str]] = []


def _let_go() -> None:
    """In a forked worker: a lock is the run's own, and goes with it when it is killed."""
    for file in _held:
        with suppress(OSError):
            os.close(file.fileno())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go)


class Shadow(Run):
    """The run as the other processes of several see it: they read, and write nothing."""

    def append(self, line: Mapping[str, object]) -> int:
        """Write nothing."""
        return 0

    def cut_metrics(self, length: int) -> None:
        """Leave the file to the first process."""

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold nothing: the first process does."""
        yield


def named(out: Path, net: str, name: str) -> Run:
    """Return the run OUT/NET/NAME, there or not; raise UsageError for a name that is a path."""
    if name in ("", ".", "..") or Path(name).name != name:
        raise UsageError(f"--name {name}: give a plain name; --out says where runs go")
    return Run(out / net / name)


def create(out: Path, net: str, name: str | None, again: bool = False) -> Run:
    """Make a new run's folder, OUT/NET/NAME; the name is the time where none is given.

    Raises UsageError where a run of that name is there already; `again` takes the folder of one
    that has not come to its first checkpoint.
    """
    if name is not None:
        run = named(out, net, name)
        if again and run.folder.is_dir() and not run.has_begun():
            return run
    base = name or f"{datetime.now():%Y-%m-%d-%H%M}"
    candidates = [base] if name else [base, *(f"{base}-{index}" for index in range(2, 1000))]
    for candidate in candidates:
        folder = out / net / candidate
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            raise UsageError(f"cannot make {folder}: {error.strerror}") from error
        return Run(folder)
    raise UsageError(
        f"{out / net / base} holds a run already: go on with it by --resume {out / net / base}, or "
        "choose another --name"
    )


def newest(out: Path, net: str) -> Run | None:
    """Return the run of a net that was begun last, None where there is none."""
    runs = [path for path in (out / net).glob(f"*/{SETTINGS}")]
    if not runs:
        return None

    def begun(path: Path) -> str:
        with suppress(UsageError):
            return str(Run(path.parent).settings().get("begun", ""))
        return ""

    return Run(max(runs, key=begun).parent)
