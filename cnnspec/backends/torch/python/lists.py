"""Lists and loops with open numbers, and whether a value holds any."""

from __future__ import annotations

from dataclasses import dataclass

from cnnspec.backends.torch.python import symbols
from cnnspec.backends.torch.python.symbols import Code, Sym, Var, expand, variables
from cnnspec.values import Value


@dataclass(frozen=True)
class OpenList:
    """A parameter that is a list, or a part of one: the length is structure, entries are open."""

    name: str
    size: int
    start: int = 0
    """The place in the parameter where a part begins."""
    behind: int = 0
    """How many items of the parameter stand behind it."""

    @property
    def entries(self) -> tuple[Code, ...]:
        """`depths[0]`, `depths[1]`, ..."""
        return tuple(symbols.Item(Var(self.name), self.start + i) for i in range(self.size))

    @property
    def code(self) -> Code:
        """`depths`, or `depths[1:]` for a part of it."""
        if not (self.start or self.behind):
            return Var(self.name)
        stop = self.start + self.size if self.behind else None
        return symbols.part(Var(self.name), self.start or None, stop)

    def part(self, start: int | None, stop: int | None) -> OpenList:
        """A part of it, by Python's rule."""
        places = range(self.size)[start:stop]
        first = places.start if places else 0
        behind = self.behind + self.size - first - len(places)
        return OpenList(self.name, len(places), self.start + first, behind)


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
