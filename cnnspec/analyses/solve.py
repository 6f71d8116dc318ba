"""From conditions on the input's size to the set of sizes: ranges, or congruences.

Every condition is one of three.  A formula grows with the size, so `>=` is a ray and `==` a number
is a range.  Two formulas of one slope agree in a pattern that repeats (`H` is even).  Two formulas
of different slopes agree at most up to some size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, lcm
from typing import Final

from cnnspec.analyses.formula import Condition, Form, Poly, poly
from cnnspec.records import record

FAR: Final = 1 << 20
"""A size that stands for "as large as you like" where a ray or a range is looked for."""
SCAN: Final = 4096
"""How far sizes are tried one by one where no rule says the set."""
EACH: Final = 1
"""The period of what is tried so."""

Sizes = Callable[[int], dict[str, int]]
"""The sizes of the sides for one number n: both n, or one of them n and the other declared."""

Bounds = tuple[int, int, int | None]
"""The least and the largest size, and the period."""


@record(frozen=True)
class SizeSet:
    """The sizes from `low` to `high` (None: without end) whose remainder by `modulus` is listed.

    Only a set without end has a modulus; a finite one that is no range has its `members`.
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
            return ", ".join(_run(*run) for run in _runs(self.members))
        if self.high is not None:
            return _run(self.low, self.high)
        if self.modulus == 1:
            return f"from {self.low}"
        if self.residues == (0,):
            return f"multiples of {self.modulus} from {self.low}"
        return f"{', '.join(map(str, self.residues))} modulo {self.modulus}, from {self.low}"


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


def _run(low: int, high: int) -> str:
    return str(low) if low == high else f"{low} to {high}"


def solve(conditions: Sequence[Condition], sizes: Sizes) -> SizeSet:
    """The sizes n at which all conditions hold, the declared one among them if it is an n."""
    low, high, period = 1, FAR, 1
    patterns = []
    for condition in sorted(conditions, key=lambda c: c.relation != ">="):  # rays first
        first, last, repeats = _bounds(condition, sizes, low)
        low, high = max(low, first), min(high, last)
        if repeats is not None:
            period = lcm(period, repeats)
            patterns.append(condition)
    if period > SCAN:
        high = min(high, SCAN)

    def holds(size: int) -> bool:
        return all(condition.holds(sizes(size)) for condition in patterns)

    if high < FAR:
        return _finite([n for n in range(low, high + 1) if holds(n)])
    residues = {n % period for n in range(low, low + period) if holds(n)}
    if not residues:
        return NONE
    divisors = (q for q in range(1, period + 1) if period % q == 0)
    modulus = next(q for q in divisors if _repeats(residues, q, period))
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


def _bounds(condition: Condition, sizes: Sizes, start: int) -> Bounds:
    """Where a condition may hold, from the least size to the largest, and how it repeats there.

    The period is None where it holds at every size of the range.  Every size inside the net is at
    least 1 from `start` on: before it products may fall.
    """
    left, right = condition.left, condition.right
    if isinstance(right, int):
        return (1, SCAN, EACH) if condition.relation == "!=" else _monotone(condition, sizes, start)
    moving = [side for side in (left, right) if _moves(side, sizes)]
    if not moving:
        return 1, FAR, None  # as at the declared size
    if len(moving) == 1 and condition.relation == "==":
        fixed = poly(left if moving == [right] else right).value(sizes(1))
        return _monotone(Condition(condition.relation, moving[0], fixed), sizes, start)
    if not (isinstance(left, Form) and isinstance(right, Form) and len(moving) == 2):
        return 1, SCAN, EACH
    if left.slope == right.slope:
        return 1, FAR, lcm(left.period, right.period)
    apart = abs(left.slope - right.slope)
    return 1, min(ceil((left.slack + right.slack) / apart), SCAN), EACH


def _moves(side: Form | Poly, sizes: Sizes) -> bool:
    """Whether a formula has a part in the number that changes."""
    open_sides = {name for name, size in sizes(1).items() if size != sizes(2)[name]}
    return any(form.side in open_sides for factors in poly(side).terms for form in factors)


def _monotone(condition: Condition, sizes: Sizes, start: int) -> Bounds:
    """The range of `>=`, `<` or `==` a number, of a formula that grows with the size."""
    assert isinstance(condition.right, int)
    of, number = poly(condition.left), condition.right
    low = start if condition.relation == "<" else _first(of.value, number, sizes, start)
    if condition.relation == ">=":
        return low, FAR, None
    beyond = number if condition.relation == "<" else number + 1
    return low, _first(of.value, beyond, sizes, start) - 1, None


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
