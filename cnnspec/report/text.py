"""Diagnostics for people: what, where, why, and what to type."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cnnspec import codes
from cnnspec.diagnostics import Diagnostic
from cnnspec.report.escape import terminal
from cnnspec.report.snippet import Mark, gutter_width, snippet
from cnnspec.report.style import PLAIN, Style
from cnnspec.source import Source


def render(diagnostics: Iterable[Diagnostic], style: Style = PLAIN) -> str:
    """All diagnostics, an empty line between two; a code's page is pointed to once."""
    told: set[str] = set()
    blocks = []
    for diagnostic in diagnostics:
        see = diagnostic.code not in told and codes.points(diagnostic.code)
        told.add(diagnostic.code)
        blocks.append("\n".join(_block(diagnostic, style, see)) + "\n")
    return "\n".join(blocks)


def headline(diagnostic: Diagnostic, style: Style = PLAIN) -> str:
    """The first line, worth reading alone: `error[E0102]: there is no op called ...`."""
    kind = f"{diagnostic.severity}[{diagnostic.code}]"
    message = style.paint(": " + terminal(diagnostic.message), "bold")
    return style.paint(kind, diagnostic.severity.value) + message


def place(source: Source, offset: int) -> str:
    """`specs/alexnet.cnn:12:3`, as editors and terminals make it clickable."""
    line, column = source.position(offset)
    return f"{terminal(source.name)}:{line}:{column}"


def _block(diagnostic: Diagnostic, style: Style, see: bool) -> Iterator[str]:
    marks = [Mark(diagnostic.span, diagnostic.note, diagnostic.severity.value)]
    marks += [Mark(label.span, label.message) for label in diagnostic.labels]
    gutter = gutter_width(marks)
    bar = style.paint(" " * gutter + " |", "gutter")
    yield headline(diagnostic, style)
    for source in dict.fromkeys(mark.span.source for mark in marks):
        here = [mark for mark in marks if mark.span.source is source]
        arrow = "--> " if here[0].primary else "::: "
        yield style.paint(" " * gutter + arrow, "gutter") + place(source, here[0].span.start)
        yield bar
        yield from snippet(source, here, gutter, style)
    below = list(_below(diagnostic, style, see))
    if below:
        yield bar
    for mark, text in below:
        yield from _wrapped(mark, terminal(text), gutter, style)


def _below(diagnostic: Diagnostic, style: Style, see: bool) -> Iterator[tuple[str, str]]:
    for note in diagnostic.notes:
        yield "", note
    for line in diagnostic.help:
        yield style.paint("help: ", "help"), line
    if see:
        yield "", f"see: cnnspec explain {diagnostic.code}"


def _wrapped(mark: str, text: str, gutter: int, style: Style) -> Iterator[str]:
    """One `= ` line, folded with a hanging indent where the terminal is narrower."""
    indent = " " * gutter
    lead = indent + style.paint(" = ", "gutter") + mark
    hang = gutter + 3 + (len("help: ") if mark else 0)
    if style.width is None or hang + len(text) <= style.width:
        yield lead + text
        return
    from textwrap import wrap

    first, *rest = wrap(text, max(style.width - hang, 20), break_on_hyphens=False)
    yield lead + first
    for line in rest:
        yield " " * hang + line
