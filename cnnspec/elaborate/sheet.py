"""An author's sheet: what is said of the look of a net's figure, and the words for it (L38).

Nothing here changes a net: labels are for print, the keys of a state_dict stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from cnnspec.ops import ops
from cnnspec.records import field, record

WORDS: Mapping[str, tuple[str, ...]] = {
    "level": ("net", "stage", "block", "layer"),
    "style": ("block", "columns", "module", "trunk", "volumes"),
    "theme": ("light", "dark", "grey"),
    "direction": ("down", "right"),
    "counts": ("true", "false"),
    "crop": ("true", "false"),
}
"""Keys that take one word, and the words."""
COLOURS = ("accent", "blue", "green", "orange", "purple", "red", "yellow", "grey")
"""The names of the palette."""
THINGS = ("shapes", "key", "totals")
"""What can be hidden besides norms and activations."""
KEYS = (
    *WORDS, "width", "height", "aspect", "depth", "only", "expand", "zoom", "order", "font",
    "label", "hide", "colour", "highlight", "group", "note",
)  # fmt: skip
FACES = ("Arimo", "Arial", "Helvetica", "Times", "Times New Roman", "Tinos")
"""Names of the two faces: one as Helvetica, one as Times."""
_UNITS = {"in": 72.0, "cm": 72 / 2.54, "mm": 72 / 25.4, "pt": 1.0}
SIZES = (6.0, 14.0)
"""Sizes of type in points that a figure can be set in."""


@record(frozen=True)
class Sheet:
    """What an author says of a figure; paths are those of the net, widths and sizes in points.

    `options` are keywords of `draw`; `groups` are a name and the paths it holds, each a range
    with `..` between or a path.
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()
    colours: Mapping[str, str] = field(default_factory=dict)
    highlights: tuple[str, ...] = ()
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    size: float | None = None
    face: str = "Arimo"

    def texts(self) -> Iterable[str]:
        """Every word of print that it brings."""
        yield from self.labels.values()
        yield from self.notes.values()
        yield from (name for name, _ in self.groups)

    def paths(self) -> Iterable[str]:
        """Every path that it names, ranges as they are written."""
        yield from self.labels
        yield from self.colours
        yield from self.highlights
        yield from self.notes
        yield from self.order
        for _, paths in self.groups:
            yield from paths
        for key in ("only", "apart", "expand", "zoom"):
            found = self.options.get(key, ())
            yield from ([found] if isinstance(found, str) else found)


@cache
def hideable() -> tuple[str, ...]:
    """The words that `hide` takes."""
    small = (name for name, op in ops().items() if op.kind in ("norm", "activation"))
    return (*THINGS, *sorted(small))


def length(text: str) -> float | None:
    """`6.9in` in points, from an inch to a hundred; None where it is no length."""
    found = re.fullmatch(r"([0-9]{1,5}(?:\.[0-9]{1,4})?)(in|cm|mm|pt)", text)
    points = float(found[1]) * _UNITS[found[2]] if found else 0.0
    return points if 72 <= points <= 7200 else None


def shape(text: str) -> float | None:
    """`16:9` as width over height, from 1:4 to 4:1; None where it is no such shape."""
    found = re.fullmatch(r"([0-9]{1,4}(?:\.[0-9]{1,3})?):([0-9]{1,4}(?:\.[0-9]{1,3})?)", text)
    wide, high = (float(found[1]), float(found[2])) if found else (0.0, 1.0)
    return wide / high if high and 0.25 <= wide / high <= 4 else None
