"""Rules and signs for a terminal without UTF-8; letters of a spec are left to its encoding."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final, TextIO

_ASCII: Final = {"─": "-", "–": "-", "·": "-", "→": "->", "…": "~", "×": "x", "µ": "u"}
_TABLE: Final = str.maketrans(_ASCII)
_PLAIN: Final = ("C", "POSIX")


def has_signs(stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a stream shows the signs: its encoding has them, and the locale is not C.

    Python takes UTF-8 in the locale C, whatever the terminal can: a locale that somebody set so
    holds, unless PYTHONIOENCODING or PYTHONUTF8 says otherwise.  Where none is set, and in most
    containers none is, Python's choice holds.
    """
    try:
        "".join(_ASCII).encode(getattr(stream, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    if environment.get("PYTHONIOENCODING") or environment.get("PYTHONUTF8"):
        return True
    return _locale(environment) not in _PLAIN


def _locale(environment: Mapping[str, str]) -> str:
    """The locale of characters: what Python itself put into LC_CTYPE is none (PEP 538)."""
    kind = environment.get("LC_CTYPE", "")
    if kind == "C.UTF-8" and environment.get("LANG") in _PLAIN:
        kind = ""
    return environment.get("LC_ALL") or kind or environment.get("LANG", "")


def ascii_signs(text: str) -> str:
    """The text with ASCII in the place of rules and signs."""
    return text if text.isascii() else text.translate(_TABLE)
