"""From the values of a call to the fields of an op: names, order and types of arguments."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable
from functools import cache
from typing import Any

from cnnspec.ops.op import Op
from cnnspec.values import (
    SIZE_MAX,
    Dims,
    Keyword,
    Padding,
    Record,
    Shape,
    Value,
    Window,
    show,
    type_name,
)

INITIALISERS: dict[str, tuple[str, ...]] = {
    "he_normal": ("fan",),
    "he_uniform": ("fan",),
    "xavier": (),
    "xavier_normal": (),
    "normal": ("std", "mean"),
    "uniform": ("low", "high"),
    "trunc_normal": ("std",),
    "zeros": (),
    "ones": (),
}
"""Initialisers of weights and the keywords each takes."""


class ArgumentError(Exception):
    """A call's arguments do not fit; `argument` is its keyword or position, or None."""

    def __init__(
        self, code: str, message: str, argument: str | int | None = None, help: str = ""
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.argument, self.help = code, message, argument, help


class WrongType(Exception):
    """A value is not what a field wants; the message says what is wanted."""


def integer(value: Value, wanted: str = "a whole number") -> int:
    """A count or size from 0 to 2^31-1."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise WrongType(wanted)
    if not 0 <= value <= SIZE_MAX:
        raise WrongType("a number from 0 to 2147483647")
    return value


def _real(value: Value) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise WrongType("a number")
    return value


def _boolean(value: Value) -> bool:
    if not isinstance(value, bool):
        raise WrongType("true or false")
    return value


def _string(value: Value) -> str:
    if not isinstance(value, str):
        raise WrongType("a string")
    return value


def _positive_pair(value: Value, wanted: str) -> tuple[int, int]:
    if isinstance(value, Window) and value.stride == (1, 1):
        return value.kernel
    if isinstance(value, Dims) and len(value.sizes) == 2:
        rows, columns = value.sizes
    else:
        rows = columns = integer(value, wanted)
    if rows < 1 or columns < 1:
        raise WrongType("at least 1")
    return rows, columns


def _pair(value: Value) -> tuple[int, int]:
    return _positive_pair(value, "a number, or rows and columns as in 2x1")


def _window(value: Value) -> Window:
    wanted = "a window such as 3x3 or 3x3/2"
    if isinstance(value, Window):
        window = value
    elif isinstance(value, Dims) and len(value.sizes) == 2:
        window = Window((value.sizes[0], value.sizes[1]))
    else:
        raise WrongType(wanted)
    if min(*window.kernel, *window.stride) < 1 or max(*window.kernel, *window.stride) > SIZE_MAX:
        raise WrongType("a window of sizes from 1 to 2147483647")
    return window


def _padding(value: Value) -> Padding | Keyword:
    if value == Keyword("same"):
        return Keyword("same")
    if isinstance(value, tuple) and not isinstance(value, Dims | Window | Keyword):
        if len(value) != 4:
            raise WrongType("[top, bottom, left, right]")
        return Padding(*(integer(side) for side in value))
    if isinstance(value, Dims) and len(value.sizes) == 2:
        rows, columns = value.sizes
    else:
        rows = columns = integer(value, "a number, 1x2, [top, bottom, left, right] or `same`")
    return Padding(rows, rows, columns, columns)


def _init(value: Value) -> Record | None:
    if value is None:
        return None
    if not isinstance(value, Record) or value.name not in INITIALISERS:
        raise WrongType("an initialiser: " + ", ".join(INITIALISERS))
    known = INITIALISERS[value.name]
    if value.args or any(k not in known for k, _ in value.keywords):
        raise WrongType(f"{value.name}({', '.join(f'{k}=...' for k in known)})")
    return value


def _lists(value: Value) -> tuple[tuple[int, ...], ...] | None:
    if value is None:
        return None
    if not isinstance(value, tuple) or not all(isinstance(row, tuple) for row in value):
        raise WrongType("a list of lists of numbers")
    return tuple(tuple(integer(n) for n in row) for row in value)


def _integers(value: Value) -> tuple[int, ...]:
    if not isinstance(value, tuple) or isinstance(value, Dims | Window | Keyword):
        raise WrongType("a list of whole numbers")
    return tuple(integer(n) for n in value)


def _optional_integer(value: Value) -> int | None:
    return None if value is None else integer(value)


CONVERTERS: dict[Any, Callable[[Value], Any]] = {
    int: integer,
    float: _real,
    bool: _boolean,
    str: _string,
    Window: _window,
    Padding: _padding,
    tuple[int, int]: _pair,
    tuple[int, ...]: _integers,
    tuple[tuple[int, ...], ...] | None: _lists,
    Record | None: _init,
    int | None: _optional_integer,
}
"""What a field's annotation accepts; the annotation is the argument's type in the language."""


@cache
def signature(cls: type[Op]) -> dict[str, tuple[Any, dataclasses.Field[Any]]]:
    """The fields of an op: name -> (annotation, field), in positional order."""
    hints = typing.get_type_hints(cls)
    return {f.name: (hints[f.name], f) for f in dataclasses.fields(cls)}


def signature_text(cls: type[Op]) -> str:
    """The signature as a person reads it: `conv(channels, window, pad = 0, ...)`."""
    words = []
    for name, (_, f) in signature(cls).items():
        required = f.default is dataclasses.MISSING
        words.append(name if required else f"{name} = {show(f.default)}")
    return f"{cls.name}({', '.join(words)})"


def bind(cls: type[Op], positional: list[Value], keywords: dict[str, Value]) -> Op:
    """Build the op from values, or raise ArgumentError naming the argument to blame."""
    fields = signature(cls)
    names = list(fields)
    if len(positional) > len(names):
        takes = f"{len(names)} argument" + "s" * (len(names) != 1) if names else "no arguments"
        raise ArgumentError(
            "E0105", f"{cls.name} takes {takes}, and {len(positional)} came", len(names)
        )
    values: dict[str, Value] = {}
    for position, value in enumerate(positional):
        values[names[position]] = _convert(cls, names[position], value, position)
    for keyword, value in keywords.items():
        if keyword in values:
            raise ArgumentError("E0106", f"{cls.name} gets `{keyword}` twice", keyword)
        values[keyword] = _convert(cls, keyword, value, keyword)
    for name, (_, f) in fields.items():
        if name not in values and f.default is dataclasses.MISSING:
            raise ArgumentError("E0107", f"{cls.name} needs `{name}`", None)
    return cls(**values)


def _convert(cls: type[Op], name: str, value: Value, argument: str | int) -> Any:
    annotation = signature(cls)[name][0]
    try:
        return CONVERTERS[annotation](value)
    except WrongType as wrong:
        raise ArgumentError(
            "E0108",
            f"`{name}` of {cls.name} is {wrong}, and {type_name(value)} came: {show(value)}",
            argument,
        ) from None


__all__ = ["ArgumentError", "Shape", "bind", "integer", "signature", "signature_text"]
