"""confusion.svg: what is taken for what; a row a true class, in percent of its images."""

from collections.abc import Sequence
from html import escape

from torch import Tensor

from cnnspec.train.errors import printable

CELL, MARGIN, MOST = 26, 110, 100


def draw_confusion(counts: Tensor, classes: Sequence[str], title: str) -> str | None:
    """Return the SVG; None for more classes than a page can show."""
    if len(classes) > MOST:
        return None
    shares = counts.double() / counts.sum(1, keepdim=True).clamp(min=1)
    side = CELL * len(classes)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{side + MARGIN + 10}" '
        f'height="{side + MARGIN + 10}" font-family="sans-serif" font-size="10">',
        '<rect width="100%" height="100%" fill="white"/>',
        f'<text x="8" y="14" font-size="12">{_text(title)}</text>',
    ]
    for row, name in enumerate(classes):
        middle = MARGIN + row * CELL + CELL / 2
        parts.append(_label(MARGIN - 5, middle + 3, name, "end"))
        parts.append(
            f'<g transform="rotate(-60 {middle} {MARGIN - 5})">'
            f"{_label(middle, MARGIN - 5, name, 'start')}</g>"
        )
        parts += [_cell(row, column, share) for column, share in enumerate(shares[row].tolist())]
    return "\n".join([*parts, "</svg>", ""])


def _cell(row: int, column: int, share: float) -> str:
    x, y = MARGIN + column * CELL, MARGIN + row * CELL
    shade = round(255 * (1 - share))
    colour = f"rgb({shade},{round(255 - 141 * share)},{round(255 - 77 * share)})"
    box = f'<rect x="{x}" y="{y}" width="{CELL}" height="{CELL}" fill="{colour}" stroke="#ddd"/>'
    if share < 0.005:
        return box
    ink = "white" if share > 0.5 else "black"
    return box + (
        f'<text x="{x + CELL / 2}" y="{y + CELL / 2 + 3}" text-anchor="middle" fill="{ink}">'
        f"{100 * share:.0f}</text>"
    )


def _label(x: float, y: float, name: str, anchor: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{_text(name[:18])}</text>'


def _text(text: str) -> str:
    return escape(printable(text))
