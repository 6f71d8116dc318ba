"""The key under nets that stand side by side: skips left, channels right."""

from __future__ import annotations

from collections.abc import Sequence

from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import MIDDLE, text_width
from cnnspec.draw.page.pen import Pen
from cnnspec.draw.page.scene import Path, Rect, Text
from cnnspec.draw.styles.line import Line
from cnnspec.draw.styles.shades import Shades

_LINE = 9.5


def key(pen: Pen, lines: Sequence[Line], shades: Shades, width: float, y: float) -> None:
    """Draw it under `y`, on one line or on two; sets the page's height."""
    middle = y + 6.5
    left = _skips(pen, lines, middle)
    entries = shades.entries()
    need = text_width("channels", measures.CAPTION) + 4
    need += sum(text_width(text, measures.CAPTION) + 13 for _, text in entries)
    two = left + need > width + 1
    pen.scene.height = y + 12 + (_LINE if two and left > 4 else 0)
    x = width + 1 - need if not two else 4.0
    middle += _LINE if two and left > 4 else 0
    if entries:
        _say(pen, x, middle, "channels", muted=True)
    x += text_width("channels", measures.CAPTION) + 4
    for role, text in entries:
        paint = (measures.BOX_RADIUS, role, "conv-line", measures.BOX_LINE)
        pen.scene.add(Rect(x, middle - 2.8, 7.5, 5.6, *paint))
        _say(pen, x + 9, middle, text)
        x += text_width(text, measures.CAPTION) + 13


def _skips(pen: Pen, lines: Sequence[Line], middle: float) -> float:
    """What the lines of skips mean; returns where they end."""
    kinds = {span.kind for line in lines for span in line.spans}
    x = 4.0
    for kind in ("identity", "projection", "parameter-free"):
        if kind in kinds:
            changed = kind != "identity"
            way = (("M", (x, middle)), ("L", (x + 11, middle)))
            colour = "changed" if changed else "wire"
            pen.scene.add(Path(way, stroke=colour, line=measures.SKIP, dash=changed))
            _say(pen, x + 13, middle, f"{kind} skip")
            x += 13 + text_width(f"{kind} skip", measures.CAPTION) + 7
    return x


def _say(pen: Pen, x: float, middle: float, text: str, *, muted: bool = False) -> None:
    fill = "muted" if muted else "ink"
    pen.scene.add(Text(x, middle + MIDDLE * measures.CAPTION, text, measures.CAPTION, fill=fill))
