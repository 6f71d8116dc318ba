"""confusion.svg: what is taken for what; a row a true class, in percent of its images."""

from collections.abc import Sequence
from html import escape

from torch import Tensor

from cnnspec.train.errors import printable

MOST, LONGEST = 100, 18
RIGHT, WRONG = (0, 114, 178), (213, 94, 0)  # blue and vermillion of Okabe and Ito
FONTS = "Arimo,Helvetica,Arial,Liberation Sans,DejaVu Sans,sans-serif"
HEAD = 46  # height of title and note


def draw_confusion(counts: Tensor, classes: Sequence[str], title: str) -> str | None:
    """Return the SVG; None for more classes than a page can show."""
    if len(classes) > MOST:
        return None
    shares = (counts.double() / counts.sum(1, keepdim=True).clamp(min=1)).tolist()
    names = [name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…" for name in classes]
    cell = 30 if len(classes) <= 30 else 14
    left = 34 + 6 * max(len(name) for name in names)
    top = HEAD + 14 + 5 * max(len(name) for name in names)
    side, extra = cell * len(classes), 40
    error = 100 * (1 - float(counts.diagonal().sum()) / max(1, int(counts.sum())))
    note = f"rows: the true class, in percent of its images · top-1 error {error:.2f} %"
    width, height = max(left + side + extra, 8 + 6 * len(note)), top + side + 14
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="{FONTS}" font-size="11" fill="#333">',
        '<rect width="100%" height="100%" fill="white"/>',
        f'<text x="8" y="19" font-size="14" font-weight="bold">{_text(title)}</text>',
        f'<text x="8" y="36" fill="#666">{_text(note)}</text>',
        f'<rect x="{left}" y="{top}" width="{side}" height="{side}" fill="#f4f4f4"/>',
    ]
    for number, name in enumerate(names):
        middle = number * cell + cell / 2
        parts.append(f'<text x="{left - 7}" y="{top + middle + 4}" text-anchor="end">{_text(name)}'
                     "</text>")  # fmt: skip
        turned = f"translate({left + middle + 3} {top - 7}) rotate(-50)"
        parts.append(f'<text transform="{turned}">{_text(name)}</text>')
        parts += [
            _cell(left + column * cell, top + number * cell, cell, share, number == column)
            for column, share in enumerate(shares[number])
        ]
    return "\n".join([*parts, "</svg>", ""])


def _cell(x: float, y: float, cell: int, share: float, right: bool) -> str:
    """Return a square: blue where the class is right, vermillion where it is taken for another.

    The depth of the colour goes with the root of the share, so that rare mistakes are seen.
    """
    if share < 0.005:
        return ""
    depth = share if right else share**0.5
    colour = ",".join(f"{255 + (end - 255) * depth:.0f}" for end in (RIGHT if right else WRONG))
    box = f'<rect x="{x + 1}" y="{y + 1}" width="{cell - 2}" height="{cell - 2}" rx="2" '
    box += f'fill="rgb({colour})"/>'
    if cell < 20:
        return box
    ink = "white" if depth > 0.55 else "#333"
    place = f'x="{x + cell / 2}" y="{y + cell / 2 + 4}" text-anchor="middle" fill="{ink}"'
    return f"{box}<text {place}>{100 * share:.0f}</text>"


def _text(text: str) -> str:
    return escape(printable(text))
