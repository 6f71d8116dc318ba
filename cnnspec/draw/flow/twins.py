"""Parts of a net that are drawn alike: what is found out of one holds for the others.

The blocks of a stage differ in nothing but the numbers in their paths.  Digits are equally wide, so
that their boxes are as large, stand in the same places and close in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from itertools import takewhile

from cnnspec.draw.flow.calls import Likeness
from cnnspec.draw.flow.part import ends_of, range_of
from cnnspec.draw.flow.steps import Flow

_DIGIT = re.compile(r"\d")


class Twins:
    """Tells which parts of one flow are alike."""

    def __init__(self, flow: Flow) -> None:
        self.flow, self.likeness = flow, Likeness(flow)
        self.said = [_without_numbers(step.path) for step in flow.steps]
        self.apart = [0, *map(_around, self.paths, self.paths[1:])]

    @property
    def paths(self) -> list[str]:
        """The path of every step."""
        return [step.path for step in self.flow.steps]

    def of(self, only: str) -> Hashable:
        """Equal for parts that are drawn alike: a path, or a range of two."""
        begin, end = range_of(self.flow, only)
        entries: dict[int, int] = {}
        rows = []
        for at in range(begin, end + 1):
            reads = tuple(
                source - begin if source >= begin else ~entries.setdefault(source, len(entries))
                for source in self.flow.steps[at].feeds
            )
            apart = self.apart[at] if at > begin else 0
            rows.append((self.likeness.number(at), self.said[at], apart, reads))
        outer = tuple((self.said[at], self.flow.steps[at].shape) for at in sorted(entries))
        leaving = tuple(
            (_without_numbers(name), at - begin)
            for name, at in ends_of(self.flow, begin, end).items()
        )
        return tuple(rows), outer, leaving


def _without_numbers(path: str) -> str:
    return _DIGIT.sub("0", path)


def _around(before: str, path: str) -> int:
    """How many calls two steps are both in."""
    both = zip(before.split("."), path.split("."), strict=False)
    return sum(1 for _ in takewhile(lambda names: names[0] == names[1], both))
