"""What a backend cannot write, said in one line with its place."""

from __future__ import annotations

from collections.abc import Iterable

from cnnspec.source import Span


class BackendError(Exception):
    """A construct that has no faithful form in the generated file."""

    def __init__(
        self,
        message: str,
        span: Span | None = None,
        help: str = "",
        numbers: Iterable[str] = (),
    ) -> None:
        super().__init__(message)
        self.message, self.span, self.help = message, span, help
        self.numbers = frozenset(numbers)
        """The open numbers it hangs on, by their names in the body; empty where none is known."""
        self.rolled = False
        """Whether it stands in a loop that could be written out."""
        self.owner: object = None
        """The block or net whose body cannot be written so."""

    def stand_at(self, span: Span) -> None:
        """Give the error a place, unless it has one."""
        self.span = self.span or span

    def __str__(self) -> str:
        span = self.span
        place = f"{span.source.name}:{span.line}:{span.column}: " if span else ""
        return f"{place}{self.message}{'; ' + self.help if self.help else ''}"
