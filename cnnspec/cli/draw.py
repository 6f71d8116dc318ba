"""`cnnspec draw`: figures of nets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cnnspec.cli.drawoptions import (
    All,
    Aspect,
    Colour,
    Counts,
    Crop,
    Depth,
    Direction,
    Dpi,
    Expand,
    Font,
    For,
    Force,
    Grouped,
    Height,
    Hide,
    Highlight,
    Label,
    Level,
    Look,
    Names,
    Noted,
    Only,
    Ordered,
    Size,
    Split,
    Style,
    Theme,
    To,
    Wanted,
    Width,
    Zoom,
    most_height,
    page_shape,
    points,
)
from cnnspec.cli.faults import UsageFault
from cnnspec.cli.options import Input, Set
from cnnspec.cli.stamp import is_ours, stamp

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cnnspec.diagnostics import Diagnostic
    from cnnspec.draw.gallery import Declared
    from cnnspec.elaborate.workspace import Elaborated


def command(
    names: Names = None,
    path: To = None,
    level: Level = None,
    style: Style = None,
    theme: Theme = None,
    width: Width = "",
    height: Height = "",
    direction: Direction = None,
    venue: For = None,
    aspect: Aspect = "",
    split: Split = False,
    only: Only = None,
    expand: Expand = None,
    zoom: Zoom = None,
    depth: Depth = 0,
    counts: Counts = False,
    crop: Crop = False,
    label: Label = None,
    hide: Hide = None,
    colour: Colour = None,
    highlight: Highlight = None,
    group: Grouped = None,
    note: Noted = None,
    order: Ordered = None,
    font: Font = "",
    size: Size = "",
    dpi: Dpi = 300,
    everything: All = False,
    force: Force = False,
    settings: Set = None,
    inputs: Input = None,
) -> int:
    """Draw nets: svg pdf eps png tex, drawio pptx mmd, html md json dot."""
    from cnnspec.cli.gate import admitted_figure
    from cnnspec.cli.gen import chosen
    from cnnspec.cli.literal import overrides
    from cnnspec.cli.sheets import Flags, check_places, with_flags
    from cnnspec.cli.sheets import font as font_of
    from cnnspec.elaborate.workspace import Workspace

    if bool(names) == everything:
        raise UsageFault("name nets, or give --all")
    if path is None and everything:
        raise UsageFault("say in which folder: --all -o figures")
    if path is None and len(names or []) > 1:
        raise UsageFault("say where to: -o nets.svg (or .pdf, .eps, .png, .tex, .pptx, .html)")
    face, file = font_of(font)
    flags = Flags(
        label or [], hide or [], colour or [], highlight or [], group or [], note or [],
        order or [], size, face,
    )  # fmt: skip
    if any(flags) and (everything or len(names or []) > 1):
        raise UsageFault("--label, --hide and the like speak of one net")
    given = overrides(settings or [], inputs)
    figure = admitted_figure(Workspace(), names[0], given) if names and len(names) == 1 else None
    nets = [figure[0]] if figure else chosen(names or [], given)
    sheet = with_flags(figure[1] if figure else None, flags, nets[0].net) if names else None
    made = names[0].rpartition(":")[2] if figure and names and ":" in names[0] else ""
    named = made or nets[0].net.name
    path = path or Path(named + (".md" if style is Look.TABLE else ".svg"))
    wanted = Wanted(
        style, level, theme, points(width), most_height(height), direction, venue,
        tuple(only or ()), tuple(expand or ()), tuple(zoom or ()), depth, counts, crop,
        page_shape(aspect), dpi, file, sheet,
    )  # fmt: skip
    if len(nets) == 1 and not everything:
        check_places((*wanted.only, *wanted.expand, *wanted.zoom), nets[0].net)
    if everything:
        return _gallery(nets, path, force)
    if split:
        return _split(nets, path, wanted, force)
    return _piped(nets, wanted) if path == Path("-") else _draw(nets, path, wanted, force)


def _gallery(nets: list[Elaborated], folder: Path, force: bool) -> int:
    """Every figure into a folder; what cannot be drawn is named, and the rest is there."""
    from cnnspec.cli.output import out
    from cnnspec.cli.refusals import no_figure
    from cnnspec.draw.gallery import draw_all, entries

    names = {net.net.name: net.net for net in nets}
    sheets = _declared()
    wanted = [folder / entry.file for entry in entries(names)]
    wanted += [folder / f"{sheet.name}.svg" for sheet in sheets]
    for path in (*wanted, folder / "README.md"):
        if path.is_file() and not force and not is_ours(path):
            raise UsageFault(f"{path} was not drawn by cnnspec: move it, or give --force")
    try:
        made, refused = draw_all(nets, folder, sheets)
        for path in made:
            stamp(path)
    except OSError as error:
        raise UsageFault(f"cannot write {folder}: {error.strerror or error}") from None
    out(f"{folder}  {len(made)} files\n")
    drawn = {net.net.name: net for net in nets}
    return _refuse(no_figure(drawn[name], None, error) for name, error in refused)


def _declared() -> list[Declared]:
    """The figures that the files of specs/ and specs/figures/ declare."""
    from cnnspec.analyses.checking import Overrides
    from cnnspec.cli.gate import admitted_figure
    from cnnspec.draw.gallery import Declared
    from cnnspec.elaborate.workspace import Workspace
    from cnnspec.shipped import figures_of

    found = []
    for file in sorted({*Path("specs").glob("*.cnn"), *Path("specs/figures").glob("*.cnn")}):
        for name, doc in figures_of(file):
            made = admitted_figure(Workspace(), f"{file}:{name}", Overrides())
            if made is not None:
                found.append(Declared(name, file.as_posix(), doc, made[0].net, made[1]))
    return found


def _draw(
    nets: list[Elaborated], path: Path, wanted: Wanted, force: bool, *, piped: bool = False
) -> int:
    from cnnspec.cli.output import out, out_data, say
    from cnnspec.cli.refusals import no_figure
    from cnnspec.draw import DrawError, MissingExtra, OptionError, draw

    options = wanted.options()
    try:
        if path.exists() and not force and not is_ours(path):
            raise UsageFault(f"{path} was not drawn by cnnspec: move it, or give --force")
        path.parent.mkdir(parents=True, exist_ok=True)
        described = draw(nets, path, tell=say, **options)
        stamp(path)
    except (OptionError, MissingExtra) as error:
        raise UsageFault(str(error)) from None
    except DrawError as error:
        return _refuse([no_figure(nets[0], options["style"], error)])
    except OSError as error:
        raise UsageFault(f"cannot write {path}: {error.strerror or error}") from None
    if piped:
        out_data(path.read_text("utf-8"))
    else:
        out(f"{path}  {described}\n")
    return 0


def _split(nets: list[Elaborated], path: Path, wanted: Wanted, force: bool) -> int:
    """The parts of a figure, each into its file."""
    from cnnspec.cli.output import out, say
    from cnnspec.draw import DrawError, MissingExtra
    from cnnspec.draw.files import draw_parts

    if len(nets) != 1 or path == Path("-"):
        raise UsageFault("--split writes one net into files: -o FILE")
    taken = [*sorted(path.parent.glob(f"{path.stem}_*{path.suffix}")), *([path] * path.exists())]
    theirs = [one for one in taken if not force and not is_ours(one)]
    if theirs:
        raise UsageFault(f"{theirs[0]} was not drawn by cnnspec: move it, or give --force")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for file, described in draw_parts(nets[0], path, tell=say, **wanted.options()):
            stamp(file)
            out(f"{file}  {described}\n")
    except (DrawError, MissingExtra) as error:
        raise UsageFault(str(error)) from None
    except OSError as error:
        raise UsageFault(f"cannot write {path}: {error.strerror or error}") from None
    return 0


def _piped(nets: list[Elaborated], wanted: Wanted) -> int:
    """The figure on standard output: an SVG, of a table Markdown."""
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        name = "figure.md" if wanted.style is Look.TABLE else "figure.svg"
        return _draw(nets, Path(folder) / name, wanted, force=True, piped=True)


def _refuse(refused: Iterable[Diagnostic]) -> int:
    """Show what cannot be drawn; the exit status."""
    from cnnspec.cli.output import show_diagnostics

    found = list(refused)
    if found:
        show_diagnostics(found)
    return int(bool(found))
