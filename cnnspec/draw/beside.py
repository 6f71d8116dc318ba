"""Figures side by side on one page, each under its name: several nets, or several parts of one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from cnnspec.draw.block.look import shade_levels
from cnnspec.draw.errors import OptionError
from cnnspec.draw.options import Options, names_of, planned
from cnnspec.draw.page import measures
from cnnspec.draw.page.areas import crop, move
from cnnspec.draw.page.fontwidths import shorten, text_width
from cnnspec.draw.page.scene import Scene, Text
from cnnspec.draw.parts.parts import Shades

if TYPE_CHECKING:
    from cnnspec.ir import Net

_HEAD, _APART, _LEAST = 12.0, 10.0, 130.0
"""Room for a name, between two figures, and the least width of one."""


def room_of(count: int, options: Options) -> float:
    """The width that each of so many figures has on a page."""
    page = options.get("width") or measures.TWO_COLUMNS
    return max((page - _APART * (count - 1)) / count, _LEAST)


def beside(names: Sequence[str], scenes: Sequence[Scene]) -> Scene:
    """Figures side by side, each under its name where it does not say that itself."""
    said = ", ".join(names)
    out = Scene(0, 0, f"{said}, side by side", " ".join(scene.desc for scene in scenes))
    x = 0.0
    for title, scene in zip(names, scenes, strict=True):
        wide = scene.width
        if title in {shape.text for shape in scene.shapes if isinstance(shape, Text)}:
            move(scene, x, 0)
        else:
            move(scene, x, _HEAD)
            name = shorten(title, measures.NAME, wide - 4, bold=True)
            at = x + wide / 2 - text_width(name, measures.NAME, bold=True) / 2
            out.add(Text(at, 9, name, measures.NAME, bold=True, full=title))
        first = len(out.shapes)
        moved = (replace(g, first=g.first + first, last=g.last + first) for g in scene.groups)
        out.groups += moved
        out.add(*scene.shapes)
        out.unseen += scene.unseen
        out.note = out.note or scene.note
        out.height = max(out.height, scene.height)
        x += wide + _APART
    out.width = x - _APART
    return out


def parts_of(net: Net, options: Options, make: Callable[[Options], Scene]) -> Scene:
    """The parts of a net at the paths `options["apart"]`, side by side; a shade means one thing."""
    given: Options = {**options}
    paths = given.pop("apart")
    if options.get("zoom"):
        raise OptionError("--zoom shows parts beside the whole: without --only")
    given["width"] = room_of(len(paths), options)
    if levels := shade_levels(planned(net, {**given, "level": "block"}).parts):
        given["shades"] = Shades(levels)
    labels = names_of(options)[0]
    scenes = [make({**given, "only": path}) for path in paths]
    for scene in scenes:
        crop(scene)
    return beside([labels.get(path, path) for path in paths], scenes)
