"""A spec as parts, to be written with its loops or unrolled."""

from __future__ import annotations

import re
from dataclasses import dataclass

MARK = re.compile(r"\$(zz[a-z]+)\$")
"""A loop's variable where it is used: its name, or its value where the loop is unrolled."""


@dataclass(frozen=True)
class Line:
    """One statement."""

    text: str


@dataclass(frozen=True)
class Body:
    """Statements in braces; `also` is an `else` behind it."""

    head: str
    parts: tuple[Part, ...]
    tail: str = "}"
    also: Body | None = None


@dataclass(frozen=True)
class Repeat:
    """`repeat times { ... }`."""

    times: int
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class For:
    """`for index, name in enumerate([...]) { ... }`."""

    index: str
    name: str
    values: tuple[int, ...]
    parts: tuple[Part, ...]
    over: str = ""
    """The pairs in another spelling than `enumerate([...])`."""


Part = Line | Body | Repeat | For


def render(parts: tuple[Part, ...], unrolled: bool = False) -> str:
    """The text, a statement a line."""
    return "".join(f"{line}\n" for line in _lines(parts, unrolled, {}))


def _lines(parts: tuple[Part, ...], unrolled: bool, bound: dict[str, int]) -> list[str]:
    found: list[str] = []
    for part in parts:
        match part:
            case Line():
                found.append(MARK.sub(lambda m: str(bound.get(m[1], m[1])), part.text))
            case Body():
                found.append(part.head)
                found += _lines(part.parts, unrolled, bound)
                other = part.also
                while other is not None:
                    found += [other.head, *_lines(other.parts, unrolled, bound)]
                    other = other.also
                found.append(part.tail)
            case Repeat():
                inside = _lines(part.parts, unrolled, bound)
                found += (
                    inside * part.times if unrolled else _braces(f"repeat {part.times}", inside)
                )
            case For():
                found += _for(part, unrolled, bound)
    return found


def _for(part: For, unrolled: bool, bound: dict[str, int]) -> list[str]:
    if not unrolled:
        over = part.over or f"enumerate({list(part.values)})"
        head = f"for {part.index}, {part.name} in {over}"
        return _braces(head, _lines(part.parts, unrolled, bound))
    found: list[str] = []
    for index, value in enumerate(part.values):
        turn = bound | {part.index: index, part.name: value}
        found += _lines(part.parts, unrolled, turn)
    return found


def _braces(head: str, inside: list[str]) -> list[str]:
    return [f"{head} {{", *inside, "}"]
