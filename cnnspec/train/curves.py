"""curves.svg: loss and error over the steps, drawn by matplotlib where it is installed."""

from collections.abc import Sequence
from pathlib import Path

Line = dict[str, float | str]


def draw_curves(metrics: Sequence[Line], title: str, path: Path) -> bool:
    """Draw the curves of a run; return False where matplotlib is not installed.

    The same metrics give the same bytes.
    """
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError:
        return False
    with matplotlib.rc_context({"svg.hashsalt": "cnnspec", "svg.fonttype": "none"}):
        figure = Figure(figsize=(7.0, 3.0), layout="constrained")
        left, right = figure.subplots(1, 2)
        for split, colour in (("train", "#0072b2"), ("test", "#d55e00")):
            lines = [line for line in metrics if line["split"] == split]
            steps = [line["step"] for line in lines]
            left.plot(steps, [line["loss"] for line in lines], colour, label=split)
            right.plot(steps, [line["top1_error"] for line in lines], colour, label=split)
        left.set(xlabel="step", ylabel="loss", ylim=(0, None))
        right.set(xlabel="step", ylabel="top-1 error, %", ylim=(0, None))
        right.legend(frameon=False)
        figure.suptitle(title, fontsize=10, parse_math=False)
        for axes in (left, right):
            axes.spines[["top", "right"]].set_visible(False)
        figure.savefig(path, format="svg", metadata={"Date": None})
    return True
