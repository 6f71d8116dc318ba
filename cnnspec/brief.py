"""Short forms of objects, for a prompt and a notebook: at most 200 characters, whatever they hold.

A net of thousands of layers is a tree of tens of thousands of objects; written out whole it would
be megabytes, and a notebook shows what a cell ends with.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

ROOM = 200
"""Characters of a short form."""
_MORE = "..."


class Brief:
    """A dataclass whose objects say what they are in one short line, as records do."""

    __slots__ = ()

    def __repr__(self) -> str:
        return brief(self)


def brief(thing: object, room: int = ROOM) -> str:
    """`Layer(name='conv1', op=Conv(...), ...)`: the fields as far as there is room."""
    names = _fields(thing)
    if names is None:
        return _cut(repr(thing), room)
    head = f"{type(thing).__name__}("
    values = ((name, getattr(thing, name, None)) for name in names)
    return _listed(head, ")", ((f"{name}=", value) for name, value in values), room)


def _fields(thing: Any) -> Iterable[str] | None:
    """The names of the fields that are said: of a record, or of a dataclass that is brief."""
    cls = type(thing)
    fields = getattr(cls, "_fields_of_record", None)
    if fields is None and isinstance(thing, Brief):
        fields = getattr(cls, "__dataclass_fields__", {})
    return None if fields is None else [f.name for f in fields.values() if f.repr]


def _shown(value: object, room: int) -> str:
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        ends = "()" if isinstance(value, tuple) else "[]"
        return _listed(ends[0], ends[1], (("", one) for one in value), room)
    if isinstance(value, dict):
        return _listed(
            "{", "}", ((f"{_cut(repr(key), 40)}: ", one) for key, one in value.items()), room
        )
    if isinstance(value, str | bytes):
        return _cut(repr(value[:ROOM]), room)
    return brief(value, room)


def _listed(head: str, tail: str, items: Iterable[tuple[str, object]], room: int) -> str:
    """Items between two ends; what does not fit is three dots."""
    said = head
    for number, (name, value) in enumerate(items):
        start = f"{', ' if number else ''}{name}"
        left = room - len(said) - len(start) - len(tail) - len(f", {_MORE}")
        if left < 8:
            return _cut(f"{said}{', ' if number else ''}{_MORE}{tail}", room)
        said += start + _shown(value, left)
    return _cut(said + tail, room)


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: max(room - len(_MORE), 0)] + _MORE
