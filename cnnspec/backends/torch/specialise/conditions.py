"""When a conditional is decided, and what its arms have in common.

A branch is dropped only when the tests above it say the opposite of its own; that no call of this
net takes it is not enough, because the numbers that stay are free.
"""

from __future__ import annotations

from cnnspec.backends.torch.python.symbols import (
    Binary,
    Code,
    Either,
    Sym,
    Unary,
    either,
    expand,
    unary,
    variables,
)
from cnnspec.backends.torch.python.symbols import binary as combine
from cnnspec.backends.torch.python.writing import write

Facts = tuple[tuple[Code, bool], ...]
"""Conditions that hold (True) or do not (False) where a statement stands."""


def learn(facts: Facts, condition: Code, truth: bool) -> Facts:
    """The facts after a test went one way: `a and b` teaches both, `not a` its opposite."""
    if isinstance(condition, Unary) and condition.sign == "not":
        return learn(facts, condition.operand, not truth)
    sign = "and" if truth else "or"
    if isinstance(condition, Binary) and condition.sign == sign:
        return learn(learn(facts, condition.left, truth), condition.right, truth)
    return (*facts, (condition, truth))


def decide(condition: Code, facts: Facts) -> Code:
    """The condition with what is known put in: a plain truth value when that decides it."""
    if not isinstance(condition, Sym):
        return condition
    for known, truth in facts:
        if condition == known:
            return truth
        if unary("not", condition) == known:
            return not truth
    if isinstance(condition, Unary) and condition.sign == "not":
        return unary("not", decide(condition.operand, facts))
    if isinstance(condition, Binary) and condition.sign in ("and", "or"):
        left, right = decide(condition.left, facts), decide(condition.right, facts)
        return combine(condition.sign, left, right)
    return condition


def equalities(facts: Facts) -> list[tuple[Code, Code]]:
    """The pairs that facts make equal: `not (s != 1 or a != b)` gives s, 1 and a, b."""
    pairs = []
    for condition, truth in facts:
        if isinstance(condition, Binary) and condition.sign == ("==" if truth else "!="):
            pairs.append((condition.left, condition.right))
    return pairs


def same_under(facts: Facts, left: Code, right: Code) -> bool:
    """Whether two expressions are equal where the facts hold."""
    if left == right:
        return True
    return any((left, right) in ((a, b), (b, a)) for a, b in equalities(facts))


def merge(then: Code, condition: Code, other: Code) -> Code:
    """One expression for both arms of a conditional, without a choice where one serves both."""
    if then is None or other is None:
        return None
    whole = expand(condition)
    if whole is None:
        return either(then, condition, other)
    if same_under(learn((), whole, False), then, other):
        return then
    if same_under(learn((), whole, True), then, other):
        return other
    return either(then, condition, other)


def shortest(candidates: list[Code]) -> Code:
    """Of expressions that are equal, the one to write: no choice, no `in_channels`, then short."""

    def rank(value: Code) -> tuple[bool, bool, bool, int]:
        return (
            isinstance(value, Sym),
            _chooses(value),
            "in_channels" in variables(value),
            len(write(value)),
        )

    return min(candidates, key=rank)


def _chooses(value: Code) -> bool:
    match value:
        case Either():
            return True
        case Binary(_, left, right):
            return _chooses(left) or _chooses(right)
        case Unary(_, operand):
            return _chooses(operand)
    return False
