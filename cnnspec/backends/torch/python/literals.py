"""Plain values as Python text, spelt as ruff format leaves them."""

from __future__ import annotations

from typing import Any


def write_plain(value: Any) -> str:
    """A plain value as Python writes it: `64_000`, `1e-4`, `"imagenet"`."""
    if isinstance(value, bool) or value is None:
        return repr(value)
    if isinstance(value, int):
        return f"{value:_}" if abs(value) >= 10_000 else str(value)
    if isinstance(value, float):
        return write_float(value)
    assert isinstance(value, str), f"no Python form of {value!r}"
    return write_string(value)


def write_float(value: float) -> str:
    """A float as ruff format leaves it: `0.1`, `1e-4`, `5e-4`."""
    text = repr(value)
    if "e" not in text and (value == 0 or abs(value) >= 1e-3):
        return text
    mantissa, _, exponent = f"{value:.16e}".partition("e")
    short = next(t for n in range(17) if float(t := f"{value:.{n}e}") == value)
    mantissa, _, exponent = short.partition("e")
    return f"{mantissa}e{int(exponent)}"


def write_string(text: str) -> str:
    """A string literal, in double quotes where `repr` allows."""
    plain = repr(text)
    if plain.startswith("'") and '"' not in text:
        return f'"{plain[1:-1]}"'
    return plain
