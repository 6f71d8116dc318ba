"""What the trainer says instead of a traceback: one line and an exit status."""

import difflib
from collections.abc import Iterable


class TrainError(Exception):
    """A run that cannot go on; the text is the one line that the user reads. Exit status 1."""

    status = 1
    told = False  # whether another process of the run says it


class UsageError(TrainError):
    """Wrong usage, absent data, an unreadable file, a missing component. Exit status 2."""

    status = 2


class MissingDataError(UsageError):
    """The data is not where it was looked for; the text says what to put where."""


class DataError(TrainError):
    """An image that turned out broken while a run was under way."""


class NonFiniteError(TrainError):
    """A loss that is NaN or infinite."""


def printable(text: str) -> str:
    """Return text with control and bidirectional characters shown as escapes.

    File names and recipe keys are not the trainer's own words, and a terminal obeys what it reads.
    """
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def _escape(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def one_line(error: BaseException) -> str:
    """Return the first line of what an exception says, or its type's name."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def shorten(names: Iterable[str], most: int = 4) -> str:
    """Return names with commas, the last of many as `and 12 more`."""
    listed = list(names)
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """Return `there is no KIND `name`; known are a, b`, with the nearest name where one is near."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    hint = f" (did you mean `{near[0]}`?)" if near else ""
    return f"there is no {kind} `{name}`{hint}; known: {', '.join(names) or 'none'}"
