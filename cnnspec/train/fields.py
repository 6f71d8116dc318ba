"""Reading plain data (a recipe, its parts) key by key, each with its type and range checked."""

import math
from collections.abc import Mapping, Sequence

from cnnspec.train.errors import UsageError, unknown


class Fields:
    """One record of a recipe; every method names the key, the file and what was expected."""

    def __init__(self, raw: object, where: str, known: Sequence[str]) -> None:
        """Take a record; raise UsageError when it is no dict or holds a key that is not known."""
        if not isinstance(raw, Mapping):
            raise UsageError(f"{where} is {raw!r} and should be a dict")
        self.raw: Mapping[str, object] = raw
        self.where = where
        for key in raw:
            if key not in known:
                raise UsageError(f"{where}: {unknown('key', str(key), known)}")

    def wrong(self, key: str, wanted: str) -> UsageError:
        """Return the error for a value that is not what it should be."""
        return UsageError(f"{self.where}: {key} is {self.raw[key]!r} and should be {wanted}")

    def number(self, key: str, default: float, low: float = 0.0, high: float = math.inf) -> float:
        """Return a finite real in [low, high]."""
        value = self.raw.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong(key, "a number")
        if not (math.isfinite(value) and low <= value <= high):
            bound = f"at least {low:g}" if high == math.inf else f"from {low:g} to {high:g}"
            raise self.wrong(key, f"a number {bound}")
        return float(value)

    def integer(self, key: str, low: int = 1) -> int | None:
        """Return a whole number of at least low, or None where the key is absent."""
        value = self.raw.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or value < low:
            raise self.wrong(key, f"a whole number of at least {low}")
        return value

    def flag(self, key: str) -> bool | None:
        """Return True, False, or None where the key is absent."""
        value = self.raw.get(key)
        if value is not None and not isinstance(value, bool):
            raise self.wrong(key, "True or False")
        return value

    def text(self, key: str) -> str | None:
        """Return a string, or None where the key is absent."""
        value = self.raw.get(key)
        if value is not None and not isinstance(value, str):
            raise self.wrong(key, "a string")
        return value

    def choice(self, key: str, choices: Sequence[str], default: str) -> str:
        """Return one of the choices."""
        value = self.raw.get(key, default)
        if value not in choices:
            raise self.wrong(key, " or ".join(repr(item) for item in choices))
        return str(value)

    def words(self, key: str, choices: Sequence[str]) -> tuple[str, ...]:
        """Return a list of some of the choices, () where the key is absent."""
        value = self.raw.get(key, [])
        if not isinstance(value, list | tuple) or not all(item in choices for item in value):
            raise self.wrong(key, f"a list of {', '.join(repr(item) for item in choices)}")
        return tuple(value)

    def numbers(self, key: str) -> tuple[float, ...]:
        """Return a list of positive numbers that rise, () where the key is absent."""
        value = self.raw.get(key, [])
        if not isinstance(value, list | tuple) or not all(_positive(item) for item in value):
            raise self.wrong(key, "a list of positive numbers")
        if list(value) != sorted(set(value)):
            raise self.wrong(key, "a list that rises")
        return tuple(float(item) for item in value)


def _positive(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < math.inf
