"""Figures as files: the ending says the format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack, cast

from cnnspec.draw.errors import DrawError, OptionError
from cnnspec.draw.figures import Style, figure, parts, single, style_of
from cnnspec.draw.options import Options, face_of, planned
from cnnspec.draw.page.faces import lacking
from cnnspec.draw.page.palette import THEMES, Theme
from cnnspec.draw.page.venues import VENUES
from cnnspec.draw.split import part_file

if TYPE_CHECKING:
    from cnnspec.draw.page.scene import Scene
    from cnnspec.elaborate.sheet import Sheet
    from cnnspec.elaborate.workspace import Elaborated
    from cnnspec.ir import Net

FORMATS = ("svg", "pdf", "eps", "png", "tex", "drawio", "pptx", "mmd", "html", "md", "json", "dot")
"""The endings that `draw` knows."""
EMBEDDED = ("pdf", "eps", "png")
"""Those that hold the shapes of their letters."""
PICTURES = ("svg", "pdf", "eps", "png", "tex", "drawio", "pptx")
"""Those of one picture each."""


def draw(
    nets: list[Elaborated],
    path: Path,
    *,
    style: Style | None = None,
    theme: Theme = "light",
    dpi: int = 300,
    tell: Callable[[str], None] | None = None,
    venue: str = "",
    font: Path | None = None,
    **options: Unpack[Options],
) -> str:
    """Draw nets into a file, its format by its ending; returns one line that describes it.

    `width` is in points (72 to the inch); without it a figure takes one column of print (3.4 in)
    or, when that is too high, two (6.9 in); `venue` names a class whose columns it takes instead
    (`VENUES`).  `font` is a file: all text is set in it.  `tell` gets a line about what was closed
    so that it fits the page, and about letters that no font has.  Raises DrawError when the net
    cannot be drawn so, MissingExtra when the format needs a component that is not installed.
    """
    trees = [elaborated.net for elaborated in nets]
    form = path.suffix.removeprefix(".").lower()
    _lend(options, form, font, tell)
    style = style or style_of(trees)
    if style == "graph" and form != "dot":
        from cnnspec.draw.unheard import left_out
        from cnnspec.draw.writers.engine import render

        _tell(left_out(options, "style graph"), tell)
        path.write_bytes(render(single(trees, "style graph"), form))
        return f"style graph, {form}, laid out by dot"
    if form in ("dot", "json", "html", "mmd") or style == "table":
        text, said = _text(trees, form, style, theme, options, tell)
        path.write_text(text, encoding="utf-8", newline="\n")
        return said
    scene = _shown(trees, style, venue, options)
    path.write_bytes(write(scene, form, theme=theme, dpi=dpi))
    if venue and options.get("width"):
        _tell((f"--for {venue} says how wide it is: --width changes nothing",), tell)
    _tell(scene.remarks, tell)
    said = f"level {options.get('level', 'block')}" if style == "block" else f"style {style}"
    if scene.note:
        said = "style block" if scene.note.startswith("drawn in style") else "closed to fit"
        if tell is not None:
            tell(scene.note)
    return f"{scene.width / 72:.1f} x {scene.height / 72:.1f} in, {said}"


def _tell(lines: Iterable[str], tell: Callable[[str], None] | None) -> None:
    for line in lines if tell else ():
        assert tell is not None
        tell(line)


def _lend(
    options: Options, form: str, font: Path | None, tell: Callable[[str], None] | None
) -> None:
    """Add the font of what the face lacks: the file given, or one of this machine where needed."""
    sheet = options.get("sheet")
    chars = lacking(face_of(options), sheet.texts()) if sheet else ""
    if font is None and (form not in EMBEDDED or not chars):
        return
    from cnnspec.draw.writers.otherfont import found_font, given_font

    options["other"] = other = given_font(font, chars) if font else found_font(chars)
    if other.missing and tell is not None:
        where = font.name if font else "no font of this machine"
        tell(f"{where} has {'no ' if font else ''}{other.missing}: --font FILE names one that has")


def draw_parts(
    net: Elaborated, path: Path, *, tell: Callable[[str], None] | None = None, **given: Any
) -> list[tuple[Path, str]]:
    """Draw a net that is too high for a page in parts; returns each file and what is said of it.

    The files of parts (a), (b) end in `_a`, `_b`; what fits one page stands in `path` itself.
    Arguments as of `draw`.
    """
    form = path.suffix.removeprefix(".").lower()
    if form not in PICTURES:
        raise OptionError(f"--split is for {', '.join(PICTURES)}: a {form} file has no pages")
    theme, dpi, venue = given.pop("theme", "light"), given.pop("dpi", 300), given.pop("venue", "")
    _lend(cast("Options", given), form, given.pop("font", None), tell)
    if venue:
        given = {"height": VENUES[venue].height, **given, "width": VENUES[venue].text}
    scenes = parts(net.net, **given)
    out = []
    for at, scene in enumerate(scenes):
        file = part_file(path, at) if len(scenes) > 1 else path
        file.write_bytes(write(scene, form, theme=theme, dpi=dpi))
        size = f"{scene.width / 72:.1f} x {scene.height / 72:.1f} in"
        out.append((file, f"{size}, {'closed to fit' if scene.note else 'whole'}"))
        _tell((scene.note,) if scene.note else (), tell)
    _tell(dict.fromkeys(line for scene in scenes for line in scene.remarks), tell)
    return out


def _shown(nets: Sequence[Net], style: Style, venue: str, options: Options) -> Scene:
    """The figure, in style block where the style has no place for a net (F1)."""
    try:
        return _on_page(nets, style, venue, options)
    except OptionError:
        raise
    except DrawError as error:
        if style == "block":
            raise
        from cnnspec.draw.plainer import plainer

        given: Options = {**options}
        if venue:
            given["width"] = VENUES[venue].text
        return plainer(
            nets, given, str(error), lambda net, asked: figure(net, style="block", **asked)
        )


def _on_page(nets: Sequence[Net], style: Style, venue: str, options: Options) -> Scene:
    """The figure in one column of a class, or in its whole width where the column is too small."""
    if not venue:
        return figure(*nets, style=style, **options)
    page = VENUES[venue]
    given: Options = {**options}
    if style == "block":
        given.setdefault("height", page.height)
    if page.column < page.text:
        given["width"] = page.column
        try:
            scene = figure(*nets, style=style, **given)
        except DrawError:
            scene = None
        if scene is not None and not scene.note and scene.width <= page.column + 0.01:
            return scene
    given["width"] = page.text
    return figure(*nets, style=style, **given)


def _text(
    nets: Sequence[Net],
    form: str,
    style: Style,
    theme: Theme,
    options: Options,
    tell: Callable[[str], None] | None = None,
) -> tuple[str, str]:
    """A file that is no picture of its own, and what is said of it."""
    from cnnspec.draw.unheard import left_out

    if form == "mmd":
        from cnnspec.draw.flow.mermaid import write_mermaid

        _tell(left_out(options, "Mermaid", ("label", "only", "expand", "direction")), tell)

        text, note = write_mermaid(single(nets, "Mermaid"), options, theme)
        if note and tell is not None:
            tell(note)
        return text, "Mermaid, closed to fit" if note else "Mermaid"
    if form in ("dot", "json"):
        _tell(left_out(options, form), tell)
    if form == "dot":
        from cnnspec.draw.writers.dot import write_dot

        return write_dot(single(nets, "dot")), "dot, level layer"
    if form == "json":
        from cnnspec.draw.writers.explorer import write_json

        return write_json(nets), "json for Model Explorer"
    if style == "table":
        _tell(left_out(options, "a table", ("label", "hide")), tell)
        return _table(nets, form, tell, options.get("sheet"))
    from cnnspec.draw.html import write_html

    said = f"level {options.get('level', 'block')}" if style == "block" else f"style {style}"
    try:
        return write_html(nets, style, theme, options), f"html, {said}"
    except OptionError:
        raise
    except DrawError as error:
        if style == "block" or len(nets) > 1:
            raise
        if tell is not None:
            tell(f"drawn in style block: {error}")
        return write_html(nets, "block", theme, options), "html, style block"


def _table(
    nets: Sequence[Net], form: str, tell: Callable[[str], None] | None, sheet: Sheet | None
) -> tuple[str, str]:
    """A table as in papers, or plain lines for a net that has no stages in a row (F1)."""
    try:
        return architecture_table(*nets, form=form, sheet=sheet), f"style table, {form}"
    except OptionError:
        raise
    except DrawError as error:
        from cnnspec.draw.plainer import plain_table
        from cnnspec.draw.table.tablewriters import WRITERS

        if tell is not None:
            tell(f"a table of plain lines: {error}")
        return WRITERS[form](plain_table(nets)), f"style table, {form}, plain lines"


def architecture_table(*nets: Net, form: str, sheet: Sheet | None = None) -> str:
    """The table of nets as the text of a file of a format (tex, md or html).

    Names and ops stand in it as the author's sheet has them.
    """
    from cnnspec.draw.table.table import table
    from cnnspec.draw.table.tablewriters import WRITERS

    if form not in WRITERS:
        raise OptionError(f"a table is {', '.join(WRITERS)}, no `{form}`")
    given: Options = {"sheet": sheet} if sheet else {}
    return WRITERS[form](table([planned(net, given) for net in nets]))


def write(scene: Scene, form: str, *, theme: Theme = "light", dpi: int = 300) -> bytes:
    """A scene as the bytes of a file of a format (svg, pdf, eps, png, tex, drawio or pptx)."""
    from cnnspec.draw.writers.svg import write_svg

    colours = THEMES[theme]
    if form == "svg":
        return write_svg(scene, colours).encode()
    if form == "pdf":
        from cnnspec.draw.writers.pdf import write_pdf

        return write_pdf(scene, colours)
    if form == "eps":
        from cnnspec.draw.writers.eps import write_eps

        return write_eps(scene, colours)
    if form == "tex":
        from cnnspec.draw.writers.tikz import write_tikz

        return write_tikz(scene, colours).encode()
    if form == "drawio":
        from cnnspec.draw.writers.drawio import write_drawio

        return write_drawio(scene, colours).encode()
    if form == "pptx":
        from cnnspec.draw.writers.pptx import write_pptx

        return write_pptx(scene, colours)
    if form == "png":
        from cnnspec.draw.writers.png import write_png

        return write_png(write_svg(scene, colours), dpi, scene.other)
    if form == "md":
        raise OptionError("Markdown shows tables alone: --style table")
    raise OptionError(f"no format `{form}`: the file's ending is one of {', '.join(FORMATS)}")
