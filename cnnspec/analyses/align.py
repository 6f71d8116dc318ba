"""The cheapest alignment of two sequences of parts, block by block (edit distance)."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

from cnnspec.analyses.structure import Block, Join, Leaf, Part, Side, weigh

Pair = tuple[Part | None, Part | None]
"""Parts that stand for each other; None where one net has nothing."""

Cut = tuple[int, int]
"""A place in each of two sequences."""

Cutters = Sequence[Callable[[Sequence[Part], Sequence[Part]], list[Cut]]]
"""Ways to cut two sequences, the first one first."""

CHANGED: Final = 1.0
"""The price of another argument; of another op of the same kind half as much again."""

CELLS_MAX: Final = 1 << 16
"""The largest table of prices; longer sequences are cut where they agree, then into pieces."""

PIECE: Final = 128
"""Parts in a piece."""

AGREEING: Final = 4
"""So many equal parts in a row, once in each sequence, show that the sequences agree there."""

_APART: Final = float("inf")


class Aligner:
    """Aligns sequences and remembers prices by the keys of the parts."""

    def __init__(self) -> None:
        self._parts: dict[tuple[int, int], float] = {}
        self._rows: dict[tuple[tuple[int, ...], tuple[int, ...]], float] = {}

    def price(self, a: Part, b: Part) -> float:
        """What it costs to turn one part into another; infinite where they have nothing alike."""
        if a.key == b.key:
            return 0
        known = self._parts.get((a.key, b.key))
        if known is None:
            known = self._parts[a.key, b.key] = self._price(a, b)
        return known

    def _price(self, a: Part, b: Part) -> float:
        if isinstance(a, Leaf) and isinstance(b, Leaf):
            if type(a.op) is type(b.op):
                return CHANGED
            return 1.5 * CHANGED if a.op.kind == b.op.kind else _APART
        if isinstance(a, Block) and isinstance(b, Block):
            return self.total(a.parts, b.parts)
        if isinstance(a, Side) and isinstance(b, Side) and a.word == b.word:
            return self.total(a.parts, b.parts)
        if isinstance(a, Join) and isinstance(b, Join) and type(a.op) is type(b.op):
            paired = zip(a.arms, b.arms, strict=False)
            extra = a.arms[len(b.arms) :] + b.arms[len(a.arms) :]
            return sum(self.total(x, y) for x, y in paired) + sum(1 + weigh(arm) for arm in extra)
        return _APART

    def total(self, a: Sequence[Part], b: Sequence[Part]) -> float:
        """The price of a whole sequence."""
        key = tuple(p.key for p in a), tuple(p.key for p in b)
        if key not in self._rows:
            self._rows[key] = sum(self.pair_price(pair) for pair in self.align(a, b))
        return self._rows[key]

    def pair_price(self, pair: Pair) -> float:
        """The price of one pair; a part that only one net has costs its weight."""
        a, b = pair
        if a is not None and b is not None:
            return self.price(a, b)
        return weigh(part for part in pair if part is not None)

    def align(self, a: Sequence[Part], b: Sequence[Part]) -> list[Pair]:
        """The cheapest row of pairs: equal ends first, the middle by dynamic programming.

        A middle that is too long for that is cut where both agree; what is too long still, into
        pieces of even length.
        """
        return self._between(a, b, (_agreeing, _even))

    def _between(self, a: Sequence[Part], b: Sequence[Part], cutters: Cutters) -> list[Pair]:
        start = 0
        while start < min(len(a), len(b)) and a[start].key == b[start].key:
            start += 1
        end = 0
        while end < min(len(a), len(b)) - start and a[-1 - end].key == b[-1 - end].key:
            end += 1
        head: list[Pair] = [*zip(a[:start], b[:start], strict=True)]
        middle = self._middle(a[start : len(a) - end], b[start : len(b) - end], cutters)
        tail: list[Pair] = [*zip(a[len(a) - end :], b[len(b) - end :], strict=True)]
        return [*head, *middle, *tail]

    def _middle(self, a: Sequence[Part], b: Sequence[Part], cutters: Cutters) -> list[Pair]:
        if len(a) * len(b) <= CELLS_MAX or not cutters:
            return self._cheapest(a, b)
        cutter, *others = cutters
        pairs: list[Pair] = []
        for (i, j), (k, m) in pairwise([(0, 0), *cutter(a, b), (len(a), len(b))]):
            pairs += self._between(a[i:k], b[j:m], others)
        return pairs

    def _cheapest(self, a: Sequence[Part], b: Sequence[Part]) -> list[Pair]:
        table = self._table(a, b)
        i, j, pairs = len(a), len(b), list[Pair]()
        while i or j:
            here = table[i][j]
            if i and j and here == table[i - 1][j - 1] + self.price(a[i - 1], b[j - 1]):
                i, j = i - 1, j - 1
                pairs.append((a[i], b[j]))
            elif j and here == table[i][j - 1] + b[j - 1].weight:
                j -= 1
                pairs.append((None, b[j]))
            else:
                i -= 1
                pairs.append((a[i], None))
        return pairs[::-1]

    def _table(self, a: Sequence[Part], b: Sequence[Part]) -> list[list[float]]:
        """Row i, column j: the price of the first i parts against the first j."""
        row: list[float] = [0]
        for part in b:
            row.append(row[-1] + part.weight)
        table = [row]
        for mine in a:
            before, row = row, [row[0] + mine.weight]
            for j, theirs in enumerate(b):
                best = min(before[j + 1] + mine.weight, row[j] + theirs.weight)
                row.append(min(best, before[j] + self.price(mine, theirs)))
            table.append(row)
        return table


def _agreeing(a: Sequence[Part], b: Sequence[Part]) -> list[Cut]:
    """Where both have the same few parts, and each only once: the longest row that ascends."""
    mine, theirs = _windows(a), _windows(b)
    places = [(i, theirs[words]) for words, i in mine.items() if words in theirs]
    ends: list[int] = []
    rows: list[Cut] = []
    before: dict[Cut, Cut | None] = {}
    for i, j in places:
        length = bisect_left(ends, j)
        before[i, j] = rows[length - 1] if length else None
        ends[length : length + 1] = [j]
        rows[length : length + 1] = [(i, j)]
    cut = rows[-1] if rows else None
    found: list[Cut] = []
    while cut is not None:
        found.append(cut)
        cut = before[cut]
    return found[::-1]


def _windows(parts: Sequence[Part]) -> dict[tuple[int, ...], int]:
    """Rows of a few parts that stand in a sequence once -> where."""
    keys = [part.key for part in parts]
    windows = [tuple(keys[i : i + AGREEING]) for i in range(len(keys) - AGREEING + 1)]
    once = Counter(windows)
    return {window: i for i, window in enumerate(windows) if once[window] == 1}


def _even(a: Sequence[Part], b: Sequence[Part]) -> list[Cut]:
    """Cuts into as many pieces of even length, the longest of PIECE parts."""
    pieces = -(-max(len(a), len(b)) // PIECE)
    return [(n * len(a) // pieces, n * len(b) // pieces) for n in range(1, pieces)]
