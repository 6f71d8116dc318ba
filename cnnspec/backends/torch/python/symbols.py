"""Expressions of generated code: numbers that stay open, and how Python writes them.

A value of the language is a plain Python value while it is known, and a `Sym` as soon as a
constructor parameter, a local or a loop variable is in it.  Simplified are only constants,
`x * 1`, `x * 0`, `x + 0`, what a difference takes away again, double negation and equal arms: the
author's `4 * channels` stays as he wrote it.
"""

from __future__ import annotations

import ast
import functools
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cnnspec.backends.torch.errors import BackendError
from cnnspec.backends.torch.python.flat import BINARY, COMPARED
from cnnspec.backends.torch.python.writing import Expression, named, tree, write
from cnnspec.elaborate.functions import multiple

Code = Any
"""A plain number or truth value, or a Sym."""

MULTIPLE = "make_divisible"
"""The function of `round(x, to=8)`, by the name that its authors gave it."""

COMPUTE: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le,
    ">": operator.gt, ">=": operator.ge, "+": operator.add, "-": operator.sub,
    "*": operator.mul, "/": operator.truediv, "//": operator.floordiv, "%": operator.mod,
    "**": operator.pow,
}  # fmt: skip


LOGIC: dict[str, type[ast.boolop]] = {"and": ast.And, "or": ast.Or}
OPERATORS = {sign: operation for operation, (sign, _) in BINARY.items()}
COMPARISONS = {sign: comparison for comparison, sign in COMPARED.items()}


class Sym(Expression):
    """An expression whose `str()` is Python; arithmetic on it makes larger ones."""

    def __add__(self, other: Code) -> Code:
        return binary("+", self, other)

    def __radd__(self, other: Code) -> Code:
        return binary("+", other, self)

    def __sub__(self, other: Code) -> Code:
        return binary("-", self, other)

    def __rsub__(self, other: Code) -> Code:
        return binary("-", other, self)

    def __mul__(self, other: Code) -> Code:
        return binary("*", self, other)

    def __rmul__(self, other: Code) -> Code:
        return binary("*", other, self)

    def __floordiv__(self, other: Code) -> Code:
        return binary("//", self, other)

    def __rfloordiv__(self, other: Code) -> Code:
        return binary("//", other, self)

    def __mod__(self, other: Code) -> Code:
        return binary("%", self, other)

    def __bool__(self) -> bool:
        raise TypeError(f"`{self}` is not known when code is generated")

    def __str__(self) -> str:
        return write(self)

    __repr__ = __str__


@dataclass(frozen=True, repr=False)
class Var(Sym):
    """A parameter, local or loop variable; `meaning` is what a local stands for, if that is known.

    `real` marks a parameter that holds a float, `oblong` one that may hold two sizes. `version`
    says which assignment gave the value that is meant; 0 is the parameter itself.  `lost_in` is the
    body that a number is lost in, which nothing gives.
    """

    name: str
    meaning: Code = field(default=None, compare=False)
    version: int = field(default=0, compare=False)
    real: bool = field(default=False, compare=False)
    oblong: bool = field(default=False, compare=False)
    lost_in: object = field(default=None, compare=False)

    def tree(self) -> ast.expr:
        return named(self.name)


@dataclass(frozen=True, repr=False)
class Binary(Sym):
    """Arithmetic, a comparison, or `and`/`or`, by Python's sign."""

    sign: str
    left: Code
    right: Code

    def tree(self) -> ast.expr:
        left, right = self.left, self.right
        if self.sign in LOGIC:
            return _joined(LOGIC[self.sign], tree(left), tree(right))
        if self.sign in COMPARISONS:
            return ast.Compare(tree(left), [COMPARISONS[self.sign]()], [tree(right)])
        if self.sign == "+" and isinstance(right, Binary) and right.sign == "+":
            return Binary("+", Binary("+", left, right.left), right.right).tree()
        return ast.BinOp(tree(left), OPERATORS[self.sign](), tree(right))


@dataclass(frozen=True, repr=False)
class Unary(Sym):
    """`not x`, or `-x` as `neg`."""

    sign: str
    operand: Code

    def tree(self) -> ast.expr:
        return ast.UnaryOp(ast.USub() if self.sign == "neg" else ast.Not(), tree(self.operand))


@dataclass(frozen=True, repr=False)
class Function(Sym):
    """`min(a, b)`, `len(depths)`."""

    name: str
    args: tuple[Code, ...]

    def tree(self) -> ast.expr:
        return ast.Call(named(self.name), [tree(arg) for arg in self.args], [])


@dataclass(frozen=True, repr=False)
class Item(Sym):
    """`depths[0]`."""

    of: Code
    index: Code

    def tree(self) -> ast.expr:
        return ast.Subscript(tree(self.of), tree(self.index))


@dataclass(frozen=True, repr=False)
class Part(Sym):
    """`depths[1:]`, with the places in the list where it begins and ends; None is its end."""

    of: Code
    start: int | None
    stop: int | None

    def tree(self) -> ast.expr:
        ends = (None if end is None else tree(end) for end in (self.start, self.stop))
        return ast.Subscript(tree(self.of), ast.Slice(*ends))


@dataclass(frozen=True, repr=False)
class Either(Sym):
    """`then if condition else other`."""

    then: Code
    condition: Code
    other: Code

    def tree(self) -> ast.expr:
        return ast.IfExp(tree(self.condition), tree(self.then), tree(self.other))


def _joined(sign: type[ast.boolop], left: ast.expr, right: ast.expr) -> ast.expr:
    """`a or b or c` is one operation."""
    sides = (left, right)
    values = [s.values if isinstance(s, ast.BoolOp) and type(s.op) is sign else [s] for s in sides]
    return ast.BoolOp(sign(), [value for side in values for value in side])


def binary(sign: str, left: Code, right: Code) -> Code:
    """Combine two operands, folding constants and the neutral ones."""
    if sign in ("and", "or"):
        return _logic(sign, left, right)
    if not isinstance(left, Sym) and not isinstance(right, Sym):
        return COMPUTE[sign](left, right)
    if any(isinstance(side, Var) and side.oblong for side in (left, right)):
        raise BackendError("arithmetic on a window of unequal sides, such as `same`")
    if sign in ("==", "!=") and left == right:
        return sign == "=="
    if (sign in ("+", "-") and _is(right, 0)) or (sign in ("*", "//", "**") and _is(right, 1)):
        return left
    if (sign == "+" and _is(left, 0)) or (sign == "*" and _is(left, 1)):
        return right
    if sign == "*" and any(_is(a, 0) and is_whole(b) for a, b in ((left, right), (right, left))):
        return 0
    if sign == "//" and (rest := _divided(left, right)) is not None:
        return rest
    if sign in ("+", "-") and (rest := _cancelled(sign, left, right)) is not None:
        return rest
    if sign in ("+", "-") and type(right) is int and right < 0:
        return binary("-" if sign == "+" else "+", left, -right)
    if sign in ("+", "-") and _ends_in_constant(left) and type(right) is int:
        first = left.right if left.sign == "+" else -left.right
        total = first + (right if sign == "+" else -right)
        return binary("-", left.left, -total) if total < 0 else binary("+", left.left, total)
    return Binary(sign, left, right)


def _divided(left: Code, right: Code) -> Code:
    """`2 * d // 2` is `d`: a product with a factor that the divisor divides; else None."""
    if type(right) is not int or right < 1:
        return None
    if isinstance(left, Binary) and left.sign == "*":
        for factor, other in ((left.left, left.right), (left.right, left.left)):
            if type(factor) is int and factor % right == 0:
                return binary("*", factor // right, other)
    return None


Terms = dict[tuple[Code, frozenset[tuple[str, int]]], int]
"""A sum: each term, with the assignments that it means, and how often it is in it."""


def _cancelled(sign: str, left: Code, right: Code) -> Code:
    """`c - n + n` is `c`, `2 * n - n` is `n`: short sums of whole numbers only; else None."""
    if not (_is_short(left) and _is_short(right) and is_whole(left) and is_whole(right)):
        return None
    ours, theirs = _terms(left), _terms(right)
    turn = 1 if sign == "+" else -1
    if not any(ours.get(term, 0) * turn * n < 0 for term, n in theirs.items()):
        return None
    both = _terms(Binary(sign, left, right))
    return _summed([(term, n) for (term, _), n in both.items() if n])


def _summed(terms: list[tuple[Code, int]]) -> Code:
    """What is added, then what is taken away."""
    result: Code = 0
    for term, n in sorted(terms, key=lambda pair: pair[1] < 0):
        part = binary("*", abs(n), term)
        if n < 0 and _is(result, 0):
            result = unary("neg", part)
        else:
            result = binary("+" if n > 0 else "-", result, part)
    return result


SHORT = 16
"""Parts of an expression in which equal terms are looked for: a look at all would be quadratic."""


def _is_short(value: Code) -> bool:
    waiting = [value]
    for _ in range(SHORT):
        if not waiting:
            return True
        waiting += _parts(waiting.pop())
    return not waiting


def _terms(value: Code) -> Terms:
    """A whole number as a sum; a number alone is so many ones."""
    match value:
        case int():
            return {(1, frozenset()): value}
        case Binary(sign, left, right) if sign in ("+", "-"):
            found = _terms(left)
            for term, n in _terms(right).items():
                found[term] = found.get(term, 0) + (n if sign == "+" else -n)
            return found
        case Binary("*", int() as n, other) | Binary("*", other, int() as n):
            return {(other, frozenset(versions(other))): n}
    return {(value, frozenset(versions(value))): 1}


def total(terms: Iterable[Code]) -> Code:
    """The sum of terms; equal ones are a product: `4 * c`."""
    counts: dict[Code, int] = {}
    for term in terms:
        if term is None:
            return None
        counts[term] = counts.get(term, 0) + 1
    sums = [term if n == 1 else binary("*", n, term) for term, n in counts.items()]
    return functools.reduce(lambda a, b: binary("+", a, b), sums)


def _ends_in_constant(value: Code) -> bool:
    return isinstance(value, Binary) and value.sign in ("+", "-") and type(value.right) is int


def _is(value: Code, number: int) -> bool:
    return type(value) is int and value == number


def _logic(sign: str, left: Code, right: Code) -> Code:
    stop = sign == "or"
    for one, other in ((left, right), (right, left)):
        if isinstance(one, bool):
            return stop if one is stop else other
    return left if left == right else Binary(sign, left, right)


_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def unary(sign: str, operand: Code) -> Code:
    """Negate; twice is nothing, and a comparison turns around."""
    if not isinstance(operand, Sym):
        return not operand if sign == "not" else -operand
    if isinstance(operand, Unary) and operand.sign == sign:
        return operand.operand
    if sign == "not" and isinstance(operand, Binary) and operand.sign in _OPPOSITE:
        return Binary(_OPPOSITE[operand.sign], operand.left, operand.right)
    return Unary(sign, operand)


def either(then: Code, condition: Code, other: Code) -> Code:
    """Choose between two values; equal ones need no choice."""
    if isinstance(condition, bool):
        return then if condition else other
    return then if then == other else Either(then, condition, other)


def rebuild(value: Code, change: Callable[[Var], Code]) -> Code:
    """The expression with every variable replaced by what `change` makes of it."""

    def again(part: Code) -> Code:
        return rebuild(part, change)

    match value:
        case Var():
            return change(value)
        case Binary(sign, left, right):
            return binary(sign, again(left), again(right))
        case Unary(sign, operand):
            return unary(sign, again(operand))
        case Function(name, args):
            return call(name, *map(again, args))
        case Item(of, index):
            return item(again(of), again(index))
        case Part(of, start, stop):
            return part(again(of), start, stop)
        case Either(then, condition, other):
            return either(again(then), again(condition), again(other))
        case tuple():
            return tuple(map(again, value))
    return value


def call(name: str, *args: Code) -> Code:
    """A function's call, computed where every argument is known."""
    if name not in COMPUTED or any(isinstance(a, Sym) for a in args):
        return Function(name, args)
    return COMPUTED[name](*args)


COMPUTED: dict[str, Callable[..., Any]] = {"min": min, "max": max, MULTIPLE: multiple}


def is_whole(value: Code) -> bool:
    """Whether an expression is a whole number for any parameters that are what their types say."""
    match value:
        case Var():
            return not value.real and (value.meaning in (None, UNKNOWN) or is_whole(value.meaning))
        case Binary(sign, left, right):
            return sign in ("+", "-", "*", "//", "%") and is_whole(left) and is_whole(right)
        case Function(name, args):
            return name in COMPUTED and all(map(is_whole, args))
    return type(value) is int


def item(of: Code, index: Code) -> Code:
    """An element of a list."""
    if isinstance(of, tuple) and not isinstance(index, Sym):
        return of[index]
    if isinstance(of, Part) and not isinstance(index, Sym):
        return Item(of.of, (of.start or 0) + index)
    return Item(of, index)


def part(of: Code, start: int | None, stop: int | None) -> Code:
    """A part of a list."""
    return of[start:stop] if isinstance(of, tuple) else Part(of, start, stop)


def substitute(value: Code, values: Mapping[str, Code]) -> Code:
    """Put the arguments of a call into an expression of the callee."""
    return rebuild(value, lambda var: values.get(var.name, var))


def expand(value: Code) -> Code:
    """Put what locals stand for in their place; None where one has no meaning outside."""
    known = True

    def change(var: Var) -> Code:
        nonlocal known
        known = known and var.meaning is not UNKNOWN
        return var if var.meaning in (None, UNKNOWN) else expand(var.meaning)

    result = rebuild(value, change)
    return result if known else None


UNKNOWN = object()
"""The meaning of a local that no expression in the parameters gives."""

LOST = Var("?", UNKNOWN)
"""A number that no expression gives where it stands: nothing may be written with it."""


def lost_in(owner: object) -> Var:
    """The number that a body gives and no expression in its parameters says."""
    return Var(LOST.name, UNKNOWN, lost_in=owner)


def variables(value: Code) -> set[str]:
    """The names that an expression reads."""
    return {var.name for var in read(value)}


def versions(value: Code) -> set[tuple[str, int]]:
    """The names that an expression reads, each with the assignment that it means."""
    return {(var.name, var.version) for var in read(value)}


def read(value: Code) -> list[Var]:
    """The variables that an expression reads."""
    if isinstance(value, Var):
        return [value]
    return [var for part in _parts(value) for var in read(part)]


def _parts(value: Code) -> tuple[Code, ...]:
    match value:
        case Binary(_, left, right):
            return (left, right)
        case Unary(_, operand):
            return (operand,)
        case Function(_, args):
            return args
        case Item(of, index):
            return (of, index)
        case Either(then, condition, other):
            return (then, condition, other)
        case tuple():
            return value
    return ()


def same(left: Code, right: Code) -> bool:
    """Whether two expressions are written alike and mean the same assignments."""
    return bool(left == right) and versions(left) == versions(right)
