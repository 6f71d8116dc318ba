"""Values and expressions as Python text, spaced and bracketed as ruff format leaves them."""

from __future__ import annotations

from cnnspec.backends.torch.python.literals import write_plain
from cnnspec.backends.torch.symbols import Binary, Code, Either, Function, Item, Unary, Var

_LEVELS = {
    "if": 0, "or": 1, "and": 2, "not": 3,
    "==": 4, "!=": 4, "<": 4, "<=": 4, ">": 4, ">=": 4,
    "+": 5, "-": 5, "*": 6, "/": 6, "//": 6, "%": 6, "neg": 7, "**": 8,
}  # fmt: skip
_ATOM = 9


def write(value: Code) -> str:
    """The Python text of a value or expression."""
    return _write(value)[0]


def _write(value: Code) -> tuple[str, int]:
    """Text, and how tightly its outermost operator binds."""
    match value:
        case Var(name):
            return name, _ATOM
        case Binary(sign, left, right):
            return _write_binary(sign, left, right), _LEVELS[sign]
        case Unary("neg", operand):
            return f"-{_within(operand, _LEVELS['neg'])}", _LEVELS["neg"]
        case Unary(_, operand):
            return f"not {_within(operand, _LEVELS['not'])}", _LEVELS["not"]
        case Function(name, args):
            return f"{name}({', '.join(map(write, args))})", _ATOM
        case Item(of, index):
            return f"{_within(of, _ATOM)}[{write(index)}]", _ATOM
        case Either(then, condition, other):
            text = f"{_within(then, 1)} if {_within(condition, 1)} else {write(other)}"
            return text, _LEVELS["if"]
        case tuple():
            inner = ", ".join(map(write, value))
            return (f"({inner},)" if len(value) == 1 else f"({inner})"), _ATOM
    return write_plain(value), _LEVELS["neg"] if _is_negative(value) else _ATOM


def _is_negative(value: Code) -> bool:
    return isinstance(value, int | float) and value < 0


def _within(value: Code, level: int) -> str:
    text, own = _write(value)
    return text if own >= level else f"({text})"


def _write_binary(sign: str, left: Code, right: Code) -> str:
    level = _LEVELS[sign]
    if sign == "**":
        hug = all(isinstance(x, Var | int) and not _is_negative(x) for x in (left, right))
        gap = "" if hug else " "
        return f"{_within(left, level + 1)}{gap}**{gap}{_within(right, level)}"
    comparison = level == _LEVELS["=="]
    above = level + 1
    same = isinstance(right, Binary) and right.sign == sign and sign in ("and", "or", "+")
    return (
        f"{_within(left, above if comparison else level)} {sign} "
        f"{_within(right, level if same else above)}"
    )


def negated(asked: str) -> str:
    """The opposite of a condition that is text already."""
    plain = asked.replace(".", "_").isidentifier()
    return f"not {asked}" if plain else f"not ({asked})"
