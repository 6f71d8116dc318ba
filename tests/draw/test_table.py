"""Tables of architectures: LaTeX, Markdown, HTML."""

from __future__ import annotations

import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from cnnspec.draw import DrawError, architecture_table, draw, figure
from cnnspec.draw.build import plan
from cnnspec.draw.cells import Bracket
from cnnspec.draw.table import Table, table

MODULES = """
default conv pad=same -> relu
block module(a) {
  concat { conv a, 1x1; { conv 96, 1x1 -> conv 128, 3x3 }; { maxpool 3x3/1, pad=1 -> conv 8, 1x1 } }
}
net x() {
  input 192x28x28
  m1: module 64
  m2: module 32
  global_avgpool -> flatten
  linear 10
}
"""


def made(*nets: Any) -> Table:
    return table([plan(net, "block") for net in nets])


def test_the_first_table_of_the_resnet_paper(spec: Any) -> None:
    depths = (18, 34, 50, 101, 152)
    found = made(*(spec(f"resnet{depth}").net for depth in depths))
    lines = {line.name: line for line in found.lines}
    assert [line.size for line in found.lines][:2] == ["112×112", "56×56"]
    assert lines["conv1"].cells == (("7×7 conv, 64, stride 2",),)
    counts = {name: [cell[0].count for cell in lines[name].cells] for name in ("layer1", "layer3")}  # type: ignore[union-attr]
    assert counts == {"layer1": [2, 3, 3, 3, 3], "layer3": [2, 6, 6, 23, 36]}
    bracket = lines["layer4"].cells[4][0]
    assert isinstance(bracket, Bracket)
    assert bracket.lines == (("1×1", "512"), ("3×3", "512"), ("1×1", "2048"))
    assert [cell[0] for cell in found.foot[1].cells] == [
        "1.81 G", "3.66 G", "4.09 G", "7.80 G", "11.51 G",
    ]  # fmt: skip
    assert found.note == "Stride 2 in the first block of layer2, layer3, layer4."


def test_a_net_of_modules_has_a_column_for_each_arm(written: Any) -> None:
    found = made(written(MODULES))
    assert found.head[2:] == ("op", "1×1", "3×3 reduce", "3×3", "pool proj", "params", "MACs")
    assert [cell[0] for cell in found.lines[0].cells[:5]] == ["module", "64", "96", "128", "8"]


def test_the_table_of_googlenet(spec: Any) -> None:
    found = made(spec("googlenet").net)
    modules = [line for line in found.lines if line.cells[0] == ("module",)]
    assert len(modules) == 9
    assert [cell[0] for cell in modules[0].cells[1:7]] == ["64", "96", "128", "16", "32", "32"]


def test_the_table_of_vgg(spec: Any) -> None:
    found = made(*(spec(f"vgg_{kind}").net for kind in "ace"))
    last = found.lines[8]
    assert last.size == "14×14"
    assert [len(cell) for cell in last.cells] == [2, 3, 4]
    assert last.cells[1][2] == "1×1 conv, 512"


RAW = {"tex": ["a|b_c", "\\input{y}", " $x$ "], "md": ["a|b_c", "><script"], "html": ["<script"]}


@pytest.mark.parametrize("form", ["tex", "md", "html"])
def test_names_are_text_in_every_format(spec: Any, tmp_path: Path, form: str) -> None:
    from dataclasses import replace

    for name in ("a|b_c", "</td><script>x</script>", "50% of $x$ \\input{y}", "x" * 60):
        text = architecture_table(replace(spec("resnet18").net, name=name), form=form)
        for raw in RAW[form]:
            assert raw not in text
        assert text == architecture_table(replace(spec("resnet18").net, name=name), form=form)


def test_markdown_has_as_many_cells_in_every_line(spec: Any) -> None:
    nets = [spec(name).net for name in ("resnet18", "resnet50")]
    rows = architecture_table(*nets, form="md").split("\n\n")[0].splitlines()
    assert {row.count("|") for row in rows} == {5}


def test_html_is_well_formed_and_fetches_nothing(spec: Any) -> None:
    class Balance(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.open: list[str] = []

        def handle_starttag(self, tag: str, attrs: Any) -> None:
            assert not {"src", "href"} & {key for key, _ in attrs}
            if tag not in ("meta", "br"):
                self.open.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert self.open.pop() == tag

    reader = Balance()
    reader.feed(architecture_table(spec("resnet18").net, spec("resnet50").net, form="html"))
    assert reader.open == []


def test_a_table_is_no_picture(spec: Any, tmp_path: Path) -> None:
    with pytest.raises(DrawError, match=r"\.tex, \.md or \.html"):
        figure(spec("lenet5").net, style="table")
    with pytest.raises(DrawError, match="no `svg`"):
        draw([spec("lenet5")], tmp_path / "a.svg", style="table")


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
def test_latex_compiles(spec: Any, tmp_path: Path) -> None:
    nets = [spec(name).net for name in ("resnet18", "resnet152")]
    (tmp_path / "t.tex").write_text(architecture_table(*nets, form="tex"), encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "t.tex"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=60)
    outer = r"\documentclass{article}\usepackage{booktabs,amsmath,array}\begin{document}\input{t}"
    (tmp_path / "o.tex").write_text(outer + r"\end{document}", encoding="utf-8")
    command[-1] = "o.tex"
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=60)
