"""How wide a figure may be in a paper: the columns of classes, from their own definitions."""

from __future__ import annotations

from typing import Final, NamedTuple

_TEX, _INCH, _MM = 72 / 72.27, 72.0, 72 / 25.4


class Venue(NamedTuple):
    """Widths of one column and of the text, and the most height of a figure, in points."""

    column: float
    text: float
    height: float


VENUES: Final[dict[str, Venue]] = {
    # cvpr.sty: \textwidth 6.875in, \columnsep 0.3125in, \textheight 8.875in
    "cvpr": Venue((6.875 - 0.3125) / 2 * _INCH, 6.875 * _INCH, 8.0 * _INCH),
    # neurips.sty: \textwidth 5.5in, \textheight 9in, one column
    "neurips": Venue(5.5 * _INCH, 5.5 * _INCH, 8.2 * _INCH),
    # IEEEtran.cls: \textwidth 43pc, \columnsep 1pc
    "ieee": Venue(21 * 12 * _TEX, 43 * 12 * _TEX, 8.0 * _INCH),
    # acmart.cls, sigconf: letter paper, left and right 54pt, columnsep 2pc
    "acm": Venue((8.5 * 72.27 - 108 - 24) / 2 * _TEX, (8.5 * 72.27 - 108) * _TEX, 8.0 * _INCH),
    # beamer.cls: 128 x 96 mm, left and right 1 cm; a title and the foot take about a quarter
    "beamer": Venue(108 * _MM, 108 * _MM, 70 * _MM),
}
"""Name -> measures; heights leave room for a caption."""
