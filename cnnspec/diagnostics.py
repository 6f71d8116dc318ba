"""What the compiler has to say about a spec: the model only; `report` renders it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from cnnspec.records import field, record, replace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cnnspec.source import Span


class Severity(StrEnum):
    """Errors make `check` fail; warnings only with `--strict`."""

    ERROR = "error"
    WARNING = "warning"


@record(frozen=True)
class Label:
    """A second place that matters, with what is to be said about it."""

    span: Span
    message: str


@record(frozen=True)
class Edit:
    """Text to stand in place of what a span covers; an empty span inserts."""

    span: Span
    text: str


@record(frozen=True)
class Fix:
    """A change that removes a diagnostic, as an editor offers it; its edits do not overlap.

    `sure` says that nothing else can have been meant: `cnnspec check --fix` applies those.
    """

    title: str
    edits: tuple[Edit, ...]
    sure: bool = False


@record(frozen=True)
class Diagnostic:
    """One defect of a spec, said once.

    `code` is a key of `cnnspec.codes.pages()`; `note` stands beside the carets, `notes` and `help`
    below them.
    """

    code: str
    message: str
    span: Span
    note: str = ""
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    help: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = field(default=(), compare=False)
    """Changes that remove it, once somebody asked `cnnspec.editor.fixes` for them."""
    cause: object = field(default=None, compare=False)
    """What diagnostics that one mistake makes have in common, where that is known."""

    @property
    def severity(self) -> Severity:
        """The code's first letter says it: E or W."""
        return Severity.WARNING if self.code.startswith("W") else Severity.ERROR


class SpecError(Exception):
    """A defect found where the current statement cannot go on; carries its diagnostic."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def fail(
    code: str,
    message: str,
    span: Span,
    *,
    note: str = "",
    labels: Iterable[Label] = (),
    notes: Iterable[str] = (),
    help: Iterable[str] = (),
    cause: object = None,
) -> SpecError:
    """Make the exception for a defect, to be raised at once."""
    return SpecError(
        Diagnostic(code, message, span, note, tuple(labels), tuple(notes), tuple(help), cause=cause)
    )


PLACES_MAX = 3
"""Further places of one mistake that are shown; the rest are counted."""


@record
class _Mistake:
    """A diagnostic as it was found first, and the places where the same mistake shows again."""

    index: int
    first: Diagnostic
    again: list[Diagnostic] = field(default_factory=list)

    def said(self) -> Diagnostic:
        """The diagnostic with its further places."""
        shown = self.again[:PLACES_MAX]
        labels = [Label(d.span, _again(d, self.first)) for d in shown]
        more = len(self.again) - len(shown)
        notes = (f"and at {more} more place{'s' * (more > 1)}",) * (more > 0)
        return replace(
            self.first,
            labels=(*self.first.labels, *labels),
            notes=(*self.first.notes, *notes),
        )


def _again(later: Diagnostic, first: Diagnostic) -> str:
    return "and here" if later.message == first.message else f"also: {later.message}"


def _own(diagnostic: Diagnostic) -> object:
    """Each diagnostic is a mistake of its own, but for what was said to be one."""
    return diagnostic.cause


@record
class Diagnostics:
    """Collects what is found in one run, each place and code once, in the order found.

    `cause` tells of a diagnostic what it has in common with others of its file that the same
    mistake makes; the later ones become places of the first.
    """

    cause: Callable[[Diagnostic], object] = _own
    found: list[Diagnostic] = field(default_factory=list)
    _mistakes: dict[tuple[int, object], _Mistake] = field(default_factory=dict)
    _seen: set[tuple[str, int, int, int, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        compare_anew()

    def add(self, diagnostic: Diagnostic, net: str = "") -> None:
        """Keep `diagnostic` unless the same defect was reported at the same place.

        `net` tells apart what one place means for several nets: a claim of a family.
        """
        span = diagnostic.span
        key = (diagnostic.code, id(span.source), span.start, span.end, net)
        if key in self._seen:
            return
        self._seen.add(key)
        cause = self.cause(diagnostic)
        mistake = None if cause is None else self._mistakes.get((id(span.source), cause))
        if mistake is None:
            if cause is not None:
                self._mistakes[id(span.source), cause] = _Mistake(len(self.found), diagnostic)
            self.found.append(diagnostic)
            return
        mistake.again.append(diagnostic)
        self.found[mistake.index] = mistake.said()

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self.found)

    @property
    def errors(self) -> list[Diagnostic]:
        """The errors among what was found."""
        return [d for d in self.found if d.severity is Severity.ERROR]


COMPARED_MAX = 10_000
"""Words compared for suggestions in one run: a thousand mistakes among a thousand names are many
more, and would take minutes (S6)."""
_compared = [0]
"""Words compared since the run began: a command, or the making of its `Diagnostics`."""


def compare_anew() -> None:
    """Begin a run: what was compared before counts no more."""
    _compared[0] = 0


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The sentence `did you mean ...?` for a word with a few slips of the hand, or nothing."""
    if _compared[0] > COMPARED_MAX:
        return ""
    words = frozenset(known)
    _compared[0] += len(words)
    close = _closest(word, words)
    return f"did you mean `{close}`?" if close else ""


@lru_cache(maxsize=1024)
def _closest(word: str, known: frozenset[str]) -> str:
    """The closest of many words; one mistake is often made a thousand times."""
    from cnnspec.spelling import closest

    return closest(word, known)
