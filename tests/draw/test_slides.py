"""Slides as LibreOffice opens them, where it is installed (F5)."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from cnnspec.draw import figure, write
from cnnspec.draw.page.scene import Text

OFFICE = shutil.which("soffice")


def letters(texts: Iterable[str]) -> Counter[str]:
    """How often each letter stands in texts: a PDF does not say where words end."""
    return Counter("".join("".join(texts).split()))


@pytest.mark.skipif(OFFICE is None, reason="needs LibreOffice")
def test_f5_libreoffice_opens_a_slide_with_every_letter(spec: Any, tmp_path: Path) -> None:
    pytest.importorskip("pptx")
    from pypdf import PdfReader

    scene = figure(spec("resnet18").net, width=495.0)
    (tmp_path / "a.pptx").write_bytes(write(scene, "pptx"))
    home = f"-env:UserInstallation={(tmp_path / 'home').as_uri()}"
    command = [str(OFFICE), "--headless", home, "--convert-to", "pdf", "a.pptx"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=240)
    (page,) = PdfReader(tmp_path / "a.pdf").pages
    assert abs(float(page.mediabox.width) - scene.width) < 2
    assert abs(float(page.mediabox.height) - scene.height) < 2
    said = (shape.text for shape in scene.shapes if isinstance(shape, Text))
    assert letters([page.extract_text()]) == letters(said)
