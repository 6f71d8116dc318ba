"""Places and words of the compiler as the protocol has them, and back.

The compiler counts code points from 1; the protocol counts UTF-16 units from 0.
"""

from __future__ import annotations

from pathlib import Path

from lsprotocol import types as lsp

from cnnspec.diagnostics import Diagnostic, Fix, Severity
from cnnspec.editor import queries
from cnnspec.editor.queries import Symbol
from cnnspec.source import Source, Span

SYMBOLS = {
    "net": lsp.SymbolKind.Class, "block": lsp.SymbolKind.Function, "let": lsp.SymbolKind.Constant,
    "source": lsp.SymbolKind.String, "recipe": lsp.SymbolKind.Object,
    "figure": lsp.SymbolKind.Object, "label": lsp.SymbolKind.Field,
    "output": lsp.SymbolKind.Interface, "aux": lsp.SymbolKind.Interface,
}  # fmt: skip
COMPLETIONS = {
    "op": lsp.CompletionItemKind.Function, "block": lsp.CompletionItemKind.Method,
    "net": lsp.CompletionItemKind.Class, "argument": lsp.CompletionItemKind.Property,
    "keyword": lsp.CompletionItemKind.Keyword, "metric": lsp.CompletionItemKind.Unit,
    "key": lsp.CompletionItemKind.Property, "record": lsp.CompletionItemKind.Struct,
    "function": lsp.CompletionItemKind.Function, "label": lsp.CompletionItemKind.Field,
}  # fmt: skip


def position(source: Source, offset: int) -> lsp.Position:
    """The protocol's place of an offset."""
    line, column = source.position(offset)
    before = source.line(line)[: column - 1]
    return lsp.Position(line - 1, column - 1 + sum(ord(c) > 0xFFFF for c in before))


def place(span: Span) -> lsp.Range:
    """The protocol's range of a span."""
    return lsp.Range(position(span.source, span.start), position(span.source, span.end))


def offset(source: Source, at: lsp.Position) -> int:
    """The offset of a place, at most the end of its line."""
    if at.line >= len(source.line_starts):
        return len(source.text)
    units = 0
    text = source.line(at.line + 1)
    for number, character in enumerate(text):
        if units >= at.character:
            return source.line_starts[at.line] + number
        units += 2 if ord(character) > 0xFFFF else 1
    return source.line_starts[at.line] + len(text)


def uri(source: Source) -> str:
    """The address of a file that was read."""
    return Path(source.path).as_uri()


def diagnostic(found: Diagnostic) -> lsp.Diagnostic:
    """A diagnostic with its note and help below the message, and its further places."""
    related = [
        lsp.DiagnosticRelatedInformation(lsp.Location(uri(s.source), place(s)), message)
        for s, message in ((label.span, label.message) for label in found.labels)
        if s.source.path
    ]
    error = found.severity is Severity.ERROR
    kind = lsp.DiagnosticSeverity.Error if error else lsp.DiagnosticSeverity.Warning
    return lsp.Diagnostic(
        place(found.span), queries.message(found), kind, found.code, source="cnnspec",
        related_information=related or None,
    )  # fmt: skip


def edits(fix: Fix) -> dict[str, list[lsp.TextEdit]]:
    """The edits of a fix by the address of their file."""
    changes: dict[str, list[lsp.TextEdit]] = {}
    for edit in fix.edits:
        changes.setdefault(uri(edit.span.source), []).append(
            lsp.TextEdit(place(edit.span), edit.text)
        )
    return changes


def symbol(entry: Symbol) -> lsp.DocumentSymbol:
    """An entry of the outline with those below it."""
    return lsp.DocumentSymbol(
        entry.name or "?", SYMBOLS[entry.kind], place(entry.span), place(entry.name_span),
        detail=entry.detail or None, children=[symbol(child) for child in entry.children],
    )  # fmt: skip
