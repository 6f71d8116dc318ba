"""The key of a figure of boxes and wires: ops that ride on wires, skips, shades."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence

from cnnspec.draw.block.key import (
    Entry,
    Sample,
    box_sample,
    channel_entries,
    fused_note,
    sign_entries,
    skip_entries,
)
from cnnspec.draw.block.look import Sheet
from cnnspec.draw.flow.letters import ORDER
from cnnspec.draw.flow.quotient import Link, Wire
from cnnspec.draw.flow.steps import Flow
from cnnspec.draw.page import measures
from cnnspec.draw.page.labels import op_text
from cnnspec.draw.page.pen import Pen
from cnnspec.draw.page.scene import Path, Rect
from cnnspec.draw.parts.parts import Part, Row, Split, convs, walk

OPS = 1.1
"""The width of a wire that ops ride on."""
_SAMPLE = 16.0


class Riding:
    """What rides on the wires of a figure: a colour for each way, a number for each kind.

    Wires whose ops differ in channels or in what they crop to alone are of one kind.
    """

    def __init__(self, flow: Flow, wires: Sequence[Wire]) -> None:
        self.flow = flow
        self.kinds: dict[tuple[str, str], list[str]] = {}
        """The ops without their channels, and the colour -> all that is said of such wires."""
        for wire in wires:
            if wire.ops:
                self.kinds.setdefault(self._kind(wire), []).append(self.said(wire))
        self.hints = any(map(self.places, wires))
        """Whether a wire gives places alone."""
        colours = [colour for _, colour in self.kinds]
        self.numbered = len(set(colours)) < len(colours)

    def said(self, wire: Wire) -> str:
        """The ops on a wire, as the key names them."""
        rows = [self.flow.steps[step].row for step in wire.ops]
        return ", ".join(op_text(layer) for row in rows for layer in row.layers)

    def _kind(self, wire: Wire) -> tuple[str, str]:
        return _SIZES.sub("", self.said(wire)), self.colour(wire)

    def colour(self, wire: Wire) -> str:
        """The role of a wire's colour."""
        if not wire.ops:
            return "wire"
        if wire.end.level == wire.start.level:
            return "level"
        rises = any(self.flow.steps[step].kind == "up" for step in wire.ops)
        return "rise" if rises or wire.end.level < wire.start.level else "fall"

    def places(self, wire: Wire) -> bool:
        """Whether all that its readers take from a wire is where something is, not a map."""
        return bool(wire.links) and all(self._hints(link) for link in wire.links)

    def times(self, wire: Wire) -> str:
        """`×2` where one step reads a value twice; its places do not count."""
        hints = sum(map(self._hints, wire.links))
        return f"×{wire.times - hints}" if wire.times - hints > 1 else ""

    def _hints(self, link: Link) -> bool:
        if link.target < 0:
            return False
        carries = self.flow.steps[link.target].row.layers[0].op.carries
        return carries is not None and link.slot >= carries

    def number(self, wire: Wire) -> str:
        """What stands beside a wire, where its colour does not say all."""
        if not wire.ops or not self.numbered:
            return ""
        return str(list(self.kinds).index(self._kind(wire)) + 1)

    def entries(self) -> Iterator[Entry]:
        """A line of the key for every kind."""
        for number, ((_, colour), said) in enumerate(self.kinds.items(), 1):
            text = _ranged(said)
            yield (f"{number}: {text}" if self.numbered else text), _sample(colour)
        if self.hints:
            yield "places of maxima", _sample("wire", dash=True)


_LETTER = re.compile(rf"(?<=, )\d*([{ORDER}])\b")
"""A letter that stands for channels."""
_SIZES = re.compile(r"(?<=, )\d+|(?<=crop )\d+×\d+")
"""Channels, and what a crop leaves."""


def _ranged(said: Sequence[str]) -> str:
    """`2×2 transposed conv, 64–512 ×2`: what is said of wires of one kind."""
    found = [_SIZES.findall(text) for text in dict.fromkeys(said)]
    ranges = iter([_range(column) for column in zip(*found, strict=True)])
    return _SIZES.sub(lambda _: next(ranges), said[0])


def _range(sizes: Sequence[str]) -> str:
    """`64–512`, or the only size."""
    ordered = sorted(set(sizes), key=lambda size: int(size.partition("×")[0]))
    return ordered[0] if len(ordered) == 1 else f"{ordered[0]}–{ordered[-1]}"


def fused(parts: Sequence[Part], noted: Container[int] = (), room: float = 0) -> str:
    """What is fused to the ops of boxes, but of gates, which have a sample, and of those `noted`.

    Those are said elsewhere; they are rows by their identity.
    """
    gates = {
        id(part)
        for split in walk(tuple(parts))
        if isinstance(split, Split) and split.gate >= 0
        for part in walk(split.arms[split.gate])
    }
    rows = [part for part in walk(tuple(parts)) if isinstance(part, Row)]
    said = [row for row in rows if id(row) not in gates and id(row) not in noted]
    return fused_note(said, tuple(parts), room)


def unsaid(note: str) -> bool:
    """Whether a note says what is not shown, or what there is and not where."""
    return note.endswith("not shown") or " or " in note


def entries(
    riding: Riding,
    parts: Sequence[Part],
    sheet: Sheet,
    strip: bool = False,
    leads: str = "",
    noted: Container[int] = (),
    room: float = 0,
) -> Iterator[Entry]:
    """All that the key says, of a figure `room` wide; insets say what is fused to rows `noted`.

    In a `strip` the rows of blocks name a conv by its kernel alone; `leads` says, where a stage is
    one card, what its first block alone has: a stride (`stride`), a changed skip too (`skip`).
    """
    yield from riding.entries()
    for text, sample in skip_entries(tuple(parts)):
        changed = leads if not text.startswith("identity") else ""
        said = f"{text}; first block: stride" if changed else text
        yield (f"first block: {text}, stride" if changed == "skip" else said), sample
    rows = [part for part in walk(tuple(parts)) if isinstance(part, Row)]
    joins = rows if strip else [part for part in parts if isinstance(part, Row)]
    ringed = [row for row in joins if row.kind == "join" and row.tail]
    yield from sign_entries(tuple(parts), ringed)
    if any(True for _ in convs(tuple(parts))):
        yield from channel_entries(sheet)
    unshaded = [
        one for one in rows
        if one.kind == "conv" and one.among and sheet.row(one) == "background"
    ]  # fmt: skip
    if unshaded:
        yield _by_call(unshaded), _open_sample
    note = fused(parts, noted, room)
    said = next((row.said for row in rows if _short(row)), "")
    if strip and said:
        kernel = said.partition(",")[0]
        means = f"{kernel}: {note}" if note.startswith("conv, ") else f"{kernel}: conv; {note}"
        note = means.removesuffix("; ")
    if note:
        yield note, box_sample


def _by_call(rows: Sequence[Row]) -> str:
    """`conv, channels by call (c, w)`: what the letters in boxes without a shade are."""
    letters = {one for row in rows for one in _LETTER.findall(row.said)}
    listed = ", ".join(letter for letter in ORDER if letter in letters)
    return "conv, channels by call" + (f" ({listed})" if listed else "")


def _open_sample(pen: Pen, x: float, y: float) -> None:
    """A conv's box without a shade."""
    size = (_SAMPLE, 6, measures.BOX_RADIUS)
    pen.scene.add(Rect(x, y - 3, *size, "background", "conv-line", measures.BOX_LINE))


def _short(row: Row) -> bool:
    """Whether a row of a strip says a conv by its kernel alone."""
    return bool(row.said) and row.kind == "conv" and " conv" not in row.said


def _sample(colour: str, *, dash: bool = False) -> Sample:
    def draw(pen: Pen, x: float, y: float) -> None:
        line = (("M", (x, y)), ("L", (x + _SAMPLE, y)))
        pen.scene.add(Path(line, stroke=colour, line=OPS, dash=dash))

    return draw
