"""`--set name=value` and `--input 3x160x160`: values of the language from the command line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cnnspec.analyses.checking import Overrides
from cnnspec.cli.faults import UsageFault
from cnnspec.values import INT_MAX, SIZE_MAX, Dims, Printed, Shape, Sizes, Value, Window

_INTEGER = re.compile(r"-?(0|[1-9][0-9]*(_[0-9]+)*)[KMGB]?")
_REAL = re.compile(r"-?(0|[1-9][0-9]*(_[0-9]+)*)(\.[0-9]+)?(e-?[0-9]{1,3})?[KMGB]?")
_DIMS = re.compile(r"([1-9][0-9]*(?:x[1-9][0-9]*)+)(?:/([1-9][0-9]*)(?:x([1-9][0-9]*))?)?")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CONSTANTS = {"true": True, "false": False, "none": None}
_LENGTH_MAX = 4096


class NotALiteral(ValueError):
    """Text that is no literal of the language."""


def overrides(settings: Sequence[str], inputs: Sequence[str] | None) -> Overrides:
    """What the two options ask for. Raises UsageFault."""
    values = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals or not _WORD.fullmatch(name.strip()):
            raise UsageFault(f"--set {setting}: write name=value, such as --set classes=10")
        try:
            values[name.strip()] = literal(text)
        except NotALiteral as wrong:
            raise UsageFault(
                f'--set {setting}: {wrong}; write a number, true, 3x3/2, [3, 4, 6, 3] or "text"'
            ) from None
    return Overrides(values, sizes(inputs or []))


def sizes(texts: Sequence[str]) -> Sizes:
    """`3x160x160`, or `left=3x64x64` for an input by its name. Raises UsageFault."""
    found = []
    for text in texts:
        name, equals, size = text.rpartition("=")
        if equals and not _WORD.fullmatch(name):
            raise UsageFault(f"--input {text}: write NAME=CxHxW, such as left=3x64x64")
        found.append((name, shape(size)))
    return tuple(found)


def shape(text: str) -> Shape:
    """`3x160x160`. Raises UsageFault."""
    words = text.split("x")
    if not all(re.fullmatch("[1-9][0-9]{0,9}", word) for word in words):
        raise UsageFault(f"--input {text}: write channels x height x width, such as 3x160x160")
    sizes = tuple(map(int, words))
    if max(sizes) > SIZE_MAX:
        raise UsageFault(f"--input {text}: sizes go up to {SIZE_MAX}")
    return sizes


def literal(text: str) -> Value:
    """One literal; a bare word is a string, since the shell takes the quotes away."""
    text = text.strip()
    if len(text) > _LENGTH_MAX:
        raise NotALiteral("too long")
    if text.startswith("["):
        return _list(text)
    if len(text) >= 2 and text[0] == text[-1] == '"' and '"' not in text[1:-1]:
        return text[1:-1]
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _DIMS.fullmatch(text):
        return _dims(text)
    if _INTEGER.fullmatch(text) or _REAL.fullmatch(text):
        return _number(text)
    if _WORD.fullmatch(text):
        return text
    raise NotALiteral("that is no value")


def _list(text: str) -> tuple[Value, ...]:
    if not text.endswith("]"):
        raise NotALiteral("the list is not closed")
    return tuple(literal(item) for item in _items(text[1:-1]))


def _items(text: str) -> list[str]:
    """Split at the commas outside brackets and quotes; a comma may end a list."""
    items, depth, quoted, start = [], 0, False, 0
    for at, character in enumerate(text):
        quoted ^= character == '"'
        depth += 0 if quoted else (character == "[") - (character == "]")
        if depth > 32:
            raise NotALiteral("the lists are nested too deeply")
        if character == "," and depth == 0 and not quoted:
            items.append(text[start:at])
            start = at + 1
    return [*items, text[start:]] if text[start:].strip() else items


def _dims(text: str) -> Dims | Window:
    match = _DIMS.fullmatch(text)
    assert match is not None
    sizes = tuple(map(int, match[1].split("x")))
    if max(sizes) > SIZE_MAX:
        raise NotALiteral(f"sizes go up to {SIZE_MAX}")
    if match[2] is None:
        return Dims(sizes)
    if len(sizes) != 2:
        raise NotALiteral("a window has rows and columns")
    return Window((sizes[0], sizes[1]), (int(match[2]), int(match[3] or match[2])), written=True)


def _number(text: str) -> int | float:
    sign = -1 if text.startswith("-") else 1
    exact = sign * Printed.parse(text.removeprefix("-")).value
    if abs(exact) > INT_MAX:
        raise NotALiteral("numbers go up to 2^63-1")
    whole = exact.denominator == 1 and not re.search(r"[.e](?!.*[KMGB])", text)
    return int(exact) if whole else float(exact)
