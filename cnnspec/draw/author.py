"""What an author's sheet adds to a finished figure: colours, brackets with names, notes, a size.

A sheet changes the look alone: what stands for which layer, and where wires run, stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from cnnspec.draw.brackets import brackets, line, write
from cnnspec.draw.page import measures
from cnnspec.draw.page.areas import area_of
from cnnspec.draw.page.fontwidths import text_width
from cnnspec.draw.page.scene import (
    Area,
    Group,
    Path,
    Paths,
    Rect,
    Scene,
    Shape,
    Text,
)
from cnnspec.draw.spans import Named, around

if TYPE_CHECKING:
    from cnnspec.elaborate.sheet import Sheet
    from cnnspec.ir import Net

_FILLS, _FRAMES = ("conv", "kernel", "pool", "up", "linear"), ("frame-line", "band-line")
"""How the roles begin that a colour replaces; the outlines of frames."""
_HIGH = 1.6
"""The line round what is highlighted."""
_SHAPE = set("0123456789×²– ")


def finish(scene: Scene, net: Net, sheet: Sheet) -> Scene:
    """The figure with all that its author says of it."""
    if set(sheet.hidden) & {"shapes", "key", "totals"}:
        scene = without(scene, sheet.hidden)
    author = _Author(scene, net)
    for path, colour in sheet.colours.items():
        author.recolour(author.layers([path]), colour)
    author.highlight(author.layers(sheet.highlights))
    notes = [(author.extent(author.layers([path])), text) for path, text in sheet.notes.items()]
    for area, text in notes:
        if area is not None:
            _note(scene, area, text)
    author.bracket([(name, author.layers(paths)) for name, paths in sheet.groups])
    return scene


class _Author:
    """Finds the boxes of layers in a figure, and changes their look."""

    def __init__(self, scene: Scene, net: Net) -> None:
        from cnnspec.ir import graph

        self.scene = scene
        self.paths = [node.path for node in graph(net).nodes]

    def layers(self, paths: Iterable[str]) -> frozenset[str]:
        """The layers at some paths; `a..b` are all from the first of `a` to the last of `b`."""
        found: set[str] = set()
        for path in paths:
            first, _, last = path.partition("..")
            begin, end = self._at(first), self._at(last or first)
            if begin and end:
                found.update(self.paths[begin[0] : end[-1] + 1])
        return frozenset(found)

    def _at(self, path: str) -> list[int]:
        """The numbers of the layers at a path."""
        return [at for at, known in enumerate(self.paths) if _in(known, path)]

    def within(self, paths: Paths, layers: frozenset[str]) -> bool:
        """Whether all layers at some paths are among others."""
        held = [self.paths[at] for path in paths for at in self._at(path)]
        return bool(held) and layers.issuperset(held)

    def recolour(self, layers: frozenset[str], colour: str) -> None:
        """Give the boxes of some layers a colour of the palette, and their frames its tint.

        What is drawn as a body of its own, a wedge of layers, is no frame round others.
        """
        for group in self._groups(layers):
            body = self.scene.shapes[group.first]
            solid = isinstance(body, Path) and body.fill.startswith(_FILLS)
            for at in range(group.first, group.last):
                shape = self.scene.shapes[at]
                frame = group.kind == "frame" and not solid
                if frame and not (isinstance(shape, Rect) and shape.stroke in _FRAMES):
                    break
                if isinstance(shape, Rect | Path):
                    self.scene.shapes[at] = _painted(shape, colour, tint=frame)

    def _groups(self, layers: frozenset[str]) -> list[Group]:
        """The boxes of some layers, and the frames that stand for them and no others."""
        return [
            group
            for group in self.scene.groups
            if (group.kind == "box" and not layers.isdisjoint(group.paths))
            or (group.kind == "frame" and self.within(group.paths, layers))
        ]

    def highlight(self, layers: frozenset[str]) -> None:
        """A strong line round the boxes and frames of some layers."""
        for group in self._groups(layers):
            for at in range(group.first, group.last):
                shape = self.scene.shapes[at]
                if not isinstance(shape, Rect | Path) or not shape.stroke:
                    continue
                if not layers.isdisjoint(shape.stands) or self.within(shape.stands, layers):
                    self.scene.shapes[at] = replace(shape, stroke="highlight", line=_HIGH)

    def extent(self, layers: frozenset[str]) -> Area | None:
        """The room that some layers take, or the closed frame around them; None for no layers."""
        areas = [self._area(group) for group in self._standing(layers)]
        return around(areas) if areas else None

    def _standing(self, layers: frozenset[str]) -> list[Group]:
        """What stands for some layers: in the figure itself, else in an inset, else around them."""
        groups = self._groups(layers)
        if not groups:
            frames = [group for group in self.scene.groups if group.kind == "frame"]
            held = [g for g in frames if any(_in(one, p) for p in g.paths for one in layers)]
            groups = sorted(held, key=lambda group: group.last - group.first)[:1]
        return [group for group in groups if not self._aside(group)] or groups

    def _aside(self, group: Group) -> bool:
        """Whether a box stands in an inset."""
        first, last = self.scene.aside
        return first <= group.first < last

    def _area(self, group: Group) -> Area:
        return around(map(area_of, self.scene.shapes[group.first : group.last]))

    def bracket(self, groups: Sequence[tuple[str, frozenset[str]]]) -> None:
        """Names beside or over groups of layers."""
        standing = [(name, self._standing(layers)) for name, layers in groups]
        own = [group for _, held in standing for group in held]
        boxes = [g for g in self.scene.groups if g.kind != "wire" and not self._aside(g)]
        others = [box for box in boxes if not any(_meets(box, group) for group in own)]
        leaves = [g for g in others if not any(_holds(g, other) for other in boxes)]
        found = [Named(name, [*map(self._area, held)]) for name, held in standing if held]
        if found:
            brackets(self.scene, found, [*map(self._area, leaves)])


def _holds(outer: Group, inner: Group) -> bool:
    """Whether one group of shapes lies in another one."""
    return outer is not inner and outer.first <= inner.first and inner.last <= outer.last


def _meets(one: Group, other: Group) -> bool:
    """Whether two groups are one, or one lies in the other."""
    return one is other or _holds(one, other) or _holds(other, one)


def _in(layer: str, path: str) -> bool:
    return layer == path or layer.startswith(path + ".")


def _painted(shape: Rect | Path, colour: str, *, tint: bool) -> Rect | Path:
    """A shape in a colour; what is fused to a conv keeps its grey."""
    fill, stroke = shape.fill, shape.stroke
    if tint or fill == "background":
        fill = f"{colour}-tint"
    elif fill.startswith(_FILLS):
        fill = f"{colour}-tint" if fill.endswith("-top") else colour
    if stroke and stroke not in ("cell-line", "background"):
        stroke = f"{colour}-line"
    return replace(shape, fill=fill, stroke=stroke)


def _note(scene: Scene, around: Area, text: str) -> None:
    """A remark beside some boxes, where nothing else stands."""
    wide, high = text_width(text, measures.CAPTION), 0.94 * measures.CAPTION
    taken = [area_of(shape) for shape in scene.shapes if not _ground(shape)]
    middle = (around.top + around.bottom) / 2 - high / 2
    for x, y in (
        (around.right + 4, middle), (around.left - 4 - wide, middle),
        (around.right - wide, around.top - high - 1.5), (around.left, around.bottom + 1.5),
    ):  # fmt: skip
        spot = Area(x, y, x + wide, y + high)
        inside = x >= 1 and y >= 1 and x + wide <= scene.width - 1
        if inside and not any(spot.meets(area) for area in taken):
            write(scene, x, y + high / 2, text, "start", bold=False)
            return
    y = min(max(middle, 2), scene.height - high)
    while any(Area(scene.width, y, 1e9, y + high).meets(area) for area in taken):
        y += high + 1
    line(scene, [(around.right + 2, middle + high / 2), (scene.width, y + high / 2)])
    write(scene, scene.width + 3, y + high / 2, text, "start", bold=False)
    scene.width += wide + 6


def _ground(shape: Shape) -> bool:
    """Whether a shape is what others stand on."""
    return isinstance(shape, Rect) and shape.fill == "band"


def extent_of(scene: Scene, net: Net, path: str) -> Area | None:
    """The room that a part takes in a figure, or the closed frame around it."""
    author = _Author(scene, net)
    return author.extent(author.layers([path]))


def stands_in(scene: Scene, net: Net, paths: Iterable[str]) -> bool:
    """Whether a figure has a box for something at some paths."""
    author = _Author(scene, net)
    return bool(author._standing(author.layers(paths)))


def without(scene: Scene, hidden: Iterable[str]) -> Scene:
    """The figure without the sizes of maps, its key or its totals."""
    less = {"key", "totals"} & set(hidden)
    kept: list[Shape] = []
    places: list[int] = []
    for at, shape in enumerate(scene.shapes):
        places.append(len(kept))
        if "shapes" in hidden and _is_shape(shape):
            continue
        if less and at >= scene.foot[0] and _in_foot(at, scene, less):
            continue
        kept.append(shape)
    places.append(len(kept))
    moved = [replace(g, first=places[g.first], last=places[g.last]) for g in scene.groups]
    groups = [group for group in moved if group.first < group.last]
    height = scene.height
    if less and kept and len(kept) <= places[scene.foot[0]]:
        height = max(area_of(shape).bottom for shape in kept) + 3
    foot, aside = ((places[first], places[last]) for first, last in (scene.foot, scene.aside))
    return replace(scene, shapes=kept, groups=groups, height=height, foot=foot, aside=aside)


def _in_foot(at: int, scene: Scene, foot: set[str]) -> bool:
    """Whether a shape is of the part of the foot that is hidden."""
    total = at == scene.foot[1]
    return ("totals" in foot) if total else ("key" in foot)


def _is_shape(shape: Shape) -> bool:
    said = isinstance(shape, Text) and set(shape.text) <= _SHAPE and bool(shape.text)
    return said and isinstance(shape, Text) and shape.fill == "muted"
