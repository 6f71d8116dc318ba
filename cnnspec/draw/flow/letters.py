"""Letters for the numbers that differ between the calls of a block, and what stands for each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

Numbers = tuple[Fraction, ...]
"""What stands at one place in each of the calls."""

_NUMBER = re.compile(r"(\d+(?:\.\d+)?)")
_TIMES, _PARTS = 8, 32
"""A number is said by a letter where it is at most so many times that, or such a part of it."""
_SPARE = "wvutr"
ORDER = f"c{_SPARE}s"
"""The letters as captions list them: channels that a call gives, others, the stride."""
_LISTED = 3
"""So many values of a letter are listed, of more the range."""
_AT_MOST = 5
"""So many are listed where the values of other letters belong to them one by one."""


class Letters:
    """Which numbers are said by which letter, and those that are used."""

    def __init__(self, given: Numbers, texts: Iterable[Sequence[str]]) -> None:
        self.bases = {"c": given} if len(set(given)) > 1 else {}
        self.used: dict[str, tuple[str, ...]] = {}
        found = [
            (n, text[0].startswith("slice"), " " not in text[0].split(",")[0], "conv," in text[0])
            for text in texts
            for n in _numbers(text)
        ]
        rest = [one for one in found if len(set(one[0])) > 1 and not self._by(one[0])]
        times = Counter(numbers for numbers, *_ in rest)
        for numbers, cut, lone, conv in sorted(set(rest)):
            again = sum(count for other, count in times.items() if _times(other, numbers))
            free = next((letter for letter in _SPARE if letter not in self.bases), "")
            told = again > 1 or cut or lone or (conv and not self.bases)
            if free and told and not self._by(numbers):
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
        """`/2`, or `/s` where the calls differ; `×2` and `×s` of what makes a map larger."""
        if len(set(strides)) == 1:
            return strides[0]
        sign = next(stride[0] for stride in strides if stride)
        values = tuple(stride.removeprefix(sign) or "1" for stride in strides)
        if self.used.setdefault("s", values) == values:
            return f"{sign}s"
        return " or ".join(f"{sign}{value}" for value in dict.fromkeys(values))

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
    """`x`, `2x`, `x/4` or `3x/8`, where all numbers are so much of another; else nothing."""
    if 0 in base or 0 in numbers:
        return ""
    ratio = numbers[0] / base[0]
    if ratio.numerator > _TIMES or ratio.denominator > _PARTS:
        return ""
    if any(number != ratio * other for number, other in zip(numbers, base, strict=True)):
        return ""
    if ratio.denominator == 1:
        return "x" if ratio == 1 else f"{ratio.numerator}x"
    if ratio.numerator == 1:
        return f"x/{ratio.denominator}"
    return f"{ratio.numerator}x/{ratio.denominator}" if ratio.denominator <= _TIMES else ""


def _range(values: Iterable[str]) -> str:
    ordered = sorted(set(values), key=Fraction)
    return f"{ordered[0]}–{ordered[-1]}"


def by_cards(letters: Mapping[str, Sequence[str]]) -> list[str]:
    """The letters whose values the channels that a call gives do not tell: its card says them."""
    given = letters.get("c", ())
    return [
        letter
        for letter, values in letters.items()
        if letter not in "cs" and (len(set(given)) > _AT_MOST or not _follows(values, given))
    ]


def _follows(values: Sequence[str], given: Sequence[str]) -> bool:
    """Whether calls that give as many channels have the same value."""
    return len({*zip(given, values, strict=False)}) == len(set(given)) > 0


def spoken(letters: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """`c = 24, 80` and `w = 48, 240`, one by one for every number of channels that calls give.

    What the cards say themselves is `64, 128, 256`, or `64–2048` of many.
    """
    own, given = by_cards(letters), letters.get("c", ())
    told = [letter for letter in letters if letter not in ("c", "s", *own)]
    first = [at for at, value in enumerate(given) if value not in given[:at]]
    for letter, values in letters.items():
        if told and letter in ("c", *told):
            yield f"{letter} = {', '.join(values[at] for at in first)}"
        else:
            yield f"{letter} = {values_of(values)}"


def values_of(values: Sequence[str]) -> str:
    """`64, 128, 256`, or `64–2048` of many."""
    few = dict.fromkeys(values)
    return ", ".join(few) if len(few) <= _LISTED else _range(values)
