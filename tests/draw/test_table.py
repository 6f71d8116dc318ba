"""Tables of architectures: LaTeX, Markdown, HTML."""

from __future__ import annotations

import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from cnnspec.draw import DrawError, architecture_table, draw, figure
from cnnspec.draw.parts.builder import plan
from cnnspec.draw.table.cells import Bracket, Cell, Said
from cnnspec.draw.table.table import Table, table
from tests.draw.literature import NETS

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


def text(cell: Cell) -> str:
    """What the only line of a cell says."""
    (entry,) = cell
    assert isinstance(entry, Said)
    return entry.text


def made(*nets: Any) -> Table:
    return table([plan(net, "block") for net in nets])


def test_the_first_table_of_the_resnet_paper(spec: Any) -> None:
    depths = (18, 34, 50, 101, 152)
    found = made(*(spec(f"resnet{depth}").net for depth in depths))
    lines = {line.name: line for line in found.lines}
    assert [line.size for line in found.lines][:2] == ["112×112", "56×56"]
    assert lines["conv1"].cells == ((Said("7×7 conv, 64, stride 2"),),)
    counts = {name: [cell[0].count for cell in lines[name].cells] for name in ("layer1", "layer3")}  # type: ignore[union-attr]
    assert counts == {"layer1": [2, 3, 3, 3, 3], "layer3": [2, 6, 6, 23, 36]}
    bracket = lines["layer4"].cells[4][0]
    assert isinstance(bracket, Bracket)
    assert bracket.lines == (("1×1", "512"), ("3×3", "512"), ("1×1", "2048"))
    assert [text(cell) for cell in found.foot[1].cells] == [
        "1.81 G", "3.66 G", "4.09 G", "7.80 G", "11.51 G",
    ]  # fmt: skip
    assert found.note == (
        "Stride 2 in the first block of layer2, layer3, layer4. "
        "Each block adds its input, fitted by a projection where its shape changes."
    )


def test_a_net_of_modules_has_a_column_for_each_arm(written: Any) -> None:
    found = made(written(MODULES))
    assert found.head[2:] == ("op", "1×1", "3×3 reduce", "3×3", "pool proj", "params", "MACs")
    said = [text(cell) for cell in found.lines[0].cells[:5]]
    assert said == ["module (m1)", "64", "96", "128", "8"]


def test_the_table_of_googlenet(spec: Any) -> None:
    found = made(spec("googlenet").net)
    modules = [line for line in found.lines if text(line.cells[0]).startswith("inception (")]
    assert [text(line.cells[0]) for line in modules][:3] == [
        "inception (3a)", "inception (3b)", "inception (4a)",
    ]  # fmt: skip
    assert len(modules) == 9
    assert [text(cell) for cell in modules[0].cells[1:7]] == ["64", "96", "128", "16", "32", "32"]


def test_the_table_of_vgg(spec: Any) -> None:
    found = made(*(spec(f"vgg_{kind}").net for kind in "ace"))
    last = found.lines[8]
    assert last.size == "14×14"
    assert [len(cell) for cell in last.cells] == [2, 3, 4]
    assert last.cells[1][2] == Said("1×1 conv, 512")


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


def shown(net: Any) -> dict[str, list[str]]:
    """What stands in the cells of a net by the line: brackets as `kernel, channels` lines."""
    out = {}
    for line in made(net).lines:
        (cell,) = line.cells
        out[line.name] = [
            part
            for entry in cell
            for part in (
                [*(", ".join(filter(None, pair)) for pair in entry.lines), f"x{entry.count}"]
                if isinstance(entry, Bracket)
                else [entry.text]
            )
        ]
    return out


def test_f4_inner_blocks_stand_where_they_are(written: Any) -> None:
    assert shown(written(NETS["inner-blocks"]))["first"] == [
        "1×1 conv, 16", "3×3 dw, 16", "1×1, 16", "x1", "3×3 dw, 16", "1×1, 32", "x1",
        "7×7 conv, 16", "2×2 max pool, stride 2",
    ]  # fmt: skip


def test_f4_strides_and_gates_are_in_the_table(written: Any) -> None:
    found = shown(written(NETS["mobilenet-v3"]))
    assert found["bneck2"] == [
        "1×1 conv, 64", "3×3 dw conv, 64, stride 2", "SE, 16", "1×1 conv, 24",
    ]  # fmt: skip
    assert found["bneck3–4"] == ["1×1, 72", "3×3 dw, 72", "SE, 18", "1×1, 24", "x2"]


def test_f4_skips_are_in_the_table(written: Any, spec: Any) -> None:
    assert made(written(NETS["se-resnet"])).note.endswith(
        "Each block adds its input, fitted by a projection where its shape changes."
    )
    assert made(spec("densenet121").net).note == "Each block is concatenated to its input."
    found = made(spec("plain34").net, spec("resnet34").net)
    layer1 = next(line for line in found.lines if line.name == "layer1")
    brackets = [entry for cell in layer1.cells for entry in cell if isinstance(entry, Bracket)]
    assert brackets[-1].lines[-1] == ("+ input", "")
    assert ("+ input", "") not in brackets[0].lines


def test_f4_heads_and_further_outputs_are_in_the_table(written: Any) -> None:
    found = shown(written(NETS["outputs"]))
    assert found["edges, from stem"] == ["1×1 conv, 1, sigmoid"]
    assert found["depth, from body"] == ["upsample ×2", "3×3 conv, 1, tanh"]
    assert found["early (training), from body"] == ["global avg pool", "fc, 32", "fc, 5"]
    assert found[""] == ["fc, 10, softmax"]


def test_two_inputs_are_no_flow_that_goes_back(written: Any) -> None:
    with pytest.raises(DrawError, match="x has 2 inputs: style block shows it"):
        made(written(NETS["two-inputs"]))
    with pytest.raises(DrawError, match="x has a flow that goes back: style block shows it"):
        made(written(NETS["unet"]))
