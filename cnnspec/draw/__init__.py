"""Figures of nets for papers: a scene laid out by the package itself, written in many formats.

    IR tree -> build (parts) -> measure (boxes) -> page (scene) -> svg, pdf, png

The rules of the layout are in docs/adr/0003-figures.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypedDict, Unpack

from cnnspec.draw.errors import DrawError, MissingExtra
from cnnspec.draw.palette import THEMES, Theme
from cnnspec.draw.tree import Level

if TYPE_CHECKING:
    from cnnspec.draw.scene import Scene
    from cnnspec.elaborate.workspace import Elaborated
    from cnnspec.ir import Net

__all__ = [
    "FORMATS",
    "DrawError",
    "Level",
    "MissingExtra",
    "Style",
    "Theme",
    "draw",
    "figure",
    "write",
]

Style = Literal["block", "columns", "module", "trunk", "volumes", "table", "graph"]
"""What a figure looks like; `block` knows levels, the others show what they are made for."""

FORMATS = ("svg", "pdf", "png", "tex", "html", "json", "dot")
"""The endings that `draw` knows."""


def draw(
    nets: list[Elaborated],
    path: Path,
    *,
    style: Style | None = None,
    theme: Theme = "light",
    dpi: int = 300,
    **options: Unpack[Options],
) -> str:
    """Draw nets into a file, its format by its ending; returns one line that describes it.

    `width` is in points (72 to the inch); without it a figure takes one column of print (3.4 in)
    or, when that is too high, two (6.9 in).  Raises DrawError when the net cannot be drawn so,
    MissingExtra when the format needs a component that is not installed.
    """
    trees = [elaborated.net for elaborated in nets]
    form = path.suffix.removeprefix(".").lower()
    if form == "dot":
        from cnnspec.draw.dot import write_dot

        path.write_text(write_dot(_only(trees, "dot")), encoding="utf-8", newline="\n")
        return "dot, level layer"
    if style == "graph":
        from cnnspec.draw.engine import render

        path.write_bytes(render(_only(trees, "style graph"), form))
        return f"style graph, {form}, laid out by dot"
    if form == "json":
        from cnnspec.draw.explorer import write_json

        path.write_text(write_json(trees), encoding="utf-8", newline="\n")
        return "json for Model Explorer"
    style = style or style_of(trees)
    if style == "table":
        path.write_text(architecture_table(*trees, form=form), encoding="utf-8", newline="\n")
        return f"style table, {form}"
    if form == "html":
        from cnnspec.draw.html import write_html

        level = options.get("level", "block")
        page = write_html(_only(trees, "html"), level, options.get("width"))
        path.write_text(page, encoding="utf-8", newline="\n")
        return f"html, level {level}"
    scene = figure(*trees, style=style, **options)
    path.write_bytes(write(scene, form, theme=theme, dpi=dpi))
    said = f"level {options.get('level', 'block')}" if style == "block" else f"style {style}"
    return f"{scene.width / 72:.1f} x {scene.height / 72:.1f} in, {said}"


class Options(TypedDict, total=False):
    """What is drawn of a net: see `figure`."""

    level: Level
    width: float | None
    only: str
    expand: tuple[str, ...]
    depth: int
    counts: bool


def style_of(nets: Sequence[Net]) -> Style:
    """The style of nets for which none is named: several stand side by side."""
    return "block" if len(nets) == 1 else "columns"


def _only(nets: Sequence[Net], what: str) -> Net:
    if len(nets) != 1:
        raise DrawError(f"{what} shows one net at a time; style columns and table show several")
    return nets[0]


def figure(
    *nets: Net,
    style: Style | None = None,
    level: Level = "block",
    width: float | None = None,
    only: str = "",
    expand: tuple[str, ...] = (),
    depth: int = 0,
    counts: bool = False,
) -> Scene:
    """The picture of nets as data.

    `only` is the path of the part to draw, or a range of two with `..` between; `expand` are paths
    that are opened or not counted; `depth` is how many names deep blocks are opened (0: all);
    `counts` says what every stage and block costs.
    """
    from cnnspec.draw.build import plan

    style = style or style_of(nets)
    if style == "table":
        raise DrawError("a table is no picture: its file ends in .tex, .md or .html")
    if style == "graph":
        raise DrawError("style graph is laid out by dot: its file ends in .svg, .pdf or .png")
    if style == "columns":
        from cnnspec.draw.columns import columns

        return columns([plan(net, "layer", only=only) for net in nets], width)
    if style == "module":
        from cnnspec.draw.module import module

        return module([plan(net, "block", only=only) for net in nets], width)
    net = _only(nets, f"style {style}")
    if style == "trunk":
        from cnnspec.draw.trunk import trunk

        return trunk(plan(net, "block", only=only), width)
    if style == "volumes":
        from cnnspec.draw.volumes import volumes

        return volumes(plan(net, "layer", only=only), width)
    from cnnspec.draw.page import compose

    shown = plan(net, level, only=only, expand=expand, depth=depth)
    if counts:
        from cnnspec.draw.costs import with_counts

        shown = replace(shown, counts=with_counts(shown, net))
    return compose(shown, width)


def architecture_table(*nets: Net, form: str) -> str:
    """The table of nets as the text of a file of a format (tex, md or html)."""
    from cnnspec.draw.build import plan
    from cnnspec.draw.table import table
    from cnnspec.draw.tablewriters import WRITERS

    if form not in WRITERS:
        raise DrawError(f"a table is {', '.join(WRITERS)}, no `{form}`")
    return WRITERS[form](table([plan(net, "block") for net in nets]))


def write(scene: Scene, form: str, *, theme: Theme = "light", dpi: int = 300) -> bytes:
    """A scene as the bytes of a file of a format (svg, pdf, png or tex)."""
    from cnnspec.draw.svg import write_svg

    colours = THEMES[theme]
    if form == "svg":
        return write_svg(scene, colours).encode()
    if form == "pdf":
        from cnnspec.draw.pdf import write_pdf

        return write_pdf(scene, colours)
    if form == "tex":
        from cnnspec.draw.tikz import write_tikz

        return write_tikz(scene, colours).encode()
    if form == "png":
        from cnnspec.draw.png import write_png

        return write_png(write_svg(scene, colours), dpi)
    raise DrawError(f"no format `{form}`: the file's ending is one of {', '.join(FORMATS)}")
