"""`cnnspec draw`: figures of nets."""

from __future__ import annotations

import re
from enum import StrEnum
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from cnnspec.cli import complete
from cnnspec.cli.faults import UsageFault
from cnnspec.cli.options import Input, Set
from cnnspec.cli.stamp import is_ours, stamp

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cnnspec.diagnostics import Diagnostic
    from cnnspec.draw.gallery import Declared
    from cnnspec.elaborate.sheets import Sheet
    from cnnspec.elaborate.workspace import Elaborated


class Detail(StrEnum):
    """How much of a net one box stands for."""

    NET = "net"
    STAGE = "stage"
    BLOCK = "block"
    LAYER = "layer"


class Look(StrEnum):
    """What a figure looks like."""

    BLOCK = "block"
    COLUMNS = "columns"
    MODULE = "module"
    TRUNK = "trunk"
    VOLUMES = "volumes"
    TABLE = "table"
    GRAPH = "graph"


class Colours(StrEnum):
    """The colours of a figure."""

    LIGHT = "light"
    DARK = "dark"
    GREY = "grey"


class Way(StrEnum):
    """Where the flow goes on the page."""

    DOWN = "down"
    RIGHT = "right"


class Venue(StrEnum):
    """Classes whose columns a figure fits."""

    CVPR = "cvpr"
    NEURIPS = "neurips"
    IEEE = "ieee"
    ACM = "acm"
    BEAMER = "beamer"


Names = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="NET", help="Nets; several stand side by side.", autocompletion=complete.nets
    ),
]
To = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE",
        help="The figure; its ending is the format; - is stdout.",
    ),
]
Level = Annotated[Detail | None, typer.Option("--level", help="What one box stands for.")]
Style = Annotated[
    Look | None, typer.Option("--style", help="The kind of figure; several nets: columns.")
]
Theme = Annotated[Colours | None, typer.Option("--theme", help="The colours.")]
Width = Annotated[
    str, typer.Option("--width", metavar="3.4in", help="Width on the page, in in, cm, mm or pt.")
]
Height = Annotated[
    str,
    typer.Option("--height", metavar="8.5in", help="The most height in style block, or none."),
]
Direction = Annotated[Way | None, typer.Option("--direction", help="Where the flow goes.")]
For = Annotated[
    Venue | None, typer.Option("--for", help="As wide as a column of a class, or as its text.")
]
Only = Annotated[
    str, typer.Option("--only", metavar="PATH", help="A part: `layer3`, `features.3..features.8`.")
]
Expand = Annotated[
    list[str] | None,
    typer.Option("--expand", metavar="PATH", help="Open it, and draw its blocks one by one."),
]
Depth = Annotated[
    int, typer.Option("--depth", metavar="N", min=0, help="How many names deep blocks open.")
]
Dpi = Annotated[
    int, typer.Option("--dpi", metavar="N", min=50, max=1200, help="Dots per inch of a png.")
]
Counts = Annotated[bool, typer.Option("--counts", help="Say what every stage and block costs.")]
Aspect = Annotated[
    str, typer.Option("--aspect", metavar="16:9", help="Fill a page of this shape: a slide.")
]
Split = Annotated[bool, typer.Option("--split", help="Too high for a page: parts (a), (b).")]
Zoom = Annotated[
    list[str] | None,
    typer.Option("--zoom", metavar="PATH", help="A part once more beside it, opened."),
]
Crop = Annotated[bool, typer.Option("--crop", help="A page as small as what is on it.")]
Label = Annotated[
    list[str] | None,
    typer.Option("--label", metavar="PATH=TEXT", help="What stands in print for a name."),
]
Hide = Annotated[
    list[str] | None, typer.Option("--hide", metavar="WORD", help="bn, relu, shapes, key, totals.")
]
Colour = Annotated[
    list[str] | None, typer.Option("--colour", metavar="PATH=NAME", help="A colour for a part.")
]
Highlight = Annotated[
    list[str] | None, typer.Option("--highlight", metavar="PATH", help="A strong line round it.")
]
Grouped = Annotated[
    list[str] | None,
    typer.Option("--group", metavar="TEXT=PATHS", help="A bracket with a name: encoder=e1..e4."),
]
Noted = Annotated[
    list[str] | None, typer.Option("--note", metavar="PATH=TEXT", help="A remark beside a part.")
]
Font = Annotated[
    str, typer.Option("--font", metavar="Times", help="Its face, or the file of a font.")
]
Size = Annotated[str, typer.Option("--size", metavar="8pt", help="The size of its type.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite files that are not our figures.")]
All = Annotated[bool, typer.Option("--all", help="Every figure of specs/ into the folder -o.")]


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
    only: Only = "",
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
    font: Font = "",
    size: Size = "",
    dpi: Dpi = 300,
    everything: All = False,
    force: Force = False,
    settings: Set = None,
    input_size: Input = None,
) -> int:
    """Draw nets: svg pdf eps png tex, drawio pptx mmd, html md json dot."""
    from cnnspec.cli.gate import admitted_figure
    from cnnspec.cli.gen import chosen
    from cnnspec.cli.literal import overrides
    from cnnspec.cli.sheets import Flags, with_flags
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
        label or [], hide or [], colour or [], highlight or [], group or [], note or [], size, face
    )
    if any(flags) and (everything or len(names or []) > 1):
        raise UsageFault("--label, --hide and the like speak of one net")
    given = overrides(settings or [], input_size)
    figure = admitted_figure(Workspace(), names[0], given) if names and len(names) == 1 else None
    nets = [figure[0]] if figure else chosen(names or [], given)
    sheet = with_flags(figure[1] if figure else None, flags, nets[0].net) if names else None
    made = names[0].rpartition(":")[2] if figure and names and ":" in names[0] else ""
    named = made or nets[0].net.name
    path = path or Path(named + (".md" if style is Look.TABLE else ".svg"))
    wanted = Wanted(
        style, level, theme, _points(width), _height(height), direction, venue, only,
        tuple(expand or ()), tuple(zoom or ()), depth, counts, crop, _aspect(aspect), dpi,
        file, sheet,
    )  # fmt: skip
    if everything:
        return _gallery(nets, path, force)
    if split:
        return _split(nets, path, wanted, force)
    return _piped(nets, wanted) if path == Path("-") else _draw(nets, path, wanted, force)


_UNITS = {"in": 72.0, "cm": 72 / 2.54, "mm": 72 / 25.4, "pt": 1.0, "": 72.0}
"""Points in a unit of length; a bare number is in inches."""


def _points(length: str, flag: str = "--width") -> float | None:
    """A length in points; None when none was given."""
    if not length:
        return None
    found = re.fullmatch(r"([0-9]{1,5}(?:\.[0-9]{1,4})?) ?(in|cm|mm|pt|)", length.strip())
    points = float(found[1]) * _UNITS[found[2]] if found else 0.0
    if not 72 <= points <= 7200:
        raise UsageFault(f"{flag} {length}: a length such as 3.4in, 86mm or 245pt")
    return points


def _height(height: str) -> float | None:
    """The most height of a figure in points, without end for `none`."""
    return inf if height.strip() == "none" else _points(height, "--height")


def _aspect(text: str) -> float | None:
    """Width over height of a page; None when none was given."""
    from cnnspec.elaborate.sheets import shape

    found = shape(text.strip()) if text else None
    if text and found is None:
        raise UsageFault(f"--aspect {text}: width to height, such as 16:9 or 4:3")
    return found


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


class Wanted(NamedTuple):
    """What the options say of a figure, and the sheet of its author."""

    style: Look | None
    level: Detail | None
    theme: Colours | None
    width: float | None
    height: float | None
    direction: Way | None
    venue: Venue | None
    only: str
    expand: tuple[str, ...]
    zoom: tuple[str, ...]
    depth: int
    counts: bool
    crop: bool
    aspect: float | None
    dpi: int
    font: Path | None
    sheet: Sheet | None

    def options(self) -> dict[str, Any]:
        """The arguments of `draw`: a flag goes before what the sheet says."""
        found: dict[str, Any] = dict(self.sheet.options) if self.sheet else {}
        for key, value in self._asdict().items():
            if value not in (None, "", (), 0, False):
                found[key] = value.value if isinstance(value, StrEnum) else value
        return {"style": None, "level": "stage" if "zoom" in found else "block", **found}


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
