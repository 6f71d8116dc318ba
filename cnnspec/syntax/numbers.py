"""The numbers of a spec as values: `64`, `1_000`, `1.28M`, `1e-4`, `3x3`, within bounds (S5)."""

from __future__ import annotations

import re

from cnnspec.diagnostics import fail
from cnnspec.source import Span
from cnnspec.values import INT_MAX, SIZE_MAX, Printed

EXPONENT_MAX = 400
"""A real has no larger exponent, and exact arithmetic with one has no end."""

_EXPONENT = re.compile(r"[eE]([+-]?)0*([1-9][0-9]*)")
_NUMBER = re.compile(r"(0|[1-9][0-9]*(_[0-9]+)*)(\.[0-9]+)?([eE][+-]?[0-9]+)?[KMGB]?")


def number(text: str, span: Span) -> int | float:
    """The value of a number, whole unless a point or an exponent makes it a real.

    Raises SpecError: E0011 for a text that is no number (`007`), E0015 for one too large.
    """
    if not _NUMBER.fullmatch(text):
        raise fail("E0011", f"`{text}` is not a number", span, help=_number_help(text))
    if text.isdigit() and len(text) < 19:
        return int(text)
    if (power := _EXPONENT.search(text)) and (len(power[2]) > 3 or int(power[2]) > EXPONENT_MAX):
        size = "larger than 2^63-1" if power[1] != "-" else f"below 1e-{EXPONENT_MAX}"
        raise fail("E0015", f"{_short(text)} is {size}", span)
    exact = Printed.parse(text).value if len(text) < 400 else None
    if exact is None or abs(exact) > INT_MAX:
        raise fail("E0015", f"{_short(text)} is larger than 2^63-1", span)
    plain = "." not in text and "e" not in text.lower()
    whole = exact.denominator == 1 and (plain or text[-1] in "KMGB")
    return int(exact) if whole else float(exact)


def sizes(text: str, span: Span) -> tuple[int, ...]:
    """The sizes of a window or a shape: `3x224x224` is (3, 224, 224).

    Raises SpecError: E0011 for leading zeros, E0015 above 2^31-1, PyTorch's own limit.
    """
    words = text.split("x")
    for word in words:
        if word[0] == "0" and word != "0":
            raise fail("E0011", f"`{_short(word)}` is not a number", span)
        if len(word) > 10 or int(word) > SIZE_MAX:
            raise fail("E0015", f"{_short(word)} is larger than 2^31-1", span)
    return tuple(map(int, words))


def _number_help(text: str) -> tuple[str, ...]:
    """The number that was probably meant: without leading zeros and doubled `_`."""
    meant = re.sub(r"_+", "_", text.lstrip("0_") or "0").strip("_")
    return (f"write `{meant}`",)


def _short(text: str) -> str:
    return text if len(text) <= 24 else f"{text[:12]}... ({len(text)} characters)"
