"""A figure as data: shapes in points, colours by role. Writers turn it into a format.

The origin is the top left corner and y grows downwards, as in SVG.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from cnnspec.brief import Brief
from cnnspec.draw.page.faces import ARIMO, Face, Other
from cnnspec.draw.page.fontwidths import text_width

Data = tuple[tuple[str, str], ...]
"""`data-*` attributes of a shape: `("src", "conv1")` becomes `data-src="conv1"`.

Several paths are one value by `parts.paths.listed`.
"""

Paths = tuple[str, ...]
"""What a shape stands for: whole paths in the IR, of layers or of blocks with all in them."""

Segment = tuple[str, tuple[float, ...]]
"""A path command with absolute coordinates: M x y, L x y, Q x1 y1 x y, Z."""


class Area(NamedTuple):
    """A rectangle by its edges."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Area) -> bool:
        """Whether the two have more than an edge in common; a line crosses what it runs through."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


@dataclass(frozen=True, slots=True, repr=False)
class Rect(Brief):
    """A rectangle with rounded corners; `fill` and `stroke` are roles or empty."""

    x: float
    y: float
    width: float
    height: float
    radius: float = 0
    fill: str = ""
    stroke: str = ""
    line: float = 0
    dash: bool = False
    data: Data = ()
    stands: Paths = ()


@dataclass(frozen=True, slots=True, repr=False)
class Path(Brief):
    """Lines and quadratic curves; filled, stroked or both."""

    segments: tuple[Segment, ...]
    fill: str = ""
    stroke: str = ""
    line: float = 0
    dash: bool = False
    data: Data = ()
    stands: Paths = ()


@dataclass(frozen=True, slots=True, repr=False)
class Circle(Brief):
    """A filled disc."""

    x: float
    y: float
    radius: float
    fill: str


@dataclass(frozen=True, slots=True, repr=False)
class Text(Brief):
    """One line of text; `y` is the baseline, `box` the area that it must stay in.

    `full` is the whole text where `text` was cut; `joined` says that it goes on with the label
    that the shape before it begins, in another weight or on a further line.
    """

    x: float
    y: float
    text: str
    size: float
    bold: bool = False
    fill: str = "ink"
    anchor: Literal["start", "middle", "end"] = "start"
    box: Area | None = None
    full: str = ""
    stands: Paths = ()
    joined: bool = False

    @property
    def left(self) -> float:
        """Where it begins."""
        part = {"start": 0.0, "middle": 0.5, "end": 1.0}[self.anchor]
        return self.x - part * text_width(self.text, self.size, self.bold)


GroupKind = Literal["box", "frame", "wire"]
"""A box of ops, a frame round boxes, a line with its arrowhead."""


@dataclass(frozen=True, slots=True, repr=False)
class Group(Brief):
    """Shapes of a scene that are one thing: number `first` to the one before `last`.

    Groups lie in one another or apart.  `paths` is what the thing stands for; `line` is where the
    spec says it, 0 where it says it nowhere.
    """

    kind: GroupKind
    paths: Paths
    first: int
    last: int
    line: int = 0


Shape = Rect | Path | Circle | Text


@dataclass(slots=True, repr=False)
class Scene(Brief):
    """A figure: its size in points, what it is called and says, and its shapes back to front.

    Every layer of the net is in the `stands` of a shape, by itself or through a block around it, or
    in `unseen`: those are ops that compute nothing (`flatten`), which no figure gives a box.
    """

    width: float
    height: float
    title: str
    desc: str
    shapes: list[Shape] = field(default_factory=list)
    unseen: Paths = ()
    groups: list[Group] = field(default_factory=list)
    """What belongs together; an outer group stands behind those in it."""
    foot: tuple[int, int] = (0, 0)
    """The number of the first shape of its key, and that of its totals."""
    aside: tuple[int, int] = (0, 0)
    """The number of the first shape of its insets, and that behind their last."""
    note: str = ""
    """What was done so that it fits the page, in a line; empty where nothing was."""
    remarks: tuple[str, ...] = ()
    """What its author said that it does not show, a line each."""
    shades: tuple[int, ...] = ()
    """The channels at which its blue darkens; none where it tells kernels."""
    face: Face = ARIMO
    other: Other | None = None
    """The face that it is set in, and the font of what the face lacks."""

    def add(self, *shapes: Shape) -> None:
        """Put shapes in front of those that are there."""
        self.shapes.extend(shapes)

    @contextmanager
    def group(self, kind: GroupKind, paths: Paths = (), line: int = 0) -> Iterator[None]:
        """Shapes added inside are one thing."""
        first = len(self.shapes)
        yield
        if len(self.shapes) > first:
            self.groups.append(Group(kind, paths, first, len(self.shapes), line))
