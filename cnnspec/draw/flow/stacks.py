"""Equal stretches behind each other between which several values pass: HRNet's modules, BiFPN.

Each reads the values that the one before it gives, every one at the port of the same number, so
one of them, drawn once with its ports, says all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Port(NamedTuple):
    """Where a value enters each of a stack and where it leaves, counted from its first step.

    `enters` is the step outside that the first one reads, `leaves` the step whose value the next
    one reads at this port.  `passes`: the next one reads here what this one reads at that port,
    as cells do that read the two before them.  With `enters` alone all read the same value.
    """

    enters: int | None
    leaves: int | None
    passes: int | None = None

    @property
    def constant(self) -> bool:
        """Whether all of a stack read the same value here, and none gives one."""
        return self.leaves is None and self.passes is None


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """`count` stretches of `size` equal steps behind each other, from the step `first` on."""

    first: int
    size: int
    count: int
    ports: tuple[Port, ...]
    earlier: tuple[list[int], ...] = ()
    """The steps of more of them that lie before it among others, the last one first."""

    @property
    def last(self) -> int:
        """The last step of the last of them."""
        return self.first + self.size * self.count - 1

    @property
    def steps(self) -> int:
        """How many steps all of them have."""
        return self.size * (self.count + len(self.earlier))

    def member(self, number: int) -> range:
        """The steps of one of them."""
        begin = self.first + number * self.size
        return range(begin, begin + self.size)

    def entries(self, number: int) -> list[int | None]:
        """The step outside of one of them whose value enters it, for every port."""
        if not number:
            return [port.enters for port in self.ports]
        return [self.left(port, number - 1) for port in self.ports]

    def left(self, port: Port, number: int) -> int | None:
        """The step whose value one of them hands on at a port; the same one if all read it."""
        if port.passes is not None:
            return self.entries(number)[port.passes]
        return port.enters if port.leaves is None else self.member(number)[port.leaves]
