"""The figure of a net beside its text: which box a line makes, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cnnspec import ir

if TYPE_CHECKING:
    from cnnspec.draw import Style, Theme
    from cnnspec.source import Source


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure for a page; `note` says what was closed to fit."""

    svg: str
    note: str
    lines: dict[str, int]
    """Path of a layer -> the line of the text that makes it; layers of other files have none."""


def drawn(
    net: ir.Net, source: Source, *, style: Style = "block", theme: Theme = "light", **options: Any
) -> Drawn:
    """The figure of a net as `cnnspec draw` writes it. Raises DrawError where it has none."""
    from cnnspec.draw import figure, write

    scene = figure(net, style=style, **options)
    svg = write(scene, "svg", theme=theme).decode()
    return Drawn(svg, scene.note, _lines(net, source))


def _lines(net: ir.Net, source: Source) -> dict[str, int]:
    spans = {node.path: node.layer.span for node in ir.graph(net)}
    return {path: span.line for path, span in spans.items() if span.source.path == source.path}
