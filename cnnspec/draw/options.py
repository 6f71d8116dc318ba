"""What can be asked of a figure, and the parts of the net that style block then shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypedDict

from cnnspec.draw.errors import DrawError
from cnnspec.draw.page.faces import ARIMO, FACES, Face
from cnnspec.draw.parts.parts import Level

if TYPE_CHECKING:
    from cnnspec.draw.page.faces import Other
    from cnnspec.draw.page.scene import Scene
    from cnnspec.draw.parts.parts import Plan, Shades
    from cnnspec.draw.parts.taps import Flows
    from cnnspec.elaborate.sheet import Sheet
    from cnnspec.ir import Net

Direction = Literal["auto", "down", "right"]
"""Where the flow of a figure goes."""


class Options(TypedDict, total=False):
    """What is drawn of a net: see `figure`."""

    level: Level
    width: float | None
    only: str
    apart: tuple[str, ...]
    expand: tuple[str, ...]
    depth: int
    counts: bool
    height: float
    direction: Direction
    strict: bool
    draft: bool
    crop: bool
    aspect: float
    zoom: tuple[str, ...]
    sheet: Sheet
    other: Other
    shades: Shades


def fitting(options: Options, make: Callable[[Options], Scene]) -> Scene | None:
    """The figure at the level asked for; None where it does not fit its page so."""
    strict: Options = {**options, "strict": True}
    with suppress(DrawError):
        return make(strict)
    return None


def names_of(options: Options) -> tuple[Mapping[str, str], frozenset[str]]:
    """What an author calls things in print, and the ops left out."""
    sheet = options.get("sheet")
    return (sheet.labels, frozenset(sheet.hidden)) if sheet else ({}, frozenset())


def face_of(options: Options) -> Face:
    """The face that an author asks for."""
    sheet = options.get("sheet")
    return FACES[sheet.face] if sheet else ARIMO


def planned(net: Net, options: Options, flows: Flows | None = None) -> Plan:
    """The parts of a net in style block; `flows` are the net's, where they are known."""
    from cnnspec.draw.parts.builder import plan

    level, only = options.get("level", "block"), options.get("only", "")
    expand, depth = options.get("expand", ()), options.get("depth", 0)
    parts = plan(net, level, only=only, expand=expand, depth=depth, flows=flows)
    if "shades" in options:
        parts = replace(parts, shades=options["shades"])
    labels, hidden = names_of(options)
    if labels or hidden:
        from cnnspec.draw.parts.dressed import dressed

        parts = dressed(parts, labels, hidden)
    if not options.get("counts"):
        return parts
    from cnnspec.draw.parts.costs import with_counts

    return replace(parts, counts=with_counts(parts, net))
