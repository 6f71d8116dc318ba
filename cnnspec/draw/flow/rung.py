"""One way to close a net so that its figure fits a page."""

from __future__ import annotations

from math import inf
from typing import Literal, NamedTuple

from cnnspec.draw.flow.levels import Layout
from cnnspec.draw.flow.measure import Look


class Rung(NamedTuple):
    """One way to close a net: calls up to a height, chains in one box, cards in words.

    `keep` leaves open what goes through several levels or is a knot; `cut` closes stretches of
    execution order, whatever calls they belong to.
    """

    close: int
    look: Look = Look()
    merge: bool = False
    layout: Layout = "ranks"
    keep: bool = False
    cut: int = 0
    line: bool = False
    """Whether all ranks stand on one line, however long."""
    gather: tuple[Literal["input", "output"], ...] = ()
    """Whether all outputs are one list, and all inputs."""
    stacked: bool = False
    """Whether equal stretches between which several values pass are one card, opened once."""
    stem: bool = False
    """Whether the chain that the figure begins with stands on a line of its own above its lanes."""
    laid: bool = False
    """Whether what a card holds that no plain inset can show is laid out like a figure."""
    carry: bool = False
    """Whether a step that prepares the next lower level stands there, and insets in a corner."""
    low: float = inf
    """No figure that is higher is taken, with all of its insets."""
