"""The curves of a run as text, for a terminal: training loss and test error over the steps."""

import shutil
from collections.abc import Sequence

from cnnspec.train.curves import Line, points

BLOCKS = " ▁▂▃▄▅▆▇█"
ROWS, WIDEST, NARROWEST = 5, 30, 8
LABEL = 8  # columns in which the largest value stands, left of its panel
PANELS = (("train", "loss", "training loss"), ("test", "top1_error", "test error, %"))


def sketch(metrics: Sequence[Line], columns: int | None = None) -> list[str]:
    """Return the lines of two panels side by side, each from 0 to its largest value.

    A column is the mean of what was logged in its steps, or what stood before where nothing was.
    `columns` is the width of a panel; without it the terminal's decides. No metrics, no lines.
    """
    if not metrics:
        return []
    last = max(int(line["step"]) for line in metrics)
    wide = columns or _fitting()
    sides = [_panel(points(metrics, split, key), last, wide, title) for split, key, title in PANELS]
    return ["  ".join(parts).rstrip() for parts in zip(*sides, strict=True)]


def _fitting() -> int:
    """Return the width of a panel of which two fit the terminal."""
    free = shutil.get_terminal_size().columns - 2 - len(PANELS) * (LABEL + 1)
    return max(NARROWEST, min(WIDEST, free // len(PANELS)))


def _panel(curve: tuple[list[float], list[float]], last: int, wide: int, title: str) -> list[str]:
    """Return title, ROWS of bars and the steps of a panel, of equal width."""
    levels = _levels(curve, last, wide)
    top = max((level for level in levels if level is not None), default=0.0)
    labels = [f"{top:.4g}" if levels else "", *[""] * (ROWS - 2), "0"]
    lines = [f"{title:>{LABEL + 1 + len(title)}}"]
    for row, label in zip(reversed(range(ROWS)), labels, strict=True):
        bars = "".join(_block(level, top, row) for level in levels)
        lines.append(f"{label:>{LABEL}} {bars}")
    steps = f"{last:,}"
    lines.append(f"{'':>{LABEL}} 0{'step ' + steps:>{wide - 1}}")
    return [f"{line:<{LABEL + 1 + wide}}" for line in lines]


def _levels(curve: tuple[list[float], list[float]], last: int, wide: int) -> list[float | None]:
    """Return the value of each column; None before the first that was logged."""
    cells: list[list[float]] = [[] for _ in range(wide)]
    for step, value in zip(*curve, strict=True):
        cells[int(step - 1) * wide // last].append(value)
    found: list[float | None] = []
    for cell in cells:
        held = found[-1] if found else None
        found.append(sum(cell) / len(cell) if cell else held)
    return found


def _block(level: float | None, top: float, row: int) -> str:
    """Return what is seen of a bar in a row: an eighth at least, so that a small value is one."""
    if level is None:
        return " "
    eighths = max(1, round(level / top * ROWS * 8)) if top else 1
    return BLOCKS[max(0, min(8, eighths - 8 * row))]
