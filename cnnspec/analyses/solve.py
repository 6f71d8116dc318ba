"""From conditions on the input's size to the set of sizes: ranges, or congruences.

Every condition is one of three.  A formula grows with the size, so `>=` is a ray and `==` a number
is a range.  Two formulas of one slope agree in a pattern that repeats (`H` is even).  Two formulas
of different slopes agree at most up to some size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, lcm
from typing import Final

from cnnspec.analyses.formula import Condition, Form, poly

FAR: Final = 1 << 20
"""A size that stands for "as large as you like" where a ray or a range is looked for."""
SCAN: Final = 4096
"""How far sizes are tried one by one where no rule says the set."""

Sizes = Callable[[int], dict[str, int]]
"""The sizes of the sides for one number n: both n, or one of them n and the other declared."""


@dataclass(frozen=True, slots=True)
class SizeSet:
    """The sizes from `low` to `high` (None: without end) whose remainder by `modulus` is listed.

    A finite set that follows no pattern has its `members`.
    """

    low: int
    high: int | None
    modulus: int = 1
    residues: tuple[int, ...] = (0,)
    members: tuple[int, ...] = ()

    def __contains__(self, size: int) -> bool:
        if self.members:
            return size in self.members
        inside = size >= self.low and (self.high is None or size <= self.high)
        return inside and size % self.modulus in self.residues

    def __str__(self) -> str:
        """`227 to 258`, `from 33`, `multiples of 32 from 32`, `224`."""
        if self == NONE:
            return "none"
        if self.members:
            return ", ".join(map(_run, _runs(self.members)))
        if self.modulus == 1:
            return f"from {self.low}" if self.high is None else _run((self.low, self.high))
        until = f"from {self.low}" + (f" to {self.high}" if self.high is not None else "")
        if self.residues == (0,):
            return f"multiples of {self.modulus} {until}"
        return f"{', '.join(map(str, self.residues))} modulo {self.modulus}, {until}"


NONE: Final = SizeSet(0, 0)
"""No size at all: a net that only works on inputs that are higher than wide, or wider than high."""


def _runs(members: Sequence[int]) -> list[tuple[int, int]]:
    """Neighbours joined: 1 2 3 7 becomes (1, 3) and (7, 7)."""
    runs: list[tuple[int, int]] = []
    for size in members:
        if runs and runs[-1][1] == size - 1:
            runs[-1] = runs[-1][0], size
        else:
            runs.append((size, size))
    return runs


def _run(run: tuple[int, int]) -> str:
    return str(run[0]) if run[0] == run[1] else f"{run[0]} to {run[1]}"


def solve(conditions: Sequence[Condition], sizes: Sizes) -> SizeSet:
    """The sizes n at which all conditions hold; the declared one does where it is an n."""
    low, high, period = 1, FAR, 1
    patterns = []
    for condition in sorted(conditions, key=lambda c: c.relation != ">="):  # rays first
        first, last, repeats = _bounds(condition, sizes, low)
        low, high = max(low, first), min(high, last)
        if repeats:
            period = lcm(period, repeats)
            patterns.append(condition)
    if period > SCAN:
        high, period = min(high, SCAN), 1

    def holds(size: int) -> bool:
        return all(condition.holds(sizes(size)) for condition in patterns)

    if high < FAR:
        return _finite([n for n in range(low, high + 1) if holds(n)])
    residues = {n % period for n in range(low, low + period) if holds(n)}
    modulus = next(
        q for q in range(1, period + 1) if period % q == 0 and _repeats(residues, q, period)
    )
    kept = tuple(sorted({n % modulus for n in residues}))
    return SizeSet(next(n for n in range(low, FAR) if n % modulus in kept), None, modulus, kept)


def _finite(members: list[int]) -> SizeSet:
    if not members:
        return NONE
    if members[-1] - members[0] == len(members) - 1:
        return SizeSet(members[0], members[-1])
    return SizeSet(members[0], members[-1], members=tuple(members))


def _repeats(residues: set[int], modulus: int, period: int) -> bool:
    return all((n in residues) == (n % modulus in residues) for n in range(period))


def _bounds(condition: Condition, sizes: Sizes, start: int) -> tuple[int, int, int]:
    """The least and the largest size, and the period of a condition that is a pattern (else 0).

    Every size inside the net is at least 1 from `start` on: before it products may fall.
    """
    left, right = condition.left, condition.right
    if isinstance(right, int) and condition.relation != "!=":
        return _monotone(condition, sizes, start)
    if isinstance(left, Form) and isinstance(right, Form) and sizes(2) == {"H": 2, "W": 2}:
        if left.slope == right.slope:
            return 1, FAR, lcm(left.period, right.period)
        apart = abs(left.slope - right.slope)
        return 1, min(ceil((left.slack + right.slack) / apart), SCAN), 1
    fixed = [form for form in (left, right) if isinstance(form, Form) and not _moves(form, sizes)]
    if len(fixed) == 1 and condition.relation == "==":
        other = right if fixed[0] is left else left
        assert not isinstance(other, int)
        number = poly(fixed[0]).value(sizes(1))
        return _monotone(Condition("==", other, number), sizes, start)
    return (1, FAR, 0) if len(fixed) == 2 else (1, SCAN, 1)


def _moves(form: Form, sizes: Sizes) -> bool:
    return sizes(1)[form.side] != sizes(2)[form.side]


def _monotone(condition: Condition, sizes: Sizes, start: int) -> tuple[int, int, int]:
    """The range of `>=`, `<` or `==` a number, of a formula that grows with the size."""
    assert isinstance(condition.right, int)
    of, number = poly(condition.left), condition.right
    low = start if condition.relation == "<" else _first(of.value, number, sizes, start)
    if condition.relation == ">=":
        return low, FAR, 0
    beyond = number if condition.relation == "<" else number + 1
    return low, _first(of.value, beyond, sizes, start) - 1, 0


def _first(value: Callable[[dict[str, int]], int], number: int, sizes: Sizes, start: int) -> int:
    """The least size from `start` whose value is at least `number`; FAR + 1 where none is."""
    low, high = start, FAR + 1
    while low < high:
        middle = (low + high) // 2
        if value(sizes(middle)) >= number:
            high = middle
        else:
            low = middle + 1
    return low
