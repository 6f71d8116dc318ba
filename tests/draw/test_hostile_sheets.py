"""Words of an author's sheet that mean something to a format are only words in it (S24).

A label, a note and a bracket take any text: it reaches every format that a figure is written in.
"""

from __future__ import annotations

import json
import re
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from cnnspec.draw import draw
from cnnspec.elaborate.sheet import Sheet
from tests.draw.test_names import NASTY
from tests.draw.test_office import Model, chart


@pytest.fixture(params=range(len(NASTY)), ids=lambda index: f"name{index}")
def drawn(request: pytest.FixtureRequest, spec: Any, tmp_path: Path) -> Any:
    """A function that draws LeNet-5 with such words into a format and gives the bytes."""
    word = NASTY[request.param]
    sheet = Sheet(
        labels={"conv1": word, "image": word}, notes={"conv2": word}, groups=((word, ("conv1",)),)
    )

    def of(form: str) -> bytes:
        path = tmp_path / f"a.{form}"
        draw([spec("lenet5")], path, sheet=sheet)
        return path.read_bytes()

    return of


def test_s24_svg_holds_texts_and_shapes_alone(drawn: Any) -> None:
    root = ElementTree.fromstring(drawn("svg"))
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags <= set("svg title desc g rect path circle text tspan".split())


def test_s24_pdf_holds_no_action_and_no_link(drawn: Any) -> None:
    from pypdf import PdfReader

    reader = PdfReader(BytesIO(drawn("pdf")), strict=True)
    assert "/Annots" not in reader.pages[0]
    assert not {"/OpenAction", "/AA", "/Names"} & set(reader.trailer["/Root"])  # type: ignore[arg-type]


def test_s24_png_is_drawn(drawn: Any) -> None:
    pytest.importorskip("resvg_py")
    assert drawn("png").startswith(b"\x89PNG")


def test_s24_tex_holds_no_macro_of_a_word(drawn: Any) -> None:
    data = drawn("tex")
    assert b"\\input{a}" not in data and b"\\slash" not in data and b"$x$" not in data


def test_s24_drawio_holds_labels_as_texts(drawn: Any) -> None:
    text = drawn("drawio").decode()
    model = Model(text)
    model.check()
    assert "<script" not in text and "link" not in text
    assert {cell.tag for cell in model.cells.values()} == {"mxCell"}


def test_s24_slides_hold_no_link(drawn: Any) -> None:
    pptx = pytest.importorskip("pptx")
    (slide,) = pptx.Presentation(BytesIO(drawn("pptx"))).slides
    assert not [rel for rel in slide.part.rels.values() if "hyperlink" in rel.reltype]


def test_s24_mermaid_holds_nodes_and_edges(drawn: Any) -> None:
    text = drawn("mmd").decode()
    chart(text)
    assert "click" not in text and "<script" not in text


def test_s24_a_page_runs_its_own_script_alone(drawn: Any) -> None:
    text = drawn("html").decode()
    assert text.count("<script") == 2
    assert not re.search(r"<(b|img|iframe)\b", text)


def test_s24_json_and_dot_are_read_back(drawn: Any) -> None:
    assert json.loads(drawn("json"))["graphs"]
    pygraphviz = pytest.importorskip("pygraphviz")
    assert pygraphviz.AGraph(string=drawn("dot").decode()).number_of_nodes() == 14
