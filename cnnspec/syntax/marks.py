"""Signs of other languages, keyboards and printers, and what stands for them here."""

from __future__ import annotations

import re

from cnnspec import foreign
from cnnspec.ops import ops
from cnnspec.source import Span
from cnnspec.syntax.finding import DeadEnd, Finding
from cnnspec.syntax.lalr import BAD, END

_MARKS = {
    "'": "strings stand in double quotes",
    "`": "strings stand in double quotes",
    "\u201c": "strings stand in double quotes",
    "\u201d": "strings stand in double quotes",
    "\u2018": "strings stand in double quotes",
    "\u2019": "strings stand in double quotes",
    '"': 'a string begins and ends with `"`',
    "\u2192": "write `->`",
    "\u21d2": "write `=>`",
    "\u2212": "write `-`",
    "\u2013": "write `-`",
    "\u2264": "write `<=`",
    "\u2265": "write `>=`",
    "\u2260": "write `!=`",
    "\u2248": "write `~`",
    "\u2026": "write out what it stands for",
    "&": "write `and`",
    "|": "write `or`; layers follow each other with `->`",
    "!": "write `not`",
    "$": "a number in a label is written `layer${i}`",
    "\\": "leave it out: a line goes on after a comma, and before `->`",
    "@": "leave it out",
    "?": "write `a if c else b`",
}


def mark(place: DeadEnd) -> Finding | None:
    """A character that begins no word: quotes, arrows and signs of other languages."""
    token = place.token
    if token.type != BAD:
        return None
    text, at = place.source.text, token.start_pos
    span = Span(place.source, at, at + 1)
    if token in "\u00d7\u2715\u2a2f\u0445\u0425":
        begin, end = _stretch(text, at)
        meant = re.sub("[^0-9A-Za-z_/]", "x", text[begin:end])
        return _bad(place, span, f"write `{meant}`, with the letter x")
    help = _MARKS.get(token, "")
    if text[at : at + 2] in ("&&", "||"):
        span = Span(place.source, at, at + 2)
        return _bad(place, span, "write `and`" if token == "&" else "write `or`")
    if token == "|" and "ARROW" in place.wanted:
        return _bad(place, span, "layers follow each other with `->`")
    if help == _MARKS["'"]:
        return _quoted(place, span)
    if not help and token.isalpha():
        help = "names are of the letters a to z, digits and `_`"
    return _bad(place, span, help)


_QUOTED = re.compile(r"['\u2018\u201c`](\w*)['\u2019\u201d`]")


def _quoted(place: DeadEnd, span: Span) -> Finding:
    """A string in other quotes, perhaps for an argument that is none here."""
    quoted = _QUOTED.match(place.source.text, span.start)
    whole = Span(place.source, span.start, quoted.end()) if quoted else span
    advice = _argument(place) if place.before == "=" else ""
    return _bad(place, whole, advice or (_string(quoted[1]) if quoted else _MARKS["'"]))


def _argument(place: DeadEnd) -> str:
    """What to write for an argument that is given as a string elsewhere: `activation='relu'`."""
    keyword = place.tokens[place.at - 2]
    value = re.match(r"\W?(\w*)", place.source.text[place.token.start_pos :])
    word = value[1].lower() if value else ""
    if foreign.role(keyword) == "activation":
        return f"an activation follows: `-> {word}`" if word in ops() else ""
    if foreign.role(keyword) == "pad":
        return {"same": "write `pad=same`", "valid": "write `pad=0`, or leave it out"}.get(word, "")
    return ""


def _string(text: str) -> str:
    if text.lower() == "same":
        return "write `same` without quotes, as in `pad=same`"
    if text.lower() == "valid":
        return "write `pad=0`, or leave it out"
    return f'strings stand in double quotes: `"{text}"`'


def _stretch(text: str, at: int) -> tuple[int, int]:
    """The word around a place, its sizes and signs."""
    begin, end = at, at + 1
    while begin > 0 and (text[begin - 1].isalnum() or text[begin - 1] in "_\u00d7\u2715\u2a2f"):
        begin -= 1
    while end < len(text) and (text[end].isalnum() or text[end] in "_/\u00d7\u2715\u2a2f"):
        end += 1
    return begin, end


def _bad(place: DeadEnd, span: Span, help: str) -> Finding:
    message = f"`{span.text}` cannot stand here"
    return Finding(message, span, (help,) if help else (), code="E0010")


def comment(place: DeadEnd) -> Finding | None:
    """`conv 64, 3x3  // the first layer`."""
    for at in range(place.at, place.begin, -1):
        opener = place.tokens[at]
        if opener == "//" or (opener == "/" and place.tokens[at + 1] == "*"):
            end = place.end
            while place.tokens[end].type not in ("_END", END):
                end += 1
            repair = place.mended(place.tokens[place.begin : at], end)
            help = ("a comment begins with `#`",)
            begins = f"`{'//' if opener == '//' else '/*'}` begins no comment here"
            return Finding(begins, place.span(at), help, repair=repair)
    return None
