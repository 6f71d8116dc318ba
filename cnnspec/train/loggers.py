"""Where the lines of a run go besides metrics.jsonl: CSV, TensorBoard, Weights & Biases (T3).

Each is the library of its name; one that is not installed is one line before the run begins. What
a resumed run writes anew replaces what was there behind its checkpoint.
"""

import csv
import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from cnnspec.train.errors import UsageError

Line = Mapping[str, Any]
COLUMNS = ("split", "step", "epoch", "loss", "top1_error", "top5_error", "lr", "images_per_second",
           "memory_bytes")  # fmt: skip
CSV = "metrics.csv"


class Logger(Protocol):
    """Takes the lines of a run."""

    def write(self, line: Line) -> None:
        """Take one line."""

    def close(self) -> None:
        """Let all be written."""


class Table:
    """metrics.csv, begun with the lines that are there."""

    def __init__(self, folder: Path, net: str, before: Sequence[Line]) -> None:
        """Write the head and what came before."""
        self._file = (folder / CSV).open("w", newline="", encoding="utf-8")
        self._rows = csv.DictWriter(self._file, COLUMNS, extrasaction="ignore")
        self._rows.writeheader()
        for line in before:
            self.write(line)

    def write(self, line: Line) -> None:
        """Write a row, at once."""
        self._rows.writerow(line)
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class TensorBoard:
    """Scalars by split: train/loss, test/top1_error, ..."""

    def __init__(self, folder: Path, net: str, before: Sequence[Line]) -> None:
        """Begin behind the last line that is there."""
        from torch.utils.tensorboard import SummaryWriter

        step = int(before[-1]["step"]) + 1 if before else 0
        make: Any = SummaryWriter
        self._writer = make(str(folder / "tensorboard"), purge_step=step)

    def write(self, line: Line) -> None:
        """Add each figure of a line."""
        for name, value in scalars(line).items():
            self._writer.add_scalar(name, value, int(line["step"]))

    def close(self) -> None:
        """Write what is held back."""
        self._writer.close()


class WeightsAndBiases:
    """A run of wandb of the same name; a resumed one goes on with it."""

    def __init__(self, folder: Path, net: str, before: Sequence[Line]) -> None:
        """Begin, or go on."""
        import wandb

        number = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
        self._run: Any = wandb.init(
            project=net, name=folder.name, id=number, resume="allow", dir=str(folder)
        )

    def write(self, line: Line) -> None:
        """Log the figures of a line."""
        self._run.log(scalars(line), step=int(line["step"]))

    def close(self) -> None:
        """End wandb's run."""
        self._run.finish()


def scalars(line: Line) -> dict[str, float]:
    """Return the figures of a line as `split/name`."""
    return {f"{line['split']}/{key}": value for key, value in line.items()
            if key not in ("split", "step") and isinstance(value, int | float)}  # fmt: skip


MADE: dict[str, Callable[[Path, str, Sequence[Line]], Logger]] = {
    "csv": Table,
    "tensorboard": TensorBoard,
    "wandb": WeightsAndBiases,
}


def make_loggers(names: Sequence[str], folder: Path, net: str, before: Sequence[Line]
                 ) -> list[Logger]:  # fmt: skip
    """Return the loggers by name; raise UsageError where a library is not installed."""
    found = []
    for name in names:
        try:
            found.append(MADE[name](folder, net, before))
        except ImportError as error:
            raise UsageError(
                f"--log {name} needs {name}, which is not installed: pip install {name}"
            ) from error
    return found
