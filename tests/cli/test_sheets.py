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
    assert "conv1" in text and ">stem<" not in text and "#ABDBA6" in text
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
        (("--zoom", "stam"), "small has nothing called stam: did you mean `stem`?"),
        (("--only", "stam"), "did you mean `stem`?"),
        (("--expand", "stam"), "did you mean `stem`?"),
        (("--order", "image,fcc"), "--order knows no fcc"),
        (("--only", "stem", "--only", "fc", "--zoom", "fc"), "without --only"),
        (("--only", "stem", "--only", "fc", "--split"), "without --only"),
        (("--aspect", "16:9", "--split"), "without --aspect"),
        (("--zoom", "stem", "--split"), "without --zoom"),
        (("--style", "module", "--split"), "--split is for style block"),
        (("--style", "volumes", "--zoom", "stem"), "--zoom is for style block"),
        (("--style", "module", "--direction", "right"), "--direction is for style block"),
        (("--split", "-o", "a.html"), "html file has no pages"),
    ],
)
def test_f3_a_wrong_flag_is_said(
    cnnspec: Program, file: Path, flags: tuple[str, ...], said: str
) -> None:
    done = cnnspec("draw", "small.cnn:small", *flags)
    assert done.status == 2 and said in done.err


CONFLICTS = [
    (("--style", "module", "--counts", "--expand", "stem"), "style module knows no expand, counts"),
    (("--for", "cvpr", "--width", "5in"), "--for cvpr says how wide it is: --width"),
    (("-o", "a.mmd", "--zoom", "stem", "--crop"), "Mermaid shows no zoom, crop"),
    (("-o", "a.dot", "--only", "stem"), "dot shows no only"),
    (("-o", "a.md", "--style", "table", "--note", "fc=x"), "a table shows no note"),
    (("--style", "columns", "--label", "stem=x"), "the figure shows no name of stem"),
]


@pytest.mark.parametrize(("flags", "said"), CONFLICTS)
def test_f3_what_a_style_or_a_file_does_not_know_is_said_in_a_line(
    cnnspec: Program, file: Path, flags: tuple[str, ...], said: str
) -> None:
    done = cnnspec("draw", "small.cnn:small", *flags)
    assert done.status == 0 and said in done.err and len(done.err.splitlines()) == 1


def test_f3_flags_come_several_times_and_with_a_sheet(cnnspec: Program, file: Path) -> None:
    twice = (
        "--label stem=one --label fc=two --hide relu --hide totals,key --colour stem=red "
        "--colour fc=blue --highlight stem --highlight fc --note stem=here --note fc=there "
        "--group a=stem --group b=fc --size 8pt --font Times --crop"
    )
    done = cnnspec("draw", "small.cnn:print", *twice.split(), "-o", "-")
    assert done.status == 0, done.err
    for word in ("one", "two", "here", "there", "a", "b"):
        assert f">{word}<" in done.out
    assert "ReLU" not in done.out and "MACs<" not in done.out and "Tinos" in done.out
    wide = cnnspec("draw", "small.cnn:other", "--zoom", "stem", "--zoom", "fc", "--aspect", "4:3")
    assert wide.status == 0, wide.err


def test_f3_several_parts_stand_side_by_side(cnnspec: Program, file: Path) -> None:
    done = cnnspec("draw", "small.cnn:small", "--only", "stem", "--only", "fc", "-o", "-")
    assert done.status == 0, done.err
    assert 'id="stem"' in done.out and 'id="fc"' in done.out
    assert "global avg pool" not in done.out
    text = TEXT + "figure parts of small { only = stem, fc; width = 4in }\n"
    file.write_text(text, encoding="utf-8")
    again = cnnspec("draw", "small.cnn:parts", "-o", "-")
    assert again.status == 0 and again.out.count("<text") <= done.out.count("<text")
    one = cnnspec("draw", "small.cnn:parts", "--only", "fc", "-o", "-")
    assert 'id="stem"' not in one.out and 'id="fc"' in one.out


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
