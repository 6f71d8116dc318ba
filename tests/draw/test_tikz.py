"""TikZ: read by another implementation always, compiled where LaTeX is there."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cnnspec.draw import figure, write
from cnnspec.draw.gallery import SPECIAL
from cnnspec.draw.page.scene import Scene
from cnnspec.draw.writers.escape import latex

NASTY = ["50% of $x$ \\input{y} #1 & {z}_~^", '<b>"q"</b>|', "\x1b[31m\x00", "\u202e가", "a" * 60]


def tikz(scene: Scene) -> str:
    return write(scene, "tex").decode()


def picture_of(text: str) -> str:
    """The colours and the picture, its texts without the macro that fits them."""
    colours = "".join(re.findall(r"\\definecolor.*\n", text))
    start, stop = text.index(r"\begin{tikzpicture}"), text.index(r"\end{tikzpicture}")
    drawn = re.sub(r"\\archtext(\{[\d.]*\}){3}", "", text[start:stop])
    return colours + drawn + r"\end{tikzpicture}"


@pytest.mark.parametrize("name", ["lenet5", "resnet34", "resnet152"])
def test_another_reader_understands_every_statement(spec: Any, name: str) -> None:
    tikra = pytest.importorskip("tikra")
    scene = figure(spec(name).net)
    result = tikra.render(picture_of(tikz(scene)))
    assert result["warnings"] == []
    width = re.search(r'viewBox="\S+ \S+ (\S+)', result["svg"])
    assert width is not None
    assert abs(float(width[1]) - scene.width) < 8


PICTURES = [entry for entry in SPECIAL if entry.options.get("style") != "table"]


@pytest.mark.parametrize("entry", PICTURES, ids=lambda entry: entry.file)
def test_it_reads_every_special_figure_of_the_gallery(spec: Any, entry: Any) -> None:
    tikra = pytest.importorskip("tikra")
    options = {key: value for key, value in entry.options.items() if key != "theme"}
    scene = figure(*(spec(name).net for name in entry.nets), **options)
    assert tikra.render(picture_of(tikz(scene)))["warnings"] == []


def test_every_shape_is_a_statement(spec: Any) -> None:
    scene = figure(spec("resnet34").net)
    statements = [line for line in tikz(scene).splitlines() if line.endswith(";")]
    assert len(statements) == len(scene.shapes) + 1
    assert tikz(scene) == tikz(figure(spec("resnet34").net))


@pytest.mark.parametrize("name", NASTY)
def test_names_are_text(name: str) -> None:
    shown = re.sub(
        r"\\(textbackslash|textasciitilde|textasciicircum)\{\}|\\[&%$#_{}]", "", latex(name)
    )
    shown = re.sub(r"\{[-']+\}|\$[<>|]\$", "", shown)
    assert not set(shown) & set("\\{}$&#%_~^")
    assert shown.isascii() and shown.isprintable()


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
def test_it_compiles_to_a_page_of_its_size(spec: Any, tmp_path: Path) -> None:
    net = spec("lenet5").net
    entry = replace(net.inputs[0], name=NASTY[0])
    scene = figure(replace(net, inputs=(entry,)))
    (tmp_path / "f.tex").write_text(tikz(scene), encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "f.tex"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=60)
    assert run.returncode == 0, run.stdout[-2000:]
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", (tmp_path / "f.pdf").read_bytes())
    if box is not None:
        assert abs(float(box[1]) - scene.width - 4) < 0.1
