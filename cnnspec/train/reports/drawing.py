"""The way the papers show training: error over steps (He et al. 2015, figure 6)."""

import io
from collections.abc import Sequence

from cnnspec.train.reports.collect import Result

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")


def draw_errors(
    panels: Sequence[tuple[str, Sequence[Result]]], top: float | None = None
) -> str | None:
    """Return an SVG with a panel for each title; None where matplotlib is not installed.

    The same metrics give the same bytes.
    """
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError:
        return None
    with matplotlib.rc_context({"svg.hashsalt": "cnnspec", "svg.fonttype": "none"}):
        figure = Figure(figsize=(4.5 * len(panels), 3.4), layout="constrained")
        for axes, (title, results) in zip(
            figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True
        ):
            for index, result in enumerate(results):
                colour = COLOURS[index % len(COLOURS)]
                axes.plot(*result.curve("train"), color=colour, linewidth=0.7, linestyle="--")
                axes.plot(*result.curve("test"), color=colour, linewidth=1.8, label=result.net)
            axes.set(xlabel="step", ylabel="error, %", ylim=(0, top))
            axes.set_title(title, fontsize=10, parse_math=False)
            axes.legend(frameon=False, fontsize=8)
            axes.spines[["top", "right"]].set_visible(False)
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()
