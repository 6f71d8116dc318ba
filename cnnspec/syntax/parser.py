"""From text to tree: the parser, its tables, and what a syntax error says."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from lark import Lark, Token
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken, VisitError

from cnnspec.diagnostics import Diagnostic, SpecError, fail
from cnnspec.source import Source, Span
from cnnspec.syntax.build import Builder
from cnnspec.syntax.lines import read_lines

if TYPE_CHECKING:
    from cnnspec.syntax import tree

GRAMMAR = Path(__file__).with_name("cnn.lark")
TABLES = Path(__file__).with_name("tables.json")
_OPTIONS: dict[str, Any] = {
    "parser": "lalr",
    "lexer": "contextual",
    "start": ["file", "expr"],
    "keep_all_tokens": True,
    "maybe_placeholders": True,
}


def compile_grammar(*, strict: bool = False) -> str:
    """The grammar's tables as JSON text, as `tables.json` holds them.

    lark's own cache is a pickle, which a tool for untrusted files should not load; this is data.
    """
    from lark.grammar import Rule
    from lark.lexer import TerminalDef

    from cnnspec.syntax.canonical import canonical

    lark = Lark(GRAMMAR.read_text(encoding="utf-8"), strict=strict, **_OPTIONS)
    data, memo = lark.memo_serialize([TerminalDef, Rule])
    tables = {"data": canonical(data), "memo": memo}
    return json.dumps(tables, sort_keys=True, separators=(",", ":")) + "\n"


@cache
def _parser() -> tuple[Lark, Builder]:
    """The parser from its committed tables: 10 ms instead of 200."""
    builder = Builder()
    tables = _with_integer_keys(json.loads(TABLES.read_text(encoding="utf-8")))
    load: Any = Lark._load_from_dict
    lark: Lark = load(tables["data"], tables["memo"], transformer=builder)
    return lark, builder


def _with_integer_keys(value: Any) -> Any:
    """Undo what JSON does to the integer keys of the tables."""
    if isinstance(value, dict):
        return {int(k) if k.isdigit() else k: _with_integer_keys(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_with_integer_keys(v) for v in value]
    return value


def parse(source: Source) -> tree.File:
    """Parse a file; raises SyntaxFaults with every fault found."""
    lines = read_lines(source)
    if lines.faults:
        raise SyntaxFaults(lines.faults)
    try:
        file: tree.File = _run(source, lines.text, "file", 0)
    except SpecError as error:
        raise SyntaxFaults([error.diagnostic]) from None
    if not file.declarations:
        fault = fail("E0002", "an empty file", Span(source, 0, 0), help=("declare a net",))
        raise SyntaxFaults([fault.diagnostic])
    return file


def parse_expression(builder: Builder, text: str, at: int) -> tree.Expr:
    """Parse the expression of a `${...}` that begins at offset `at`."""
    outer = builder.shift
    try:
        builder.shift = outer + at
        return cast("tree.Expr", _run(builder.origin, text, "expr", builder.shift))
    finally:
        builder.shift = outer


def parse_value(text: str) -> tree.Expr:
    """Parse an expression that stands alone, such as the value of `--set name=value`."""
    expression: tree.Expr = _run(Source("--set", text), text, "expr", 0)
    return expression


class SyntaxFaults(Exception):
    """A file could not be parsed; carries every diagnostic."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        super().__init__(diagnostics[0].message)
        self.diagnostics = diagnostics


def _run(source: Source, text: str, start: str, shift: int) -> Any:
    lark, builder = _parser()
    if shift == 0:
        builder.begin(source)
    try:
        return lark.parse(text, start=start)
    except VisitError as error:
        if isinstance(error.orig_exc, SpecError):
            raise error.orig_exc from None
        raise
    except UnexpectedInput as error:
        if isinstance(error, UnexpectedToken) and error.token.type == "$END":
            raise _ends(source, start, shift + len(text.rstrip())) from None
        raise _explain(source, error, shift) from None


def _ends(source: Source, start: str, end: int) -> SpecError:
    what = "the file" if start == "file" else "the expression"
    return fail("E0001", f"{what} ends too early", Span(source, max(end - 1, 0), end))


def _explain(source: Source, error: UnexpectedInput, shift: int) -> SpecError:
    """Say a syntax error in the language's words."""
    if isinstance(error, UnexpectedCharacters):
        at = (error.pos_in_stream or 0) + shift
        span = Span(source, at, at + 1)
        return fail("E0010", f"`{source.text[at]}` cannot stand here", span)
    assert isinstance(error, UnexpectedToken)
    token: Token = error.token
    start = (token.start_pos or 0) + shift
    span = Span(source, start, start + max(len(token), 1))
    return _unexpected(source, token, span, sorted(error.accepts or error.expected))


def _unexpected(source: Source, token: Token, span: Span, wanted: list[str]) -> SpecError:
    words = [_WORDS[w] for w in wanted if w in _WORDS]
    notes = (f"here can stand: {', '.join(dict.fromkeys(words))}",) if words else ()
    if token.type == "_END":
        return fail("E0001", "the statement ends too early", span, notes=notes)
    name = _called(source, span) if str(token) in (",", "=") else None
    if name is not None:
        return fail(
            "E0018",
            f"`{name.text}` is called without parentheses",
            name,
            help=(f"write `{name.text} 64, 3x3`: arguments follow the name, commas between them",),
        )
    return fail("E0001", f"`{token}` cannot stand here", span, notes=notes)


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
    "IN": "`in`",
}


if __name__ == "__main__":
    TABLES.write_text(compile_grammar(strict=True), encoding="utf-8")
