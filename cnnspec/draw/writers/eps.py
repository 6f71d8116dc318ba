"""A scene as Encapsulated PostScript, for journals that ask for it: letters are outlines.

Needs fontTools, which is part of the extra `draw`.  Nothing of a spec is code in it: words are
drawn, and the title is a comment of plain letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from io import BytesIO
from math import ceil
from typing import Any

from cnnspec.draw.errors import MissingExtra
from cnnspec.draw.page.fontwidths import advance, elsewhere, face, other, using
from cnnspec.draw.page.scene import Circle, Path, Rect, Scene, Shape, Text
from cnnspec.draw.writers.outlines import disc, outline, path
from cnnspec.draw.writers.svg import number

_HEAD = """%!PS-Adobe-3.0 EPSF-3.0
%%BoundingBox: 0 0 {right} {top}
%%HiResBoundingBox: 0 0 {width} {height}
%%Title: {title}
%%Creator: cnnspec
%%LanguageLevel: 2
%%EndComments
save
/m {{ moveto }} bind def /l {{ lineto }} bind def
/c {{ curveto }} bind def /h {{ closepath }} bind def
/n {{ newpath }} bind def /C {{ setrgbcolor }} bind def
/F {{ gsave C fill grestore }} bind def
/S {{ setlinewidth 0 setdash C stroke }} bind def
/T {{ gsave translate dup neg scale }} bind def /t {{ fill grestore }} bind def
"""


def write_eps(scene: Scene, colours: dict[str, str]) -> bytes:
    """The scene on a page of its size."""
    page = Rect(0, 0, scene.width, scene.height, fill="background")
    with using(scene.face, scene.other):
        writer = _Writer(colours)
        body = [writer.shape(shape) for shape in (page, *scene.shapes)]
        glyphs = [*writer.procedures()]
    head = _HEAD.format(
        right=ceil(scene.width), top=ceil(scene.height),
        width=number(scene.width), height=number(scene.height),
        title=re.sub("[^A-Za-z0-9_., -]", "_", scene.title)[:120],
    )  # fmt: skip
    flip = f"0 {number(scene.height)} translate 1 -1 scale 1 setlinejoin"
    lines = [*glyphs, flip, *body, "restore", "showpage", "%%EOF", ""]
    return (head + "\n".join(lines)).encode("ascii")


class _Writer:
    """Writes shapes, and remembers the glyphs that they use.

    A glyph is known by whether it is lent by another font, whether it is bold, and its character.
    """

    def __init__(self, colours: dict[str, str]) -> None:
        self.colours = colours
        self.glyphs: dict[tuple[bool, bool, str], str] = {}

    def shape(self, shape: Shape) -> str:
        match shape:
            case Text():
                return self._text(shape)
            case Circle():
                return f"n {path(disc(shape))} {self._colour(shape.fill)} F"
            case Rect():
                return self._painted(shape, path(outline(shape)))
            case Path():
                return self._painted(shape, path(shape.segments))

    def _colour(self, role: str) -> str:
        value = self.colours[role]
        return " ".join(number(int(value[at : at + 2], 16) / 255) for at in (1, 3, 5))

    def _painted(self, shape: Rect | Path, drawn: str) -> str:
        words = ["n", drawn]
        if shape.fill:
            words.append(f"{self._colour(shape.fill)} F")
        if shape.stroke:
            dash = "[2.6 1.8]" if shape.dash else "[]"
            words.append(f"{self._colour(shape.stroke)} {dash} {number(shape.line)} S")
        return " ".join(words)

    def _text(self, text: Text) -> str:
        """Each letter where the one before it ends."""
        x, out = text.left, [f"{self._colour(text.fill)} C"]
        for char in text.text:
            wide = advance(char, text.bold) * text.size / 1000
            key = (elsewhere(char), text.bold, char)
            if wide and not char.isspace() and _known(char):
                name = self.glyphs.setdefault(key, f"g{len(self.glyphs)}")
                out.append(f"{number(text.size)} {number(x)} {number(text.y)} T {name} t")
            x += wide
        return " ".join(out)

    def procedures(self) -> Iterator[str]:
        """The outline of every glyph, one em high."""
        fonts = {(far, bold): _font(far, bold) for far, bold, _ in self.glyphs}
        for (far, bold, char), name in self.glyphs.items():
            yield f"/{name} {{ n {_outline(fonts[far, bold], char)} }} bind def"


def _known(char: str) -> bool:
    return elsewhere(char) or char in face().advances[0]


def _font(far: bool, bold: bool) -> Any:
    try:
        from fontTools.ttLib import TTFont
    except ImportError:
        raise MissingExtra("draw") from None
    lent = other()
    if far and lent is not None:
        return TTFont(BytesIO(lent.programs[bold]))
    program = files("cnnspec.draw").joinpath("fonts", f"{face().files[bold]}.ttf").read_bytes()
    return TTFont(BytesIO(program))


def _outline(font: Any, char: str) -> str:
    """The curves of a glyph as operators, in parts of an em."""
    from fontTools.pens.basePen import BasePen

    class Pen(BasePen):  # type: ignore[misc]
        """Collects segments; quadratic curves arrive as the cubic ones that they are."""

        def __init__(self, glyphs: Any) -> None:
            super().__init__(glyphs)
            self.words: list[str] = []

        def _add(self, operator: str, *points: tuple[float, float]) -> None:
            places = " ".join(f"{value / unit:.4f}" for point in points for value in point)
            self.words.append(f"{places} {operator}")

        def _moveTo(self, point: tuple[float, float]) -> None:
            self._add("m", point)

        def _lineTo(self, point: tuple[float, float]) -> None:
            self._add("l", point)

        def _curveToOne(self, *points: tuple[float, float]) -> None:
            self._add("c", *points)

        def _closePath(self) -> None:
            self.words.append("h")

    unit = font["head"].unitsPerEm
    glyphs = font.getGlyphSet()
    pen = Pen(glyphs)
    glyphs[font.getBestCmap()[ord(char)]].draw(pen)
    return " ".join(pen.words)
