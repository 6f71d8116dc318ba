"""Lists and loops with open numbers, and whether a value holds any."""

from __future__ import annotations

from dataclasses import dataclass

from cnnspec.backends.torch.python import symbols
from cnnspec.backends.torch.python.symbols import Code, Sym, Var, expand, variables
from cnnspec.values import Value


@dataclass(frozen=True)
class OpenList:
    """A parameter that is a list: its length is structure, its entries are open."""

    name: str
    size: int

    @property
    def entries(self) -> tuple[Code, ...]:
        """`depths[0]`, `depths[1]`, ..."""
        return tuple(symbols.Item(Var(self.name), i) for i in range(self.size))


@dataclass(frozen=True)
class Turns:
    """What a loop with an open number of turns runs over: `range(n)`, `enumerate(depths)`."""

    over: Code
    """The expression; None where the turns have no Python spelling."""
    count: Code
    entries: tuple[Value, ...] | None = None
    """One value a turn, where the number of turns is known."""
    start: Code = 0
    """What its first variable begins with, where it counts the turns; else None."""


def holds_sym(value: Value) -> bool:
    """Whether a value, or an element of it, is open."""
    return isinstance(value, Sym | OpenList | Turns) or (
        isinstance(value, tuple) and any(holds_sym(v) for v in value)
    )


def numbers_in(value: Value) -> set[str]:
    """The open numbers that decide a value, those behind locals among them."""
    match value:
        case OpenList(name):
            return {name}
        case Turns():
            return numbers_in((value.over, value.count, value.entries))
        case tuple():
            return {name for part in value for name in numbers_in(part)}
    whole = expand(value)
    return variables(value if whole is None else whole)
