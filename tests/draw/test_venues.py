"""Figures fit the columns of the classes that papers are set in (F5)."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cnnspec.draw import draw
from cnnspec.draw.page.venues import VENUES


@pytest.mark.parametrize("venue", VENUES)
@pytest.mark.parametrize("name", ["lenet5", "resnet18", "resnet34", "googlenet"])
def test_f5_a_figure_is_a_column_or_the_text_wide(
    spec: Any, tmp_path: Path, venue: str, name: str
) -> None:
    path = tmp_path / "a.svg"
    draw([spec(name)], path, venue=venue)
    size = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', path.read_text("utf-8"))
    assert size is not None
    width, height = float(size[1]), float(size[2])
    page = VENUES[venue]
    assert width <= page.column + 0.01 or width <= page.text + 0.01
    assert height <= page.height + 0.01


def test_f5_columns_in_tex_points_are_those_of_the_classes() -> None:
    points = {
        name: (round(page.column * 72.27 / 72, 1), round(page.text * 72.27 / 72, 1))
        for name, page in VENUES.items()
    }
    assert points["cvpr"] == (237.1, 496.9) and points["ieee"] == (252.0, 516.0)
    assert points["acm"] == (241.1, 506.3) and points["neurips"] == (397.5, 397.5)
    assert points["beamer"] == (307.3, 307.3)


def document(venue: str) -> str:
    """A document with the text and columns of a class, whose figures are three files."""
    page = VENUES[venue]
    text, gap = page.text * 72.27 / 72, (page.text - 2 * page.column) * 72.27 / 72
    columns = f",twocolumn]{{article}}\\columnsep={gap:.3f}pt" if gap > 0 else "]{article}"
    figures = "".join(
        f"\\begin{{figure}}\\noindent\\input{{{name}}}\\end{{figure}}\n" for name in "abt"
    )
    wide = "\\begin{figure*}\\noindent\\input{b}\\end{figure*}\n"
    return (
        f"\\documentclass[10pt{columns}\\textwidth={text:.3f}pt\n"
        "\\usepackage{tikz,booktabs,array,amsmath,graphicx}\n"
        f"\\begin{{document}}\n{figures}{wide}Text.\n\\end{{document}}\n"
    )


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
@pytest.mark.parametrize("venue", VENUES)
def test_f5_tex_fits_the_column_of_another_document(spec: Any, tmp_path: Path, venue: str) -> None:
    nets = [spec(name) for name in ("resnet18", "resnet34", "resnet50")]
    draw(nets[:1], tmp_path / "a.tex")
    draw(nets[1:2], tmp_path / "b.tex", venue=venue)
    draw(nets, tmp_path / "t.tex", style="table")
    (tmp_path / "m.tex").write_text(document(venue), encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "m.tex"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=60)
    assert run.returncode == 0, run.stdout[-2000:]
    assert b"Overfull \\hbox" not in run.stdout
