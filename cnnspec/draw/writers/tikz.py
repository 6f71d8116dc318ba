"""A scene as TikZ: a stand-alone document that others can input as well."""

from __future__ import annotations

from cnnspec.draw.page.faces import lacking
from cnnspec.draw.page.fontwidths import text_width, using
from cnnspec.draw.page.scene import Circle, Path, Rect, Scene, Segment, Shape, Text
from cnnspec.draw.writers.escape import latex
from cnnspec.draw.writers.svg import number
from cnnspec.draw.writers.texpage import document

_MACROS = r"""% text in the document's sans serif, narrowed where it is wider than Helvetica
\ifdefined\archbox\else\newsavebox\archbox\fi
\def\archtext#1#2#3#4{\sbox\archbox{\sffamily\fontsize{#1bp}{#2bp}\selectfont #4}%
  \ifdim\wd\archbox>#3bp\resizebox{#3bp}{\height}{\usebox\archbox}\else\usebox\archbox\fi}%
"""
_STYLES = r"""\begin{tikzpicture}[x=1bp, y=-1bp, line join=round,
  label/.style={inner sep=0, outer sep=0}, dashed/.style={dash pattern=on 2.6bp off 1.8bp}]
"""


def write_tikz(scene: Scene, colours: dict[str, str]) -> str:
    """The same coordinates as the SVG's, in big points."""
    used = sorted({role for shape in scene.shapes for role in _roles(shape)} | {"background"})
    defined = "".join(
        f"\\definecolor{{arch-{role}}}{{HTML}}{{{colours[role][1:]}}}%\n" for role in used
    )
    page = Rect(0, 0, scene.width, scene.height, fill="background")
    with using(scene.face, scene.other):
        drawn = "\n".join(_shape(shape) for shape in (page, *scene.shapes))
    macros = _MACROS.replace(r"\sffamily", scene.face.tex)
    body = f"{_STYLES}{drawn}\n\\end{{tikzpicture}}%\n"
    return document(["tikz"], _engine(scene) + macros + defined, body)


def _engine(scene: Scene) -> str:
    """A remark for who reads the file, where a label has letters that pdflatex lacks."""
    texts = (shape.text for shape in scene.shapes if isinstance(shape, Text))
    letters = "".join(char for char in lacking(scene.face, texts) if char.isalnum())
    return f"% {letters}: by XeLaTeX or LuaLaTeX, in a font with these letters\n" * bool(letters)


def _roles(shape: Shape) -> list[str]:
    stroke = shape.stroke if isinstance(shape, Rect | Path) else ""
    return [role for role in (shape.fill, stroke) if role]


def _shape(shape: Shape) -> str:
    match shape:
        case Text():
            return _text(shape)
        case Circle():
            radius = number(shape.radius)
            return f"\\fill[arch-{shape.fill}] {_at(shape.x, shape.y)} circle[radius={radius}bp];"
        case Rect():
            most = min(shape.radius, shape.width / 2, shape.height / 2)
            corners = f"rounded corners={number(most)}bp" if most else ""
            end = _at(shape.x + shape.width, shape.y + shape.height)
            return f"{_painted(shape, corners)} {_at(shape.x, shape.y)} rectangle {end};"
        case Path():
            return f"{_painted(shape)} {_path(shape.segments)};"


def _painted(shape: Rect | Path, *more: str) -> str:
    words = [word for word in more if word]
    if shape.fill:
        words.append(f"fill=arch-{shape.fill}")
    if shape.stroke:
        words += [f"draw=arch-{shape.stroke}", f"line width={number(shape.line)}bp"]
    if shape.dash:
        words.append("dashed")
    return f"\\path[{', '.join(words)}]"


def _at(x: float, y: float) -> str:
    return f"({number(x)},{number(y)})"


def _path(segments: tuple[Segment, ...]) -> str:
    """Lines and curves; a quadratic curve as the cubic one that it is."""
    words, here = [], (0.0, 0.0)
    for letter, at in segments:
        match letter:
            case "Z":
                words.append("-- cycle")
                continue
            case "M":
                words.append(_at(*at))
            case "L":
                words.append(f"-- {_at(*at)}")
            case _:
                (x0, y0), (x1, y1, x, y) = here, at
                first = _at((x0 + 2 * x1) / 3, (y0 + 2 * y1) / 3)
                second = _at((x + 2 * x1) / 3, (y + 2 * y1) / 3)
                words.append(f".. controls {first} and {second} .. {_at(x, y)}")
        here = (at[-2], at[-1])
    return " ".join(words)


def _text(text: Text) -> str:
    anchor = {"start": "base west", "middle": "base", "end": "base east"}[text.anchor]
    size, width = number(text.size), number(text_width(text.text, text.size, text.bold) + 0.3)
    said = latex(text.text, letters=True)
    shown = f"\\textbf{{{said}}}" if text.bold else said
    return (
        f"\\node[label, anchor={anchor}, text=arch-{text.fill}] at {_at(text.x, text.y)} "
        f"{{\\archtext{{{size}}}{{{number(text.size * 1.2)}}}{{{width}}}{{{shown}}}}};"
    )
