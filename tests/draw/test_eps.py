"""A figure as Encapsulated PostScript: a page of its size, outlines, no code of a spec."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cnnspec.draw import figure, write
from cnnspec.draw.page.scene import Text
from cnnspec.elaborate.sheet import Sheet
from tests.draw.test_names import NASTY

pytest.importorskip("fontTools")
GHOSTSCRIPT = shutil.which("gs")
WORDS = {"m", "l", "c", "h", "n", "C", "F", "S", "T", "t", "[", "]", "translate", "scale",
         "setlinejoin", "restore", "showpage", "{", "}", "bind", "def"}  # fmt: skip


def body(data: bytes) -> list[str]:
    """The tokens behind the definitions of the head."""
    text = data.decode("ascii").partition("/t { fill grestore } bind def\n")[2]
    lines = [line for line in text.splitlines() if line != "%%EOF"]
    return " ".join(lines).replace("[", " [ ").replace("]", " ] ").split()


def test_f5_it_says_its_size(spec: Any) -> None:
    scene = figure(spec("resnet34").net)
    data = write(scene, "eps")
    assert data.startswith(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 245 ")
    assert data.endswith(b"restore\nshowpage\n%%EOF\n")
    assert data == write(scene, "eps")


def test_f5_every_letter_is_drawn_once(spec: Any) -> None:
    scene = figure(spec("lenet5").net)
    texts = (shape.text for shape in scene.shapes if isinstance(shape, Text))
    letters = sum(not char.isspace() for text in texts for char in text)
    assert body(write(scene, "eps")).count("t") == letters


@pytest.mark.parametrize("index", range(len(NASTY)))
def test_s24_it_holds_numbers_and_its_own_words(index: int, spec: Any) -> None:
    word = NASTY[index]
    sheet = Sheet(labels={"conv1": word, "image": word}, groups=((word, ("conv1",)),))
    scene = replace(figure(spec("lenet5").net, sheet=sheet), title=word)
    data = write(scene, "eps")
    strange = [token for token in body(data) if token not in WORDS
               and not re.fullmatch(r"-?\d+(\.\d+)?|/?g\d+", token)]  # fmt: skip
    assert strange == []
    assert all(len(line) <= 240 and not line.startswith("%%Begin") for line in head(data))


def head(data: bytes) -> list[str]:
    return data.decode("ascii").partition("%%EndComments")[0].splitlines()


@pytest.mark.skipif(GHOSTSCRIPT is None, reason="needs Ghostscript")
def test_f5_ghostscript_fills_the_page(spec: Any, tmp_path: Path) -> None:
    assert GHOSTSCRIPT is not None
    scene = figure(spec("resnet18").net, sheet=Sheet(face="Times"))
    (tmp_path / "a.eps").write_bytes(write(scene, "eps"))
    command = [GHOSTSCRIPT, "-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", "-dEPSCrop", "-r72",
               "-sDEVICE=bbox", "a.eps"]  # fmt: skip
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    found = re.search(r"%%HiResBoundingBox: (\S+) (\S+) (\S+) (\S+)", done.stderr)
    assert found is not None
    left, low, right, high = map(float, found.groups())
    assert 0 <= left < 6 and 0 <= low < 6  # its ink: the margin is white
    assert scene.width - 6 < right <= scene.width and scene.height - 6 < high <= scene.height
