"""curves.svg: loss and error over the steps, drawn by matplotlib where it is installed."""

from collections.abc import Sequence
from pathlib import Path

from cnnspec.train.figure import COLOURS, as_svg, line, steps_axis, styled

Line = dict[str, float | str]
SPLITS = (("train", COLOURS[0], "training"), ("test", COLOURS[1], "test"))


def draw_curves(metrics: Sequence[Line], title: str, path: Path) -> bool:
    """Draw the curves of a run; return False where matplotlib is not installed.

    The same metrics give the same bytes.
    """
    try:
        with styled() as make:
            figure = make(figsize=(7.6, 3.0), layout="constrained")
            for axes, key, label in zip(
                figure.subplots(1, 2), ("loss", "top1_error"), ("loss", "top-1 error, %"),
                strict=True,
            ):  # fmt: skip
                for split, colour, name in SPLITS:
                    line(axes, points(metrics, split, key), colour, split == "test", name)
                steps_axis(axes, max((float(item["step"]) for item in metrics), default=0))
                axes.set(ylabel=label, ylim=(0, None))
                axes.legend()
            figure.suptitle(title, fontsize=10, parse_math=False)
            path.write_text(as_svg(figure), encoding="utf-8")
    except ImportError:
        return False
    return True


def points(metrics: Sequence[Line], split: str, key: str) -> tuple[list[float], list[float]]:
    """Return steps and values of a split."""
    found = [item for item in metrics if item["split"] == split]
    return [float(item["step"]) for item in found], [float(item[key]) for item in found]
