"""SVG, PDF, PNG and dot: well-formed, self-contained, the same bytes every time."""

from __future__ import annotations

import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest

from cnnspec.draw import DrawError, MissingExtra, draw, figure, write


def test_svg_coordinates_have_two_decimals(spec: Any) -> None:
    svg = write(figure(spec("resnet34").net), "svg").decode()
    assert not re.search(r"\d\.\d{3}", re.sub(r"<(title|desc)>.*?</", "", svg))


@pytest.mark.parametrize("form", ["svg", "pdf"])
def test_the_same_bytes_twice(spec: Any, form: str) -> None:
    net = spec("resnet50").net
    assert write(figure(net), form) == write(figure(net), form)


def test_the_same_bytes_with_another_hash_seed(tmp_path: Path, spec: Any) -> None:
    file = Path(__file__).parents[2] / "specs" / "resnet34_a.cnn"
    program = (
        "import sys; from cnnspec.draw import figure, write;"
        "from cnnspec.elaborate.workspace import Workspace; w = Workspace();"
        f"e = w.elaborate(w.read({str(file)!r}), 'resnet34_a');"
        "sys.stdout.buffer.write(write(figure(e.net), 'svg'))"
    )
    environment = {"PYTHONHASHSEED": "7", "PATH": ""}
    root = str(Path(__file__).parents[2])
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, env=environment, cwd=root
    )
    assert run.stdout == write(figure(spec("resnet34_a").net), "svg")


def _objects(pdf: bytes) -> dict[int, bytes]:
    """The objects of a PDF, found by its own table."""
    found = re.search(rb"startxref\n(\d+)\n%%EOF\n$", pdf)
    assert found is not None
    table = pdf[int(found[1]) :].split(b"\n")
    assert table[0] == b"xref"
    places = [int(line[:10]) for line in table[3:] if line.endswith(b"n ")]
    objects = {}
    for index, place in enumerate(places, 1):
        head = b"%d 0 obj\n" % index
        assert pdf[place:].startswith(head)
        objects[index] = pdf[place + len(head) : pdf.index(b"\nendobj", place)]
    return objects


def _stream(body: bytes) -> bytes:
    head, _, rest = body.partition(b"\nstream\n")
    length = re.search(rb"/Length (\d+)", head)
    assert length is not None
    data = rest[: int(length[1])]
    assert rest[len(data) :] == b"\nendstream"
    return zlib.decompress(data)


def test_pdf_embeds_its_fonts(spec: Any) -> None:
    objects = _objects(write(figure(spec("lenet5").net), "pdf"))
    fonts = [body for body in objects.values() if b"/Type /Font " in body]
    assert len(fonts) == 2
    for font in fonts:
        descriptor = objects[int(re.search(rb"/FontDescriptor (\d+)", font)[1])]  # type: ignore[index]
        program = _stream(objects[int(re.search(rb"/FontFile2 (\d+)", descriptor)[1])])  # type: ignore[index]
        assert program[:4] == b"\0\1\0\0"
        assert b"WinAnsiEncoding" in font


def test_pdf_shows_every_text_of_the_scene(spec: Any) -> None:
    scene = figure(spec("resnet34").net)
    content = _stream(_objects(write(scene, "pdf"))[4]).decode()
    shown = [bytes.fromhex(code).decode("cp1252") for code in re.findall(r"<(\w+)> Tj", content)]
    assert shown == [shape.text for shape in scene.shapes if hasattr(shape, "text")]


def test_png_has_its_size_and_density(spec: Any) -> None:
    pytest.importorskip("resvg_py")
    png = write(figure(spec("lenet5").net), "png", dpi=150)
    assert png.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", png[16:24])
    assert (width, height) == (510, round(figure(spec("lenet5").net).height * 150 / 72))
    assert png[37:41] == b"pHYs"
    assert struct.unpack(">I", png[41:45])[0] == round(150 / 0.0254)


def test_png_draws_its_texts(spec: Any) -> None:
    pytest.importorskip("resvg_py")
    from dataclasses import replace

    scene = figure(spec("lenet5").net)
    drawn = [shape for shape in scene.shapes if not hasattr(shape, "text")]
    bare = replace(scene, shapes=drawn, groups=[])
    assert len(write(scene, "png")) > 1.3 * len(write(bare, "png"))


def test_png_without_its_extra_says_so(spec: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(MissingExtra, match="draw"):
        write(figure(spec("lenet5").net), "png")


def test_the_ending_says_the_format(spec: Any, tmp_path: Path) -> None:
    said = draw([spec("lenet5")], tmp_path / "a.svg")
    assert re.fullmatch(r"3\.4 x \d\.\d in, level block", said)
    draw([spec("lenet5")], tmp_path / "a.pdf")
    draw([spec("lenet5")], tmp_path / "a.dot")
    assert (tmp_path / "a.svg").read_bytes().startswith(b"<?xml")
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")
    assert "n0 -> n1" in (tmp_path / "a.dot").read_text()
    with pytest.raises(DrawError, match="no format `gif`"):
        draw([spec("lenet5")], tmp_path / "a.gif")
    assert not (tmp_path / "a.gif").exists()


def test_drawing_needs_no_heavy_module() -> None:
    program = (
        "import sys; import cnnspec.draw.block.page, cnnspec.draw.parts.builder;"
        "import cnnspec.draw.writers.pdf;"
        "print([m for m in ('graphviz', 'networkx', 'resvg_py', 'jinja2', 'torch', 'numpy') "
        "if m in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert run.stdout.strip() == "[]"


def test_f5_a_pdf_is_tagged_with_what_the_figure_says(spec: Any) -> None:
    from io import BytesIO

    from pypdf import PdfReader

    scene = figure(spec("resnet34").net)
    reader = PdfReader(BytesIO(write(scene, "pdf")), strict=True)
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"] == "en"
    (document,) = root["/StructTreeRoot"]["/K"]
    (picture,) = document.get_object()["/K"]
    assert picture.get_object()["/S"] == "/Figure"
    assert picture.get_object()["/Alt"] == scene.desc
    assert "7×7 conv, 64" in reader.pages[0].extract_text()
