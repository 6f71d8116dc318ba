"""Figures of nets for papers: a scene laid out by the package itself, written in many formats.

    parts    what is to be drawn: the IR's tree as rows, frames, repeats, and wires
    page     points, fonts, colours, and a scene: shapes in points
    block    style block: parts as boxes that know their size, laid out on a page
    styles   the other styles    table    the tables of papers
    writers  scenes as svg, pdf, png and tex; graphs as dot and json

`figures` makes a scene in a style, `files` writes it, `html` puts many of them on one page, and
`gallery` draws the whole zoo. Rooms import downwards (pyproject.toml has the contract).

The rules of the layout are in docs/adr/0003-figures.md.
"""

from __future__ import annotations

from cnnspec.draw.errors import DrawError, MissingExtra, OptionError
from cnnspec.draw.figures import Style, figure
from cnnspec.draw.files import FORMATS, architecture_table, draw, write
from cnnspec.draw.options import Options
from cnnspec.draw.page.palette import THEMES, Theme
from cnnspec.draw.parts.parts import Level

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
