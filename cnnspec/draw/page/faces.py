"""The faces that a figure can be set in: two of the package, and fonts for what those lack."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from unicodedata import category

from cnnspec.draw.page import advances


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Face:
    """A face in two weights: what it is called, its files, and how wide its characters are.

    `family` are the names that a browser looks for, faces of equal metrics, the free ones first;
    `office` is the name that programs of other makers know it by; `box` is the box of all glyphs,
    `ascent`, `descent` and `capitals` are its heights, in 1/1000 em.
    """

    name: str
    family: str
    office: str
    files: tuple[str, str]
    advances: tuple[Mapping[str, int], Mapping[str, int]]
    box: tuple[int, int, int, int]
    ascent: int
    descent: int
    capitals: int
    tex: str = "\\sffamily"

    def __repr__(self) -> str:
        return f"Face({self.name!r})"


@dataclass(frozen=True, slots=True)
class Other:
    """A font made of the glyphs that a face lacks, as TrueType, in two weights.

    `numbers` are the glyphs of characters; `missing` is what no font has: its glyph is a box.
    A font that comes `first` was asked for: it goes before the face.
    """

    name: str
    programs: tuple[bytes, bytes]
    numbers: Mapping[str, int]
    advances: tuple[Mapping[str, int], Mapping[str, int]]
    missing: str = ""
    first: bool = False


ARIMO: Final = Face(
    "Arimo",
    "'Liberation Sans', Arimo, Arial, Helvetica, sans-serif",
    "Arial",
    ("Arimo-Regular", "Arimo-Bold"),
    advances.ARIMO,
    (-482, -389, 2797, 1043),
    905,
    -212,
    688,
)
TIMES: Final = Face(
    "Times",
    "'Liberation Serif', Tinos, 'Times New Roman', Times, serif",
    "Times New Roman",
    ("Tinos-Regular", "Tinos-Bold"),
    advances.TIMES,
    (-544, -389, 2797, 1010),
    891,
    -216,
    655,
    "\\rmfamily",
)
FACES: Final[Mapping[str, Face]] = {
    "Arimo": ARIMO,
    "Arial": ARIMO,
    "Helvetica": ARIMO,
    "Times": TIMES,
    "Times New Roman": TIMES,
    "Tinos": TIMES,
}
"""Every name that an author may write, and its face."""


def lacking(face: Face, texts: Iterable[str]) -> str:
    """The characters that a face lacks, each once, in order; those that show nothing left out."""
    known = face.advances[0]
    chars = dict.fromkeys(char for text in texts for char in text if char not in known)
    return "".join(char for char in chars if not unseen(char) and category(char)[0] != "C")


def postscript(name: str, bold: bool) -> str:
    """What a font is called in a PDF."""
    return f"{name.replace(' ', '')}-{'Bold' if bold else 'Regular'}"


def unseen(char: str) -> bool:
    """Whether a character only says how others are shown: a joiner, a selector of a variant."""
    return category(char) == "Cf" or "\ufe00" <= char <= "\ufe0f"
