"""The first message about each file of a folder, as a golden file holds them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest


def compare(
    path: Path, golden: Path, first: Callable[[Path], str], request: pytest.FixtureRequest
) -> None:
    """Assert that `first` says of `path` what `golden` holds, or write the whole folder."""
    if request.config.getoption("--update-golden"):
        files = sorted(path.parent.glob("*.cnn"))
        golden.write_text("\n".join(f"=== {p.name}\n{first(p)}" for p in files), encoding="utf-8")
    held = golden.read_text(encoding="utf-8")
    said = dict(re.findall(r"^=== (\S+)\n(.*?)(?=\n=== |\Z)", held, re.M | re.S))
    assert first(path).rstrip() == said[path.name].rstrip()
