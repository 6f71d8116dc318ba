"""A scene as tagged PDF 1.7: one page, its face embedded, the same bytes every time.

The page is one figure to those who do not see it: its alternative text is the scene's sentence.

A figure needs six path operators and one text operator, so this writes them itself: no library,
no system font (docs/adr/0003-figures.md).
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from itertools import groupby

from cnnspec.draw.page.faces import Face, unseen
from cnnspec.draw.page.fontwidths import elsewhere, other, text_width, using
from cnnspec.draw.page.scene import Circle, Path, Rect, Scene, Shape, Text
from cnnspec.draw.writers.outlines import disc, outline, path
from cnnspec.draw.writers.pdffont import composite, stream
from cnnspec.draw.writers.svg import number


def write_pdf(scene: Scene, colours: dict[str, str]) -> bytes:
    """The scene as a document of one page of its size."""
    page = Rect(0, 0, scene.width, scene.height, fill="background")
    flip = f"1 0 0 -1 0 {number(scene.height)} cm 1 j"
    with using(scene.face, scene.other):
        shapes = [_shape(shape, colours) for shape in (page, *scene.shapes)]
    drawn = "\n".join(["/Figure << /MCID 0 >> BDC", flip, *shapes, "EMC"])
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /MarkInfo << /Marked true >> /Lang (en) "
        b"/ViewerPreferences << /DisplayDocTitle true >> /StructTreeRoot 11 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        _page(scene),
        stream(drawn.encode("latin-1")),
        *(part for bold in (False, True) for part in _font(scene.face, bold, 6 + 3 * bold)),
        b"<< /Type /StructTreeRoot /K [12 0 R] /ParentTree << /Nums [0 [13 0 R]] >> >>",
        b"<< /Type /StructElem /S /Document /P 11 0 R /K [13 0 R] >>",
        b"<< /Type /StructElem /S /Figure /P 12 0 R /Pg 3 0 R /K 0 /Alt "
        + _string(scene.desc or scene.title)
        + b" >>",
        *(composite(scene.other, 14) if scene.other else ()),
        b"<< /Title " + _string(scene.title) + b" /Producer (cnnspec) >>",
    ]
    return _document(objects)


def _document(objects: list[bytes]) -> bytes:
    """Number the objects from 1 and add the table of their places; the last is the info."""
    out, places = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", []
    for index, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (index, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    return out + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (count, table, count, count - 1, len(out))
    )


def _page(scene: Scene) -> bytes:
    others = "/F2 14 0 R /F3 19 0 R " if scene.other else ""
    return (
        "<< /Type /Page /Parent 2 0 R "
        f"/MediaBox [0 0 {number(scene.width)} {number(scene.height)}] "
        f"/Resources << /Font << /F0 5 0 R /F1 8 0 R {others}>> >> /Contents 4 0 R "
        "/StructParents 0 /Tabs /S >>"
    ).encode()


@cache
def _font(face: Face, bold: bool, descriptor: int) -> tuple[bytes, bytes, bytes]:
    """The font, its descriptor (object number `descriptor`) and its file (the next object)."""
    chars = bytes(range(32, 256)).decode("cp1252", "replace")
    name, known = face.files[bold], face.advances[bold]
    widths = " ".join(str(known.get(char, 1000)) for char in chars)
    program = files("cnnspec.draw").joinpath("fonts", f"{name}.ttf").read_bytes()
    box = " ".join(map(str, face.box))
    font = (
        f"<< /Type /Font /Subtype /TrueType /BaseFont /{name} /Encoding /WinAnsiEncoding "
        f"/FirstChar 32 /LastChar 255 /Widths [{widths}] /FontDescriptor {descriptor} 0 R >>"
    )
    about = (
        f"<< /Type /FontDescriptor /FontName /{name} /Flags 32 /FontBBox [{box}] "
        f"/ItalicAngle 0 /Ascent {face.ascent} /Descent {face.descent} "
        f"/CapHeight {face.capitals} /StemV {140 if bold else 88} "
        f"/FontFile2 {descriptor + 1} 0 R >>"
    )
    return font.encode(), about.encode(), stream(program, f" /Length1 {len(program)}")


def _string(text: str) -> bytes:
    """A text string: UTF-16 in hexadecimal, so that nothing needs an escape."""
    return b"<" + ("\ufeff" + text).encode("utf-16-be", "replace").hex().encode() + b">"


def _colour(role: str, colours: dict[str, str], operator: str) -> str:
    value = colours[role]
    rgb = (int(value[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return " ".join(f"{part:.4f}".rstrip("0").rstrip(".") for part in rgb) + f" {operator}"


def _shape(shape: Shape, colours: dict[str, str]) -> str:
    match shape:
        case Text():
            return _text(shape, colours)
        case Circle():
            return f"{_colour(shape.fill, colours, 'rg')} {path(disc(shape))} f"
        case Rect():
            return _painted(shape, path(outline(shape)), colours)
        case Path():
            return _painted(shape, path(shape.segments), colours)


def _painted(shape: Rect | Path, path: str, colours: dict[str, str]) -> str:
    words = []
    if shape.fill:
        words.append(_colour(shape.fill, colours, "rg"))
    if shape.stroke:
        dash = "[2.6 1.8] 0 d" if shape.dash else "[] 0 d"
        words += [_colour(shape.stroke, colours, "RG"), f"{number(shape.line)} w {dash}"]
    paint = {(True, True): "B", (True, False): "f", (False, True): "S"}
    return " ".join([*words, path, paint.get((bool(shape.fill), bool(shape.stroke)), "n")])


def _text(text: Text, colours: dict[str, str]) -> str:
    shift = {"start": 0.0, "middle": 0.5, "end": 1.0}[text.anchor]
    x = text.x - shift * text_width(text.text, text.size, text.bold)
    at = f"1 0 0 -1 {number(x)} {number(text.y)} Tm"
    runs = [(far, "".join(run)) for far, run in groupby(text.text, elsewhere)]
    first, *rest = [_run(far, run, text) for far, run in runs] or [("/F0", "")]
    said = " ".join([f"{first[0]} {at} {first[1]}", *(f"{font} {code}" for font, code in rest)])
    return f"{_colour(text.fill, colours, 'rg')} BT {said} ET"


def _run(far: bool, run: str, text: Text) -> tuple[str, str]:
    """The font of some letters and the operator that shows them."""
    lent = other()
    if far and lent is not None:
        code = "".join(f"{lent.numbers[char]:04x}" for char in run)
    else:
        shown = "".join(char for char in run if not unseen(char))
        code = shown.encode("cp1252", "replace").hex()
    return f"/F{int(text.bold) + 2 * far} {number(text.size)} Tf", f"<{code}> Tj"
