"""`cnnspec draw`: figures that files declare, and the author's flags (F3)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Program

TEXT = """net small() {
  input 3x32x32
  stem: conv 16, 3x3, same -> relu
  global_avgpool -> flatten
  fc: linear 10
}

figure print of small { label stem = "conv1"; colour stem = green }
figure other of small { width = 5in; hide totals }
"""


@pytest.fixture
def file(folder: Path) -> Path:
    path = folder / "small.cnn"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_f3_a_declared_figure_is_drawn_by_its_name(cnnspec: Program, file: Path) -> None:
    done = cnnspec("draw", "small.cnn:print", "-o", "p.svg")
    assert done.status == 0, done.err
    text = (file.parent / "p.svg").read_text(encoding="utf-8")
    assert "conv1" in text and ">stem<" not in text and "#A5D3A0" in text
    assert cnnspec("draw", "small.cnn:other").status == 0
    other = (file.parent / "other.svg").read_text(encoding="utf-8")
    assert 'width="360pt"' in other and "MACs<" not in other


def test_f3_flags_go_before_the_sheet(cnnspec: Program, file: Path) -> None:
    done = cnnspec("draw", "small.cnn:other", "--width", "4in", "--label", "fc=classes")
    assert done.status == 0, done.err
    other = (file.parent / "other.svg").read_text(encoding="utf-8")
    assert 'width="288pt"' in other and "classes" in other and "MACs<" not in other


def test_f3_a_file_of_one_figure_beside_the_spec(cnnspec: Program, file: Path) -> None:
    beside = 'import small from "small.cnn"\nfigure slide of small { font = 9pt }\n'
    (file.parent / "slides.cnn").write_text(beside, encoding="utf-8")
    assert cnnspec("draw", "slides.cnn", "-o", "s.svg").status == 0
    assert 'font-size="9"' in (file.parent / "s.svg").read_text(encoding="utf-8")
    assert cnnspec("check", "slides.cnn").status == 0


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--label", "stam=x"), "small has nothing called stam: did you mean `stem`?"),
        (("--label", "stem"), 'write --label "layer1=conv2_x"'),
        (("--colour", "stem=grean"), "did you mean `green`?"),
        (("--hide", "bnn"), "did you mean `bn`?"),
        (("--size", "3pt"), "from 6pt to 14pt"),
        (("--group", "a=stem..fcc"), "small has nothing called fcc"),
        (("--aspect", "wide"), "such as 16:9"),
        (("--zoom", "stam"), "no box for `stam`"),
        (("--split", "-o", "a.html"), "html file has no pages"),
    ],
)
def test_f3_a_wrong_flag_is_said(
    cnnspec: Program, file: Path, flags: tuple[str, ...], said: str
) -> None:
    done = cnnspec("draw", "small.cnn:small", *flags)
    assert done.status == 2 and said in done.err


def test_f1_a_split_figure_is_several_files(cnnspec: Program, file: Path) -> None:
    done = cnnspec(
        "draw", "small.cnn:small", "--split", "--height", "1in", "--width", "2.5in", "-o", "s.svg"
    )
    assert done.status == 0, done.err
    files = sorted(path.name for path in file.parent.glob("s*.svg"))
    assert files[:2] == ["s_a.svg", "s_b.svg"]
    assert len(done.out.splitlines()) == len(files)
    (file.parent / "s_b.svg").write_text("mine", encoding="utf-8")
    again = cnnspec(
        "draw", "small.cnn:small", "--split", "--height", "1in", "--width", "2.5in", "-o", "s.svg"
    )
    assert again.status == 2 and "s_b.svg was not drawn by cnnspec" in again.err
    assert (file.parent / "s_b.svg").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("form", ["svg", "pdf", "tex", "html", "drawio", "pptx", "mmd"])
def test_s24_a_hostile_label_in_every_format(cnnspec: Program, file: Path, form: str) -> None:
    if form == "pptx":
        pytest.importorskip("pptx")
    label = "stem=<script>\\input{x}]]>&\x1b"
    done = cnnspec("draw", "small.cnn:small", "--label", label, "-o", f"a.{form}")
    assert done.status == 0, done.err
    data = (file.parent / f"a.{form}").read_bytes()
    assert (b"<script>\\input" not in data and b"\x1b" not in data) or form in ("pptx", "pdf")
    again = cnnspec("draw", "small.cnn:small", "-o", f"a.{form}")
    assert again.status == 0, "ours, so written over"


def test_f3_a_wrong_figure_is_refused_by_check_and_by_draw(cnnspec: Program, file: Path) -> None:
    file.write_text(TEXT.replace("label stem", "label stam"), encoding="utf-8")
    for command in ("check small.cnn", "draw small.cnn:print", "draw small.cnn:small"):
        done = cnnspec(*command.split())
        assert done.status == 1 and "E0101" in done.err + done.out


def test_a_figure_on_standard_output(cnnspec: Program, file: Path) -> None:
    done = cnnspec("draw", "small.cnn:print", "-o", "-", "--crop")
    assert done.status == 0 and done.err == ""
    assert done.out.startswith("<?xml") and done.out.endswith("</svg>\n")
    assert not [path for path in file.parent.rglob("*") if path.suffix == ".svg"]
    table = cnnspec("draw", "small.cnn", "--style", "table", "-o", "-")
    assert table.out.startswith("| layer |")
