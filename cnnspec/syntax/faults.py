"""What a syntax error says, in the language's words, and what was meant where that is plain."""

from __future__ import annotations

from cnnspec.diagnostics import Diagnostic, SpecError, fail
from cnnspec.source import Source, Span
from cnnspec.syntax import deadends, slips
from cnnspec.syntax.finding import DeadEnd, Finding
from cnnspec.syntax.lalr import BAD, END, Repair, Stop, Token, Unexpected

WORDS = {
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


def explain(source: Source, error: Unexpected, stop: Stop) -> tuple[Diagnostic, Repair | None]:
    """The diagnostic for a place in a file where the parse could not go on."""
    place = DeadEnd(source, stop, error.wanted)
    for rule in (*slips.BEFORE, *deadends.RULES, *slips.AFTER):
        found = rule(place)
        if found is not None:
            return _diagnostic(found), found.repair
    return _plain(place, error).diagnostic, None


def outside(error: Unexpected, stop: Stop) -> bool:
    """Whether a statement begins that is no declaration, where only those can stand."""
    return stop.at == stop.begin and "NET" in error.wanted and stop.token.type != END


def of_expression(source: Source, error: Unexpected, shift: int) -> SpecError:
    """The error for an expression that stands alone, at offset `shift` of the source."""
    token = error.token
    start = token.start_pos + shift
    if token.type == END:
        return _early(source, start, "the expression")
    return _cannot(source, token, shift, error.wanted)


def _diagnostic(found: Finding) -> Diagnostic:
    return Diagnostic(found.code, found.message, found.span, found.note, help=found.help)


def _plain(place: DeadEnd, error: Unexpected) -> SpecError:
    """Nothing is known of what was meant: what can stand here, and the form of the statement."""
    token = place.token
    if token.type == END:
        return _early(place.source, token.start_pos, "the file")
    form = deadends.form(place)
    if token.type == "_END":
        notes = () if form else _wanted(error.wanted)
        span = place.span(place.at)
        return fail("E0001", "the statement ends too early", span, notes=notes, help=form)
    return _cannot(place.source, token, 0, error.wanted, form)


def _early(source: Source, start: int, what: str) -> SpecError:
    end = len(source.text[:start].rstrip())
    return fail("E0001", f"{what} ends too early", Span(source, max(end - 1, 0), end))


def _cannot(
    source: Source, token: Token, shift: int, wanted: list[str], help: tuple[str, ...] = ()
) -> SpecError:
    start = token.start_pos + shift
    span = Span(source, start, start + len(token))
    kind = token.type
    if kind == BAD:
        return fail("E0010", f"`{token}` cannot stand here", span)
    notes = () if help else _wanted(wanted)
    return fail("E0001", f"`{token}` cannot stand here", span, notes=notes, help=help)


def _wanted(wanted: list[str]) -> tuple[str, ...]:
    words = [WORDS[w] for w in wanted if w in WORDS]
    return (f"here can stand: {', '.join(dict.fromkeys(words))}",) if words else ()
