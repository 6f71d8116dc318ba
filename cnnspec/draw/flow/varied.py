"""What a block prints that is drawn once for calls with other channels and strides.

A number that all calls have stands as it is.  One that grows with the channels that the call gives
is said by these: `c`, `2c`, `c/4`, and the card of each call says its own.  What is as wide as
another row in every call shares a letter with it, a stride that differs is `/s`, and any other
number is the range of the calls: `256–1024`.  So no number is wrong for one of them.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import NamedTuple

from cnnspec.draw.page.labels import op_text, op_words
from cnnspec.draw.parts.forkkind import trunk_arm
from cnnspec.draw.parts.parts import Chain, Frame, Part, Row, Split, walk

Numbers = tuple[Fraction, ...]
"""What stands at one place in each of the calls."""

_NUMBER = re.compile(r"(\d+(?:\.\d+)?)")
_STRIDE = "\0"
"""Where in a label the stride stands."""
_TIMES, _PARTS = 8, 32
"""A number is said by a letter where it is at most so many times that, or such a part of it."""
_SPARE = "wvutr"
_LISTED = 3
"""So many values of a letter are listed, of more the range."""


@dataclass(slots=True)
class Varied:
    """The parts of the first call with what they print for all of them.

    `letters` are the values of each letter, in the order of the calls.
    """

    parts: tuple[Part, ...]
    letters: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def captions(self) -> list[str]:
        """`c = 64–512, s = 1, 2`: what the letters stand for."""
        said = [f"{letter} = {_values(values)}" for letter, values in self.letters.items()]
        return [", ".join(said[at : at + 2]) for at in range(0, len(said), 2)]


class Told(NamedTuple):
    """One of the calls: its path, what it holds, and the channels that it gives."""

    path: str
    parts: tuple[Part, ...]
    gives: int


def varied(calls: Sequence[Told]) -> Varied:
    """The calls, which have one structure, as one."""
    columns = [*zip(*(_rows(call.parts) for call in calls), strict=True)]
    paths, apart = [call.path for call in calls], _apart(calls[0].parts)
    prints = [
        [*zip(*(_printed(row, path, arms=id(column[0]) in apart)
                for row, path in zip(column, paths, strict=True)), strict=True)]
        for column in columns
    ]  # fmt: skip
    given = tuple(Fraction(call.gives) for call in calls)
    letters = _Letters(given, [text for one in prints for text in one])
    told = {
        id(column[0]): _told(column, [letters.said(text) for text in texts], letters)
        for column, texts in zip(columns, prints, strict=True)
        if len({*zip(*texts, strict=True)}) > 1
        or len(set(map(_stride, column))) > 1
        or column[0].shares
    }
    order = sorted(letters.used, key=("c" + _SPARE + "s").index)
    return Varied(_with(calls[0].parts, told), {letter: letters.used[letter] for letter in order})


def kind(row: Row) -> Hashable:
    """What the ops of a row compute whatever the channels, those of a slice, and the stride."""
    ops = ((words[0], *words[2:]) for layer in row.layers if (words := op_words(layer)))
    return tuple(tuple(_CUT.sub("", word) for word in words) for words in ops)


_CUT = re.compile(r"\d+–\d+|(?<=drop path )[\d.]+")
"""The channels of a slice, and how often a path is dropped."""


def _rows(parts: tuple[Part, ...]) -> list[Row]:
    return [part for part in walk(parts) if isinstance(part, Row)]


def _apart(parts: tuple[Part, ...]) -> set[int]:
    """The joins of branches that stand side by side, whose cells say the channels of each."""
    splits = (part for part in walk(parts) if isinstance(part, Split))
    return {id(split.join) for split in splits if trunk_arm(split) is None}


def _printed(row: Row, path: str, *, arms: bool) -> tuple[str, ...]:
    """The label of a row of a call, and what its cells say where it joins `arms` side by side."""
    op = row.layer.op
    if row.main < 0:
        return (", ".join(map(op_text, row.layers)),)
    if row.kind == "join":
        if op.sign:
            return ("",)
        counts = tuple(str(shape[0]) for shape in row.layer.inputs) if arms else ()
        return (f"{op.name}, {row.layer.shape[0]}", *counts)
    first, *rest = op_words(row.layer)
    shares = [f"weights of {row.shares.removeprefix(path + '.')}"] if row.shares else []
    return (", ".join([", ".join([first, *rest[:1]]) + _STRIDE, *rest[1:], *shares]),)


def _stride(row: Row) -> str:
    return "" if row.main < 0 else row.layer.op.stride_label()


def _told(column: Sequence[Row], said: Sequence[str], letters: _Letters) -> Row:
    """The first row with what it prints for all."""
    row, (label, *arms) = column[0], said
    stride = letters.stride([_stride(one) for one in column])
    label = label.replace(_STRIDE, f" {stride}" if stride else "")
    among = tuple(sorted({one.layer.shape[0] for one in column}))
    return replace(row, said=label, arms=tuple(arms), among=among if len(among) > 1 else ())


class _Letters:
    """Which numbers are said by which letter, and those that are used."""

    def __init__(self, given: Numbers, texts: Iterable[Sequence[str]]) -> None:
        self.bases = {"c": given} if len(set(given)) > 1 else {}
        self.used: dict[str, tuple[str, ...]] = {}
        found = [(n, text[0].startswith("slice")) for text in texts for n in _numbers(text)]
        rest = [(n, cut) for n, cut in found if len(set(n)) > 1 and not self._by(n)]
        for numbers, cut in sorted(rest):
            again = sum(bool(_times(other, numbers)) for other, _ in rest)
            if not self._by(numbers) and (again > 1 or cut) and len(self.bases) <= len(_SPARE):
                free = next(letter for letter in _SPARE if letter not in self.bases)
                self.bases[free] = numbers

    def said(self, texts: Sequence[str]) -> str:
        """One text for those of all calls."""
        pieces = [_NUMBER.split(text) for text in texts]
        if len({tuple(piece[::2]) for piece in pieces}) > 1:
            return " or ".join(dict.fromkeys(texts))
        columns = list(zip(*pieces, strict=True))
        said = [column[0] if len(set(column)) == 1 else self._number(column) for column in columns]
        cut = texts[0].startswith("slice")  # a range of its ends would read as one
        return "slice" if cut and any("–" in n for n in said[1::2]) else "".join(said)

    def stride(self, strides: Sequence[str]) -> str:
        """`/2`, or `/s` where the calls differ."""
        if len(set(strides)) == 1:
            return strides[0]
        values = tuple(stride.removeprefix("/") or "1" for stride in strides)
        if self.used.setdefault("s", values) == values:
            return "/s"
        return " or ".join(f"/{value}" for value in dict.fromkeys(values))

    def _number(self, column: Sequence[str]) -> str:
        numbers = tuple(map(Fraction, column))
        if said := self._by(numbers):
            letter = said.strip("0123456789/")
            self.used[letter] = tuple(str(number) for number in self.bases[letter])
            return said
        return _range(column)

    def _by(self, numbers: Numbers) -> str:
        """`2c`: a number as so many times a letter; nothing where it is none of them."""
        for letter, base in self.bases.items():
            if said := _times(numbers, base):
                return said.replace("x", letter)
        return ""


def _numbers(texts: Sequence[str]) -> Iterator[Numbers]:
    """The numbers in texts that differ in these alone."""
    pieces = [_NUMBER.split(text) for text in texts]
    if len({tuple(piece[::2]) for piece in pieces}) == 1:
        for column in list(zip(*pieces, strict=True))[1::2]:
            yield tuple(map(Fraction, column))


def _times(numbers: Numbers, base: Numbers) -> str:
    """`x`, `2x` or `x/4`, where all numbers are so much of another; nothing where they are not."""
    if 0 in base or 0 in numbers:
        return ""
    ratios = {number / other for number, other in zip(numbers, base, strict=True)}
    ratio = ratios.pop()
    if ratios or ratio.numerator > _TIMES or ratio.denominator > _PARTS:
        return ""
    if ratio.denominator == 1:
        return "x" if ratio == 1 else f"{ratio.numerator}x"
    return f"x/{ratio.denominator}" if ratio.numerator == 1 else ""


def _range(values: Iterable[str]) -> str:
    ordered = sorted(set(values), key=Fraction)
    return f"{ordered[0]}–{ordered[-1]}"


def _values(values: Sequence[str]) -> str:
    """`64, 128, 256`, or `64–2048` of many."""
    few = dict.fromkeys(values)
    return ", ".join(few) if len(few) <= _LISTED else _range(values)


def _with(parts: Sequence[Part], told: Mapping[int, Row]) -> tuple[Part, ...]:
    """The parts with some rows in the place of others."""
    return tuple(_replaced(part, told) for part in parts)


def _replaced(part: Part, told: Mapping[int, Row]) -> Part:
    match part:
        case Row():
            return told.get(id(part), part)
        case Split():
            arms = tuple(_with(arm, told) for arm in part.arms)
            return replace(part, arms=arms, join=told.get(id(part.join), part.join))
        case Frame() | Chain():
            return replace(part, parts=_with(part.parts, told))
    return part
