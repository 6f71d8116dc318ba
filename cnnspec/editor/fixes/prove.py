"""Whether a fix does what it says: the text is checked with the change made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from time import process_time

from cnnspec.diagnostics import Diagnostic, Edit, Fix, Severity
from cnnspec.editor.fixes import bycode, phrases
from cnnspec.editor.fixes.site import Site

UNFIXED = ("E0013", "E0016", "E0017", "E0019", "E0020")
"""Texts over a limit: checking them again and again costs the most and mends nothing."""

Check = Callable[[str], Sequence[Diagnostic]]
"""Checks a text in the place of the file that is fixed; what is wrong with it."""

TRIED_MAX = 24
"""Changes that are checked for one diagnostic."""
OFFERED_MAX = 4
"""Fixes of one diagnostic."""
SECONDS_MAX = 2.0
"""What the proofs of one run may cost (CPU); what is left then has no fixes."""
ROUNDS_MAX = 60
"""Fixes that are applied to one file, one after another."""


def proposed(diagnostic: Diagnostic) -> Iterator[Fix]:
    """Changes that may remove a diagnostic, the likeliest first, nothing proved."""
    site = Site(diagnostic)
    for rule in (*bycode.RULES.get(diagnostic.code, ()), *phrases.RULES):
        yield from rule(site)


def applied(text: str, fix: Fix) -> str:
    """The text with the edits of a fix made; they are of one file."""
    for edit in sorted(fix.edits, key=lambda e: (e.span.start, e.span.end), reverse=True):
        new = edit.text.replace("\n", "\r\n") if "\r\n" in text else edit.text
        text = text[: edit.span.start] + new + text[edit.span.end :]
    return text


def offered(diagnostic: Diagnostic, found: Sequence[Diagnostic], check: Check) -> tuple[Fix, ...]:
    """The fixes of a diagnostic: each is proved, and no two make the same text."""
    text, seen, kept = diagnostic.span.source.text, set[str](), list[Fix]()
    if not diagnostic.span.source.text:
        return ()
    for number, fix in enumerate(proposed(diagnostic)):
        if number == TRIED_MAX or len(kept) == OFFERED_MAX:
            break
        new = applied(text, fix)
        if new == text or new in seen or any(fix.title == other.title for other in kept):
            continue
        seen.add(new)
        if removes(fix, diagnostic, found, check(new)):
            kept.append(fix)
    return tuple(kept)


def fixed(found: Sequence[Diagnostic], check_of: Callable[[Diagnostic], Check]) -> list[Diagnostic]:
    """The diagnostics with their fixes, as far as the time goes."""
    out, before = [], process_time()
    for diagnostic in found:
        if process_time() - before < SECONDS_MAX and diagnostic.code not in UNFIXED:
            check = check_of(diagnostic)
            fixes = offered(diagnostic, check(diagnostic.span.source.text), check)
            diagnostic = replace(diagnostic, fixes=fixes)
        out.append(diagnostic)
    return out


def removes(
    fix: Fix, diagnostic: Diagnostic, before: Sequence[Diagnostic], after: Sequence[Diagnostic]
) -> bool:
    """Whether the diagnostic is gone, nothing is wrong where the change was made, or newly so.

    A change may uncover what the mistake had hidden: what flows from a line that could not be read
    has shapes only then.  So new diagnostics may stand elsewhere, and those of shapes and figures
    also here; a new fault of the text may not.
    """
    changed = _changed(fix.edits)
    place = _moved(diagnostic.span.start, fix.edits)
    known = {(d.code, d.message) for d in before}
    for new in after:
        here = any(_touches(new, start, end) for start, end in changed)
        if (new.code, new.message) == (diagnostic.code, diagnostic.message):
            if here or new.span.start == place:
                return False
        elif (new.code, new.message) not in known and _worse(new, diagnostic, here):
            return False
    return True


def _worse(new: Diagnostic, old: Diagnostic, here: bool) -> bool:
    """Whether a diagnostic that the change brings speaks against the change."""
    if old.severity is Severity.WARNING:
        return here or new.severity is Severity.ERROR
    if new.severity is Severity.WARNING:
        return False
    uncovered = new.code >= "E03" > old.code
    hidden = old.code in ("E0012", "E0014", "E0021")  # such a fault hides those of statements
    return (new.code < "E01" and not hidden) or (here and not uncovered)


def _moved(at: int, edits: Iterable[Edit]) -> int:
    """Where a place of the text stands in the changed text."""
    before = [e for e in edits if e.span.end <= at and (e.text or e.span.end > e.span.start)]
    return at + sum(len(e.text) - (e.span.end - e.span.start) for e in before)


def _changed(edits: Iterable[Edit]) -> list[tuple[int, int]]:
    """Where the edits stand in the changed text, a blank around them."""
    out, shift = [], 0
    for edit in sorted(edits, key=lambda e: (e.span.start, e.span.end)):
        start = edit.span.start + shift
        out.append((start - 2, start + len(edit.text) + 2))
        shift += len(edit.text) - (edit.span.end - edit.span.start)
    return out


def _touches(diagnostic: Diagnostic, start: int, end: int) -> bool:
    return diagnostic.span.start < end and start < max(diagnostic.span.end, start)


def mended(text: str, check: Check) -> tuple[str, list[tuple[int, str]]]:
    """A text with its sure fixes applied, one after another; the line and title of each."""
    done: list[tuple[int, str]] = []
    before = process_time()
    found = check(text)
    passed: set[str] = set()
    while len(done) < ROUNDS_MAX and process_time() - before < SECONDS_MAX * 5:
        fix = _sure(found, check, passed)
        if fix is None:
            break
        text = applied(text, fix)
        done.append((fix.edits[0].span.line, fix.title))
        found = check(text)
    return text, done


def _sure(found: Sequence[Diagnostic], check: Check, passed: set[str]) -> Fix | None:
    """The next fix to apply: that of the first error which has one that is sure."""
    for diagnostic in found:
        key = f"{diagnostic.code} {diagnostic.span.start} {diagnostic.message}"
        if diagnostic.code in UNFIXED:
            return None
        if diagnostic.severity is Severity.ERROR and key not in passed:
            fixes = offered(diagnostic, found, check)
            if fixes and fixes[0].sure:
                return fixes[0]
            passed.add(key)
    return None
