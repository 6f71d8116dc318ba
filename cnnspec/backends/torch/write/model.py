"""The generated module as data: what the templates read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Line:
    """One simple statement, with the comment behind it."""

    text: str
    comment: str = ""
    local: str = ""
    """The local that it sets: without a reader the line is left out."""
    fixed: bool = False
    """Sets an attribute to what holds in the whole constructor: a condition, a number."""


@dataclass
class Suite:
    """`if ...:` or `for ...:` with its statements."""

    head: str
    body: list[Statement]


Statement = Line | Suite


@dataclass
class Method:
    """A method: its parameters after `self`, what it returns, docstring and body."""

    name: str
    params: list[str]
    returns: str
    doc: str
    body: list[Statement]

    @property
    def signature(self) -> str:
        """The `def` line."""
        return f"def {self.name}({', '.join(['self', *self.params])}) -> {self.returns}:"


@dataclass
class Class:
    """A generated class; `source` is set instead where an op brings its own."""

    name: str
    base: str = ""
    doc: str = ""
    fields: list[str] = field(default_factory=list)
    methods: list[Method] = field(default_factory=list)
    source: str = ""


@dataclass
class Function:
    """The function that builds the net."""

    signature: str
    doc: str
    body: str


@dataclass
class Module:
    """A whole file."""

    doc: list[str]
    imports: list[list[str]]
    input_size: str
    recipe: str
    classes: list[Class]
    factory: Function


def texts(statements: list[Statement]) -> list[str]:
    """Every line of code in statements, heads included."""
    found = []
    for statement in statements:
        if isinstance(statement, Line):
            found.append(statement.text)
        else:
            found += [statement.head, *texts(statement.body)]
    return found


def lines(statements: list[Statement]) -> Iterator[Line]:
    """Every simple statement, in order."""
    for statement in statements:
        if isinstance(statement, Line):
            yield statement
        else:
            yield from lines(statement.body)


_SET = re.compile(r"self\.(\w+) = ([\w.]+)\(")


def typed(statements: list[Statement]) -> None:
    """Say that an attribute is a module where the arms of an `if` set it to different ones.

    Of the first alone a type checker would take its class to be the class of all.
    """
    found: dict[str, list[tuple[Line, str]]] = {}
    for line in lines(statements):
        if match := _SET.match(line.text):
            found.setdefault(match[1], []).append((line, match[2]))
    for name, rows in found.items():
        if len({made for _, made in rows}) > 1:
            first, _ = rows[0]
            first.text = first.text.replace(f"self.{name} =", f"self.{name}: nn.Module =", 1)
