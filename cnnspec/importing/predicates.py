"""When a call has an optional part: the cheapest condition on parameters that is true just then."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from cnnspec.importing.holes import (
    ANY,
    Caller,
    Combined,
    Comparison,
    Expression,
    Fixed,
    Hole,
    Incoming,
    Negated,
    Param,
    Product,
)

MULTIPLES = (1, 2, 4)
"""What a width may always be times a parameter in `in.channels == 4 * channels`."""
COUNTED = ("stride", "ratio", "depth", "dilation")
"""Kinds of parameters that conditions compare with a number."""


class Atom(NamedTuple):
    """A condition: what it costs to read, and its truth at each call (None where unknown)."""

    cost: int
    expression: Expression
    truth: list[bool | None]


def predicate(
    hole: Hole,
    params: Sequence[Param],
    arriving: Sequence[int],
    shortcut: bool | None = None,
    factors: Collection[int] = MULTIPLES,
) -> Expression | None:
    """The cheapest condition that is true at exactly the calls where the hole is.

    `shortcut` says that the part stands, true, where what arrives cannot be added as it is, or,
    false, where it can: there the condition says all that this needs, the stride and the width.
    `factors` are what a width may be times a parameter.
    """
    callers = [*hole.known]
    wanted = [bool(hole.values[caller]) for caller in callers]
    atoms = [*_atoms(params, arriving, callers, factors)]
    found: list[tuple[int, Expression]] = []
    if shortcut is not None:
        word, sign = ("or", "!=") if shortcut else ("and", "==")
        found = [pair for pair in _pairs(atoms, wanted) if _of_shapes(pair[1], word, sign)]
    found = found or [(atom.cost, atom.expression) for atom in atoms if atom.truth == wanted]
    found = found or [*_pairs(atoms, wanted)]
    return min(found, key=lambda one: one[0])[1] if found else None


def _of_shapes(said: Combined, word: str, sign: str) -> bool:
    """Whether a pair compares a stride with 1 and the channels that arrive with a width."""
    pair = [one for one in (said.left, said.right) if isinstance(one, Comparison)]
    strides = [isinstance(one.left, Param) and one.left.kind == "stride" for one in pair]
    fits = said.word == word and all(one.sign == sign for one in pair)
    return fits and len(pair) == 2 and strides[0] and isinstance(pair[1].left, Incoming)


def _pairs(atoms: list[Atom], wanted: list[bool]) -> Iterator[tuple[int, Combined]]:
    whole = [a for a in atoms if None not in a.truth and isinstance(a.expression, Comparison)]
    for a, b in combinations(sorted(whole, key=_of_width), 2):
        cost = a.cost + b.cost + 3
        if [bool(x and y) for x, y in zip(a.truth, b.truth, strict=True)] == wanted:
            yield cost, Combined("and", a.expression, b.expression)
        if [bool(x or y) for x, y in zip(a.truth, b.truth, strict=True)] == wanted:
            yield cost, Combined("or", a.expression, b.expression)


def _of_width(atom: Atom) -> bool:
    """Whether it is about the channels that arrive: that stands behind what is about the call."""
    return isinstance(atom.expression, Comparison) and isinstance(atom.expression.left, Incoming)


def _atoms(
    params: Sequence[Param],
    arriving: Sequence[int],
    callers: list[Caller],
    factors: Collection[int],
) -> Iterator[Atom]:
    for param in params:
        values = [param.values.get(caller, ANY) for caller in callers]
        if param.kind == "channels":
            yield from _widths(param, values, [arriving[caller] for caller in callers], factors)
        elif param.kind in COUNTED:
            yield from _numbers(param, values)
        elif param.kind == "bool":
            yield Atom(1, param, [None if v is ANY else bool(v) for v in values])
            yield Atom(2, Negated(param), [None if v is ANY else not v for v in values])


def _widths(
    param: Param, values: list[Any], arriving: list[int], factors: Collection[int]
) -> Iterator[Atom]:
    for factor in factors:
        width: Expression = param if factor == 1 else Product(Fixed(factor), param)
        same = [
            None if v is ANY else x == factor * v for v, x in zip(values, arriving, strict=True)
        ]
        yield Atom(2 + factor, Comparison(Incoming(), "==", width), list(same))
        yield Atom(2 + factor, Comparison(Incoming(), "!=", width), _not(same))


def _numbers(param: Param, values: list[Any]) -> Iterator[Atom]:
    for number in sorted({value for value in values if type(value) is int}):
        same = [None if value is ANY else value == number for value in values]
        cost = 1 if number == 1 else 4
        yield Atom(cost, Comparison(param, "==", Fixed(number)), list(same))
        yield Atom(cost, Comparison(param, "!=", Fixed(number)), _not(same))


def _not(truth: Sequence[bool | None]) -> list[bool | None]:
    return [None if one is None else not one for one in truth]
