"""The open texts, each with the last analysis of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from cnnspec.diagnostics import Diagnostic
from cnnspec.editor.analysis import Analysis, analyse, readable
from cnnspec.editor.checking import overlaid
from cnnspec.editor.facts import LineFacts
from cnnspec.editor.queries import Symbol, symbols
from cnnspec.elaborate.scope import Unit
from cnnspec.source import Source, Span

FILES_MAX = 500
"""Files of a workspace in which references to a name are looked for."""


@dataclass(slots=True)
class Document:
    """One open text; `unit` is the last that could be read, for outline and completion."""

    uri: str
    path: str
    analysis: Analysis
    unit: Unit | None = None
    outline: list[Symbol] = field(default_factory=list)
    """That of the last text which had one."""
    told: set[str] = field(default_factory=set)
    """Addresses of other files for which diagnostics were shown because of this one."""

    @property
    def source(self) -> Source:
        """The text as it stands."""
        return self.analysis.source

    def own(self) -> list[Diagnostic]:
        """What is said of this text, and one line at each import whose file has errors."""
        here = [d for d in self.analysis.diagnostics if d.span.source.path == self.path]
        return [*here, *self._imports()]

    def _imports(self) -> list[Diagnostic]:
        broken: dict[str, list[Diagnostic]] = {}
        for found in self.analysis.diagnostics:
            if found.span.source.path != self.path and found.code.startswith("E"):
                broken.setdefault(found.span.source.path, []).append(found)
        return [
            Diagnostic("E0122", _errors(found), span)
            for path, found in broken.items()
            for span in [self._import_of(path)]
            if span is not None
        ]

    def _import_of(self, path: str) -> Span | None:
        """The import that leads to a file: by its own name, else the first."""
        from cnnspec.syntax import tree as t

        declared = self.unit.file.declarations if self.unit else ()
        imports = [d for d in declared if isinstance(d, t.Import)]
        named = [d.path_span for d in imports if Path(d.path).name == Path(path).name]
        return next(iter([*named, *(d.path_span for d in imports)]), None)


def _errors(found: list[Diagnostic]) -> str:
    first, count = found[0], len(found)
    name = Path(first.span.source.name).name
    more = f" and {count - 1} more" if count > 1 else ""
    return f"{name}:{first.span.line}: {first.message}{more}"


class Documents:
    """All open texts of one session of an editor."""

    def __init__(self) -> None:
        self.open: dict[str, Document] = {}
        self.texts: dict[str, str] = {}
        """Resolved path -> unsaved text."""

    def update(self, uri: str, path: str, text: str) -> list[Document]:
        """Take a new text; the documents whose analysis is new: this one, then its importers."""
        if path:
            self.texts[path] = text
        known = self.open.get(uri)
        name = Path(path).name if path else "<text>"
        analysis = analyse(text, name, path, overlaid(self.texts))
        document = known or Document(uri, path, analysis)
        before = document.outline
        document.analysis = analysis
        document.unit = analysis.unit or document.unit
        document.outline = symbols(analysis.unit) if analysis.unit else []
        document.outline = document.outline or before
        self.open[uri] = document
        return [document, *self._importers(document)]

    def _importers(self, changed: Document) -> list[Document]:
        found = []
        for document in self.open.values():
            unit = document.unit
            if document is changed or unit is None or not changed.path:
                continue
            if any(u.source.path == changed.path for u in unit.closure()) or _waits(unit):
                text = document.source.text
                name = document.source.name
                document.analysis = analyse(text, name, document.path, overlaid(self.texts))
                document.unit = document.analysis.unit or unit
                found.append(document)
        return found

    def close(self, uri: str) -> Document | None:
        """Forget a text: what imports it reads the disk again."""
        document = self.open.pop(uri, None)
        if document is not None:
            self.texts.pop(document.path, None)
        return document

    def facts(self, document: Document) -> tuple[dict[int, LineFacts], str]:
        """The facts of a text's lines; those of a family from an open net, whose name is given."""
        own = document.analysis.facts.of(document.source)
        if own or not document.path:
            return own, ""
        for other in reversed(self.open.values()):
            lines = other.analysis.facts.of(document.source)
            if lines and other.analysis.elaborated:
                return lines, next(iter(other.analysis.elaborated))
        return {}, ""

    def units(self, document: Document, folders: list[str], name: str) -> list[Unit]:
        """The files in which a name may stand: open ones, and those of the workspace's folders."""
        found: dict[str, Unit] = {}
        if document.unit is not None:
            found = {unit.source.path: unit for unit in document.unit.closure()}
        for other in self.open.values():
            if other.unit is not None:
                found[other.path] = other.unit
        files = (f for folder in folders for f in sorted(Path(folder).rglob("*.cnn")))
        for _, file in zip(range(FILES_MAX), files, strict=False):
            path = str(file.resolve())
            if path in found:
                continue
            try:
                text = file.read_text(encoding="utf-8")
            except (OSError, ValueError):
                continue
            if name in text:
                unit = readable(text, file.name, path, overlaid(self.texts))
                if unit is not None:
                    found[path] = unit
        return [*found.values()]


def _waits(unit: Unit) -> bool:
    """Whether an import of a file could not be read: it may be the text that was just opened."""
    from cnnspec.syntax import tree as t

    imports = [d for d in unit.file.declarations if isinstance(d, t.Import)]
    return len(imports) > len(unit.imports)
