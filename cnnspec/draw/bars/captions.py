"""What stands beside bars: sizes of maps, names of inputs and outputs, an author's of blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from cnnspec.draw.bars.hops import Bar, Bars, Hop
from cnnspec.draw.bars.names import broken, said_of, size_text
from cnnspec.draw.bars.places import DEEPER, HOOK, LABEL, enters
from cnnspec.draw.page import measures
from cnnspec.draw.page.areas import area_of
from cnnspec.draw.page.fontwidths import text_width
from cnnspec.draw.page.scene import Text

_LINE, _BESIDE = 7.6, 3.0
"""From line to line, and from a bar to what stands beside it."""
Anchor = Literal["start", "middle", "end"]
Look = Literal["plain", "muted", "bold"]


@dataclass(slots=True)
class Captions:
    """Makes the texts of a figure whose bars have their places; `labels` are its author's."""

    bars: Bars
    labels: Mapping[str, str]
    entry: str
    """What the input is called."""
    texts: list[Text] = field(default_factory=list)
    hooks: dict[int, float] = field(default_factory=dict)
    """Bar -> how far down the hooks under it reach."""

    def all(self) -> list[Text]:
        """Sizes, names of blocks, and those of the input and the outputs."""
        for hop in self.bars.hops:
            for bar in self._over(hop) if hop.way == "hook" else ():
                low = bar.bottom + HOOK + DEEPER * hop.depth
                self.hooks[id(bar)] = max(self.hooks.get(id(bar), 0), low)
        known: dict[int, set[str]] = {}
        for run in self.bars.runs:
            sizes = [size_text(bar) for bar in run]
            if not set(sizes) <= known.setdefault(run[0].row, set()):
                self._sizes(run, list(dict.fromkeys((sizes[0], sizes[-1]))))
            known[run[0].row] |= set(sizes)
        for path, label in self.labels.items():
            self._called(path, label)
        self._input()
        for bar in self.bars.all:
            self._named(bar)
        return self.texts

    def _over(self, hop: Hop) -> Sequence[Bar]:
        """The bars that a hook runs under, with that where it ends."""
        left, right = hop.start.centre, hop.end.centre
        row = [bar for bar in self.bars.all if bar.row == hop.end.row]
        return [bar for bar in row if left < bar.centre <= right]

    def _say(self, x: float, y: float, said: str, anchor: Anchor, look: Look = "plain") -> None:
        """Add a text with its base line at `y`, or below what stands there."""
        size = measures.CAPTION if look == "muted" else measures.LABEL
        fill = "muted" if look == "muted" else "ink"
        taken = [area_of(text) for text in self.texts]
        text = Text(x, y, said, size, look == "bold", fill, anchor)
        while any(area_of(text).meets(area) for area in taken):
            y += _LINE
            text = Text(x, y, said, size, look == "bold", fill, anchor)
        self.texts.append(text)

    def _under(self, bar: Bar) -> float:
        """The first base line under a bar."""
        return self.hooks.get(id(bar), bar.bottom) + _LINE

    def _sizes(self, run: Sequence[Bar], said: list[str]) -> None:
        """The size of a run's first map and of its last: beside it, or under it on the way up."""
        first = run[0]
        into = self.bars.into(first)
        if into is not None and into.way == "rise":
            x = first.x + enters(first) + _BESIDE
            self._say(x, self._under(first), " – ".join(said), "start", "muted")
            return
        lines = [f"{said[0]} –", said[1]] if len(said) > 1 else said
        for at, line in enumerate(lines):
            y = first.bottom - (len(lines) - 1 - at) * _LINE
            self._say(first.x - _BESIDE, y, line, "end", "muted")

    def _called(self, path: str, label: str) -> None:
        """The name that an author gives a block: under its bars, clear of what leaves there."""
        held = [bar for bar in self.bars.line if self._within(bar, path)]
        if not held:
            return
        first, last = held[0], held[-1]
        begin = self.bars.run(first)[0]
        leaves = next((hop for hop in self.bars.hops if hop.main and hop.start is last), None)
        into = self.bars.into(begin)
        if leaves is not None and leaves.way == "fall":
            self._say(last.centre - _BESIDE, self._under(last), label, "end", "bold")
        elif into is not None and into.way == "rise":
            x = begin.x + enters(begin) + _BESIDE
            self._say(x, self._under(begin), label, "start", "bold")
        else:
            self._say((first.x + last.right) / 2, self._under(last), label, "middle", "bold")

    def _within(self, bar: Bar, path: str) -> bool:
        rows = (self.bars.flow.steps[at].row for at in bar.steps)
        return any(inner.startswith(path + ".") for row in rows for inner in row.paths)

    def _input(self) -> None:
        """What the input is called, before the first way down."""
        first, lines = self.bars.line[0], broken(self.entry)
        falls = next(hop.start for hop in self.bars.hops if hop.way == "fall")
        x = first.centre
        if falls.row == first.row:
            half = max(text_width(line, measures.LABEL) for line in lines) / 2
            x = min(x, falls.centre - _BESIDE - half)
        for line in lines:
            self._say(x, self._under(first), line, "middle")

    def _named(self, bar: Bar) -> None:
        """An output's name and shape: under its bar, or over it where an arrow comes from below."""
        lines = said_of(self.bars, bar, self.labels)
        into = self.bars.into(bar)
        y = self._under(bar)
        if into is not None and into.way == "rise":
            y = bar.y - LABEL - _LINE * (len(lines) - 1) - 2
        for at, (line, muted) in enumerate(lines):
            self._say(bar.centre, y + at * _LINE, line, "middle", "muted" if muted else "plain")
