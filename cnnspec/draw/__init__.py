"""Figures of nets for papers: a scene laid out by the package itself, written in many formats.

    IR tree -> build (parts) -> measure (boxes) -> page (scene) -> svg, pdf, png

The rules of the layout are in docs/adr/0003-figures.md.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cnnspec.draw.errors import DrawError, MissingExtra
from cnnspec.draw.palette import THEMES, Theme
from cnnspec.draw.tree import Level

if TYPE_CHECKING:
    from cnnspec.draw.scene import Scene
    from cnnspec.elaborate.workspace import Elaborated
    from cnnspec.ir import Net

__all__ = ["FORMATS", "DrawError", "Level", "MissingExtra", "Theme", "draw", "figure", "write"]

FORMATS = ("svg", "pdf", "png", "dot")
"""The endings that `draw` knows."""


def draw(
    nets: list[Elaborated],
    path: Path,
    *,
    level: Level = "block",
    theme: Theme = "light",
    width: float | None = None,
    dpi: int = 300,
) -> str:
    """Draw nets into a file, its format by its ending; returns one line that describes it.

    `width` is in points (72 to the inch); without it a figure takes one column of print (3.4 in)
    or, when that is too high, two (6.9 in).  Raises DrawError when the net cannot be drawn so,
    MissingExtra when the format needs a component that is not installed.
    """
    if len(nets) != 1:
        raise DrawError("one net at a time: nets side by side are not drawn yet")
    net = nets[0].net
    form = path.suffix.removeprefix(".").lower()
    if form == "dot":
        from cnnspec.draw.dot import write_dot

        path.write_text(write_dot(net), encoding="utf-8", newline="\n")
        return "dot, level layer"
    scene = figure(net, level=level, width=width)
    path.write_bytes(write(scene, form, theme=theme, dpi=dpi))
    return f"{scene.width / 72:.1f} x {scene.height / 72:.1f} in, level {level}"


def figure(net: Net, *, level: Level = "block", width: float | None = None) -> Scene:
    """The picture of a net as data."""
    from cnnspec.draw.build import plan
    from cnnspec.draw.page import compose

    return compose(plan(net, level), width)


def write(scene: Scene, form: str, *, theme: Theme = "light", dpi: int = 300) -> bytes:
    """A scene as the bytes of a file of a format (svg, pdf or png)."""
    from cnnspec.draw.svg import write_svg

    colours = THEMES[theme]
    if form == "svg":
        return write_svg(scene, colours).encode()
    if form == "pdf":
        from cnnspec.draw.pdf import write_pdf

        return write_pdf(scene, colours)
    if form == "png":
        from cnnspec.draw.png import write_png

        return write_png(write_svg(scene, colours), dpi)
    raise DrawError(f"no format `{form}`: the file's ending is one of {', '.join(FORMATS)}")
