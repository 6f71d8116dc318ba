"""The options of `cnnspec draw`: what is typed, and what a figure is asked for by it."""

from __future__ import annotations

import re
from enum import StrEnum
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from cnnspec.cli import complete
from cnnspec.cli.faults import UsageFault

if TYPE_CHECKING:
    from cnnspec.elaborate.sheet import Sheet


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
    list[str] | None,
    typer.Option("--only", metavar="PATH", help="A part: `layer3`, `features.3..features.8`."),
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
Ordered = Annotated[
    list[str] | None,
    typer.Option("--order", metavar="NAMES", help="Inputs or outputs from the left: left,right."),
]
Font = Annotated[
    str, typer.Option("--font", metavar="Times", help="Its face, or the file of a font.")
]
Size = Annotated[str, typer.Option("--size", metavar="8pt", help="The size of its type.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite files that are not our figures.")]
All = Annotated[bool, typer.Option("--all", help="Every figure of specs/ into the folder -o.")]


_UNITS = {"in": 72.0, "cm": 72 / 2.54, "mm": 72 / 25.4, "pt": 1.0, "": 72.0}
"""Points in a unit of length; a bare number is in inches."""


def points(length: str, flag: str = "--width") -> float | None:
    """A length in points; None when none was given."""
    if not length:
        return None
    found = re.fullmatch(r"([0-9]{1,5}(?:\.[0-9]{1,4})?) ?(in|cm|mm|pt|)", length.strip())
    points = float(found[1]) * _UNITS[found[2]] if found else 0.0
    if not 72 <= points <= 7200:
        raise UsageFault(f"{flag} {length}: a length such as 3.4in, 86mm or 245pt")
    return points


def most_height(height: str) -> float | None:
    """The most height of a figure in points, without end for `none`."""
    return inf if height.strip() == "none" else points(height, "--height")


def page_shape(text: str) -> float | None:
    """Width over height of a page; None when none was given."""
    from cnnspec.elaborate.sheet import shape

    found = shape(text.strip()) if text else None
    if text and found is None:
        raise UsageFault(f"--aspect {text}: width to height, such as 16:9 or 4:3")
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
    only: tuple[str, ...]
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
        if self.only:
            found.pop("apart", None)
            if len(self.only) > 1:
                found["apart"] = found.pop("only")
            else:
                (found["only"],) = self.only
        return {"style": None, "level": "stage" if "zoom" in found else "block", **found}
