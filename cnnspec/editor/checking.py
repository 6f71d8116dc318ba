"""Checks of a text that is not on the disk, in the place of a file that may be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from cnnspec.analyses.checking import check_unit
from cnnspec.diagnostics import Diagnostic
from cnnspec.elaborate.files import FILE_MAX, Reader, from_disk
from cnnspec.elaborate.workspace import Workspace
from cnnspec.source import Source


def overlaid(texts: Mapping[str, str]) -> Reader:
    """A reader that gives the text of a resolved path, where it has one, else that on the disk."""

    def read(path: Path) -> bytes:
        text = texts.get(str(path)) if path.is_absolute() else None
        text = texts.get(str(path.resolve())) if text is None else text
        return from_disk(path) if text is None else text.encode()[: FILE_MAX + 1]

    return read


def checking(source: Source, main: str = "") -> Callable[[str], list[Diagnostic]]:
    """How a text is checked in the place of a source: by itself, or as a part of the file `main`.

    A text with syntax errors is checked as far as it can be read, so that a change that leaves one
    mistake and makes another is seen.
    """

    def check(text: str) -> list[Diagnostic]:
        if main and main != source.path:
            workspace = Workspace(overlaid({source.path: text}), recovering=True)
            unit = workspace.read(main)
        else:
            workspace = Workspace(recovering=True)
            unit = workspace.read_text(text, source.name, source.path)
        if unit is not None:
            check_unit(workspace, unit)
        workspace.finish()
        return list(workspace.diagnostics)

    return check
