"""Diagnostics for tools: concise lines, GitHub annotations, JSON objects, SARIF 2.1.0."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from cnnspec.report import escape
from cnnspec.report.text import place

if TYPE_CHECKING:
    from cnnspec.diagnostics import Diagnostic, Fix
    from cnnspec.source import Span


def concise(diagnostics: Iterable[Diagnostic]) -> str:
    """One line each: `specs/a.cnn:12:3: error[E0301]: ...`."""
    return "".join(
        f"{place(d.span.source, d.span.start)}: {d.severity}[{d.code}]: "
        f"{escape.terminal(d.message)}\n"
        for d in diagnostics
    )


def github(diagnostics: Iterable[Diagnostic]) -> str:
    """Workflow commands that GitHub shows beside the lines of a pull request."""
    lines = []
    for d in diagnostics:
        (line, column), (end_line, end_column) = ends(d.span)
        where = f"file={escape.github_property(d.span.source.name)},line={line},endLine={end_line}"
        columns = f",col={column},endColumn={end_column}" if line == end_line else ""
        message = escape.github(d.message)
        lines.append(f"::{d.severity} {where}{columns},title={d.code}::{message}\n")
    return "".join(lines)


def ends(span: Span) -> tuple[tuple[int, int], tuple[int, int]]:
    """First and last place (line, column); the last column is the one after the span."""
    return span.source.position(span.start), span.source.position(max(span.start, span.end))


def span_json(span: Span) -> dict[str, Any]:
    """A span in `cnnspec.check/1`: lines and columns from 1, the end exclusive."""
    start, end = ends(span)
    return {
        "start": {"line": start[0], "column": start[1]},
        "end": {"line": end[0], "column": end[1]},
    }


def diagnostic_json(diagnostic: Diagnostic) -> dict[str, Any]:
    """A diagnostic in `cnnspec.check/1`; its note is the first label, at its own span."""
    labels = [(diagnostic.span, diagnostic.note)] if diagnostic.note else []
    labels += [(label.span, label.message) for label in diagnostic.labels]
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "file": diagnostic.span.source.name,
        "span": span_json(diagnostic.span),
        "labels": [
            {"message": message, "file": span.source.name, "span": span_json(span)}
            for span, message in labels
        ],
        "notes": list(diagnostic.notes),
        "help": list(diagnostic.help),
        "fixes": [fix_json(fix) for fix in diagnostic.fixes],
    }


def fix_json(fix: Fix) -> dict[str, Any]:
    """A fix in `cnnspec.check/1`: each edit puts `text` in place of a span of its file."""
    return {
        "title": fix.title,
        "sure": fix.sure,
        "edits": [
            {"file": edit.span.source.name, "span": span_json(edit.span), "text": edit.text}
            for edit in fix.edits
        ],
    }
