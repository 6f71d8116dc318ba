"""From the values of a call to the fields of an op: names, order and types of arguments."""

from __future__ import annotations

import sys
from collections.abc import Callable, Container, Mapping, Sequence
from math import isfinite
from typing import Any

from cnnspec.diagnostics import did_you_mean
from cnnspec.ops.op import Op
from cnnspec.records import MISSING, Field, fields
from cnnspec.values import (
    SAME,
    SIZE_MAX,
    TF_SAME,
    Beside,
    Dims,
    Keyword,
    Padding,
    Record,
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
"""Initialisers of weights and the keywords each takes; all have PyTorch's defaults."""


class ArgumentError(Exception):
    """A call's arguments do not fit.

    `argument` is the keyword or the position (from 0) to blame, or None for the call as a whole.
    """

    def __init__(
        self, code: str, message: str, argument: str | int | None = None, help: str = ""
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.argument, self.help = code, message, argument, help


class Unfit(Exception):
    """A value is not what a field takes; the message says what is wanted."""

    def __init__(self, wanted: str, help: str = "") -> None:
        super().__init__(wanted)
        self.wanted, self.help = wanted, help


def integer(value: Value, wanted: str = "a whole number") -> int:
    """A count or size from 0 to 2^31-1."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise Unfit(wanted)
    if not 0 <= value <= SIZE_MAX:
        raise Unfit(f"a number from 0 to {SIZE_MAX}")
    return value


def _real(value: Value) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unfit("a number")
    if not isfinite(value):
        raise Unfit("a finite number")
    return value


def _boolean(value: Value) -> bool:
    if not isinstance(value, bool):
        known = isinstance(value, int) and value in (0, 1)
        raise Unfit("true or false", f"write `{'true' if value else 'false'}`" * known)
    return value


def _string(value: Value) -> str:
    if not isinstance(value, str):
        raise Unfit("a string")
    return value


def _rows_columns(value: Value) -> tuple[int, int] | None:
    """The two sizes of `1x2`, also where it was read as a window; None for anything else."""
    if isinstance(value, Window) and not value.written and value.stride == (1, 1):
        return value.kernel
    if isinstance(value, Dims) and len(value.sizes) == 2:
        return value.sizes[0], value.sizes[1]
    return None


def _pair(value: Value) -> tuple[int, int]:
    pair = _rows_columns(value)
    if pair is None:
        size = integer(value, "a whole number, or rows and columns as in 1x2")
        pair = size, size
    _within(pair, "a number, or rows and columns,")
    return pair


def _pair_or_none(value: Value) -> tuple[int, int] | None:
    return None if value is None else _pair(value)


def _beside(value: Value) -> Beside:
    assert isinstance(value, Beside)  # anything else is refused where it is written
    return value


def _beside_or_none(value: Value) -> Beside | None:
    return None if value is None else _beside(value)


def _window(value: Value) -> Window:
    if isinstance(value, Window):
        window = value
    else:
        kernel = _rows_columns(value)
        if kernel is None:
            if isinstance(value, Dims):
                help = "3-D maps are outside the language: a window has rows and columns"
                raise Unfit("a window such as 3x3 or 3x3/2", help * (len(value.sizes) > 2))
            number = isinstance(value, int) and not isinstance(value, bool)
            help = f"write `{value}x{value}`, or `{value}x{value}/2` with a stride" * number
            raise Unfit("a window such as 3x3 or 3x3/2", help)
        window = Window(kernel)
    _within((*window.kernel, *window.stride), "a window of sizes")
    return window


def _within(sizes: tuple[int, ...], what: str) -> None:
    """Refuse sizes that are no number of rows or columns."""
    if min(sizes) < 1 or max(sizes) > SIZE_MAX:
        raise Unfit(f"{what} from 1 to {SIZE_MAX}")


def _padding(value: Value) -> Padding | Keyword:
    if value in (SAME, TF_SAME):
        return SAME if value == SAME else TF_SAME
    return _sides(value, "a number, 1x2, [top, bottom, left, right] or `same`")


def _sides(value: Value, wanted: str = "a number, 1x2 or [top, bottom, left, right]") -> Padding:
    if _is_list(value):
        if len(value) != 4:
            raise Unfit("four numbers in a list: [top, bottom, left, right]")
        return Padding(*(integer(side) for side in value))
    pair = _rows_columns(value)
    if pair is None:
        if isinstance(value, str):
            word = value.lower()
            help = {"same": "write `pad=same`, without quotes"} if "`same`" in wanted else {}
            help |= {"valid": "write `pad=0`"}
            raise Unfit(wanted, help.get(word, ""))
        size = integer(value, wanted)
        pair = size, size
    rows, columns = map(integer, pair)
    return Padding(rows, rows, columns, columns)


def _init(value: Value) -> Record | None:
    if value is None:
        return None
    if not isinstance(value, Record) or value.name not in INITIALISERS:
        raise Unfit("an initialiser", f"one of {', '.join(f'`{n}`' for n in INITIALISERS)}")
    known = INITIALISERS[value.name]
    if value.args or any(key not in known for key, _ in value.keywords):
        raise Unfit(f"`{value.name}({', '.join(f'{key}=...' for key in known)})`")
    for key, setting in value.keywords:
        if key == "fan" and setting not in ("in", "out"):
            raise Unfit(f'`{value.name}(fan="in")` or `{value.name}(fan="out")`')
        if key != "fan" and type(setting) not in (int, float):
            raise Unfit(f"a number for `{key}` of {value.name}")
        if key == "std" and setting < 0:
            raise Unfit(f"at least 0 for `std` of {value.name}")
    return value


def _is_list(value: Value) -> bool:
    """A list of the language; windows and keywords are tuples in Python too."""
    return type(value) is tuple


def _integers(value: Value) -> tuple[int, ...]:
    if not _is_list(value):
        raise Unfit("a list of whole numbers")
    return tuple(integer(n, "a list of whole numbers") for n in value)


def _lists(value: Value) -> tuple[tuple[int, ...], ...] | None:
    if value is None:
        return None
    if not _is_list(value) or not all(map(_is_list, value)):
        raise Unfit("a list of lists of whole numbers")
    return tuple(_integers(row) for row in value)


CONVERTERS: dict[Any, Callable[[Value], Any]] = {
    int: integer,
    float: _real,
    bool: _boolean,
    str: _string,
    Window: _window,
    Padding | Keyword: _padding,
    Padding: _sides,
    tuple[int, int]: _pair,
    tuple[int, int] | None: _pair_or_none,
    Beside: _beside,
    Beside | None: _beside_or_none,
    tuple[int, ...]: _integers,
    tuple[tuple[int, ...], ...] | None: _lists,
    Record | None: _init,
}
"""What a field's annotation accepts; the annotation is the argument's type in the language."""


Signature = dict[str, tuple[Any, Field]]
"""Name -> (annotation, field), in positional order."""

_SIGNATURES: dict[type[Op], Signature] = {}


def signature(cls: type[Op]) -> Signature:
    """The fields of an op; looked up once, and only for the ops that a spec uses."""
    if cls not in _SIGNATURES:
        _SIGNATURES[cls] = {f.name: (_annotation(cls, f), f) for f in fields(cls)}
    return _SIGNATURES[cls]


def _annotation(cls: type[Op], field: Field) -> Any:
    """The type of one field; `typing.get_type_hints` would evaluate every class variable too."""
    if not isinstance(field.type, str):
        return type(None) if field.type is None else field.type
    owner = next(b for b in cls.__mro__ if field.name in vars(b).get("__annotations__", ()))
    return eval(field.type, vars(sys.modules[owner.__module__]))  # the text of our own file


_REQUIRED: dict[type[Op], tuple[str, ...]] = {}


def required(cls: type[Op]) -> tuple[str, ...]:
    """The arguments without a default."""
    if cls not in _REQUIRED:
        fields = signature(cls).items()
        names = (name for name, (_, f) in fields if f.default is MISSING)
        _REQUIRED[cls] = tuple(names)
    return _REQUIRED[cls]


def signature_text(cls: type[Op]) -> str:
    """The signature as a person reads it: `conv(channels, window, pad = 0, ...)`."""
    words = []
    for name, (annotation, f) in signature(cls).items():
        if f.default is MISSING:
            words.append(name)
        elif annotation == tuple[int, int]:
            words.append(f"{name} = {_show_pair(f.default)}")
        else:
            words.append(f"{name} = {show(f.default)}")
    return f"{cls.name}({', '.join(words)})"


def _show_pair(pair: tuple[int, int]) -> str:
    return str(pair[0]) if pair[0] == pair[1] else str(Dims(pair))


def bind(cls: type[Op], positional: Sequence[Value], keywords: Mapping[str, Value]) -> Op:
    """Build the op from values, or raise ArgumentError naming the argument to blame."""
    if not positional and not keywords:
        return _without_arguments(cls)
    fields = signature(cls)
    names = list(fields)
    if len(positional) > len(names):
        takes = f"{len(names)} argument{'s' * (len(names) != 1)}" if names else "no argument"
        message = f"{cls.name} takes {takes}, and {len(positional)} came"
        raise ArgumentError("E0105", message, len(names))
    values: dict[str, Any] = {}
    for position, value in enumerate(positional):
        values[names[position]] = _convert(cls, names[position], value, position)
    for keyword, value in keywords.items():
        if keyword not in fields:
            message = f"{cls.name} has no argument `{keyword}`"
            raise ArgumentError("E0103", message, keyword, did_you_mean(keyword, names))
        if keyword in values:
            message = f"{cls.name} gets `{keyword}` twice: by its place and by its name"
            raise ArgumentError("E0106", message, keyword)
        values[keyword] = _convert(cls, keyword, value, keyword)
    _check_required(cls, values)
    return cls(**values)


_WITHOUT_ARGUMENTS: dict[type[Op], Op] = {}


def _without_arguments(cls: type[Op]) -> Op:
    """`relu`, `bn`, `flatten`: most layers of most nets, and all alike."""
    if cls not in _WITHOUT_ARGUMENTS:
        _check_required(cls, ())
        _WITHOUT_ARGUMENTS[cls] = cls()
    return _WITHOUT_ARGUMENTS[cls]


def _check_required(cls: type[Op], given: Container[str]) -> None:
    for name in required(cls):
        if name not in given:
            raise ArgumentError("E0107", f"{cls.name} needs `{name}`")


def _convert(cls: type[Op], name: str, value: Value, argument: str | int) -> Any:
    annotation, _ = signature(cls)[name]
    try:
        return CONVERTERS[annotation](value)
    except Unfit as unfit:
        message = f"{cls.name} needs {unfit.wanted} for `{name}`, and {_came(value)} came"
        raise ArgumentError("E0108", message, argument, unfit.help) from None


def _came(value: Value) -> str:
    """The value and its type, as far as the value can be written."""
    kind = type_name(value)
    if kind in ("none", "a block", "a truth value") or kind.startswith("`"):
        return show(value) if kind != "a block" else kind
    return f"{show(value)} ({kind})"


__all__ = [
    "CONVERTERS",
    "INITIALISERS",
    "ArgumentError",
    "bind",
    "integer",
    "signature",
    "signature_text",
]
