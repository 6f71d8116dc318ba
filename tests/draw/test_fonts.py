"""The faces of a figure, and fonts for letters that they lack (F3): nothing is drawn as `?`."""

from __future__ import annotations

from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from cnnspec.draw import draw, figure, write
from cnnspec.draw.errors import OptionError
from cnnspec.draw.page.faces import ARIMO, FACES, TIMES, Face, lacking
from cnnspec.draw.page.fontwidths import text_width, using
from cnnspec.draw.page.scene import Text
from cnnspec.draw.writers import otherfont
from cnnspec.elaborate.sheet import FACES as WORDS
from cnnspec.elaborate.sheet import Sheet

ttLib = pytest.importorskip("fontTools.ttLib")
KOREAN = "합성곱"


def font_of(path: Path, chars: str, *, embed: int = 0, width: int = 920) -> Path:
    """A font of a maker: a filled square for each character, `width` of 1000 wide."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    pen = TTGlyphPen(None)
    for at, corner in enumerate(((100, 0), (100, 700), (800, 700), (800, 0))):
        (pen.lineTo if at else pen.moveTo)(corner)
    pen.closePath()
    square = pen.glyph()
    names = [".notdef", *(f"n{at}" for at in range(len(chars)))]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(char): f"n{at}" for at, char in enumerate(chars)})
    builder.setupGlyf(dict.fromkeys(names, square))
    builder.setupHorizontalMetrics({name: (width, 100) for name in names})
    builder.setupHorizontalHeader(ascent=900, descent=-200)
    builder.setupNameTable({"familyName": "Squares <b>'&", "styleName": "Regular"})
    builder.setupOS2(fsType=embed)
    builder.setupPost()
    builder.save(path)
    return path


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine on which one font is installed, with three letters of Hangul."""
    path = font_of(tmp_path / "Squares.ttf", KOREAN)
    monkeypatch.setattr(otherfont, "_files", lambda: iter([path]))
    return path


def drawn(net: Any, path: Path, sheet: Sheet, **options: Any) -> tuple[bytes, list[str]]:
    """The bytes of a figure, and what was said beside it."""
    said: list[str] = []
    draw([net], path, sheet=sheet, tell=said.append, **options)
    return path.read_bytes(), said


@pytest.mark.parametrize("face", [ARIMO, TIMES], ids=lambda face: face.name)
@pytest.mark.parametrize("bold", [False, True])
def test_f3_widths_are_those_of_the_files(face: Face, bold: bool) -> None:
    program = files("cnnspec.draw").joinpath("fonts", f"{face.files[bold]}.ttf").read_bytes()
    font = ttLib.TTFont(BytesIO(program))
    assert font.flavor is None
    held = font.getBestCmap()
    for char, width in face.advances[bold].items():
        assert round(font["hmtx"][held[ord(char)]][0] * 1000 / 2048) == pytest.approx(width, abs=1)
    assert set(map(chr, held)) - set(face.advances[bold]) <= {"\xa0", "\xad"}


def test_f3_every_face_of_a_sheet_is_one_of_the_package() -> None:
    assert set(WORDS) == set(FACES)


def test_f3_a_figure_in_times_is_measured_in_times(spec: Any, faults: Any) -> None:
    net = spec("resnet18").net
    scene = figure(net, sheet=Sheet(face="Times"))
    assert scene.face is TIMES
    with using(TIMES):
        assert faults(scene) == []
        narrow = text_width("global avg pool", 6.5)
    assert narrow < text_width("global avg pool", 6.5)


FORMATS = {
    "svg": (b"Tinos, 'Times New Roman'", b"Arimo"), "tex": (b"\\rmfamily", b"\\sffamily"),
    "pdf": (b"/BaseFont /Tinos-Bold", b"Arimo"),
    "drawio": (b"fontFamily=Times New Roman", b"Arial"),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMATS)
def test_f3_every_format_is_set_in_its_face(form: str, spec: Any, tmp_path: Path) -> None:
    data, _ = drawn(spec("lenet5"), tmp_path / f"a.{form}", Sheet(face="Times"))
    there, gone = FORMATS[form]
    assert there in data and gone not in data


def test_f3_a_page_brings_its_face(spec: Any, tmp_path: Path) -> None:
    data, _ = drawn(spec("lenet5"), tmp_path / "a.html", Sheet(face="Times"))
    assert b"font-family: 'Tinos'" in data


def text_of(pdf: bytes) -> str:
    from pypdf import PdfReader

    (page,) = PdfReader(BytesIO(pdf), strict=True).pages
    return page.extract_text()


def test_f3_korean_stands_in_a_pdf(machine: Path, spec: Any, tmp_path: Path) -> None:
    sheet = Sheet(labels={"conv1": KOREAN}, notes={"conv2": KOREAN + " 2"})
    data, said = drawn(spec("lenet5"), tmp_path / "a.pdf", sheet)
    assert said == []
    text = text_of(data)
    assert text.count(KOREAN) == 2 and "?" not in text
    assert b"+Squaresb-Regular" in data and b"/ToUnicode" in data
    assert data == drawn(spec("lenet5"), tmp_path / "b.pdf", sheet)[0]


def test_f3_korean_stands_in_a_png(machine: Path, spec: Any, tmp_path: Path) -> None:
    pytest.importorskip("resvg_py")
    sheet = Sheet(labels={"conv1": KOREAN})
    data, said = drawn(spec("lenet5"), tmp_path / "a.png", sheet)
    machine.unlink()
    boxes, missed = drawn(spec("lenet5"), tmp_path / "b.png", sheet)
    blank, _ = drawn(spec("lenet5"), tmp_path / "c.png", Sheet(labels={"conv1": " "}))
    assert said == [] and len({data, boxes, blank}) == 3
    assert missed == [f"no font of this machine has {KOREAN}: --font FILE names one that has"]


def test_f3_a_png_stretches_no_letter_of_two_fonts(
    machine: Path, spec: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """resvg stretched `<` between letters of Hangul over half the figure."""
    resvg = pytest.importorskip("resvg_py")
    given: list[str] = []
    drawing = resvg.svg_to_bytes

    def spied(**options: Any) -> Any:
        given.append(options["svg_string"])
        return drawing(**options)

    monkeypatch.setattr(resvg, "svg_to_bytes", spied)
    for label in (f"{KOREAN} <{KOREAN}>", "plain"):
        drawn(spec("lenet5"), tmp_path / "a.png", Sheet(labels={"conv1": label}))
    assert "textLength" not in given[0] and "textLength" in given[1]


def test_f3_what_no_font_has_is_named_and_boxed(machine: Path, spec: Any, tmp_path: Path) -> None:
    data, said = drawn(spec("lenet5"), tmp_path / "a.pdf", Sheet(labels={"conv1": "합Я성"}))
    assert said == ["no font of this machine has Я: --font FILE names one that has"]
    assert "합Я성" in text_of(data) and "?" not in text_of(data)


def test_f3_letters_are_as_wide_as_their_font_has_them(machine: Path) -> None:
    other = otherfont.found_font(KOREAN + "Я")
    assert other.missing == "Я" and not other.first
    with using(ARIMO, other):
        assert text_width(KOREAN, 10) == pytest.approx(27.6)
        assert text_width("a", 10) == pytest.approx(5.56)
    assert text_width(KOREAN, 10) == pytest.approx(30)


def test_f3_a_font_that_is_given_sets_all(spec: Any, tmp_path: Path, faults: Any) -> None:
    path = font_of(tmp_path / "Own.ttf", "".join(map(chr, range(32, 127))) + KOREAN, width=600)
    sheet = Sheet(labels={"conv1": KOREAN})
    data, said = drawn(spec("lenet5"), tmp_path / "a.svg", sheet, font=path)
    assert said == []
    found = (element.get("font-family") for element in ElementTree.fromstring(data).iter())
    families = set(filter(None, found))
    assert families == {"'Squares b', " + ARIMO.family}
    other = otherfont.given_font(path, KOREAN)
    scene = figure(spec("lenet5").net, sheet=sheet, other=other)
    texts = [s for s in scene.shapes if isinstance(s, Text)]
    with using(ARIMO, other):
        assert faults(scene) == []
        assert text_width("ab", 10) == 12 and KOREAN in [text.text for text in texts]
    pdf = write(scene, "pdf")
    assert KOREAN in text_of(pdf) and "3×3" not in text_of(pdf)


def test_f3_a_font_that_may_not_be_embedded_is_none(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="may not be embedded"):
        otherfont.given_font(font_of(tmp_path / "a.ttf", "ab", embed=2), "")
    (tmp_path / "b.ttf").write_bytes(b"no font")
    with pytest.raises(OptionError, match="no TrueType or OpenType"):
        otherfont.given_font(tmp_path / "b.ttf", "")


def test_f3_joiners_are_no_letters() -> None:
    assert lacking(ARIMO, ["a\u200d\ufe0f한", "é한"]) == "한"
    assert text_width("\u200d", 10) == 0


def test_f3_an_svg_needs_no_font(machine: Path, spec: Any, tmp_path: Path) -> None:
    machine.unlink()
    data, said = drawn(spec("lenet5"), tmp_path / "a.svg", Sheet(labels={"conv1": KOREAN}))
    assert said == [] and KOREAN.encode() in data


@pytest.mark.parametrize("form", ["pptx", "drawio", "tex", "mmd", "html"])
def test_f3_other_formats_keep_the_text(form: str, spec: Any, tmp_path: Path) -> None:
    if form == "pptx":
        pytest.importorskip("pptx")
        from pptx import Presentation

        drawn(spec("lenet5"), tmp_path / "a.pptx", Sheet(labels={"conv1": KOREAN}))
        (slide,) = Presentation(str(tmp_path / "a.pptx")).slides
        frames = (shape.text_frame for shape in slide.shapes if shape.has_text_frame)
        assert KOREAN in [frame.text for frame in frames]
        return
    data, _ = drawn(spec("lenet5"), tmp_path / f"a.{form}", Sheet(labels={"image": KOREAN}))
    assert KOREAN in data.decode()
