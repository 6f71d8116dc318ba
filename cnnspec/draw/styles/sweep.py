"""The plot of a sweep: the first metric over the first parameter, a line for each of the others."""

from __future__ import annotations

from math import floor, log10
from typing import TYPE_CHECKING, Final, NamedTuple

from cnnspec.draw.errors import DrawError
from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import shorten
from cnnspec.draw.page.scene import Area, Circle, Path, Rect, Scene, Segment, Text
from cnnspec.values import dims, show

if TYPE_CHECKING:
    from cnnspec.analyses.sweep import Point, Sweep

_LEFT, _RIGHT, _TOP, _BOTTOM, _HEIGHT = 46.0, 58.0, 18.0, 26.0, 150.0
_COLOURS: Final = ("conv-line", "pool-line", "linear-line", "changed", "wire")
_LOG: Final = 50
"""From this ratio of the largest to the least figure on the scale is logarithmic."""


class _Scale(NamedTuple):
    """Numbers to points; logarithmic where the figures span much."""

    low: float
    high: float
    start: float
    end: float
    log: bool

    def at(self, value: float) -> float:
        low, high, here = self.low, self.high, value
        if self.log:
            low, high, here = log10(low), log10(high), log10(value)
        part = (here - low) / (high - low) if high > low else 0.5
        return self.start + part * (self.end - self.start)


def sweep_figure(sweep: Sweep) -> Scene:
    """The figure, one column of print wide. Raises DrawError for figures that are no numbers."""
    metric, first = sweep.metrics[0], sweep.parameters[0]
    lines = _lines(sweep)
    if len(lines) > len(_COLOURS):
        raise DrawError(f"{len(lines)} lines are more than a plot shows: {len(_COLOURS)}")
    title = f"{sweep.family}: {metric} over {first}"
    said = "; ".join(f"{name or first}: {len(line)} points" for name, line in lines.items())
    scene = Scene(measures.ONE_COLUMN, _HEIGHT, title, f"{title}. {said}.")
    places = [x for line in lines.values() for x, _ in line]
    figures = [y for line in lines.values() for _, y in line]
    x = _scale(places, _LEFT, scene.width - _RIGHT)
    y = _scale(figures, _HEIGHT - _BOTTOM, _TOP)
    _frame(scene, x, y, first, metric, _ticks(sweep, places), figures)
    for (name, line), colour in zip(lines.items(), _COLOURS, strict=False):
        _line(scene, [(x.at(a), y.at(b)) for a, b in line], name, colour)
    return scene


def _lines(sweep: Sweep) -> dict[str, list[tuple[float, float]]]:
    """The points of each line by the values of the further parameters."""
    first, metric = sweep.parameters[0], sweep.metrics[0]
    values = list(dict.fromkeys(str(point.values[first]) for point in sweep.points))
    lines: dict[str, list[tuple[float, float]]] = {}
    for point in sweep.points:
        figure, value = point.figures[metric], point.values[first]
        if isinstance(figure, tuple):
            raise DrawError(f"{metric} is a shape: it cannot be plotted")
        number = isinstance(value, int | float) and not isinstance(value, bool)
        place = float(value) if number else float(values.index(str(value)))
        lines.setdefault(_name(sweep, point), []).append((place, float(figure)))
    return lines


def _name(sweep: Sweep, point: Point) -> str:
    words = []
    for name in sweep.parameters[1:]:
        value = point.values[name]
        words.append(dims(value) if name == "input" else f"{name} {show(value)}")
    return ", ".join(words)


def _scale(values: list[float], start: float, end: float) -> _Scale:
    low, high = min(values), max(values)
    log = low > 0 and high / low >= _LOG
    return _Scale(low, high, start, end, log)


def _ticks(sweep: Sweep, places: list[float]) -> dict[float, str]:
    """What stands under the axis: the values themselves."""
    first = sweep.parameters[0]
    texts = {}
    for place, point in zip(_order(sweep, places), sweep.points, strict=True):
        value = point.values[first]
        texts[place] = dims(value) if first == "input" else show(value)
    return texts


def _order(sweep: Sweep, places: list[float]) -> list[float]:
    """The places in the order of the points: lines are filled in turn."""
    lines: dict[str, int] = {}
    groups: dict[str, list[float]] = {}
    names = [_name(sweep, point) for point in sweep.points]
    rest = iter(places)
    for name in dict.fromkeys(names):
        groups[name] = [next(rest) for _ in range(names.count(name))]
    ordered = []
    for name in names:
        ordered.append(groups[name][lines.get(name, 0)])
        lines[name] = lines.get(name, 0) + 1
    return ordered


def _frame(
    scene: Scene,
    x: _Scale,
    y: _Scale,
    first: str,
    metric: str,
    ticks: dict[float, str],
    figures: list[float],
) -> None:
    width, height = x.end - x.start, y.start - y.end
    scene.add(Rect(x.start - 4, y.end - 4, width + 8, height + 8, 0, "", "band-line", 0.5))
    free = x.start - 99
    for place, text in sorted(ticks.items()):
        if x.at(place) - free >= 4 * measures.LABEL:
            _text(scene, x.at(place), y.start + 12, text, "middle")
            free = x.at(place)
    for value in dict.fromkeys((min(figures), max(figures))):
        _text(scene, x.start - 7, y.at(value) + 2.2, amount(value), "end")
    note = " (log scale)" if y.log else ""
    _text(scene, x.start - 4, 9, f"{metric}{note}", "start", bold=True)
    _text(scene, (x.start + x.end) / 2, scene.height - 3, first, "middle", bold=True)


def amount(value: float) -> str:
    """Three digits and a unit: `1.73 M`."""
    for unit, size in ((" G", 1e9), (" M", 1e6), (" k", 1e3)):
        if value >= size:
            return f"{_three(value / size)}{unit}"
    return _three(value)


def _three(value: float) -> str:
    digits = 2 - floor(log10(value)) if value > 0 else 0
    return f"{value:.{max(digits, 0)}f}" if value != int(value) else f"{int(value)}"


def _line(scene: Scene, points: list[tuple[float, float]], name: str, colour: str) -> None:
    segments: list[Segment] = [("M" if at == 0 else "L", p) for at, p in enumerate(points)]
    if len(points) > 1:
        scene.add(Path(tuple(segments), stroke=colour, line=measures.SKIP))
    for x, y in points:
        scene.add(Circle(x, y, 1.8, colour))
    if name:
        x, y = points[-1]
        _text(scene, x + 5, y + 2.2, name, "start")


def _text(scene: Scene, x: float, y: float, text: str, anchor: str, *, bold: bool = False) -> None:
    room = {"start": scene.width - x, "end": x, "middle": scene.width}[anchor]
    shown = shorten(text, measures.CAPTION, room, bold)
    box = Area(0, y - measures.CAPTION, scene.width, y + 2)
    fill = "ink" if bold else "muted"
    scene.add(Text(x, y, shown, measures.CAPTION, bold, fill, anchor, box, text))  # type: ignore[arg-type]
