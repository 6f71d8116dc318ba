"""Labels and words of paths: names made of numbers, and keys that are no names (L18, L33)."""

from __future__ import annotations

import re
from collections.abc import Callable

from cnnspec.diagnostics import fail
from cnnspec.source import Source, Span
from cnnspec.syntax import tree as t
from cnnspec.syntax.words import check_length

Parse = Callable[[Source, str, int], t.Expr]
"""Parses the expression that begins so many characters into a source."""

_PIECE = re.compile(r"\$\{([^}\n]+)\}|(?:[^$]|\$(?!\{))+")
_KEY = re.compile(r"[ !#-&(-\-/-\[\]-~]+")
"""Printable ASCII without `.`, which parts a path, and without what ends or escapes a string."""


def template(source: Source, text: str, start: int, parse: Parse) -> t.Template:
    """Take `layer${i+1}` apart; its expressions are parsed where they stand."""
    parts: list[str | t.Expr] = []
    for piece in _PIECE.finditer(text):
        if piece[1] is None:
            parts.append(piece[0])
        else:
            parts.append(parse(source, piece[1], start + piece.start(1)))
    return t.Template(Span(source, start, start + len(text)), tuple(parts))


def quoted(span: Span, parse: Parse) -> str | t.Template:
    """What a quoted label names: `"block1-0"`, or a template where `${i}` stands in it.

    Raises SpecError: E0501 for a text that can be no key, E0017 for one over 64 characters.
    """
    text = span.text[1:-1]
    plain = "".join(piece[0] for piece in _PIECE.finditer(text) if piece[1] is None)
    if not text or (plain and not _KEY.fullmatch(plain)):
        raise fail(
            "E0501",
            f"{span.text} cannot name a layer",
            span,
            note="a quoted label is printable ASCII without `.`, `'` and `\\`",
            help=("a `.` parts the words of a path: give the level around a label of its own",)
            if "." in text
            else (),
        )
    check_length(text, span)
    return template(span.source, text, span.start + 1, parse) if "${" in text else text


def position(text: str, span: Span) -> str:
    """A number as a label, as nn.Sequential numbers its children: `0: conv 8, 3x3`.

    Raises SpecError E0011 for another form of a number: the key would be that text.
    """
    if not re.fullmatch("0|[1-9][0-9]*", text):
        help = ("write the digits alone, or the key in quotes",)
        raise fail("E0011", f"`{text}` is no number of a layer", span, help=help)
    check_length(text, span)
    return text
