"""How this trainer's figures look, and how they become SVG; all of it where matplotlib is there."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
"""Okabe and Ito's: people with any colour vision tell them apart."""
STYLE: dict[Any, Any] = {
    "svg.hashsalt": "cnnspec",  # the same figures give the same bytes
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["Arimo", "Helvetica", "Arial", "Liberation Sans", "DejaVu Sans"],
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.edgecolor": "#666666",
    "axes.labelcolor": "#333333",
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.8,
    "xtick.color": "#666666",
    "ytick.color": "#666666",
    "legend.frameon": False,
    "legend.fontsize": 8,
    "lines.solid_capstyle": "round",
}
FEW = 12  # points that are marked, so that one alone is seen


@contextmanager
def styled() -> Iterator[Any]:
    """Give matplotlib's Figure class in this style; raise ImportError where it is not installed."""
    import logging

    import matplotlib
    from matplotlib.figure import Figure

    log = logging.getLogger("matplotlib.font_manager")
    before = log.level
    log.setLevel(logging.ERROR)  # a font of the list that is absent is no fault
    try:
        with matplotlib.rc_context(STYLE):
            yield Figure
    finally:
        log.setLevel(before)


def as_svg(figure: Any) -> str:
    """Return a figure as SVG, without the time at which it was drawn."""
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()


def line(
    axes: Any, points: tuple[Sequence[float], Sequence[float]], colour: str, bold: bool, label: str
) -> None:
    """Draw a curve: of a test bold, of training thin and dashed, as He et al. 2015 do."""
    marker = "o" if bold and len(points[0]) <= FEW else ""
    style = (
        {"linewidth": 1.5, "solid_joinstyle": "round"}
        if bold
        else {"linewidth": 0.8, "linestyle": (0, (4, 1.5))}
    )
    axes.plot(*points, color=colour, marker=marker, markersize=3.5, label=label, **style)


def steps_axis(axes: Any, last: float) -> None:
    """Number the steps; from 10,000 on in tens of thousands, as the papers do."""
    axes.set_xlim(0, last * 1.02 if last else 1)
    if last < 10_000:
        axes.set_xlabel("step")
        return
    axes.xaxis.set_major_formatter(lambda value, _: f"{value / 10_000:g}")
    axes.set_xlabel("iter. (1e4)")
