"""Imported texts, kept so that a command on the same model need not read it again.

The folder is `CNNSPEC_CACHE`, else `cnnspec` in the user's cache folder.  A text is found by its
source, its sizes, and the versions of everything that made it; it holds while the files that the
model's classes stand in are the same.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from cnnspec.importing.sources import ModelSource
from cnnspec.values import Sizes

PACKAGES = ("cnnspec", "torch", "torchvision", "timm", "onnx")


def folder() -> Path:
    """Where texts are kept."""
    if set_to := os.environ.get("CNNSPEC_CACHE"):
        return Path(set_to)
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "cnnspec"


def place(source: ModelSource, sizes: Sizes) -> Path:
    """The file that the spec of a source is kept in."""
    said = json.dumps([_whole(source), sizes, [_version(package) for package in PACKAGES]])
    digest = sha256(said.encode()).hexdigest()[:16]
    return folder() / "imported" / digest / f"{source.name}.cnn"


def _whole(source: ModelSource) -> list[str]:
    """The text of a source, a file in it by its whole path."""
    here = str(Path(source.place).resolve()) if source.kind in ("file", "onnx") else source.place
    return [source.kind, here, source.text.rpartition(":")[2] if source.kind != "onnx" else ""]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def kept(path: Path) -> bool:
    """Whether there is a text whose sources are what they were."""
    try:
        files = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        return path.is_file() and all(digest(Path(f)) == d for f, d in files.items())
    except (OSError, ValueError, AttributeError):
        return False


def keep(path: Path, text: str, files: Iterable[Path]) -> None:
    """Keep a text with the digests of its sources; raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _put(path, text)
    found: dict[str, Any] = {}
    for file in files:
        with suppress(OSError):
            found[str(file.resolve())] = digest(file)
    _put(path.with_suffix(".json"), json.dumps(found))


def _put(path: Path, text: str) -> None:
    """Write whole or not at all: two commands may do it at once."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.write_text(text, encoding="utf-8")
    new.replace(path)


def digest(file: Path) -> str:
    """The digest of a file's bytes."""
    return sha256(file.read_bytes()).hexdigest()
