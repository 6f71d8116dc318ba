"""What the methods of a net give: texts and figures that show themselves in a notebook.

A prompt shows one short line.  A notebook shows plain text and SVG; there is no Markdown in the
bundle, which converters would prefer to the figure.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from os import PathLike

    from cnnspec.draw import Theme
    from cnnspec.draw.page.scene import Scene

Bundle = dict[str, Any]
"""What a notebook may show of a thing: media type -> content."""


class Page(str):
    """A page that a command prints, as a text; `data` is the same as `--format json` has it."""

    heading: str
    _data: Callable[[], dict[str, Any]]

    def __new__(cls, heading: str, text: str, data: Callable[[], dict[str, Any]] = dict) -> Page:
        """`data` is asked for the data when somebody wants them."""
        page = super().__new__(cls, text)
        page.heading, page._data = heading, data
        return page

    @property
    def data(self) -> dict[str, Any]:
        """The page as plain data; empty for code."""
        return self._data()

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the text into a file, in UTF-8; raises OSError."""
        file = Path(path)
        file.write_text(self, encoding="utf-8", newline="\n")
        return file

    def __repr__(self) -> str:
        return f"<{self.heading[:120]}: {self.count(chr(10))} lines; print() shows them>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """What a notebook shows: the page. IPython takes a printer of `str` before any bundle."""
        printer.text(str(self))


class Figure:
    """A drawn net; a notebook shows it, `save` writes it."""

    def __init__(self, scene: Scene, theme: Theme = "light") -> None:
        self.scene, self.theme = scene, theme

    @property
    def svg(self) -> str:
        """The figure as SVG, in the colours it was asked for."""
        return self.bytes("svg").decode()

    @property
    def note(self) -> str:
        """What was closed so that the figure fits its page, if anything was."""
        return self.scene.note

    def bytes(self, form: str, dpi: int = 300) -> bytes:
        """The figure as a file of a format: svg, pdf, png (needs `cnnspec[draw]`) or tex.

        Raises OptionError for another format, and MissingExtra.
        """
        from cnnspec.draw import write

        return write(self.scene, form, theme=self.theme, dpi=dpi)

    def save(self, path: str | PathLike[str], dpi: int = 300) -> Path:
        """Write the figure into a file, whose ending says the format; raises OSError too."""
        file = Path(path)
        file.write_bytes(self.bytes(file.suffix.removeprefix(".").lower(), dpi))
        return file

    def __repr__(self) -> str:
        size = f"{self.scene.width / 72:.1f} x {self.scene.height / 72:.1f} in"
        return f"<figure, {size}: {self.scene.title[:120]}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Bundle:
        return {"text/plain": repr(self), "image/svg+xml": self.svg}
