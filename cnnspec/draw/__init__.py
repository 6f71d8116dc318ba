"""Figures of nets for papers: a scene laid out by the package itself, written in many formats.

    IR tree -> build (parts) -> measure (boxes) -> page (scene) -> svg, pdf, png, tex, html

The rules of the layout are in docs/adr/0003-figures.md.
"""

from __future__ import annotations

from cnnspec.draw.errors import DrawError, MissingExtra, OptionError
from cnnspec.draw.figures import Options, Style, figure
from cnnspec.draw.files import FORMATS, architecture_table, draw, write
from cnnspec.draw.palette import THEMES, Theme
from cnnspec.draw.tree import Level

__all__ = [
    "FORMATS",
    "THEMES",
    "DrawError",
    "Level",
    "MissingExtra",
    "OptionError",
    "Options",
    "Style",
    "Theme",
    "architecture_table",
    "draw",
    "figure",
    "write",
]
