"""Heights and widths as formulas of the input's: what `cnnspec sizes` calculates with.

A window maps a size x to floor((x + a) / d), `ceil` pooling too, and such steps compose:
floor((floor((n + a) / d) + b) / e) = floor((n + a + b d) / (d e)).  So a chain of any length is one
`Form`; only a map that grows (`upsample`) keeps a step apart.  `Open` is the int that ops calculate
with: it has the declared size's value and writes down every comparison that an op's own shape rule
makes on it.  The sizes at which all of these come out alike are those that the net works on.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import gcd
from typing import Any, NamedTuple

from cnnspec.records import record


class Step(NamedTuple):
    """x becomes floor((times x + plus) / by)."""

    times: int
    plus: int
    by: int


@record(frozen=True)
class Form:
    """A size as a chain of steps from the input's `side`: H or W."""

    side: str
    steps: tuple[Step, ...] = ()

    def at(self, size: int) -> int:
        """The value for an input of this size."""
        for times, plus, by in self.steps:
            size = (times * size + plus) // by
        return size

    def plus(self, number: int) -> Form:
        """X + number."""
        *front, last = self.steps or (Step(1, 0, 1),)
        return _tidy(self.side, (*front, last._replace(plus=last.plus + number * last.by)))

    def times(self, number: int) -> Form:
        """X * number, a positive one."""
        *front, last = self.steps or (Step(1, 0, 1),)
        if last.by == 1:
            grown = Step(last.times * number, last.plus * number, 1)
            return _tidy(self.side, (*front, grown))
        return _tidy(self.side, (*front, last, Step(number, 0, 1)))

    def over(self, number: int) -> Form:
        """floor(x / number), of a positive one."""
        *front, last = self.steps or (Step(1, 0, 1),)
        return _tidy(self.side, (*front, last._replace(by=last.by * number)))

    @property
    def slope(self) -> Fraction:
        """Output pixels for one more input pixel, on average over large inputs."""
        slope = Fraction(1)
        for times, _, by in self.steps:
            slope *= Fraction(times, by)
        return slope

    @property
    def period(self) -> int:
        """The least number of pixels after which the value has grown by slope * period exactly."""
        period, shift = 1, Fraction(1)
        for times, _, by in self.steps:
            shift *= Fraction(times, by)
            period *= shift.denominator
            shift *= shift.denominator
        return period

    @property
    def slack(self) -> Fraction:
        """How far the value can lie from slope * size, at most."""
        slack = Fraction(0)
        for times, plus, by in self.steps:
            slack = (slack * times + abs(plus) + by) / by
        return slack

    def __str__(self) -> str:
        """`H`, `H - 10`, `floor((H + 31) / 32)`."""
        text = self.side
        for times, plus, by in self.steps:
            text = _plus(text if times == 1 else f"{times}*{text}", plus)
            if by != 1:
                text = f"floor({f'({text})' if plus else text} / {by})"
        return text

    @property
    def factor(self) -> str:
        """The same as a factor of a product: a sum in brackets."""
        is_sum = self.steps and self.steps[-1].plus != 0 and self.steps[-1].by == 1
        return f"({self})" if is_sum else str(self)


def _plus(text: str, number: int) -> str:
    if number > 0:
        return f"{text} + {number}"
    return f"{text} - {-number}" if number else text


def _tidy(side: str, steps: tuple[Step, ...]) -> Form:
    """Steps in lowest terms, neighbours joined where one formula says both."""
    *front, (times, plus, by) = steps
    common = gcd(times, by)
    times, plus, by = times // common, plus // common, by // common
    if times == 1 and front:
        before = front.pop()
        joined = Step(before.times, before.plus + plus * before.by, before.by * by)
        return _tidy(side, (*front, joined))
    if (times, plus, by) == (1, 0, 1):
        return Form(side, tuple(front))
    return Form(side, (*front, Step(times, plus, by)))


@record(frozen=True)
class Poly:
    """A sum of products of sizes: the features behind a `flatten`."""

    terms: tuple[tuple[Form, ...], ...]
    constant: int = 0

    def value(self, sizes: dict[str, int]) -> int:
        """The value for an input of these sizes."""
        total = self.constant
        for factors in self.terms:
            product = 1
            for form in factors:
                product *= form.at(sizes[form.side])
            total += product
        return total

    def __str__(self) -> str:
        products = [
            " * ".join(form.factor for form in factors) if factors[1:] else str(factors[0])
            for factors in self.terms
        ]
        return _plus(" + ".join(products), self.constant)


def poly(of: Form | Poly) -> Poly:
    """A size as a sum of one product."""
    return Poly(((of,),)) if isinstance(of, Form) else of


@record(frozen=True)
class Condition:
    """What must hold of the input's size: `left >= right`, `<`, `==` or `!=`.

    `weights` says that it is the shape of learnt numbers which fixes the size.
    """

    relation: str
    left: Form | Poly
    right: Form | Poly | int
    weights: bool = False

    def holds(self, sizes: dict[str, int]) -> bool:
        """Whether it holds for an input of these sizes."""
        left = poly(self.left).value(sizes)
        right = self.right if isinstance(self.right, int) else poly(self.right).value(sizes)
        match self.relation:
            case ">=":
                return left >= right
            case "<":
                return left < right
            case "==":
                return left == right
        return left != right


Note = Callable[[Condition], None]


class Open(int):
    """An int that is open: it counts with the declared size and notes what is asked of it."""

    of: Form | Poly
    note: Note

    def __new__(cls, value: int, of: Form | Poly, note: Note) -> Open:
        """A value at the declared size with its formula; `note` gets each comparison of it."""
        made = super().__new__(cls, value)
        made.of, made.note = of, note
        return made

    def _made(self, value: int, of: Form | Poly) -> Open:
        return Open(value, of, self.note)

    def closed(self) -> int:
        """The declared value, from here on the only one: for arithmetic that no formula says."""
        self.note(Condition("==", self.of, int(self)))
        return int(self)

    def __add__(self, other: int) -> int:
        value = int(self) + int(other)
        if isinstance(other, Open):
            mine, theirs = poly(self.of), poly(other.of)
            both = Poly(mine.terms + theirs.terms, mine.constant + theirs.constant)
            return self._made(value, both)
        if isinstance(self.of, Form):
            return self._made(value, self.of.plus(other))
        return self._made(value, Poly(self.of.terms, self.of.constant + other))

    __radd__ = __add__

    def __sub__(self, other: int) -> int:
        return self.closed() - _closed(other) if isinstance(other, Open) else self + -other

    def __mul__(self, other: int) -> int:
        value = int(self) * int(other)
        if isinstance(other, Open):
            if isinstance(self.of, Form) and isinstance(other.of, Form):
                return self._made(value, Poly(((self.of, other.of),)))
            return self.closed() * other.closed()
        if isinstance(self.of, Form) and other > 0:
            return self._made(value, self.of.times(other))
        return self.closed() * other

    __rmul__ = __mul__

    def __floordiv__(self, other: int) -> int:
        if isinstance(self.of, Form) and not isinstance(other, Open) and other > 0:
            return self._made(int(self) // other, self.of.over(other))
        return self.closed() // _closed(other)

    def __mod__(self, other: int) -> int:
        return self.closed() % _closed(other)

    def _compared(self, other: Any, relation: str, opposite: str, result: bool) -> bool:
        right = other.of if isinstance(other, Open) else int(other)
        if right != self.of:
            self.note(Condition(relation if result else opposite, self.of, right))
        return result

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, int):
            return NotImplemented
        return self._compared(other, "==", "!=", int(self) == int(other))

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __lt__(self, other: int) -> bool:
        return self._compared(other, "<", ">=", int(self) < int(other))

    def __ge__(self, other: int) -> bool:
        return not self < other

    def __gt__(self, other: int) -> bool:
        return not self < other + 1

    def __le__(self, other: int) -> bool:
        return self < other + 1

    def __hash__(self) -> int:
        return hash(int(self))


def _closed(number: int) -> int:
    return number.closed() if isinstance(number, Open) else number
