"""Parts of a figure once more beside it, opened and larger: `--zoom layer3`.

The overview stands to the left of its insets where it goes down, above them where it is wide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from cnnspec.draw.author import extent_of, without
from cnnspec.draw.errors import DrawError, OptionError
from cnnspec.draw.options import Options, names_of
from cnnspec.draw.page import measures
from cnnspec.draw.page.areas import crop, move
from cnnspec.draw.page.fontwidths import MIDDLE, shorten
from cnnspec.draw.page.scene import Area, Path, Rect, Scene, Segment, Shape, Text
from cnnspec.draw.parts.parts import Level, Shades

if TYPE_CHECKING:
    from cnnspec.elaborate.sheet import Sheet
    from cnnspec.ir import Net

_APART, _BETWEEN, _INNER, _HEAD = 22.0, 10.0, 5.0, 14.0
"""From the overview to its insets, from one inset to the next, from an inset's frame to what is in
it, and room for its name."""
_LEAST = 72.0
"""Insets in less room stand under the overview."""
_FINER: Final[dict[Level, Level]] = {"net": "stage", "stage": "block", "block": "layer"}
Make = Callable[[Options], Scene]
"""What lays a figure out."""


@dataclass(slots=True)
class _Inset:
    """A part drawn by itself, its frame's name, and where it stands in the overview.

    The name stands over it where it does not stand in it.
    """

    scene: Scene
    name: str
    place: Area
    x: float = 0
    y: float = 0
    head: float = field(init=False)
    width: float = field(init=False)
    height: float = field(init=False)

    def __post_init__(self) -> None:
        said = {shape.text for shape in self.scene.shapes if isinstance(shape, Text)}
        self.head = _INNER if self.name in said else _HEAD
        self.width = self.scene.width + 2 * _INNER
        self.height = self.scene.height + _INNER + self.head

    @property
    def frame(self) -> Area:
        return Area(self.x, self.y, self.x + self.width, self.y + self.height)


def zoomed(net: Net, options: Options, make: Make) -> Scene:
    """The figure with an inset for every path of `options["zoom"]`, a level finer than itself.

    Raises OptionError for a path that the figure does not show in a box of its own.
    """
    given: Options = {**options}
    paths = given.pop("zoom")
    page = given.get("width") or measures.TWO_COLUMNS
    high = given.get("height", measures.PAGE_HEIGHT)
    right = given.get("direction", "auto") == "right"
    overview = make(given) if right else _narrow(given, make, page)
    places = {path: _place(overview, net, path) for path in paths}
    room = page - overview.width - _APART - 2 * _INNER - 1
    upright = room >= _LEAST and overview.width < 2 * overview.height
    if overview.shades:
        given["shades"] = Shades(overview.shades, told=True)
    beside = _insets(places, given, make, room) if upright else []
    if beside and _column(beside) <= max(overview.height, high):
        return _composed(overview, beside, page, wide=False)
    if not right:
        overview = make({**given, "direction": "right"})
        places = {path: _place(overview, net, path) for path in paths}
    return _composed(overview, _insets(places, given, make, None), page, wide=True)


def _column(insets: Sequence[_Inset]) -> float:
    """How high insets are over each other."""
    return sum(one.height for one in insets) + _BETWEEN * (len(insets) - 1)


def _narrow(options: Options, make: Make, page: float) -> Scene:
    """The overview so narrow that a figure of a column has room beside it, if it can be that."""
    narrow = page - measures.ONE_COLUMN - _APART - 2 * _INNER - 1
    with suppress(DrawError):
        scene = make({**options, "width": narrow})
        if not scene.note and scene.width <= narrow + 0.01:
            return scene
    return make({**options, "width": None})


def _place(overview: Scene, net: Net, path: str) -> Area:
    place = extent_of(overview, net, path)
    if place is None:
        raise OptionError(f"{net.name}: the figure has no box for `{path}` alone")
    return place


def _insets(
    places: Mapping[str, Area], options: Options, make: Make, room: float | None
) -> list[_Inset]:
    """The parts drawn a level finer, no wider than `room`; none where one does not fit that."""
    level = options.get("level", "block")
    given: Options = {**options, "level": _FINER.get(level, "layer")}
    given.pop("width", None)
    out = []
    for path, place in places.items():
        with suppress(DrawError):
            inner: Options = {**given, "only": path, **({"width": room} if room else {})}
            if "sheet" in given:
                inner["sheet"] = inside(given["sheet"], path)
            scene = make(inner)
            if room and (scene.note or scene.width > room + 0.01):
                continue
            crop(scene)
            name = names_of(options)[0].get(path, path)
            out.append(_Inset(without(scene, ("totals",)), name, place))
    return out if len(out) == len(places) or not room else []


def inside(sheet: Sheet, path: str) -> Sheet:
    """The sheet of a part drawn by itself: without remarks and brackets of what is around it."""

    def within(one: str) -> bool:
        return all(end.startswith(f"{path}.") for end in one.split(".."))

    notes = {one: text for one, text in sheet.notes.items() if within(one)}
    groups = tuple((name, paths) for name, paths in sheet.groups if all(map(within, paths)))
    highlights = tuple(filter(within, sheet.highlights))
    return replace(sheet, notes=notes, groups=groups, highlights=highlights)


def _spread(overview: Scene, insets: Sequence[_Inset], page: float, wide: bool) -> None:
    """Insets in the order of their places: in rows under the figure, or in a column beside it."""
    ordered = sorted(insets, key=lambda one: one.place.left if wide else one.place.top)
    if not wide:
        high = _column(ordered)
        middle = sum((one.place.top + one.place.bottom) / 2 for one in ordered) / len(ordered)
        y = max(min(middle - high / 2, overview.height - high), 1.0)
        for one in ordered:
            one.x, one.y = overview.width + _APART, y
            y += one.height + _BETWEEN
        return
    x, y, row = 0.0, overview.height + _APART, 0.0
    for one in ordered:
        if x and x + one.width > page:
            x, y, row = 0.0, y + row + _BETWEEN, 0.0
        one.x, one.y = x, y
        x, row = x + one.width + _BETWEEN, max(row, one.height)
    if len(ordered) == 1:
        (one,) = ordered
        middle = (one.place.left + one.place.right) / 2
        one.x = max(min(middle - one.width / 2, overview.width - one.width), 1.0)


def _composed(overview: Scene, insets: Sequence[_Inset], page: float, *, wide: bool) -> Scene:
    """All on one page: what leads to the insets lies behind the figure."""
    _spread(overview, insets, page, wide)
    behind: list[Shape] = [shape for one in insets for shape in _leading(one, wide)]
    groups = [
        replace(group, first=group.first + len(behind), last=group.last + len(behind))
        for group in overview.groups
    ]
    out = replace(overview, shapes=[*behind, *overview.shapes], groups=groups)
    out.foot = (overview.foot[0] + len(behind), overview.foot[1] + len(behind))
    for one in insets:
        place = one.place
        left, top, right, bottom = place.left - 1, place.top - 1, place.right + 1, place.bottom + 1
        line = {"stroke": "muted", "line": measures.BOX_LINE}
        out.add(Rect(left, top, right - left, bottom - top, 3, dash=True, **line))  # type: ignore[arg-type]
        out.add(Rect(*one.frame[:2], one.width, one.height, 3, "background", **line))  # type: ignore[arg-type]
        if one.head == _HEAD:
            _name(out, one)
        move(one.scene, one.x + _INNER, one.y + one.head)
        first = len(out.shapes)
        out.add(*one.scene.shapes)
        out.groups += [
            replace(g, first=g.first + first, last=g.last + first) for g in one.scene.groups
        ]
        out.width, out.height = (
            max(out.width, one.frame.right + 1),
            max(out.height, one.frame.bottom + 1),
        )
        out.note = out.note or one.scene.note
        out.desc += f" Beside it {one.name}, opened."
    return out


def _leading(one: _Inset, wide: bool) -> list[Shape]:
    """From a part to its inset: a pale ground with a dashed line along each side."""
    place, frame = one.place, one.frame
    if wide:
        ends = [(place.left, place.bottom), (place.right, place.bottom)]
        ends += [(frame.right, frame.top), (frame.left, frame.top)]
    else:
        ends = [(place.right, place.top), (frame.left, frame.top)]
        ends += [(frame.left, frame.bottom), (place.right, place.bottom)]
    outline: tuple[Segment, ...] = (("M", ends[0]), *(("L", end) for end in ends[1:]), ("Z", ()))
    sides = (
        [(ends[0], ends[3]), (ends[1], ends[2])]
        if wide
        else [(ends[0], ends[1]), (ends[3], ends[2])]
    )
    lines = [
        Path((("M", a), ("L", b)), stroke="muted", line=measures.BOX_LINE, dash=True)
        for a, b in sides
    ]
    return [Path(outline, fill="band"), *lines]


def _name(out: Scene, one: _Inset) -> None:
    name = shorten(one.name, measures.NAME, one.width - 2 * _INNER, bold=True)
    baseline = one.y + _HEAD / 2 + 1 + MIDDLE * measures.NAME
    box = Area(one.x, one.y, one.x + one.width, one.y + _HEAD + 2)
    out.add(Text(one.x + _INNER + 1, baseline, name, measures.NAME, True, box=box, full=one.name))
