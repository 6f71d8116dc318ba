"""What an author said of a figure that the figure does not show: one line for each thing (F3).

A style shows what it was made for.  Whoever asks it for more is told so, in place of a refusal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from cnnspec.draw.author import stands_in
from cnnspec.draw.options import Options
from cnnspec.draw.page.scene import Scene, Text

if TYPE_CHECKING:
    from cnnspec.ir import Net

_BLOCK_ALONE = ("expand", "depth", "counts", "height")
"""Options that style block knows alone; a level is said apart, since every figure has one."""
_LAID = (
    "only", "expand", "depth", "counts", "zoom", "width", "height", "direction", "aspect", "crop",
)  # fmt: skip
"""Options of what is laid out on a page."""
_FEW = 3
"""So many names are listed."""


def unheard(scene: Scene, nets: Sequence[Net], style: str, options: Options) -> Iterator[str]:
    """A line for every word of the author's that a finished figure shows nothing of."""
    if style != "block":
        asked = [key for key in _BLOCK_ALONE if options.get(key)]
        if options.get("level", "block") != "block":
            asked.insert(0, "level")
        if asked:
            yield f"style {style} knows no {listed(asked)}: style block does"
    sheet = options.get("sheet")
    if sheet is None or len(nets) != 1:
        return
    yield from _labels(scene, sheet.labels)
    marked = {
        "colour": sheet.colours, "highlight": sheet.highlights, "note": sheet.notes,
    }  # fmt: skip
    for key, paths in marked.items():
        lost = [path for path in paths if not stands_in(scene, nets[0], [path])]
        if lost:
            yield f"{key}: the figure has no box for {listed(lost)}"
    for name, held in sheet.groups:
        if not stands_in(scene, nets[0], held):
            yield f"group {name}: the figure has no box of it"
    if sheet.order and style != "block":
        yield f"style {style} knows no order: style block does"


def _labels(scene: Scene, labels: Mapping[str, str]) -> Iterator[str]:
    """What is said where a name in print stands nowhere."""
    said = [shape.full or shape.text for shape in scene.shapes if isinstance(shape, Text)]
    lost = [path for path, text in labels.items() if not any(text in one for one in said)]
    if lost:
        yield f"label: the figure shows no name of {listed(lost)}"


def left_out(options: Options, form: str, shown: Iterable[str] = ()) -> Iterator[str]:
    """What a file that is no picture says nothing of; `shown` are the lines that it knows."""
    asked = [key for key in _LAID if options.get(key) and key not in shown]
    if options.get("apart"):
        asked.insert(0, "only")
    sheet = options.get("sheet")
    said = {} if sheet is None else {
        "label": sheet.labels, "hide": sheet.hidden, "colour": sheet.colours,
        "highlight": sheet.highlights, "group": sheet.groups, "note": sheet.notes,
        "order": sheet.order, "size": sheet.size,
    }  # fmt: skip
    lost = asked + [key for key, value in said.items() if value and key not in shown]
    if lost:
        yield f"{form} shows no {listed(lost)}: a picture does"


def listed(names: Sequence[str]) -> str:
    """`a, b, c and 2 more`."""
    more = len(names) - _FEW
    shown = ", ".join(names[:_FEW])
    return f"{shown} and {more} more" if more > 0 else shown
