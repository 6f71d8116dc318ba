"""From text to tree, and what a syntax error says."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

from cnnspec.diagnostics import Diagnostic, SpecError, fail
from cnnspec.source import Source, Span
from cnnspec.syntax.build import Builder
from cnnspec.syntax.lalr import BAD, END, Parser, Token, Unexpected
from cnnspec.syntax.lines import FAULTS_MAX, read_lines

if TYPE_CHECKING:
    from cnnspec.syntax import tree


@cache
def _parser() -> tuple[Parser, Builder]:
    builder = Builder()
    return Parser(Path(__file__).with_name("tables.json"), builder), builder


def parse(source: Source) -> tree.File:
    """Parse a file; raises SyntaxFaults with every fault found."""
    return _parse(source)[0]


def tokens_of(source: Source) -> list[Token]:
    """The words of a file as the grammar takes them, with END; raises SyntaxFaults."""
    return _parse(source)[1]


def _parse(source: Source) -> tuple[tree.File, list[Token]]:
    lines = read_lines(source)
    if lines.faults:
        raise SyntaxFaults(lines.faults)
    faults: list[Diagnostic] = []
    parser, builder = _parser()
    builder.begin(source)
    tokens = list(parser.tokens(lines.text))

    def collect(error: SpecError | Unexpected) -> None:
        if isinstance(error, Unexpected):
            error = _explain(source, error, 0, "the file")
        faults.append(error.diagnostic)

    file: tree.File | None = parser.parse(tokens, "file", collect)
    if file is None or faults:
        raise SyntaxFaults(faults[:FAULTS_MAX])
    if not file.declarations:
        fault = fail("E0002", "an empty file", Span(source, 0, 0), help=("declare a net",))
        raise SyntaxFaults([fault.diagnostic])
    return file, tokens


def parse_expression(builder: Builder, text: str, at: int) -> tree.Expr:
    """Parse the expression of a `${...}` that begins at offset `at`."""
    outer = builder.shift
    try:
        builder.shift = outer + at
        return _expression(builder.origin, text, builder.shift)
    finally:
        builder.shift = outer


def parse_value(text: str) -> tree.Expr:
    """Parse an expression that stands alone, such as the value of `--set name=value`."""
    return _expression(Source("--set", text), text, 0)


class SyntaxFaults(Exception):
    """A file could not be parsed; carries every diagnostic."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        super().__init__(diagnostics[0].message)
        self.diagnostics = diagnostics


def _expression(source: Source, text: str, shift: int) -> tree.Expr:
    """Parse an expression that stands at offset `shift` of the source; raises SpecError."""
    parser, builder = _parser()
    if shift == 0:
        builder.begin(source)
    try:
        return cast("tree.Expr", parser.parse(parser.tokens(text), "expr", _raise))
    except Unexpected as error:
        raise _explain(source, error, shift, "the expression") from None


def _raise(error: Exception) -> None:
    raise error


def _explain(source: Source, error: Unexpected, shift: int, what: str) -> SpecError:
    """Say a syntax error in the language's words; `what` is being parsed."""
    token = error.token
    start = token.start_pos + shift
    if token.type == END:
        end = len(source.text[:start].rstrip())
        return fail("E0001", f"{what} ends too early", Span(source, max(end - 1, 0), end))
    span = Span(source, start, start + len(token))
    if token.type == BAD:
        return fail("E0010", f"`{token}` cannot stand here", span)
    return _unexpected(source, token, span, error.wanted)


def _unexpected(source: Source, token: Token, span: Span, wanted: list[str]) -> SpecError:
    words = [_WORDS[w] for w in wanted if w in _WORDS]
    notes = (f"here can stand: {', '.join(dict.fromkeys(words))}",) if words else ()
    if token.type == "_END":
        return fail("E0001", "the statement ends too early", span, notes=notes)
    name = _called(source, span) if token in (",", "=") and "RPAR" in wanted else None
    if name is not None:
        return fail(
            "E0018",
            f"`{name.text}` is called without parentheses",
            name,
            help=(f"write `{name.text} 64, 3x3`: arguments follow the name, commas between them",),
        )
    help = _help(source, token, span, wanted)
    return fail("E0001", f"`{token}` cannot stand here", span, notes=notes, help=help)


def _help(source: Source, token: Token, span: Span, wanted: list[str]) -> tuple[str, ...]:
    """What was probably meant: a comma more or less, another operator."""
    before = source.text[: span.start].rstrip()[-1:]
    if token.type in _VALUES and "COMMA" in wanted:
        return (f"put a comma before `{token}`",)
    if before == "," and token.type in ("RPAR", "RSQB", "RBRACE", "COMMA"):
        return ("leave out the comma before it",)
    if before == "<" and token == ">":
        return ("`!=` says that two values differ",)
    if token == "=" and "CMP" in wanted:
        return ("`==` compares two values",)
    return ()


def _called(source: Source, span: Span) -> Span | None:
    """The name before the parenthesis that is open at a place: `conv(64, ...`."""
    depth, at = 0, span.start - 1
    while at >= 0 and source.text[at] != "\n":
        depth += (source.text[at] == ")") - (source.text[at] == "(")
        if depth < 0:
            found = re.search(r"[A-Za-z_]\w*$", source.text[:at].rstrip(" \t"))
            return Span(source, found.start(), found.end()) if found else None
        at -= 1
    return None


_VALUES = ("NAME", "NUMBER", "STRING", "DIMS")
_WORDS = {
    "NAME": "a name",
    "NUMBER": "a number",
    "STRING": "a string",
    "DIMS": "a window or shape such as 3x3",
    "_END": "the end of the statement",
    "RBRACE": "`}`",
    "LBRACE": "`{`",
    "RPAR": "`)`",
    "RSQB": "`]`",
    "COMMA": "`,`",
    "COLON": "`:`",
    "EQUAL": "`=`",
    "ARROW": "`->`",
    "SHAPED": "`=>`",
    "IN": "`in`",
}
