"""Words of an author's sheet that mean something to a format are only words in it (S24).

A label, a note, a bracket, the name of an output or of the net take any text: it reaches every
format that a figure is written in.  A format without a check here fails.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest

from cnnspec.draw import FORMATS, draw
from cnnspec.draw.table.tablewriters import WRITERS
from cnnspec.elaborate.sheet import Sheet
from tests.draw.test_eps import WORDS as POSTSCRIPT
from tests.draw.test_eps import body
from tests.draw.test_names import NASTY
from tests.draw.test_office import Model, chart

HOSTILE = [
    *NASTY,
    'javascript:alert(1)" onload="x',
    "<!-- --><![CDATA[x]]><img src=x onerror=y>",
    "\\write18{x}^^5cinput{b}%",
    ") showpage (%!PS\n/quit",
    "end\nclick n1 call x()\n```",
    '=HYPERLINK("http://x")|a|`b`',
    "\u202eabc\u2028d\N{ROCKET}",
    "{{7*7}}${x}#{y}&#x3c;",
]


def svg(data: bytes) -> None:
    tags = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(data).iter()}
    assert tags <= set("svg title desc g rect path circle text tspan".split())


def pdf(data: bytes) -> None:
    from pypdf import PdfReader

    reader = PdfReader(BytesIO(data), strict=True)
    assert "/Annots" not in reader.pages[0]
    assert not {"/OpenAction", "/AA", "/Names"} & set(reader.trailer["/Root"])  # type: ignore[arg-type]


def eps(data: bytes) -> None:
    strange = [token for token in body(data) if token not in POSTSCRIPT
               and not re.fullmatch(r"-?\d+(\.\d+)?|/?g\d+", token)]  # fmt: skip
    assert strange == [] and data.count(b"%!PS") == 1


def png(data: bytes) -> None:
    assert data.startswith(b"\x89PNG")


def tex(data: bytes) -> None:
    for macro in (b"\\input{a}", b"\\slash", b"$x$", b"\\write", b"^^5c"):
        assert macro not in data


def drawio(data: bytes) -> None:
    model = Model(data.decode())
    model.check()
    assert "<script" not in data.decode() and "link=" not in data.decode()
    assert {cell.tag for cell in model.cells.values()} == {"mxCell"}


def pptx(data: bytes) -> None:
    presentation = pytest.importorskip("pptx")
    (slide,) = presentation.Presentation(BytesIO(data)).slides
    assert not [rel for rel in slide.part.rels.values() if "hyperlink" in rel.reltype]


def mmd(data: bytes) -> None:
    text = data.decode()
    chart(text)
    assert not re.search(r"^\s*click|```|<script", text, re.MULTILINE)


def html(data: bytes) -> None:
    text = data.decode()
    assert text.count("<script") == 2 and not re.search(r"<(b|img|iframe)\b", text)
    assert not re.search(r"<[^>]*\sonload=", text)


def markdown(data: bytes) -> None:
    text = data.decode()
    assert not re.search(r"(?<!\\)<(script|img|b|!--)", text)
    assert len({len(re.findall(r"(?<!\\\\)\|", line)) for line in text.splitlines() if line}) == 1


def explorer(data: bytes) -> None:
    assert json.loads(data)["graphs"]


def dot(data: bytes) -> None:
    pygraphviz = pytest.importorskip("pygraphviz")
    assert pygraphviz.AGraph(string=data.decode()).number_of_nodes() == 10


def page(data: bytes) -> None:
    """A table as a page: no script at all."""
    assert not re.search(r"<(script|img|iframe|b)\b", data.decode())


CHECKS: dict[tuple[str, str], Callable[[bytes], None]] = {
    ("svg", ""): svg, ("pdf", ""): pdf, ("eps", ""): eps, ("png", ""): png, ("tex", ""): tex,
    ("drawio", ""): drawio, ("pptx", ""): pptx, ("mmd", ""): mmd, ("html", ""): html,
    ("md", "table"): markdown, ("tex", "table"): tex, ("html", "table"): page,
    ("json", ""): explorer, ("dot", ""): dot,
}  # fmt: skip
"""Format and style -> what must hold of the bytes."""
NET = """net x() {
  input image: 3x32x32
  conv1: conv 8, 5x5 -> relu
  conv2: conv 8, 3x3 -> relu
  output side: from conv1 -> conv 2, 1x1 -> sigmoid
  global_avgpool -> flatten
  fc: linear 10
}
"""


def test_s24_every_format_has_its_check() -> None:
    assert {form for form, _ in CHECKS} == set(FORMATS)
    assert {form for form, style in CHECKS if style} == set(WRITERS)


@pytest.fixture(params=range(0, len(HOSTILE), 2), ids=lambda index: f"word{index}")
def sheet(request: pytest.FixtureRequest) -> tuple[Sheet, list[str]]:
    """A sheet whose words are hostile, each in another place for the next one."""
    first = request.param
    word = [HOSTILE[(first + at) % len(HOSTILE)] for at in range(6)]
    said = Sheet(
        labels={"conv1": word[0], "image": word[1], "side": word[2]}, notes={"conv2": word[3]},
        groups=((word[4], ("conv1..conv2",)), (word[5], ("fc",))), colours={"fc": "red"},
    )  # fmt: skip
    return said, word


@pytest.mark.parametrize(("form", "style"), CHECKS, ids=lambda word: word or "picture")
def test_s24_words_of_a_sheet_are_words(
    form: str, style: str, sheet: tuple[Sheet, list[str]], written: Any, tmp_path: Path
) -> None:
    if form in ("png", "pptx"):
        pytest.importorskip("resvg_py" if form == "png" else "pptx")
    said, words = sheet
    made: Any = SimpleNamespace(net=replace(written(NET), name=words[0]))
    path = tmp_path / f"a.{form}"
    draw([made], path, sheet=said, **({"style": style} if style else {}))
    CHECKS[form, style](path.read_bytes())


@pytest.mark.parametrize(("form", "style"), CHECKS, ids=lambda word: word or "picture")
def test_s24_bytes_that_are_no_text_are_marked(
    form: str, style: str, spec: Any, tmp_path: Path
) -> None:
    """A command line gives what it cannot read as half of a pair (PEP 383)."""
    if form in ("png", "pptx"):
        pytest.importorskip("resvg_py" if form == "png" else "pptx")
    half = "a\udcff\ud800b"
    sheet = Sheet(labels={"conv1": half}, notes={"conv2": half}, groups=((half, ("conv1",)),))
    path = tmp_path / f"a.{form}"
    look: Any = {"style": style} if style else {}
    draw([spec("lenet5")], path, sheet=sheet, **look)
    assert path.stat().st_size > 100
