"""The manual page of a `figure` (L38): its lines with an example each, its colours."""

from __future__ import annotations

from textwrap import fill
from typing import Final

from cnnspec.elaborate.sheet import COLOURS, FACES, WORDS, hideable

LINES: Final = {
    "level": ("level = stage", "what one box stands for"),
    "style": ("style = volumes", "the kind of figure"),
    "theme": ("theme = dark", "the colours of all of it"),
    "direction": ("direction = right", "where the flow goes"),
    "counts": ("counts = true", "what every stage and block costs"),
    "crop": ("crop = true", "a page as small as what is on it"),
    "width": ("width = 6.9in", "a length in in, cm, mm or pt"),
    "height": ("height = none", "the most height, a length or none"),
    "aspect": ('aspect = "16:9"', "a page of this shape, as of a slide"),
    "depth": ("depth = 2", "how many names deep blocks open"),
    "only": ("only = layer3", "a part, or a..b"),
    "expand": ("expand = layer3", "parts that are opened"),
    "zoom": ("zoom = layer3", "parts once more beside it, opened"),
    "order": ("order = [left, right]", "inputs or outputs from left to right, or top down"),
    "font": ('font = "Times", 8pt', "its face, and the size of its type"),
    "label": ('label layer3 = "conv4_x"', "what stands in print for a name"),
    "hide": ("hide bn, relu, shapes", "what is left out"),
    "colour": ("colour layer3 = accent", "a colour for parts"),
    "highlight": ("highlight layer3.0", "a strong line round parts"),
    "group": ('group "encoder" = layer1..layer3', "a bracket with a name"),
    "note": ('note layer3 = "stride 2"', "a remark beside a part"),
}
"""Key -> a line with it, and what that says."""


def page() -> str:
    """The page as text."""
    wide = max(len(line) for line, _ in LINES.values())
    lines = [f"    {line:<{wide}}  {says}" for line, says in LINES.values()]
    words = [f"{key}: {', '.join(known)}" for key, known in WORDS.items() if "true" not in known]
    return "\n".join([
        "figure NAME of NET { ... }",
        "",
        "How a net is drawn (L38): `cnnspec draw FILE:NAME -o figure.pdf` draws it.",
        "",
        *lines,
        "",
        *words,
        f"colours: {', '.join(COLOURS)}",
        f"faces: {', '.join(FACES)}",
        fill(f"hide: {', '.join(hideable())}", 88, subsequent_indent="  ", break_on_hyphens=False),
        "",
    ])  # fmt: skip
