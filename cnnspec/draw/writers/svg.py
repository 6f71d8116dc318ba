"""A scene as SVG: presentation attributes only, so every renderer shows the same picture."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from cnnspec.draw.page.faces import unseen
from cnnspec.draw.page.fontwidths import elsewhere, families, other, text_width, using
from cnnspec.draw.page.scene import (
    Circle,
    Data,
    Group,
    Path,
    Paths,
    Rect,
    Scene,
    Segment,
    Shape,
    Text,
)
from cnnspec.draw.parts.paths import listed, paths_in

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, and the C1 controls, which it may but should not."""


def escape(text: str) -> str:
    """Text for an element or an attribute; control characters become U+FFFD."""
    return printable(text).translate(_ENTITIES)


def printable(text: str) -> str:
    """The text with U+FFFD for what XML cannot hold."""
    return _FORBIDDEN.sub("\ufffd", text)


def number(value: float) -> str:
    """A coordinate to two decimals, without trailing zeros."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def path_data(segments: tuple[Segment, ...]) -> str:
    """The `d` attribute of a path."""
    return " ".join(" ".join((letter, *map(number, at))) for letter, at in segments)


def write_svg(scene: Scene, colours: dict[str, str], *, roles: bool = False) -> str:
    """The scene as an SVG document that ends in a newline: an element `g` for every group.

    `roles` adds the roles of the colours as data, for a page that swaps them; its groups have no
    `id`, since a page shows a layer in several pictures.
    """
    width, height = number(scene.width), number(scene.height)
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}pt" height="{height}pt" '
        f'viewBox="0 0 {width} {height}" role="img">\n'
        f"<title>{escape(scene.title)}</title>\n<desc>{escape(scene.desc)}</desc>\n"
        f'<rect width="{width}" height="{height}" fill="{colours["background"]}"/>\n'
    )
    if roles:
        head = head.replace(f'fill="{colours["background"]}"/>', 'data-fill="background"/>')
    with using(scene.face, scene.other):
        body = "".join(text + "\n" for text in _elements(scene, colours, roles))
    return head + body + "</svg>\n"


def _elements(scene: Scene, colours: dict[str, str], roles: bool) -> Iterator[str]:
    """The shapes in order, a label of several texts as one, between the marks of the groups."""
    marks = _Marks(scene, ids=not roles)
    at, count = 0, len(scene.shapes)
    while at < count:
        yield from marks.opened.get(at, ())
        shape, end = scene.shapes[at], at + 1
        while end < count and isinstance(more := scene.shapes[end], Text) and more.joined:
            end += 1
        texts = [text for text in scene.shapes[at:end] if isinstance(text, Text)]
        shown = _label(texts, colours) if len(texts) > 1 else _shape(shape, colours)
        yield _with_roles(shape, shown) if roles else shown
        yield from ("</g>" for last in range(at, end) for _ in range(marks.closed[last + 1]))
        at = end


class _Marks:
    """Where groups begin, and how many end; each layer's first group has its path as `id`."""

    def __init__(self, scene: Scene, *, ids: bool) -> None:
        self.opened: dict[int, list[str]] = {}
        self.closed: Counter[int] = Counter(group.last for group in scene.groups)
        known: set[str] = set()
        for group in sorted(scene.groups, key=lambda group: (group.first, -group.last)):
            name = identity(group) if ids else ""
            said = f' id="{escape(name)}"' if name and name not in known else ""
            known.add(name)
            line = f' data-line="{group.line}"' if group.line else ""
            of = "" if ids or group.kind != "box" else _of(group.paths)
            self.opened.setdefault(group.first, []).append(f"<g{said}{line}{of}>")


def _of(paths: Paths) -> str:
    """What an element stands for, as data."""
    return f' data-of="{escape(coded(listed(paths)))}"'


def identity(group: Group) -> str:
    """The name of a group in a document: the first path that it stands for, without blanks."""
    return "" if group.kind == "wire" or not group.paths else "-".join(group.paths[0].split())


def _with_roles(shape: Shape, text: str) -> str:
    """The element with `data-fill` and `data-stroke`."""
    stroke = shape.stroke if isinstance(shape, Rect | Path) else ""
    said = f' data-fill="{shape.fill}"' if shape.fill else ""
    if isinstance(shape, Text) and shape.stands:
        said += _of(shape.stands)
    said += f' data-stroke="{stroke}"' if stroke else ""
    name, _, rest = text.partition(" ")
    return f"{name}{said} {rest}"


def _shape(shape: Shape, colours: dict[str, str]) -> str:
    match shape:
        case Rect():
            place = zip(
                ("x", "y", "width", "height", "rx"),
                (shape.x, shape.y, shape.width, shape.height, shape.radius),
                strict=True,
            )
            at = " ".join(
                f'{key}="{number(value)}"' for key, value in place if value or key != "rx"
            )
            return f"<rect {at}{_paint(shape, colours)}{_data(shape.data)}/>"
        case Path():
            d = path_data(shape.segments)
            return f'<path d="{d}"{_paint(shape, colours)}{_data(shape.data)}/>'
        case Circle():
            at = f'cx="{number(shape.x)}" cy="{number(shape.y)}" r="{number(shape.radius)}"'
            return f'<circle {at} fill="{colours[shape.fill]}"/>'
        case Text():
            return _text(shape, colours)


def _paint(shape: Rect | Path, colours: dict[str, str]) -> str:
    fill = f' fill="{colours[shape.fill] if shape.fill else "none"}"'
    if not shape.stroke:
        return fill
    dash = ' stroke-dasharray="2.6 1.8"' if shape.dash else ""
    join = ' stroke-linejoin="round"' if isinstance(shape, Path) else ""
    return (
        f'{fill} stroke="{colours[shape.stroke]}" stroke-width="{number(shape.line)}"{join}{dash}'
    )


def _data(data: Data) -> str:
    return "".join(f' data-{key}="{escape(coded(value))}"' for key, value in data)


def coded(value: str) -> str:
    """Paths with blanks between them; a blank of a label is `%20`, as in an address."""
    paths = (path.replace("%", "%25").replace(" ", "%20") for path in paths_in(value))
    return " ".join(paths)


def _text(text: Text, colours: dict[str, str]) -> str:
    weight = ' font-weight="bold"' if text.bold else ""
    anchor = f' text-anchor="{text.anchor}"' if text.anchor != "start" else ""
    whole = f"<title>{escape(text.full)}</title>" if text.full and text.full != text.text else ""
    return (
        f'<text x="{number(text.x)}" y="{number(text.y)}" font-family="{families()}" '
        f'font-size="{number(text.size)}"{weight} fill="{colours[text.fill]}"{anchor}'
        f"{_length(text)}>{whole}{_spoken(text)}</text>"
    )


def _label(texts: Sequence[Text], colours: dict[str, str]) -> str:
    """Several texts as one: a run for each, with its place."""
    first = texts[0]
    runs = " ".join(map(_run, texts))
    return (
        f'<text font-family="{families()}" font-size="{number(first.size)}" '
        f'fill="{colours[first.fill]}">{runs}</text>'
    )


def _run(text: Text) -> str:
    weight = ' font-weight="bold"' if text.bold else ""
    at = f'x="{number(text.left)}" y="{number(text.y)}"'
    return f"<tspan {at}{weight}{_length(text)}>{_spoken(text)}</tspan>"


def _spoken(text: Text) -> str:
    """The words; those that the face lacks name the font that has them, where one is at hand."""
    font = other()
    if font is None or font.first:
        return escape(text.text)
    shown = "".join(char for char in text.text if not unseen(char))
    runs = [(far, escape("".join(run))) for far, run in groupby(shown, elsewhere)]
    named = f"<tspan font-family=\"'{font.name}'\">"
    return "".join(f"{named}{run}</tspan>" if far else run for far, run in runs)


def _length(text: Text) -> str:
    """The width that the text was measured with, so that another font does not overlap."""
    wide = text_width(text.text, text.size, text.bold)
    return f' textLength="{number(wide)}" lengthAdjust="spacingAndGlyphs"' if wide else ""
