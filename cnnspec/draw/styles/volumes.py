"""Layers as the volumes that they give: boxes in oblique view, skips as arcs.

Whatever changes the shape is a volume, in order of execution from left to right.  A volume is made
from the one before it, or from those whose arcs end on it.  A line of few layers says every op in
words, with the windows of its kernels; any other net is drawn in stacks, its ops told by colour.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain, pairwise, product

from cnnspec.draw.errors import DrawError
from cnnspec.draw.page import measures
from cnnspec.draw.page.scene import Scene
from cnnspec.draw.parts.dressed import dressed
from cnnspec.draw.parts.parts import Plan
from cnnspec.draw.styles.joints import joined
from cnnspec.draw.styles.solids import named, solids
from cnnspec.draw.styles.stacklayout import Page, stacked
from cnnspec.draw.styles.stacks import beside
from cnnspec.draw.styles.stream import Stop, stream
from cnnspec.draw.styles.volumerow import VolumeRow
from cnnspec.draw.styles.volumestacks import VolumeStacks
from cnnspec.ir import Net

_NARROWEST, _THINNEST = 7.0, 2.0
"""No volume takes less of a page with the gap before it, and none less of it in a stack."""
_SHRUNK = (1.0, 0.75, 0.55, 0.4)
"""How much smaller volumes are drawn than they would like to be, where they are many."""


def volumes(
    plan: Plan,
    net: Net,
    width: float | None,
    labels: Mapping[str, str],
    hidden: Collection[str] = (),
) -> Scene:
    """The figure, in one column of print if that is enough, else in two. Raises DrawError."""
    stops = stream(dressed(plan, {}, frozenset(hidden)), net)
    if not stops:
        raise DrawError(f"{plan.name} has nothing to draw")
    pages = [width] if width else [measures.ONE_COLUMN, measures.TWO_COLUMNS]
    tries: Iterator[VolumeRow | VolumeStacks] = _figures(plan, stops, pages, labels)
    if _in_a_line(stops):
        tries = chain(_rows(plan, stops, pages, labels), tries)
    for figure in tries:
        if figure.fits:
            return _footed(figure.draw())
    raise DrawError(f"{plan.name} has too many volumes for a page {pages[-1] / 72:.1f} in wide")


def _footed(scene: Scene) -> Scene:
    """The figure with a place for its key, where it has none: what hides a key asks for it."""
    if scene.foot == (0, 0):
        scene.foot = (len(scene.shapes), len(scene.shapes))
    return scene


def _in_a_line(stops: Sequence[Stop]) -> bool:
    """Whether each is made from the one before it, and at most two neighbours are equal convs."""
    line = all(stop.feeds == ((at - 1,) if at else ()) for at, stop in enumerate(stops))
    signs = any(stop.row and stop.row.layer.op.sign for stop in stops)
    return line and not signs and sum(_equal(*pair) for pair in pairwise(stops)) < 2


def _equal(one: Stop, other: Stop) -> bool:
    if one.row is None or other.row is None or other.row.kind != "conv":
        return False
    return one.shape == other.shape and one.row.layer.op == other.row.layer.op


def _rows(
    plan: Plan, stops: Sequence[Stop], pages: Sequence[float], labels: Mapping[str, str]
) -> Iterator[VolumeRow]:
    """The tries to draw a line of few layers in full size."""
    if len(stops) * _NARROWEST > pages[-1]:
        return
    for page, tiers in product(pages, (1, 2)):
        yield VolumeRow(plan, named(solids(plan, stops), labels), page, tiers)


def _figures(
    plan: Plan,
    stops: Sequence[Stop],
    pages: Sequence[float],
    labels: Mapping[str, str],
) -> Iterator[VolumeStacks]:
    """The tries to draw stacks: labels side by side before tiers, large volumes before small."""
    stops = joined(beside(stops))
    if len(stops) * _THINNEST > pages[-1]:
        return
    tries = [Page(page) for page in pages]
    tries += [Page(pages[-1], tiers, shrunk) for shrunk, tiers in product(_SHRUNK, (1, 2, 3))][1:]
    shown = stacked(solids(plan, stops), labels)
    for page in tries:
        yield VolumeStacks(plan, shown, page)
