"""From the arguments of a call to the fields of an op, where some are still open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cnnspec.backends.torch.python.lists import holds_sym
from cnnspec.elaborate.calls import Calls
from cnnspec.ops.arguments import bind, signature
from cnnspec.ops.op import Op
from cnnspec.values import Keyword, Padding, Value, Window


class OpenCalls(Calls):
    """Calls of ops and blocks where an argument may be open."""

    def bind(self, cls: type[Op], positional: Sequence[Value], keywords: dict[str, Value]) -> Op:
        return bind_open(cls, positional, keywords)


def bind_open(cls: type[Op], positional: Sequence[Value], keywords: dict[str, Value]) -> Op:
    """Build the op; a field may hold an expression instead of a number.

    The elaborator has checked names and types on the values of this net, so only the form of an
    open value is settled here.
    """
    fields = signature(cls)
    values = dict(zip(fields, positional, strict=False)) | keywords
    open_values = {name: value for name, value in values.items() if holds_sym(value)}
    closed = {name: value for name, value in values.items() if name not in open_values}
    stand_ins = {name: _stand_in(fields[name][0]) for name in open_values}
    op = bind(cls, [], {**closed, **stand_ins})
    for name, value in open_values.items():
        object.__setattr__(op, name, _field(fields[name][0], value))
    return op


def _stand_in(annotation: Any) -> Value:
    if annotation is Window:
        return Window((1, 1))
    return [1, 1, 1, 1] if annotation is list else 1


def _field(annotation: Any, value: Value) -> Any:
    """The open value as the field keeps it: a pair, four sides, or the value itself."""
    if isinstance(value, Window) and annotation is not Window:
        value = value.kernel  # `1x1` as the value of a parameter is a window until it is used
    if annotation == tuple[int, int]:
        return value if isinstance(value, tuple) else (value, value)
    if annotation in (Padding, Padding | Keyword) and not isinstance(value, Padding):
        sides = value if isinstance(value, tuple) else (value, value)
        rows, columns = sides[0], sides[-1]
        return Padding(*sides) if len(sides) == 4 else Padding(rows, rows, columns, columns)
    return value
