"""What a person sees of a run: a live line on a terminal, plain lines in a pipe."""

import sys
import time
from collections.abc import Sequence
from typing import Protocol

from cnnspec.train.curves import Line
from cnnspec.train.errors import printable
from cnnspec.train.sketch import sketch

REDRAW = 0.1  # seconds; drawing is not to cost more than a step of LeNet


class Reporter(Protocol):
    """Where a run's progress goes."""

    def begin(self, line: str) -> None:
        """Say what is about to run."""

    def note(self, line: str) -> None:
        """Say something that the user should know."""

    def moved(self, step: int) -> None:
        """Count a step."""

    def logged(self, place: str, figures: str) -> None:
        """Show where the run is and the figures of a log point."""

    def close(self) -> None:
        """Leave the terminal as it was found, also after an error."""

    def end(self, lines: list[str]) -> None:
        """Say what came out."""

    def sketched(self, metrics: Sequence[Line]) -> None:
        """Show the curves of a run that is done, where there is a terminal."""


def counted(value: float) -> str:
    """Group the digits of a speed: 3,912; below 100 one decimal."""
    return f"{value:,.0f}" if value >= 100 else f"{value:,.1f}"


def clock(seconds: float) -> str:
    """Return 0:09, 12:30 or 1:02:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class Plain:
    """One line a log point."""

    def begin(self, line: str) -> None:
        """Print the first line."""
        print(printable(line), flush=True)

    def note(self, line: str) -> None:
        """Print a message to standard error."""
        print(printable(f"cnnspec train: {line}"), file=sys.stderr, flush=True)

    def moved(self, step: int) -> None:
        """Show nothing: a pipe keeps what scrolls by."""

    def logged(self, place: str, figures: str) -> None:
        """Print the figures."""
        print(f"  {place}   {figures}", flush=True)

    def close(self) -> None:
        """Do nothing: there is no bar."""

    def end(self, lines: list[str]) -> None:
        """Print the last lines."""
        for line in lines:
            print(printable(line), flush=True)

    def sketched(self, metrics: Sequence[Line]) -> None:
        """Show nothing: a pipe keeps the figures themselves."""


class Silent(Plain):
    """Only messages: for `--format json`, which prints one object at the end."""

    def begin(self, line: str) -> None:
        """Show nothing."""

    def logged(self, place: str, figures: str) -> None:
        """Show nothing."""

    def end(self, lines: list[str]) -> None:
        """Show nothing."""


class Live(Plain):
    """A bar that is drawn anew in place, by rich."""

    def __init__(self, total: int) -> None:
        """Take the number of steps of the whole run; raise ImportError without rich."""
        from rich.progress import BarColumn, Progress, TextColumn

        columns = (BarColumn(24), TextColumn("step {task.completed}/{task.total}"),
                   TextColumn("{task.description}", markup=False))  # fmt: skip
        self._progress = Progress(*columns, transient=True)
        self._task = self._progress.add_task("", total=total)
        self._total = total
        self._first: tuple[int, float] | None = None
        self._drawn = 0.0
        self._text = ""

    def begin(self, line: str) -> None:
        """Print the first line and start the bar under it."""
        super().begin(line)
        self._progress.start()

    def moved(self, step: int) -> None:
        """Move the bar, and estimate the time left from the steps of this session."""
        now = time.monotonic()
        if self._first is None:
            self._first = (step, now)
        if now - self._drawn < REDRAW and step < self._total:
            return
        self._drawn = now
        start, begun = self._first
        left = (now - begun) / max(1, step - start) * (self._total - step)
        text = f"{self._text}   {clock(left)} left" if step > start else self._text
        self._progress.update(self._task, completed=step, description=text)

    def logged(self, place: str, figures: str) -> None:
        """Keep the figures for the line beside the bar."""
        self._text = figures

    def close(self) -> None:
        """Remove the bar."""
        self._progress.stop()

    def sketched(self, metrics: Sequence[Line]) -> None:
        """Print the curves."""
        for line in sketch(metrics):
            print(line, flush=True)


def make_reporter(total: int, as_json: bool) -> Reporter:
    """Return a bar where standard output is a terminal and rich is installed, else plain lines."""
    if as_json:
        return Silent()
    if sys.stdout.isatty():
        try:
            return Live(total)
        except ImportError:
            pass
    return Plain()
