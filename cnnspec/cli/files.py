"""Specs below a directory."""

from __future__ import annotations

import os
import re
from pathlib import Path

SUFFIX = ".cnn"


def spec_files(directory: str) -> list[str]:
    """Every spec below a directory in order of name; folders that begin with a dot are left out."""
    found = []
    for folder, inner, files in os.walk(directory):
        inner[:] = sorted((n for n in inner if not n.startswith(".")), key=_natural)
        specs = (name for name in files if name.endswith(SUFFIX))
        found += [str(Path(folder) / name) for name in sorted(specs, key=_natural)]
    return found


def _natural(name: str) -> list[tuple[int, str]]:
    """Order by numbers as numbers: resnet18 before resnet101, resnet34 before resnet34_a."""
    words = re.findall(r"[0-9]+|[^0-9]+", name.removesuffix(SUFFIX))
    return [(int(word), "") if word.isdigit() else (-1, word) for word in words]
