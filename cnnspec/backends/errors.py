"""What a backend cannot write, said in one line with its place."""

from __future__ import annotations

from cnnspec.source import Span


class BackendError(Exception):
    """A construct that has no faithful form in the generated file."""

    def __init__(self, message: str, span: Span | None = None, help: str = "") -> None:
        place = f"{span.source.name}:{span.line}:{span.column}: " if span else ""
        super().__init__(f"{place}{message}{'; ' + help if help else ''}")
        self.message, self.span, self.help = message, span, help
