"""Which known word a person meant by one that is mistyped, and none where it is another word."""

from __future__ import annotations

from collections.abc import Iterable


def plain(word: str) -> str:
    """A word as it is compared: `MaxPool_2d` and `maxpool2d` are one."""
    return word.lower().replace("_", "")


def slips(word: str) -> int:
    """How many slips of the hand are plausible in a word: none in two letters, one in five."""
    length = len(word)
    return 0 if length < 3 else 1 if length < 6 else 2 if length < 11 else 3


def closest(word: str, known: Iterable[str]) -> str:
    """The known word that differs from `word` by case, `_` or a few slips, else nothing.

    A slip is a letter too many, too few, exchanged, or two that changed places (the distance of
    Damerau and Levenshtein).
    """
    typed, best, least = plain(word), "", slips(plain(word)) + 1
    for name in sorted(known):
        other = plain(name)
        if other == typed:
            return name
        if abs(len(other) - len(typed)) < least:
            away = distance(typed, other, least)
            if away < least and away <= max(slips(other), len(typed) == 3):
                best, least = name, away
    return best


def distance(one: str, two: str, most: int) -> int:
    """The slips from one word to the other; `most` stands for that many or more.

    Only the diagonals that can stay below `most` are looked at: O(len * most).
    """
    if abs(len(one) - len(two)) >= most:
        return most
    before: list[int] = []
    row = list(range(len(two) + 1))
    for i, a in enumerate(one, 1):
        older, before, row = before, row, [most] * (len(two) + 1)
        row[0] = min(i, most)
        for j in range(max(1, i - most), min(len(two), i + most) + 1):
            b = two[j - 1]
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b), most)
            if i > 1 < j and a == two[j - 2] and one[i - 2] == b:
                row[j] = min(row[j], older[j - 2] + 1)
        if min(row) >= most:
            return most
    return min(row[-1], most)
