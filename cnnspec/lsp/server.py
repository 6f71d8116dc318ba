"""The features of the server: each turns a request into a question of `cnnspec.editor`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlparse

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

import cnnspec
from cnnspec.diagnostics import Diagnostic, Fix
from cnnspec.editor import queries
from cnnspec.editor.checking import checking
from cnnspec.editor.completion import complete
from cnnspec.editor.fixes import offered
from cnnspec.editor.names import Definition, names
from cnnspec.lsp import convert
from cnnspec.lsp.documents import Document, Documents

FIGURE = "cnnspec.figure"
"""The command that answers with a net's figure."""


class Server(LanguageServer):
    """One session; `documents` are the open texts."""

    def __init__(self) -> None:
        super().__init__("cnnspec", cnnspec.__version__)
        self.documents = Documents()

    def refresh(self, uri: str) -> None:
        """Analyse the text of an address anew, and say what is wrong with it and its importers."""
        text = self.workspace.get_text_document(uri).source
        for document in self.documents.update(uri, path_of(uri), text):
            self.publish(document)

    def publish(self, document: Document) -> None:
        """Send the diagnostics of a document, and of files that it imports and nobody opened."""
        self.send(document.uri, document.own())
        others: dict[str, list[Diagnostic]] = {}
        for found in document.analysis.diagnostics:
            source = found.span.source
            if source.path and source.path != document.path:
                others.setdefault(convert.uri(source), []).append(found)
        for uri in sorted({*others, *document.told} - self.documents.open.keys()):
            self.send(uri, others.get(uri, []))
        document.told = set(others)

    def send(self, uri: str, found: list[Diagnostic]) -> None:
        """Show diagnostics at an address in place of those shown there before."""
        shown = [convert.diagnostic(d) for d in found]
        self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, shown))

    def at(self, params: Any) -> tuple[Document, int]:
        """The document and offset that a request is about."""
        document = self.documents.open[params.text_document.uri]
        return document, convert.offset(document.source, params.position)

    def definition(self, params: Any) -> tuple[Document, Definition | None]:
        """What the name at a place is, as far as a file declares it."""
        document, offset = self.at(params)
        unit = document.analysis.unit
        return document, queries.definition(unit, offset) if unit else None

    def folders(self) -> list[str]:
        """The folders of the workspace."""
        return [path_of(uri) for uri in self.workspace.folders]


def path_of(uri: str) -> str:
    """The resolved path of a file's address, else nothing."""
    parsed = urlparse(uri)
    return str(Path(unquote(parsed.path)).resolve()) if parsed.scheme == "file" else ""


server = Server()
F = TypeVar("F", bound=Callable[..., Any])


def feature(name: str, options: object = None) -> Callable[[F], F]:
    """Answer a request or notification by a function, which stays what it is."""
    return server.feature(name, options)


@feature(lsp.TEXT_DOCUMENT_DID_OPEN)
@feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
@feature(lsp.TEXT_DOCUMENT_DID_SAVE)
def changed(ls: Server, params: Any) -> None:
    """A text is new, or was typed in."""
    ls.refresh(params.text_document.uri)


@feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
def closed(ls: Server, params: lsp.DidCloseTextDocumentParams) -> None:
    """A text is no longer shown: neither is what was said of it."""
    document = ls.documents.close(params.text_document.uri)
    for uri in [params.text_document.uri, *(document.told if document else ())]:
        ls.send(uri, [])


@feature(lsp.TEXT_DOCUMENT_HOVER)
def hover(ls: Server, params: lsp.HoverParams) -> lsp.Hover | None:
    """What a name is, and what its line makes."""
    document, offset = ls.at(params)
    text = queries.hover(document.analysis, offset)
    return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, text)) if text else None


@feature(lsp.TEXT_DOCUMENT_DEFINITION)
def definition(ls: Server, params: lsp.DefinitionParams) -> lsp.Location | None:
    """Where a name is declared, also in a file that is imported."""
    _, target = ls.definition(params)
    if target is None or not target.span.source.path:
        return None
    return lsp.Location(convert.uri(target.span.source), convert.place(target.span))


@feature(lsp.TEXT_DOCUMENT_REFERENCES)
def references(ls: Server, params: lsp.ReferenceParams) -> list[lsp.Location]:
    """Every place that names the same thing, in the files of the workspace."""
    document, target = ls.definition(params)
    if target is None:
        return []
    units = ls.documents.units(document, ls.folders(), target.name)
    spans = queries.references(units, target)
    if not params.context.include_declaration:
        spans = [span for span in spans if span != target.span]
    return [lsp.Location(convert.uri(s.source), convert.place(s)) for s in spans if s.source.path]


@feature(lsp.TEXT_DOCUMENT_RENAME)
def rename(ls: Server, params: lsp.RenameParams) -> lsp.WorkspaceEdit | None:
    """A new name everywhere; refused with a sentence where it cannot be one."""
    document, target = ls.definition(params)
    if target is None:
        return None
    units = ls.documents.units(document, ls.folders(), target.name)
    try:
        spans = queries.renamed(units, target, params.new_name)
    except ValueError as error:
        raise JsonRpcException(str(error), -32602) from None
    changes: dict[str, list[lsp.TextEdit]] = {}
    for span in spans:
        edit = lsp.TextEdit(convert.place(span), params.new_name)
        changes.setdefault(convert.uri(span.source), []).append(edit)
    return lsp.WorkspaceEdit(changes=changes)


@feature(lsp.TEXT_DOCUMENT_PREPARE_RENAME)
def prepare_rename(ls: Server, params: lsp.PrepareRenameParams) -> lsp.Range | None:
    """Whether the name at a place can have another: those that a file declares can."""
    document, offset = ls.at(params)
    use = names(document.analysis.unit).at(offset) if document.analysis.unit else None
    return convert.place(use.span) if use and use.target else None


@feature(
    lsp.TEXT_DOCUMENT_COMPLETION,
    lsp.CompletionOptions(trigger_characters=[" ", ",", "(", "=", ".", ">"]),
)
def completion(ls: Server, params: lsp.CompletionParams) -> list[lsp.CompletionItem]:
    """What can be typed at a place."""
    document, offset = ls.at(params)
    if document.unit is None:
        return []
    variable = lsp.CompletionItemKind.Variable
    return [
        lsp.CompletionItem(
            item.text, kind=convert.COMPLETIONS.get(item.kind, variable), detail=item.detail or None
        )
        for item in complete(document.unit, offset)
    ]


@feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
def symbols(ls: Server, params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
    """The outline; that of the last text that could be read, where this one cannot."""
    outline = ls.documents.open[params.text_document.uri].outline
    return [convert.symbol(entry) for entry in outline]


@feature(lsp.TEXT_DOCUMENT_FOLDING_RANGE)
def folding(ls: Server, params: lsp.FoldingRangeParams) -> list[lsp.FoldingRange]:
    """The bodies of several lines."""
    unit = ls.documents.open[params.text_document.uri].analysis.unit
    spans = queries.folds(unit) if unit else []
    places = [convert.place(span) for span in spans]
    return [lsp.FoldingRange(p.start.line, p.end.line) for p in places]


@feature(lsp.TEXT_DOCUMENT_INLAY_HINT)
def hints(ls: Server, params: lsp.InlayHintParams) -> list[lsp.InlayHint]:
    """Shape and parameters at the end of each line; a shape that the line asserts is left out."""
    document = ls.documents.open[params.text_document.uri]
    facts, net = ls.documents.facts(document)
    lines = range(params.range.start.line + 1, params.range.end.line + 2)
    out: list[lsp.InlayHint] = []
    for line, label in queries.hints(document.source, facts).items():
        if line not in lines:
            continue
        end = document.source.line_starts[line - 1] + len(document.source.line(line))
        told = f"of {net}, which is open" if net else None
        shown = f"{label} ({net})" if net and not out else label
        at = convert.position(document.source, end)
        out.append(lsp.InlayHint(at, shown, padding_left=True, tooltip=told))
    return out


@feature(lsp.TEXT_DOCUMENT_FORMATTING)
def formatting(ls: Server, params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit] | None:
    """The one layout, as `cnnspec fmt` writes it; nothing while the text has syntax errors."""
    from cnnspec.syntax.format import formatted
    from cnnspec.syntax.parser import SyntaxFaults

    source = ls.documents.open[params.text_document.uri].source
    try:
        text = formatted(source)
    except SyntaxFaults:
        return None
    if text == source.text:
        return []
    end = convert.position(source, len(source.text))
    return [lsp.TextEdit(lsp.Range(lsp.Position(0, 0), end), text)]


@feature(lsp.TEXT_DOCUMENT_CODE_ACTION)
def actions(ls: Server, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
    """The proved fixes of the diagnostics in a range."""
    document = ls.documents.open[params.text_document.uri]
    out: list[lsp.CodeAction] = []
    if not document.path:
        return out
    check = checking(document.source)
    for found in document.analysis.diagnostics:
        shown = convert.diagnostic(found)
        if found.span.source.path != document.path or not _meet(shown.range, params.range):
            continue
        fixes = offered(found, check(document.source.text), check)
        out += [_action(fix, shown) for fix in fixes]
    return out


def _action(fix: Fix, shown: lsp.Diagnostic) -> lsp.CodeAction:
    return lsp.CodeAction(
        fix.title, lsp.CodeActionKind.QuickFix, diagnostics=[shown], is_preferred=fix.sure,
        edit=lsp.WorkspaceEdit(changes=convert.edits(fix)),
    )  # fmt: skip


def _meet(one: lsp.Range, other: lsp.Range) -> bool:
    return one.start <= other.end and other.start <= one.end


@server.command(FIGURE)
def figure(ls: Server, wanted: Any) -> dict[str, Any] | None:
    """A net's figure as SVG, with the line of each layer's path.

    `wanted` has `uri`, and perhaps `net` (else the document's last), `style` and `theme`.  While
    the text has errors there is none: a panel keeps the last one.
    """
    wanted = wanted if isinstance(wanted, dict) else vars(wanted)
    document = ls.documents.open.get(wanted.get("uri", ""))
    made = document.analysis.elaborated if document else {}
    if document is None or not made:
        return None
    from cnnspec.editor.drawing import drawn

    chosen = wanted.get("net") if wanted.get("net") in made else [*made][-1]
    style, theme = wanted.get("style", "block"), wanted.get("theme", "light")
    shown = drawn(made[chosen].net, document.source, style=style, theme=theme)
    return {"net": chosen, "nets": [*made], "svg": shown.svg, "lines": shown.lines}
