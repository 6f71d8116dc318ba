"""What several diagnostics have in common when one mistake makes them: then one is said.

The later ones are places of the first (`Diagnostics`), so that nothing found is lost.
"""

from __future__ import annotations

import re

from cnnspec.diagnostics import Diagnostic

NAMES = {"E0101", "E0102", "E0103", "E0107"}
"""A name that nothing has: misspelt once, where it is declared, it fails wherever it is used."""
ALIKE = {"E0105", "E0118"}
"""Calls of one declaration that is wrong itself say the same."""
TYPES = {"E0108", "E0109", "E0201", "E0209"}
"""A value of another type was needed: one that came by a name is wrong wherever it goes."""

_QUOTED = r"`([^`]+)`"
_WRITTEN = r'"[^"]*"|\b(true|false|none)\b|\d\w*'


def cause(diagnostic: Diagnostic) -> object:
    """What tells the mistake behind a diagnostic from others; None where each is its own."""
    if diagnostic.cause is not None:
        return diagnostic.cause
    code = diagnostic.code
    if code in NAMES:
        return "name", *re.findall(_QUOTED, diagnostic.message)[-1:]
    if code in ALIKE:
        return code, diagnostic.message
    if code in TYPES and not _is_written(diagnostic.span.text):
        return "type"
    return None


def _is_written(text: str) -> bool:
    """Whether a value stands in the text itself: `64.5`, `pad="1"`."""
    value = text.partition("=")[2] or text
    return not re.search(r"[A-Za-z_]", re.sub(_WRITTEN, "", value))
