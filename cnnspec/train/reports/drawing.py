"""The way the papers show training: error over steps (He et al. 2015, figures 1 and 6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cnnspec.train.figure import COLOURS, as_svg, line, steps_axis, styled
from cnnspec.train.reports.collect import Result

PAPER_TOP = 20.0  # percent: where figures 1 and 6 end
BOTH = ("train", "test")
CAPTION = "dashed: training error · bold: test error"
PRINTED = "triangles: the errors that the paper prints"


@dataclass(frozen=True)
class Panel:
    """A part of a figure: its title, runs, and which of their errors it shows."""

    title: str
    results: Sequence[Result]
    splits: Sequence[str] = BOTH


def draw_errors(panels: Sequence[Panel]) -> str | None:
    """Return an SVG with panels side by side; None where matplotlib is not installed.

    The same metrics give the same bytes.
    """
    try:
        with styled() as make:
            figure = make(figsize=(3.9 * max(len(panels), 1.5) + 0.6, 3.5), layout="constrained")
            row = figure.subplots(1, len(panels), squeeze=False, sharey=True)[0]
            colours = _colours(panels)
            for axes, panel in zip(row, panels, strict=True):
                _panel(axes, panel, colours)
                axes.set_ylim(0, _top(panels))
                axes.locator_params(axis="y", nbins=6, integer=True)
            row[0].set_ylabel("error, %")
            figure.supxlabel(_caption(panels), fontsize=8, color="#666666")
            return as_svg(figure)
    except ImportError:
        return None


def _colours(panels: Sequence[Panel]) -> dict[str, str]:
    """Return a colour for each depth: plain-20 and ResNet-20 share one, as in the paper."""
    depths: dict[str, str] = {}
    for name in [_depth(result.net) for panel in panels for result in panel.results]:
        depths.setdefault(name, COLOURS[len(depths) % len(COLOURS)])
    return depths


def _depth(net: str) -> str:
    return "".join(char for char in net if char.isdigit()) or net


def _panel(axes: Any, panel: Panel, colours: dict[str, str]) -> None:
    last = max((step for result in panel.results for step in result.curve("test")[0]), default=0.0)
    mixed = len({_depth(result.net) for result in panel.results}) < len(panel.results)
    for number, result in enumerate(panel.results):
        colour = COLOURS[number % len(COLOURS)] if mixed else colours[_depth(result.net)]
        for split in panel.splits:
            bold = split == "test" or len(panel.splits) == 1
            line(axes, result.curve(split), colour, bold, result.label if bold else "")
        if result.printed and "test" in panel.splits:
            axes.plot([last * 1.02], [result.printed.top1], "<", color=colour, clip_on=False)
    axes.set_title(panel.title, parse_math=False)
    steps_axis(axes, last)
    axes.legend()


def _top(panels: Sequence[Panel]) -> float | None:
    """Return the paper's 20 % where every test ends below it, so that the figures compare."""
    ends = [result.error() for panel in panels for result in panel.results]
    below = [error for error in ends if error is not None and error < PAPER_TOP]
    return PAPER_TOP if ends and len(below) == len(ends) else None


def _caption(panels: Sequence[Panel]) -> str:
    shown = any(len(panel.splits) == len(BOTH) for panel in panels)
    printed = any(result.printed for panel in panels for result in panel.results)
    words = [*([CAPTION] if shown else []), *([PRINTED] if printed else [])]
    return " · ".join(words)
