"""The key of volumes in stacks: what colours, signs and arcs mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cnnspec.draw.block.key import Entry, Sample, sign_entries
from cnnspec.draw.page import measures
from cnnspec.draw.page.pen import Pen, arrowhead
from cnnspec.draw.page.scene import Path, Rect
from cnnspec.draw.parts.parts import Plan
from cnnspec.draw.styles.arcs import mark
from cnnspec.draw.styles.looks import Looks
from cnnspec.draw.styles.solidbox import paint
from cnnspec.draw.styles.volume import Volume


def entries(plan: Plan, found: Sequence[Volume], looks: Looks) -> Iterator[Entry]:
    """All that the key says."""
    for kind, text in looks.entries():
        yield text, _box(kind)
    yield from sign_entries(plan.parts)
    if any(volume.stop.row and volume.stop.row.layer.op.places for volume in found):
        yield "places of the maxima", _arrow(crops=False)
    if any(volume.joint for volume in found):
        crops = any(volume.via for volume in found if volume.joint)
        yield "crop and concat" if crops else "copy and concat", _arrow(crops=crops)


def _box(kind: str) -> Sample:
    def draw(pen: Pen, x: float, y: float) -> None:
        pen.scene.add(Rect(x + 6, y - 3, 10, 6, measures.BOX_RADIUS, *paint(kind)))

    return draw


def _arrow(*, crops: bool) -> Sample:
    def draw(pen: Pen, x: float, y: float) -> None:
        line = (("M", (x, y)), ("L", (x + 14, y)))
        pen.scene.add(Path(line, stroke="muted", line=measures.WIRE))
        pen.scene.add(Path(arrowhead((x + 16, y), (x, y), 0.8), fill="muted"))
        if crops:
            mark(pen, x + 7, y)

    return draw
