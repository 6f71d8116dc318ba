"""Python's operators on plain values, each bounded in time and memory (S23)."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from cnnspec.backends.torch.proof.faults import PLAIN, Meter
from cnnspec.backends.torch.proof.values import Dotted, Kinds

NUMBERS = (int, float, bool)
SEQUENCES = (list, tuple, str)
POWER_MAX = 64
"""The largest exponent: a number is bounded only after it is computed."""

BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: operator.pow,
    ast.Div: operator.truediv, ast.BitOr: operator.or_,
}  # fmt: skip
COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le,
    ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Is: operator.is_, ast.IsNot: operator.is_not,
    ast.In: lambda a, b: a in b, ast.NotIn: lambda a, b: a not in b,
}  # fmt: skip


def binary(meter: Meter, sign: type[ast.operator], left: Any, right: Any) -> Any:
    """`left + right` and its like, on numbers, lists and strings. Raises Unproved."""
    if isinstance(left, NUMBERS) and isinstance(right, NUMBERS) and sign is not ast.BitOr:
        if sign is ast.Pow and not -POWER_MAX <= right <= POWER_MAX:
            raise meter.fault(f"a power of {right}")
        try:
            return meter.bounded(BINARY[sign](left, right))
        except ArithmeticError as error:
            raise meter.fault(f"{left} and {right}: {error}") from None
    if sign is ast.BitOr and isinstance(left, Dotted | Kinds) and isinstance(right, Dotted):
        return Kinds((*(left.names if isinstance(left, Kinds) else (left.name,)), right.name))
    if sign is ast.Add and type(left) is type(right) and isinstance(left, SEQUENCES):
        return meter.bounded(left + right)
    if sign is ast.Mult and isinstance(left, SEQUENCES) and type(right) is int:
        meter.spend(max(0, len(left) * right))
        return meter.bounded(left * right)
    raise meter.fault(f"{kind(left)} and {kind(right)} in one calculation")


def unary(meter: Meter, sign: type[ast.unaryop], value: Any) -> Any:
    """`not value`, `-value`. Raises Unproved."""
    if sign is ast.Not:
        return not truth(meter, value)
    if sign is ast.USub and isinstance(value, NUMBERS):
        return -value
    raise meter.fault(f"a sign before {kind(value)}")


def compare(meter: Meter, sign: type[ast.cmpop], left: Any, right: Any) -> bool:
    """`left < right` and its like. Raises Unproved."""
    if sign in (ast.Is, ast.IsNot):
        if left is not None and right is not None and not isinstance(right, bool):
            raise meter.fault("`is` with neither None, True nor False")
        return COMPARE[sign](left, right)
    if sign in (ast.In, ast.NotIn):
        if isinstance(right, range) and type(left) is int:
            return COMPARE[sign](left, right)
        inner = tuple(right) if isinstance(right, list | tuple | dict) else (right,)
        plain = meter.exact((left, *inner)) is not None
        if not plain or not isinstance(right, list | tuple | dict | str):
            raise meter.fault(f"{kind(left)} looked for in {kind(right)}")
    elif meter.exact(tuple(left) if type(left) is list else (left,)) is None or (
        meter.exact(tuple(right) if type(right) is list else (right,)) is None
    ):
        raise meter.fault(f"{kind(left)} compared with {kind(right)}")
    try:
        return COMPARE[sign](left, right)
    except TypeError as error:
        raise meter.fault(str(error)) from None


def truth(meter: Meter, value: Any) -> bool:
    """Whether a plain value is true; a tensor's or a module's truth is no number of a spec."""
    if type(value) in PLAIN or isinstance(value, list | tuple | dict | range):
        return bool(value)
    raise meter.fault(f"the truth of {kind(value)}")


def kind(value: Any) -> str:
    """A value's kind with its article, for messages."""
    name = type(value).__name__
    names = {"At": "a module", "Made": "a module", "Leaf": "a module", "Fresh": "a module"}
    return names.get(name, f"a {name.lower()}")
