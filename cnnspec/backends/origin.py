"""Where generated code comes from: its spec, the hash of it, its source."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from cnnspec.syntax import tree as t
from cnnspec.values import Record

if TYPE_CHECKING:
    from cnnspec.elaborate.scope import Unit
    from cnnspec.elaborate.workspace import Elaborated


def source_line(source: Record) -> str:
    """`Deep Residual Learning for Image Recognition, arXiv:1512.03385`."""
    words = dict(source.keywords)
    heading = " ".join(str(source.args[0]).split()) if source.args else source.name
    if "arxiv" in words:
        return f"{heading}, arXiv:{words['arxiv']}"
    kind = "" if source.name == "paper" else f" ({source.name})"
    return f"{heading}{kind}"


def call_text(elaborated: Elaborated) -> str:
    """`resnet34 = resnet([3, 4, 6, 3])`, or the name alone."""
    declared = elaborated.declaration
    if isinstance(declared, t.Net):
        return declared.name
    args = ", ".join(" ".join(arg.span.text.split()) for arg in declared.args)
    return f"{declared.name} = {declared.base}({args})"


def spec_path(elaborated: Elaborated) -> str:
    """The spec's path from its `specs` folder on, whatever folder the command ran in."""
    parts = elaborated.unit.source.name.replace("\\", "/").split("/")
    at = len(parts) - 1 - parts[::-1].index("specs") if "specs" in parts else len(parts) - 1
    return "/".join(parts[at:])


def digest(elaborated: Elaborated) -> str:
    """The first 12 hex digits of the sha256 of the spec and its imports, without their figures."""
    hashed = hashlib.sha256()
    for unit in elaborated.unit.closure():
        hashed.update(_architecture(unit).encode())
    return hashed.hexdigest()[:12]


def _architecture(unit: Unit) -> str:
    """The text of a file without its figures and the blanks around them: they change no net."""
    text, figures = unit.source.text, [d for d in unit.file.declarations if isinstance(d, t.Figure)]
    if not figures:
        return text
    kept, at = [], 0
    for figure in figures:
        kept.append(text[at : figure.span.start].rstrip())
        at = figure.span.end
    return "\n\n".join(filter(None, [*kept, text[at:].strip()])) + "\n"
