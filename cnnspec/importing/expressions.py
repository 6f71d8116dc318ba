"""What stands in a block for a number: parameters, lets and counters under the names they have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cnnspec.importing import nodes
from cnnspec.importing.holes import (
    Combined,
    Comparison,
    Expression,
    Fixed,
    Hole,
    Incoming,
    Listed,
    Negated,
    Param,
    Product,
    Quotient,
    Strided,
)
from cnnspec.importing.runs import COUNTED
from cnnspec.syntax import tree as t


@dataclass
class Values:
    """What numbers are called at one place."""

    params: Mapping[Param, t.Expr]
    lets: Mapping[Expression, str] = field(default_factory=dict)
    turns: Mapping[int, t.Expr] = field(default_factory=dict)
    """By the identity of a slot: what it is in the turn of a loop."""
    start: int | None = None
    """What the counter is added to in labels."""
    counter: str = "i"
    taken: frozenset[str] = frozenset()
    """Names that loops and lets around have."""

    def with_lets(self, lets: Mapping[Expression, str]) -> Values:
        """The same in a body with lets."""
        return replace(self, lets=lets, taken=self.taken | {*lets.values()})

    def with_turns(
        self, turns: Mapping[int, t.Expr], start: int | None, counter: str, names: Iterable[str]
    ) -> Values:
        """The same in a loop."""
        return replace(
            self,
            turns={**self.turns, **turns},
            start=self.start if start is None else start,
            counter=self.counter if start is None else counter,
            taken=self.taken | {counter, *names},
        )

    def free(self, *words: str) -> str:
        """The first of some names that nothing around has."""
        return next(word for word in words if word not in self.taken)

    def say(self, expression: Expression) -> t.Expr:
        """An expression as it is written here."""
        if expression in self.lets:
            return nodes.name(self.lets[expression])
        match expression:
            case Fixed(value):
                return value_of(0 if value is None else value)
            case Param():
                return self.params[expression]
            case Incoming():
                return nodes.incoming()
            case Product(left, right):
                return nodes.product(self.say(left), self.say(right))
            case Quotient(left, right):
                return nodes.quotient(self.say(left), self.say(right))
            case Comparison(left, sign, right):
                return t.Compare(nodes.NOWHERE, self.say(left), sign, self.say(right))
            case Combined(word, left, right):
                return t.Logic(nodes.NOWHERE, word, (self.say(left), self.say(right)))
            case Negated(of):
                return t.Unary(nodes.NOWHERE, "not", self.say(of))

    def label(self, label: str) -> str | t.Template:
        """A label with the counter in it where it has a number that is counted."""
        if COUNTED not in label:
            return label
        before, behind = label.split(COUNTED, 1)
        counter = nodes.total(nodes.name(self.counter), nodes.literal(self.start or 0))
        parts = [part for part in (before, counter, behind) if part]
        return t.Template(nodes.NOWHERE, tuple(parts))


def value_of(value: Any) -> t.Expr:
    """A value; two whole numbers are rows and columns."""
    two = isinstance(value, tuple) and not hasattr(value, "_fields") and len(value) == 2
    if two and all(type(size) is int for size in value):
        return nodes.pair(value)
    return nodes.literal(value)


def listed(values: Sequence[Any]) -> t.Expr:
    """A list; two numbers that are one value of it are rows and columns."""
    return t.ListOf(nodes.NOWHERE, tuple(map(value_of, values)))


def slot_value(slot: Any, values: Values) -> t.Expr:
    """What an argument is here, open or not."""
    if id(slot) in values.turns:
        return values.turns[id(slot)]
    if isinstance(slot, Strided):
        stride = slot_value(slot.stride, values)
        if isinstance(slot.kernel, tuple):
            return nodes.window(slot.kernel, stride)
        size = slot_value(slot.kernel, values)
        if isinstance(size, t.Literal):
            return nodes.window((size.value, size.value), stride)
        kernel = nodes.applied("kernel", size, size)
        return t.Chain(nodes.NOWHERE, kernel, [("/", stride)])
    if isinstance(slot, Hole):
        assert slot.expression is not None
        many = isinstance(slot, Listed) or slot.kind.startswith("list of ")
        if many and isinstance(slot.expression, Fixed) and isinstance(slot.expression.value, tuple):
            return listed(slot.expression.value)
        return values.say(slot.expression)
    return value_of(slot)
