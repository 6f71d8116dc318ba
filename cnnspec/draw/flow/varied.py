"""What a block prints that is drawn once for calls with other channels and strides.

A number that all calls have stands as it is.  One that grows with the channels that the call gives
is said by these: `c`, `2c`, `c/4`, and the card of each call says its own.  What is as wide as
another row in every call shares a letter with it, a stride that differs is `/s`, and any other
number is the range of the calls: `256–1024`.  So no number is wrong for one of them.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import NamedTuple

from cnnspec.draw.block.box import Box
from cnnspec.draw.flow.letters import ORDER, Letters, spoken
from cnnspec.draw.page import measures
from cnnspec.draw.page.fontwidths import text_width
from cnnspec.draw.page.labels import op_text, op_words
from cnnspec.draw.parts.forkkind import trunk_arm
from cnnspec.draw.parts.parts import Chain, Frame, Part, Row, Split, walk

_CAPTION = 60.0
"""The least room for a caption, but for the half of a box."""
_STRIDE = "\0"
"""Where in a label the stride stands."""


@dataclass(slots=True)
class Varied:
    """The parts of the first call with what they print for all of them.

    `letters` are the values of each letter, in the order of the calls.
    """

    parts: tuple[Part, ...]
    letters: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def captions(self, boxes: Sequence[Box], note: str = "") -> list[str]:
        """What the letters stand for and a note, in lines as wide as the boxes."""
        room = max(_CAPTION, *(box.left for box in boxes)) + max(box.right for box in boxes)
        return captions(self.letters, room, note)


def captions(letters: Mapping[str, Sequence[str]], room: float, note: str = "") -> list[str]:
    """`c = 64–512, s = 1, 2`: what letters stand for, in lines of so much room, then a note."""
    said = spoken(letters)
    pieces = note.split("; ") if note else []
    return [*_lines(said, ", ", room), *_lines(pieces, "; ", room)]


def _lines(pieces: Iterable[str], between: str, room: float) -> list[str]:
    lines: list[str] = []
    for piece in pieces:
        longer = f"{lines[-1]}{between}{piece}" if lines else ""
        if longer and text_width(longer, measures.CAPTION) <= room:
            lines[-1] = longer
        else:
            lines.append(piece)
    return lines


class Told(NamedTuple):
    """One of the calls: its path, what it holds, and the channels that it gives."""

    path: str
    parts: tuple[Part, ...]
    gives: int


def varied(calls: Sequence[Told]) -> Varied:
    """The calls, which have one structure, as one."""
    columns = [*zip(*(shown_parts(call.parts) for call in calls), strict=True)]
    paths, apart = [call.path for call in calls], _apart(calls[0].parts)
    prints = [
        [*zip(*(_printed(row, path, arms=id(column[0]) in apart)
                for row, path in zip(column, paths, strict=True)), strict=True)]
        for column in columns
    ]  # fmt: skip
    given = tuple(Fraction(call.gives) for call in calls)
    letters = Letters(given, [text for one in prints for text in one])
    told = {
        id(column[0]): _told(column, [letters.said(text) for text in texts], letters)
        for column, texts in zip(columns, prints, strict=True)
        if len({*zip(*texts, strict=True)}) > 1
        or len(set(map(_stride, column))) > 1
        or isinstance(column[0], Frame)
        or column[0].shares
    }
    order = sorted(letters.used, key=(ORDER).index)
    return Varied(_with(calls[0].parts, told), {letter: letters.used[letter] for letter in order})


def shown_parts(parts: Sequence[Part]) -> list[Row | Frame]:
    """The rows of parts, and the blocks in them that stand as their names."""
    return [
        part
        for part in walk(tuple(parts))
        if isinstance(part, Row) or (isinstance(part, Frame) and not part.parts)
    ]


def kind(row: Row) -> Hashable:
    """What the ops of a row compute whatever the channels, those of a slice, and the stride."""
    ops = ((words[0], *words[2:]) for layer in row.layers if (words := op_words(layer)))
    return tuple(tuple(_CUT.sub("", word) for word in words) for words in ops)


_CUT = re.compile(r"\d+–\d+|(?<=drop path )[\d.]+")
"""The channels of a slice, and how often a path is dropped."""


def _apart(parts: tuple[Part, ...]) -> set[int]:
    """The joins of branches that stand side by side, whose cells say the channels of each."""
    splits = (part for part in walk(parts) if isinstance(part, Split))
    return {id(split.join) for split in splits if trunk_arm(split) is None}


def _printed(row: Row | Frame, path: str, *, arms: bool) -> tuple[str, ...]:
    """The label of a row of a call, and what its cells say where it joins `arms` side by side."""
    if isinstance(row, Frame):
        return (row.notes[0] + _STRIDE,)
    op = row.layer.op
    if row.main < 0:
        return (", ".join(map(op_text, row.layers)),)
    if row.kind == "join":
        if op.sign:
            return ("",)
        counts = tuple(str(shape[0]) for shape in row.layer.inputs) if arms else ()
        return (f"{op.name}, {row.layer.shape[0]}", *counts)
    first, *rest = op_words(row.layer)
    return (", ".join([", ".join([first, *rest[:1]]) + _STRIDE, *rest[1:], *_shares(row, path)]),)


def _shares(row: Row, path: str) -> list[str]:
    """Whose weights a row of a call uses, where it is not the call as a whole that does.

    Then the card of the call says so, and its rows are those of the call that has the weights.
    """
    own = row.paths[row.main].removeprefix(path)
    if not row.shares or (own.startswith(".") and row.shares.endswith(own)):
        return []
    return [f"weights of {row.shares.removeprefix(path + '.')}"]


def _stride(row: Row | Frame) -> str:
    if isinstance(row, Frame):
        return row.strides
    return "" if row.main < 0 else row.layer.op.stride_label()


def _told(column: Sequence[Row | Frame], said: Sequence[str], letters: Letters) -> Row | Frame:
    """The first row with what it prints for all."""
    row, (label, *arms) = column[0], said
    stride = letters.stride([_stride(one) for one in column])
    label = label.replace(_STRIDE, f" {stride}" if stride else "")
    if isinstance(row, Frame):
        return replace(row, notes=(label,))
    among = tuple(sorted({one.layer.shape[0] for one in column if isinstance(one, Row)}))
    return replace(row, said=label, arms=tuple(arms), among=among if len(among) > 1 else ())


def _with(parts: Sequence[Part], told: Mapping[int, Row | Frame]) -> tuple[Part, ...]:
    """The parts with some rows in the place of others."""
    return tuple(_replaced(part, told) for part in parts)


def _replaced(part: Part, told: Mapping[int, Row | Frame]) -> Part:
    match part:
        case Row() | Frame() if id(part) in told:
            return told[id(part)]
        case Split():
            arms, join = tuple(_with(arm, told) for arm in part.arms), told.get(id(part.join))
            return replace(part, arms=arms, join=join if isinstance(join, Row) else part.join)
        case Frame() | Chain():
            return replace(part, parts=_with(part.parts, told))
    return part
